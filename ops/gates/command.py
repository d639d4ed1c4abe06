"""`remediator explain-gates`: why did it not act?"""

from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text as Rich

from ops.commands.options import STACK, AsJson, LanguageChoice, Region, StackName, language_named
from remediator.core.model import Fact
from remediator.core.text import Language, Text
from remediator.reports.moments import exact
from remediator.reports.sentences import told, told_text

if TYPE_CHECKING:
    from .explanation import GateLine, GatesExplained

COLOURS = {"passed": "green", "asks a person": "yellow", "refused": "red"}
OUTCOMES = {
    "passed": Text("passed", "問題なし"),
    "asks a person": Text("asks a person", "要承認"),
    "refused": Text("refused", "拒否"),
    "not reached": Text("not reached", "未実施"),
    "not asked": Text("not asked", "対象外"),
}
COLUMNS = (Text("gate", "ゲート"), Text("answer", "結果"), Text("why, and what was read", "理由と読み取り値"))
NO_PLAN = Text("No plan was made, so no gate was asked:", "計画が作られていないため、ゲートは確認していません:")
PLAN, APPROVAL = Text("Plan", "計画"), Text("Approval", "承認")
READ_FROM = Text("is read from", "読み取り元")
SAID_CHARS = 400


def explain_gates(
    incident: Annotated[str, typer.Argument(help="id of the incident, as every report names it")],
    *,
    stack: StackName = STACK,
    region: Region = None,
    language: LanguageChoice = "en",
    as_json: AsJson = False,
) -> None:
    """Why did it not act? Each gate of an incident's last plan in order: its answer, the fact, where it was read.

    Where no plan was made it says why: no fix for the cause, something that could not be read, no opt-in. It reads the
    ledger with your own credentials and asks no gate anew.

    Exit status: 0; 1 where there is no such incident or AWS refused; 2 for a wrong option.
    """
    from ops.commands import look  # noqa: PLC0415
    from ops.deployment import deployed  # noqa: PLC0415
    from remediator.incidents.record import record_of  # noqa: PLC0415

    from .explanation import explained  # noqa: PLC0415

    chosen, zone, console = language_named(language), look.declared_settings().zone, Console()
    found = explained(record_of(deployed.Deployment(stack, region).record(incident)), zone)
    if as_json:
        console.print_json(data=in_json(found, chosen))
    else:
        console.print(in_words(found, chosen, zone))


def in_json(found: "GatesExplained", language: Language) -> dict[str, Any]:
    """As programs read it; names of gates and outcomes are the same in every language."""
    return {
        "incident": found.incident,
        "in_short": _said(found.in_short, language),
        "at": found.at,
        "plan": _said(found.plan, language) if found.plan else None,
        "approval": _said(found.approval, language) if found.approval else None,
        "no_plan": [_said(why, language) for why in found.no_plan],
        "gates": [_line_in_json(line, language) for line in found.lines],
    }


def _line_in_json(line: "GateLine", language: Language) -> dict[str, Any]:
    facts = [
        {
            "label": _said(f.label, language),
            "value": told(f.value),
            "source": told(f.source),
            "at": told(f.at, 40),
        }
        for f in line.facts
    ]
    return {
        "gate": line.gate,
        "part": line.part,
        "title": _said(line.title, language),
        "answer": line.outcome,
        "why": _said(line.why, language) if line.why else "",
        "facts": facts,
        "read_from": list(line.read_from),
    }


def in_words(found: "GatesExplained", language: Language, zone: str) -> RenderableType:
    """As people read it on a terminal."""
    parts: list[RenderableType] = [Rich(_said(found.in_short, language), style="bold")]
    for title, text in ((PLAN, found.plan), (APPROVAL, found.approval)):
        if text:
            parts.append(Rich(f"{title.in_(language)}: {_said(text, language)}"))
    if found.no_plan:
        parts += [Rich(NO_PLAN.in_(language)), *(Rich(f"- {_said(why, language)}") for why in found.no_plan)]
    if found.lines:
        parts.append(_table(found, language, zone))
    return Group(*parts)


def _table(found: "GatesExplained", language: Language, zone: str) -> Table:
    table = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    gate, answer, why = (column.in_(language) for column in COLUMNS)
    table.add_column(gate, overflow="fold")
    table.add_column(answer, no_wrap=True)
    table.add_column(why, overflow="fold", ratio=1)
    for line in found.lines:
        name = Rich(f"{line.title.in_(language)}\n") + Rich(f"[{told(line.gate, 60)}]", style="dim")
        outcome = Rich(OUTCOMES[line.outcome].in_(language), style=COLOURS.get(line.outcome, "dim"))
        table.add_row(name, outcome, Rich("\n").join(Rich(text) for text in _reasons(line, language, zone)))
    return table


def _reasons(line: "GateLine", language: Language, zone: str) -> list[str]:
    """The reason, then each fact with its source; where no fact was kept, where it would have been read."""
    why = [_said(line.why, language)] if line.why else []
    if line.facts:
        return [*why, *(_fact(fact, language, zone) for fact in line.facts)]
    return [*why, f"{READ_FROM.in_(language)}: {', '.join(line.read_from)}"]


def _fact(fact: Fact, language: Language, zone: str) -> str:
    read = ", ".join(part for part in (told(fact.source, 200), exact(fact.at, zone) if fact.at else "") if part)
    return f"{_said(fact.label, language)}: {told(fact.value)} ({read})"


def _said(text: Text, language: Language) -> str:
    return told_text(text, SAID_CHARS).in_(language)
