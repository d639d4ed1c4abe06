"""The demo: stories of the sandbox, played by the program's own handlers, with two reports in full."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from remediator.core.plain import to_plain
from remediator.core.text import Language

from .pages import Kept, keep, write_pages
from .sandbox.laptop import Laptop, Report
from .sandbox.outcome import ended
from .sandbox.scenarios import Ending, Scenario, by_name, load_all

SHOWN_IN_FULL = ("out-of-memory", "crash")  # one that is fixed and one that is told
ONE_TROUBLE = "one-trouble-stops-first"


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
            "ended": to_plain(self.ending),
            "expected": to_plain(self.scenario.expected),
            "broke": self.broke,
            "virtual_min": round(self.virtual_min, 1),
        }


def tour() -> tuple[Scenario, ...]:
    """A story of each problem, those that are shown in full, and one trouble that several alarms tell of."""
    first: dict[str, Scenario] = {}
    for story in load_all():
        problem = (story.expected.cause or "").split(".")[0]
        if problem and not story.sweeps and story.expected.verdict in ("fixed", "not_fixed", "recovered_without_us"):
            first.setdefault(problem, story)
    wanted = {*SHOWN_IN_FULL, ONE_TROUBLE, *(s.name for s in first.values())}
    return tuple(s for s in load_all() if s.name in wanted)


def run_demo(
    names: Sequence[str],
    console: Console,
    language: Language = "en",
    *,
    everything: bool = False,
    pages: Path | None = None,
    as_json: bool = False,
) -> int:
    """Plays the named scenarios (a tour of the problems where none is named) and prints them; reports are in `language`.

    Where `pages` names a folder, each incident's page is written there, with an index. With `as_json` how each ended
    is printed as JSON, and the progress on standard error.

    Gives the exit status: 0 where each ended as it must, 1 where one did not, 2 where a name is not known.
    """
    try:
        chosen = [by_name(n) for n in names] or list(load_all() if everything else tour())
    except KeyError as error:
        console.print(escape(str(error.args[0])))
        return 2
    started = time.monotonic()
    played = _play_all(chosen, Console(stderr=True) if as_json else console, language, keeps=pages is not None)
    index = write_pages(pages, [k for p in played for k in p.kept], language) if pages is not None else None
    if as_json:
        console.print_json(data=[story.as_json() for story in played])
    else:
        _tell(played, console, time.monotonic() - started, index)
        if not names and not everything:
            console.print(f"Every one of the {len(load_all())}: remediator demo --all (some minutes).")
    return 0 if all(story.as_expected for story in played) else 1


def _tell(played: Sequence[Played], console: Console, took_s: float, index: Path | None) -> None:
    for story in _in_full(played):
        _print_report(story, console)
    console.print(_table(played))
    wrong = [p for p in played if not p.as_expected]
    for story in wrong:
        console.print(f"[red]{escape(story.scenario.name)}[/]: {escape(_difference(story))}")
    told = f"{len(played) - len(wrong)} of {len(played)} scenarios ended as they must"
    console.print(f"{told}, in {took_s:.0f} s and without an AWS account.")
    if index is not None:
        console.print(f"The page of each incident: {escape(str(index))}", soft_wrap=True)


def list_scenarios(console: Console, language: Language = "en", *, as_json: bool = False) -> None:
    """Prints every scenario's name and what it shows."""
    if as_json:
        told = [{"scenario": s.name, "title": to_plain(s.title), "shows": to_plain(s.shows)} for s in load_all()]
        console.print_json(data=told)
        return
    table = Table("scenario", "what happens", "what it shows")
    for scenario in load_all():
        table.add_row(scenario.name, escape(scenario.title.in_(language)), escape(scenario.shows.in_(language)))
    console.print(table)


def play(scenario: Scenario, language: Language = "en", *, keeps: bool = False) -> Played:
    """Plays one scenario in a world of its own; `keeps` its incidents for their pages."""
    with Laptop(language) as laptop:
        began, broke = laptop.clock.now(), ""
        try:
            scenario.play(laptop)
        except (TimeoutError, LookupError, AssertionError) as error:
            broke = f"{type(error).__name__}: {error}"
        took_min = (laptop.clock.now() - began).total_seconds() / 60
        kept = keep(scenario.name, scenario.title, laptop) if keeps else ()
        return Played(scenario, ended(laptop), laptop.reports, took_min, broke, kept)


def _play_all(chosen: Sequence[Scenario], console: Console, language: Language, *, keeps: bool) -> list[Played]:
    played = []
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        bar = progress.add_task("scenarios", total=len(chosen))
        for scenario in chosen:
            progress.update(bar, description=scenario.name)
            story = play(scenario, language, keeps=keeps)
            played.append(story)
            progress.console.print(_line(story, language))
            progress.advance(bar)
    return played


def _line(story: Played, language: Language) -> str:
    mark = "[green]ok[/]" if story.as_expected else "[red]NOT AS EXPECTED[/]"
    said = ", ".join(p for p in _words(story.ending) if p) + f" ({story.virtual_min:.0f} virtual min)"
    return f"{mark} [bold]{escape(story.scenario.name)}[/]: {escape(story.scenario.title.in_(language))}\n   {escape(said)}"


def _words(ending: Ending) -> tuple[str, ...]:
    if ending.incidents == 0:
        return ("no incident",)
    action = ending.action + (", undone" if ending.undone else "")
    held = f"{action} ({ending.refusal})" if ending.refusal else action
    return (ending.cause or "no cause", held, ending.verdict)


def _in_full(played: Sequence[Played]) -> list[Played]:
    """Two stories whose reports are printed: the named two, else the first two that have reports."""
    told = [p for p in played if p.reports]
    named = [p for p in told if p.scenario.name in SHOWN_IN_FULL]
    return (named + [p for p in told if p not in named])[:2]


def _print_report(story: Played, console: Console) -> None:
    last = next(r for r in reversed(story.reports) if r.level != "pager")
    console.print()
    console.rule(escape(f"{story.scenario.name}: final report, e-mail of topic {last.level}"))
    console.print(f"Subject: {last.subject}\n\n{last.mail}", markup=False, highlight=False, soft_wrap=True)


def _table(played: Sequence[Played]) -> Table:
    """Fits 80 columns: ids are folded, never cut."""
    table = Table(title="What happened", box=SIMPLE_HEAD, padding=(0, 1, 0, 0), show_edge=False)
    for name, width in (("scenario", 22), ("cause", 20), ("action", 14), ("verdict", 12), ("", 2)):
        table.add_column(name, width=width, overflow="fold")
    for story in played:
        cause, action, verdict = (*_words(story.ending), "", "")[:3]
        row = map(
            escape,
            (story.scenario.name, cause.replace(".", ".\n", 1), action, verdict.replace("_without", "_\nwithout")),
        )
        table.add_row(*row, "ok" if story.as_expected else "[red]NO[/]")
    return table


def _difference(story: Played) -> str:
    if story.broke:
        return story.broke
    expected, got = story.scenario.expected, story.ending
    differing = [f.name for f in fields(Ending) if getattr(expected, f.name) != getattr(got, f.name)]
    return "; ".join(f"{n}: expected {getattr(expected, n)!r}, got {getattr(got, n)!r}" for n in differing)
