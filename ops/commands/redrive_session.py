"""`remediator redrive`: what waits, a question, and what became of each message."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import typer
from rich.console import Console
from rich.text import Text as Rich

from remediator.core.text import Language, Text

from .redrive import WAYS, Letter, Letters, Way, hand_back, waiting

DONE, KEPT, NOBODY_SAID_YES = 0, 1, 3
HAND_BACK = Text("Hand them back?", "戻しますか?")
NOTHING = Text("Nothing was handed back; --yes does it.", "何も戻していません。--yes を付けると戻します。")
OUTCOMES = {"handed back": Text("handed back", "戻しました"), "kept": Text("kept", "残しました")}


def ways(only: str) -> tuple[Way, ...]:
    """The queues that are named, all where none is.

    Raises:
        typer.BadParameter: there is none of that name.
    """
    named = tuple(way for way in WAYS if only in ("", way))
    if not named:
        raise typer.BadParameter(f"--only: {', '.join(WAYS)}")
    return named


def there(letters: Letters, named: Sequence[Way]) -> tuple[Way, ...]:
    """Those of them that the deployment has.

    Raises:
        typer.BadParameter: it has none of them.
    """
    found = tuple(way for way in named if way in letters.dead)
    if not found:
        raise typer.BadParameter(f"--only: this deployment has no dead-letter queue for {', '.join(named)}")
    return found


@dataclass(frozen=True, slots=True)
class Telling:
    """Where it is told, in which language, or as JSON: then at the end alone."""

    console: Console
    language: Language
    as_json: bool

    def words(self, text: Text) -> str:
        """The text in the reader's language."""
        return text.in_(self.language)

    def say(self, text: Text) -> None:
        """One line for people; texts from outside in it are no markup."""
        if not self.as_json:
            self.console.print(Rich(self.words(text)), soft_wrap=True)

    def end(self, counts: Mapping[Way, int], done: Sequence[Letter]) -> int:
        """Sums up; gives the exit status."""
        kept = sum(letter.outcome == "kept" for letter in done)
        if self.as_json:
            self.console.print_json(data={"waiting": dict(counts), "letters": [_plain(letter) for letter in done]})
        elif done:
            back = len(done) - kept
            self.say(Text(f"{back} handed back, {kept} kept", f"{back} 件を戻し、{kept} 件を残しました"))
        return KEPT if kept else DONE


def run(letters: Letters, chosen: Sequence[Way], telling: Telling, *, most: int, yes: bool) -> int:
    """Hands back what a person wants handed back; gives the exit status."""
    counts = waiting(letters, chosen)
    listed = ", ".join(f"{way}: {count}" for way, count in counts.items())
    telling.say(Text(f"{listed} (about)", f"{listed}（概数）"))
    if not sum(counts.values()):
        return telling.end(counts, ())
    if not yes and not (sys.stdin.isatty() and typer.confirm(telling.words(HAND_BACK), err=True)):
        telling.say(NOTHING)
        return NOBODY_SAID_YES
    done: list[Letter] = []
    for way in chosen:
        for letter in hand_back(letters, way, most):
            done.append(letter)
            telling.say(_line(letter))
    return telling.end(counts, done)


def _line(letter: Letter) -> Text:
    outcome, why = OUTCOMES[letter.outcome], letter.why
    en, ja = (f" ({why.en})", f"（{why.ja}）") if why.en else ("", "")
    return Text(f"{letter.way}: {outcome.en}{en}: {letter.about}", f"{letter.way}: {outcome.ja}{ja}: {letter.about}")


def _plain(letter: Letter) -> Mapping[str, Any]:
    return {"way": letter.way, "about": letter.about, "outcome": letter.outcome, "why": letter.why.en}
