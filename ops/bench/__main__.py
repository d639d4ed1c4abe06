"""Measures, prints the figures with the aims beside them, and keeps all in out/bench.json."""

import json
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from ops import ROOT

from .aims import Figure
from .measure import STEPS, measured

OUT = ROOT / "out" / "bench.json"
COLOUR = {None: "{}", True: "[green]{}[/]", False: "[red]{}[/]"}


def main() -> int:
    """0 once everything was measured, whether or not the aims are met: they are aims, not tests."""
    console = Console()
    began_s = time.monotonic()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        bar = progress.add_task("", total=STEPS)

        def say(what: str) -> None:
            progress.update(bar, advance=1, description=what)
            if not console.is_terminal:
                print(what, file=sys.stderr)

        figures, details = measured(say)
    OUT.parent.mkdir(exist_ok=True)
    kept = {"figures": [{**asdict(f), "met": f.met} for f in figures], "details": details}
    OUT.write_text(json.dumps(kept, indent=1) + "\n")
    console.print(_table(figures))
    met = [f.met for f in figures if f.aim is not None]
    console.print(
        f"{met.count(True)} of {len(met)} aims met, in {time.monotonic() - began_s:.0f} s; all in {OUT.name}."
    )
    return 0


def _table(figures: Sequence[Figure]) -> Table:
    table = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0), show_edge=False)
    table.add_column("what", overflow="fold")
    table.add_column("figure", justify="right")
    table.add_column("aim", justify="right")
    table.add_column("", overflow="fold")
    for place, figure in enumerate(figures):
        if place == 0 or figures[place - 1].of != figure.of:
            table.add_section()
            table.add_row(f"[bold]{escape(figure.of)}[/]")
        value = "-" if figure.value is None else f"{figure.value:g} {figure.unit}".strip()
        sign = "at most" if figure.better == "less" else "at least"
        aim = "" if figure.aim is None else f"{sign} {figure.aim:g}"
        verdict = COLOUR[figure.met].format(figure.verdict)
        table.add_row(f"  {escape(figure.what)}", value, aim, f"{verdict} {escape(figure.why)}".strip())
    return table


if __name__ == "__main__":
    sys.exit(main())
