"""`remediator guide`: the coverage of the guide as a table or as JSON, and how much of it there is."""

from collections.abc import Sequence
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from remediator.core.text import Language, Text

from .coverage import Row, coverage

HEADINGS = (
    Text("row", "項目"),
    Text("probe", "確認"),
    Text("response", "対応"),
    Text("tests", "テスト"),
    Text("story / look-alike", "シナリオ / 類似例"),
)
COVERED = Text("of {all} rows are covered", "/ {all} 項目に対応")
MISSING = Text("missing", "不足")
NONE = "-"


def show(console: Console, language: Language = "en", *, as_json: bool = False) -> int:
    """Prints the coverage; gives the exit status: 0 where every row is covered, 1 where one is not."""
    rows = coverage()
    if as_json:
        console.print_json(data=told(rows, language))
    else:
        console.print(_table(rows, language))
        for row in (r for r in rows if not r.covered):
            console.print(f"[red]{escape(row.id)}[/] {MISSING.in_(language)}: {escape(', '.join(row.missing))}")
        console.print(_total(rows, language))
    return 0 if all(r.covered for r in rows) else 1


def told(rows: Sequence[Row], language: Language) -> dict[str, Any]:
    """The coverage as plain JSON."""
    return {
        "rows": len(rows),
        "covered": sum(r.covered for r in rows),
        "percent": percent(rows),
        "of": [r.as_json(language) for r in rows],
    }


def percent(rows: Sequence[Row]) -> float:
    """How much is covered, rounded down so that 100 means all."""
    return int(1000 * sum(r.covered for r in rows) / len(rows)) / 10 if rows else 0.0


def _total(rows: Sequence[Row], language: Language) -> str:
    covered = sum(r.covered for r in rows)
    return f"{covered} {COVERED.in_(language).format(all=len(rows))} ({percent(rows):g} %)"


def _table(rows: Sequence[Row], language: Language) -> Table:
    table = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0), show_edge=False)
    table.add_column("", width=2)
    for heading in HEADINGS:
        table.add_column(heading.in_(language), overflow="fold")
    for row in rows:
        mark = "[green]ok[/]" if row.covered else "[red]NO[/]"
        title = f"\n{row.title.in_(language)}" if row.title else ""
        stories = f"{_first(row.stories)}\n/ {_first(row.twins)}"
        cells = (row.id + title, _first(row.probe), ", ".join(row.response) or NONE, _first(row.tests), stories)
        table.add_row(mark, *map(escape, cells))
    return table


def _first(names: Sequence[str]) -> str:
    """The first, shortened to what stands behind the file, and how many others there are."""
    if not names:
        return NONE
    shown = names[0].rpartition("::")[2]
    return shown if len(names) == 1 else f"{shown} (+{len(names) - 1})"
