"""One incident of the deployment: on the terminal, as a page, as JSON."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.markup import escape
from rich.panel import Panel
from rich.table import Table
from rich.text import Text as Rich

from remediator.aws.metric_series import series
from remediator.core.model import Verdict
from remediator.core.serialization import to_json
from remediator.core.settings import Settings
from remediator.core.text import Language
from remediator.incidents.record import IncidentRecord
from remediator.reports.blocks import TOP, Block, Command, Quote, Shown, Statement, Step
from remediator.reports.compose import compose
from remediator.reports.page.page import WORDS, incident_page
from remediator.reports.page.timeline import timeline
from remediator.reports.status import LEVELS
from remediator.resources.kinds import workload_of
from remediator.resources.metric_series import Series, wanted

MOODS = {verdict.value: "green" if verdict.over else "red" for verdict in Verdict}
MARKS = {"signal": "yellow", "change": "magenta", "undo": "red", "verdict": "bold", "question": "cyan"}


def plots_of(dossier: IncidentRecord, settings: Settings, client: Callable[[str, str], Any]) -> tuple[Series, ...]:
    """The metrics around the incident, with the caller's credentials."""
    asked = wanted(dossier.incident, workload_of(settings, dossier.incident.resource))
    return series(client, asked, dossier.incident.opened_at, dossier.until)


def write_page(
    file: Path, dossier: IncidentRecord, settings: Settings, language: Language, plots: Sequence[Series] = ()
) -> None:
    """Writes the incident's page.

    Raises:
        OSError: it cannot be written there.
    """
    file.write_text(incident_page(dossier, settings, language, plots), encoding="utf-8")


def as_json(dossier: IncidentRecord) -> Any:
    """All that the ledger holds of it, as JSON values."""
    return to_json(dossier)


def on_terminal(dossier: IncidentRecord, settings: Settings, language: Language) -> RenderableType:
    """The incident for a terminal: what ten seconds must show, then what happened when."""
    case = dossier.case
    parts: list[RenderableType] = [_head(dossier, settings, language)]
    if case:
        report = compose(case, settings)
        parts.append(_top([b for b in report.blocks if b.part in TOP], language))
    parts.append(_timeline(dossier, language))
    return Group(*parts)


def _head(dossier: IncidentRecord, settings: Settings, language: Language) -> RenderableType:
    incident, case = dossier.incident, dossier.case
    title = compose(case, settings).title.in_(language) if case else incident.runbook
    status = compose(case, settings).status.in_(language) if case else dossier.state
    colour = MOODS.get(dossier.verdict, "yellow")
    lines = (
        f"[bold {colour}]{escape(status)}[/] [bold]{escape(title)}[/]",
        f"{escape(incident.resource.name)}  {escape(f'[{LEVELS[incident.level].in_(language)}]')}  {escape(incident.id)}",
    )
    return Panel(Rich.from_markup("\n".join(lines)), expand=False)


def _top(blocks: Sequence[Block], language: Language) -> Table:
    table = Table(box=None, show_header=False, padding=(0, 1, 0, 0))
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for block in blocks:
        table.add_row(escape(block.title.in_(language)), Rich("\n".join(_line(i, language) for i in block.items)))
    return table


def _line(item: Any, language: Language) -> str:
    match item:
        case Statement(text):
            return text.in_(language)
        case Shown(label, value):
            return f"{label.in_(language)}: {value.in_(language)}"
        case Step(name, before, after):
            return f"{name}: {before} -> {after}"
        case Quote(line):
            return line
        case Command():
            return f"{item.lead.in_(language)} {item.line}" if item.lead else item.line
    raise TypeError(type(item).__name__)


def _timeline(dossier: IncidentRecord, language: Language) -> Table:
    table = Table(
        title=f"{WORDS['timeline'].in_(language)} (UTC)", title_justify="left", box=SIMPLE_HEAD, show_header=False
    )
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for h in timeline(dossier):
        style = MARKS.get(h.kind, "") if h.ok else "red"
        table.add_row(h.at[:19].replace("T", " "), Rich(h.what.in_(language), style=style))
    return table
