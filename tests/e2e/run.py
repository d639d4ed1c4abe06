"""Many stories, each in a process of its own, a few at once; a table of what became of them."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import replace

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from remediator.core.serialization import from_json
from sandbox.scenarios import Ending

from .story import Played, Story

LIMIT_S = 240
LAST_LINES = 25


def run_stories(stories: Sequence[Story], console: Console, jobs: int) -> int:
    """Tells them all, prints the table; gives the exit status."""
    began = time.monotonic()
    played = play_all([(s.name, (s.name,)) for s in stories], console, jobs)
    console.print(table(played, "Deployed to the emulator, IAM enforced"))
    wrong = [p for p in played if p.faults]
    for story in wrong:
        for fault in story.faults:
            console.print(f"[red]{escape(story.name)}[/]: {escape(fault)}", highlight=False)
    denied = sum(len(p.denials) for p in played)
    unexpected = sum(f.startswith("IAM refused") for p in played for f in p.faults)
    console.print(
        f"{len(played) - len(wrong)} of {len(played)} stories went as they must, in {time.monotonic() - began:.0f} s."
    )
    console.print(f"IAM denials: {denied}, of them {unexpected} unexpected.")
    return 1 if wrong else 0


def play_all(
    asked: Sequence[tuple[str, tuple[str, ...]]],
    console: Console,
    jobs: int,
    line: Callable[[Played], str] | None = None,
) -> list[Played]:
    """What became of each, in the order asked for.

    Args:
        asked: a name for the reader, and the words behind `python -m tests.e2e.play`.
        line: what is printed when one is over.
    """
    result = line or _line
    with ThreadPoolExecutor(jobs) as pool:
        running = {pool.submit(_in_a_process, name, words): name for name, words in asked}
        found: dict[str, Played] = {}
        for done in as_completed(running):
            found[running[done]] = done.result()
            console.print(result(done.result()), highlight=False)
    return [found[name] for name, _ in asked]


def table(played: Sequence[Played], title: str) -> Table:
    """Fits 80 columns: ids are folded, never cut."""
    shown = Table(title=title, box=SIMPLE_HEAD, padding=(0, 1, 0, 0), show_edge=False)
    for name, width in (("story", 22), ("cause", 22), ("action", 14), ("verdict", 10)):
        shown.add_column(name, width=width, overflow="fold")
    shown.add_column("s", justify="right", width=3)
    shown.add_column("", width=3)
    for p in played:
        ending = p.ending
        held = f"{ending.action} ({ending.refusal})" if ending.refusal else ending.action
        cause, verdict = (ending.cause or "-").replace(".", ".\n", 1), ending.verdict.replace("_without", "_\nwithout")
        row = map(escape, (p.name, cause, held, verdict))
        shown.add_row(*row, f"{p.took_s:.0f}", "[red]NO[/]" if p.faults else "ok")
    return shown


def _line(played: Played) -> str:
    mark = "[red]NOT AS IT MUST BE[/]" if played.faults else "[green]ok[/]"
    return f"{mark} [bold]{escape(played.name)}[/] ({played.took_s:.0f} s)"


def _in_a_process(name: str, words: tuple[str, ...]) -> Played:
    try:
        ran = subprocess.run(
            [sys.executable, "-m", "tests.e2e.play", *words],
            capture_output=True,
            text=True,
            timeout=LIMIT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Played(name=name, ending=Ending(incidents=0), faults=(f"not over within {LIMIT_S} s",))
    said = ran.stdout.strip().splitlines()
    if ran.returncode in (0, 1) and said and said[-1].startswith("{"):
        return replace(from_json(Played, json.loads(said[-1])), name=name)
    last = "\n".join((ran.stderr or ran.stdout).splitlines()[-LAST_LINES:])
    return Played(name=name, ending=Ending(incidents=0), faults=(f"the player ended with {ran.returncode}:\n{last}",))
