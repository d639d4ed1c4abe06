"""How the demo tells what it has played: a line while it plays, reports, a table, a summary, in both languages.

Ids of scenarios, causes, fixes and verdicts are the same in each: they are what one searches for.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from remediator.core.serialization import to_json
from remediator.core.text import Language, Text, same
from remediator.reports.status import level_word
from sandbox.published import Report
from sandbox.scenarios import Ending, Scenario

from .demo_pages import Kept

NOT_SO = Text("NOT AS EXPECTED", "想定と異なる")
WIDTHS = (45, 25, 2)  # of 80 columns: no id is broken


@dataclass(frozen=True, slots=True)
class Played:
    """One story, as it went.

    Attributes:
        virtual_min: how long it took in the world.
        broke: what went wrong with playing it, empty where nothing did.
        kept: its incidents, where pages are to be written.
    """

    scenario: Scenario
    ending: Ending
    reports: tuple[Report, ...]
    virtual_min: float
    broke: str = ""
    kept: tuple[Kept, ...] = ()

    @property
    def as_expected(self) -> bool:
        """Whether it ended as it must."""
        return not self.broke and self.ending == self.scenario.expected

    def as_json(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "scenario": self.scenario.name,
            "as_expected": self.as_expected,
            "ended": to_json(self.ending),
            "expected": to_json(self.scenario.expected),
            "broke": self.broke,
            "virtual_min": round(self.virtual_min, 1),
        }


def line(story: Played, language: Language) -> str:
    """What became of one story, two lines of rich's markup."""
    mark = "[green]ok[/]" if story.as_expected else f"[red]{NOT_SO.in_(language)}[/]"
    took = Text(f"{story.virtual_min:.0f} virtual min", f"仮想時間 {story.virtual_min:.0f} 分").in_(language)
    said = ", ".join(w for w in _words(story.ending, language) if w)
    title = escape(story.scenario.title.in_(language))
    return f"{mark} [bold]{escape(story.scenario.name)}[/]: {title}\n   {escape(said)} ({took})"


def _words(ending: Ending, language: Language) -> tuple[str, str, str]:
    """Its cause, action and verdict."""
    if ending.incidents == 0:
        return (Text("no incident", "インシデントなし").in_(language), "", "")
    undone = Text(", undone", "、取り消し済み").in_(language) if ending.undone else ""
    held = f" ({ending.refusal})" if ending.refusal else ""
    return (
        ending.cause or Text("no cause", "原因不明").in_(language),
        f"{ending.action}{undone}{held}",
        ending.verdict,
    )


def tell(in_full: Sequence[Played], played: Sequence[Played], console: Console, language: Language) -> None:
    """Prints the last report of some stories, the table of all, and in what any differs from what it must be."""
    for story in in_full:
        _report(story, console, language)
    console.print(_table(played, language))
    for story in played:
        if not story.as_expected:
            console.print(f"[red]{escape(story.scenario.name)}[/]: {escape(_difference(story))}")


def _report(story: Played, console: Console, language: Language) -> None:
    last = next(r for r in reversed(story.reports) if r.level != "pager")
    level = level_word(last.level).in_(language)
    head = Text(f"final report, e-mail of level {level}", f"最終報告（レベル{level}のメール）")
    console.print()
    console.rule(escape((same(f"{story.scenario.name}: ") + head).in_(language)))
    console.print(f"Subject: {last.subject}\n\n{last.mail}", markup=False, highlight=False, soft_wrap=True)


def _table(played: Sequence[Played], language: Language) -> Table:
    title = Text("What happened", "結果").in_(language)
    heads = (Text("scenario, cause", "シナリオ、原因"), Text("action, verdict", "対応、判定"), same(""))
    table = Table(title=title, box=SIMPLE_HEAD, padding=(0, 1, 0, 0), show_edge=False)
    for head, width in zip(heads, WIDTHS, strict=True):
        table.add_column(head.in_(language), width=width, overflow="fold")
    for story in played:
        cause, action, verdict = _words(story.ending, language)
        row = (f"[bold]{escape(story.scenario.name)}[/]\n{escape(cause)}", f"{escape(action)}\n{escape(verdict)}")
        table.add_row(*row, "ok" if story.as_expected else "[red]NO[/]")
    return table


def _difference(story: Played) -> str:
    if story.broke:
        return story.broke
    expected, got = story.scenario.expected, story.ending
    differing = [f.name for f in fields(Ending) if getattr(expected, f.name) != getattr(got, f.name)]
    return "; ".join(f"{n}: expected {getattr(expected, n)!r}, got {getattr(got, n)!r}" for n in differing)


def summary(played: Sequence[Played], took_s: float) -> Text:
    """How many ended as they must, and how long it took."""
    well, of = sum(p.as_expected for p in played), len(played)
    return Text(
        f"{well} of {of} scenarios ended as they must, in {took_s:.0f} s and without an AWS account.",
        f"{of} 件中 {well} 件のシナリオが想定どおりに終了しました（{took_s:.0f} 秒、AWS アカウント不使用）。",
    )


def pages_at(index: Path) -> Text:
    """Where the page of each incident is found."""
    return Text(f"The page of each incident: {index}", f"各インシデントのページ: {index}")


def all_of(count: int) -> Text:
    """How to see every scenario."""
    return Text(
        f"Every one of the {count}: make demo SCENARIOS=--all (some minutes).",
        f"全 {count} 件: make demo SCENARIOS=--all（数分かかります）。",
    )
