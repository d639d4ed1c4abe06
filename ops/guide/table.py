"""Coverage of the guide as a table for people and as JSON."""

from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from remediator.core.text import Language

from .coverage import Row, coverage

HEADINGS: dict[Language, tuple[str, ...]] = {
    "en": ("Row", "Title", "Probe", "Response", "Tests", "Ends with it", "Looks like it"),
    "ja": ("項目", "内容", "確認", "対応", "テスト", "該当シナリオ", "類似シナリオ"),
}


def rows() -> tuple[Row, ...]:
    """Every row of the guide."""
    return coverage()


def as_json(rows: Sequence[Row], language: Language) -> dict[str, Any]:
    """Totals and every row."""
    covered = sum(row.covered for row in rows)
    return {
        "rows": len(rows),
        "covered": covered,
        "covered_pct": round(100 * covered / len(rows), 1),
        "guide": [row.as_json(language) for row in rows],
    }


def show(rows: Sequence[Row], console: Console, language: Language) -> None:
    """A line for each row, then what is missing, then the total."""
    table = Table(box=None, pad_edge=False)
    for n, heading in enumerate(HEADINGS[language]):
        table.add_column(heading, overflow="fold", no_wrap=n in (2, 4), ratio=None)
    for row in rows:
        table.add_row(*(escape(cell) for cell in _cells(row, language)))
    console.print(table)
    for row in (r for r in rows if not r.covered):
        console.print(f"[red]{escape(row.id)}[/] lacks {escape(', '.join(row.missing))}", highlight=False)
    covered = sum(row.covered for row in rows)
    said = {"en": "{} of {} rows are covered: {:.0f} %.", "ja": "{1} 項目中 {0} 項目を網羅: {2:.0f} %"}[language]
    console.print(said.format(covered, len(rows), 100 * covered / len(rows)), highlight=False)


def _cells(row: Row, language: Language) -> tuple[str, ...]:
    calls = len({call for source in row.probe for call in source.split(", ")})
    of_text = row.id.startswith("error.") and row.probe
    probe = "explain" if of_text else f"{calls} calls" if calls else "-"
    stories = (
        f"{row.stories[0]}" + (f" +{len(row.stories) - 1}" if len(row.stories) > 1 else "") if row.stories else "-"
    )
    twin = row.twins[0] if row.twins else "-"
    title = row.title.in_(language) if row.title else "-"
    return row.id, title, probe, _response(row, language), str(len(row.tests)), stories, twin


def _response(row: Row, language: Language) -> str:
    leads_to = sum(answer.startswith("->") for answer in row.response)
    if leads_to:
        return {"en": f"leads to {leads_to}", "ja": f"{leads_to} 項目へ"}[language]
    return ", ".join(answer.removeprefix("by hand: ") for answer in row.response)
