"""The demo: stories of the sandbox, played by the program's own handlers, with two reports in full."""

import time
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from remediator.core.serialization import to_json
from remediator.core.text import Language, Text
from sandbox.laptop import Laptop
from sandbox.outcome import ended
from sandbox.scenarios import Scenario, by_name, load_all

from . import demo_report as telling
from .demo_pages import keep, write_pages
from .demo_report import Played

SHOWN_IN_FULL = ("out-of-memory", "crash")  # one that is fixed and one that is told
ONE_TROUBLE = "one-trouble-stops-first"


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
        telling.tell(_in_full(played), played, console, language)
        console.print(telling.summary(played, time.monotonic() - started).in_(language))
        if index is not None:
            console.print(escape(telling.pages_at(index).in_(language)), soft_wrap=True)
        if not names and not everything:
            console.print(telling.all_of(len(load_all())).in_(language))
    return 0 if all(story.as_expected for story in played) else 1


def list_scenarios(console: Console, language: Language = "en", *, as_json: bool = False) -> None:
    """Prints every scenario's name and what it shows."""
    if as_json:
        found = [{"scenario": s.name, "title": to_json(s.title), "shows": to_json(s.shows)} for s in load_all()]
        console.print_json(data=found)
        return
    heads = Text("scenario", "シナリオ"), Text("what happens", "何が起きるか"), Text("what it shows", "何を示すか")
    table = Table(*(head.in_(language) for head in heads))
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
        bar = progress.add_task("", total=len(chosen))
        for scenario in chosen:
            progress.update(bar, description=scenario.name)
            story = play(scenario, language, keeps=keeps)
            played.append(story)
            progress.console.print(telling.line(story, language))
            progress.advance(bar)
    return played


def _in_full(played: Sequence[Played]) -> list[Played]:
    """Two stories whose reports are printed: the named two, else the first two that have reports."""
    found = [p for p in played if p.reports]
    named = [p for p in found if p.scenario.name in SHOWN_IN_FULL]
    return (named + [p for p in found if p not in named])[:2]
