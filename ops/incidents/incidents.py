"""The newest incidents of the deployment as a list: once, and as they go on."""

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text as Rich

from remediator.core.serialization import to_json
from remediator.core.text import Language, Text
from remediator.core.timestamps import iso
from remediator.reports.dashboard.incident_row import ORIGINS, TAKEN_BY, UNTIL, IncidentRow, line_of, standing
from remediator.reports.sentences import told, told_text
from remediator.reports.status import level_word

from .incident import MOODS

Record = Mapping[str, Any]
IN_JSON = ("opened_at", "level", "runbook", "resource", "state", "verdict", "change_state", "origin", "noticed_by")
COLUMNS = (Text("opened (UTC)", "発生 (UTC)"), Text("incident", "インシデント"), Text("how it stands", "状態"))
ID_CHARS = 38  # of an ordinary id: it is copied, so it stays on one line


def as_json(record: Record) -> Mapping[str, Any]:
    """What an engineer asks of one incident first, as JSON values."""
    names = {n: record[n] for n in IN_JSON if n in record}
    return {"incident": str(record["pk"]).removeprefix("incident#"), **names}


def as_table(records: Sequence[Record], language: Language, title: Text | None = None) -> Table:
    """The incidents as people read them, in the order given."""
    now = iso(datetime.now(UTC))
    heading = title or _count(len(records))
    table = Table(title=heading.in_(language), title_justify="left", box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    opened, incident, stands = (column.in_(language) for column in COLUMNS)
    table.add_column(opened, no_wrap=True)
    table.add_column(incident, width=ID_CHARS, overflow="fold")
    table.add_column(stands, overflow="fold")
    for record in records:
        line = line_of(record, now)
        also = len(record.get("noticed_by", ()))
        table.add_row(line.opened_at[5:16].replace("T", " "), _what(line, also, language), _stands(line, language))
    return table


def _count(incidents: int) -> Text:
    noun = "incident" if incidents == 1 else "incidents"
    return Text(f"{incidents} {noun}, newest first", f"インシデント {incidents} 件（新しい順）")


def _what(line: IncidentRow, also: int, language: Language) -> Rich:
    more = Text(f" (and {also} that became part of it)", f"（ほか {also} 件を統合）").in_(language) if also else ""
    origin = ORIGINS.get(line.origin)
    level = told_text(level_word(line.level), 10).in_(language)
    return _lines(
        Rich(f"{told(line.resource, 120)}  [{level}]", style="bold"),
        Rich(told_text(line.title, 160).in_(language) + (f" - {origin.in_(language)}" if origin else "")),
        Rich(f"{told(line.id, 80)}{more}", style="dim"),
    )


def _stands(line: IncidentRow, language: Language) -> Rich:
    parts = [Rich(told_text(standing(line), 40).in_(language), style=f"bold {MOODS.get(line.verdict, 'yellow')}")]
    if line.question:
        until = f"{UNTIL.in_(language)} {line.question.until[11:16]}"
        parts += [Rich(told_text(line.question.plan, 200).in_(language)), Rich(until)]
    elif line.change:
        parts.append(Rich(told_text(line.change, 200).in_(language)))
    if line.taken_by:
        parts.append(Rich(f"{TAKEN_BY.in_(language)}: {told(line.taken_by, 80)}"))
    return _lines(*parts)


def _lines(*parts: Rich) -> Rich:
    return Rich("\n").join(parts)


def watch(  # noqa: PLR0913  # the options of the command
    read: Callable[[], Sequence[Record]],
    console: Console,
    *,
    every_s: float,
    looks: int,
    lines: bool,
    language: Language = "en",
    pause: Callable[[float], None] = time.sleep,
) -> None:
    """Shows the newest incidents as they go on, until `looks` looks are over (0: until it is interrupted).

    Args:
        read: gives the newest incidents.
        console: where to.
        every_s: seconds between two looks.
        looks: how many.
        lines: one JSON line for each incident that is new or has changed, instead of a table.
        language: of the table.
        pause: waits.
    """
    if lines:
        _watch_lines(read, console, every_s, looks, pause)
        return
    with Live(console=console, auto_refresh=False, transient=False) as live:
        for n in _looks(looks):
            if n:
                pause(every_s)
            found = read()
            live.update(as_table(found, language, _summary(found)), refresh=True)


def _summary(found: Sequence[Record]) -> Text:
    open_ones = sum(i.get("state") != "closed" for i in found)
    at = datetime.now(UTC).strftime("%H:%M:%S UTC")
    return Text(
        f"{open_ones} open, {len(found)} newest, at {at}", f"未解決 {open_ones} 件、最新 {len(found)} 件（{at}）"
    )


def _watch_lines(
    read: Callable[[], Sequence[Record]],
    console: Console,
    every_s: float,
    looks: int,
    pause: Callable[[float], None],
) -> None:
    known: dict[str, Record] = {}
    for n in _looks(looks):
        if n:
            pause(every_s)
        for one in map(as_json, reversed(read())):
            if known.get(one["incident"]) != one:
                known[one["incident"]] = one
                console.out(json.dumps(to_json(one), ensure_ascii=False), highlight=False)


def _looks(looks: int) -> Iterator[int]:
    n = 0
    while not looks or n < looks:
        yield n
        n += 1
