"""`remediator redrive`: what waits, a question, and what became of each message."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict

import typer
from rich.console import Console
from rich.markup import escape

from .redrive import WAYS, Letter, Letters, Way, hand_back, waiting

DONE, KEPT, NOBODY_SAID_YES = 0, 1, 3


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


def run(  # the options of the command
    letters: Letters, chosen: Sequence[Way], console: Console, *, most: int, yes: bool, as_json: bool
) -> int:
    """Hands back what a person wants handed back; gives the exit status."""
    counts = waiting(letters, chosen)
    if not as_json:
        console.print(", ".join(f"{way}: {count}" for way, count in counts.items()) + " (about)")
    if not sum(counts.values()):
        return _told(console, counts, (), as_json=as_json)
    if not yes and not (sys.stdin.isatty() and typer.confirm("Hand them back?", err=True)):
        if not as_json:
            console.print("Nothing was handed back; --yes does it.", style="dim")
        return NOBODY_SAID_YES
    done: list[Letter] = []
    for way in chosen:
        for letter in hand_back(letters, way, most):
            done.append(letter)
            if not as_json:
                _show(console, letter)
    return _told(console, counts, done, as_json=as_json)


def _show(console: Console, letter: Letter) -> None:
    why = f" ({letter.why})" if letter.why else ""
    console.print(escape(f"{letter.way}: {letter.outcome}{why}: {letter.about}"), soft_wrap=True)


def _told(console: Console, counts: Mapping[Way, int], done: Sequence[Letter], *, as_json: bool) -> int:
    kept = sum(letter.outcome == "kept" for letter in done)
    if as_json:
        console.print_json(data={"waiting": dict(counts), "letters": [asdict(letter) for letter in done]})
    elif done:
        console.print(f"{len(done) - kept} handed back, {kept} kept")
    return KEPT if kept else DONE
