"""A Case to a Report: which blocks there are and in which order. Ten seconds first, details after."""

import unicodedata
from dataclasses import replace

from ..core.model import Resource
from ..core.settings import Settings
from ..core.text import Text, same
from ..incidents.case import Case
from .blocks import Block, Command, Report
from .sections import change, response, situation
from .sections import context as background
from .sections import response_clocks as clocks
from .sentences import clause, told, told_text
from .status import action, asking, word

ARN_CHARS = 1_600  # AWS: the longest ARN has 1,600
CAUSE_CHARS = 120
UNDO_CHARS = 1_800  # ours: a longer command is nothing for a pager
SUBJECT_CHARS = 99  # SNS: ASCII, under 100 characters


def compose(case: Case, settings: Settings) -> Report:
    """The report of `case`. All outside text in it is printable, redacted and bounded."""
    case = replace(case, incident=replace(case.incident, resource=_named(case.incident.resource)))
    incident = case.incident
    status, title = word(case), told_text(case.title, 120)
    blocks = _blocks(case, settings)
    return Report(
        incident=incident.id,
        stage=case.stage,
        level=incident.level,
        at=case.at,
        opened_at=incident.opened_at,
        resource=incident.resource,
        runbook=incident.runbook,
        cause=told(case.diagnosis.cause, CAUSE_CHARS) if case.diagnosis.cause else None,
        verdict=case.verdict,
        status=status,
        title=title,
        subject=ascii_subject(
            f"[{status.en}] [{incident.level}] {incident.resource.name}: {title.en}", f" ({incident.id[:40]})"
        ),
        summary=_summary(case, status, settings.zone),
        action=action(case, settings.zone),
        blocks=blocks,
        reference=case.approval.reference if case.approval and asking(case) else None,
        undo=_undo(blocks) if case.change else None,
        thread=incident.thread or incident.id,
        zone=settings.zone,
    )


def _named(resource: Resource) -> Resource:
    """The resource fit to be shown; whatever an event or a person named it, it has an ARN's parts."""
    arn = told(resource.arn, ARN_CHARS)
    return Resource(told(resource.kind, 40), arn if arn.count(":") >= 5 else f"arn:::::{arn}")


def ascii_subject(text: str, end: str = "") -> str:
    """A mail subject that SNS takes: printable ASCII, under 100 characters, cut between words, with `end` whole."""
    letters = unicodedata.normalize("NFKD", told(text, 400)).encode("ascii", "ignore").decode()
    room = SUBJECT_CHARS - len(end)
    if len(letters) <= room:
        return letters + end
    return letters[: room - 2].rsplit(" ", 1)[0] + ".." + end


def _summary(case: Case, status: Text, zone: str) -> Text:
    name, title = same(told(case.incident.resource.name, 80)), clause(told_text(case.title, 120))
    did = action(case, zone)
    return Text(f"{status.en}: {name.en}, {title.en}. {did.en}", f"{status.ja}: {name.ja}、{title.ja}。{did.ja}")


def _undo(blocks: tuple[Block, ...]) -> str | None:
    """The one AWS command that takes it all back, where it is one and a pager shows it whole; else the program's own."""
    by_part = {b.part: [i.line for i in b.items if isinstance(i, Command)] for b in blocks}
    exact, short = by_part.get("undo_exact", []), by_part.get("undo", [])
    whole = exact if len(exact) == 1 and len(exact[0]) <= UNDO_CHARS else short
    return whole[0] if whole else None


def _blocks(case: Case, settings: Settings) -> tuple[Block, ...]:
    zone = settings.zone
    found = (
        situation.broke(case, zone),
        response.done(case, zone),
        response.approval(case, zone),
        response.proof(case, zone),
        response.undo(case),
        response.left(case, settings),
        response.undo_exact(case),
        response.approval_exact(case),
        response.drift(case),
        response.log(case),
        change.change(case),
        situation.cause(case, zone),
        situation.noticed(case, zone),
        background.changed(case, zone),
        background.logged(case, zone),
        situation.passed_over(case),
        situation.unchecked(case),
        situation.ruled_out(case),
        situation.users(case, zone),
        response.evidence(case, zone),
        clocks.clocks(case, zone),
        change.gates(case),
        change.cost(case),
        change.switch(case, settings),
    )
    return tuple(b for b in found if b is not None)
