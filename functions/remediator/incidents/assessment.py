"""Evidence to Case: what an incident looks like at one moment. Pure, so a replay of stored evidence says the same."""

from dataclasses import replace
from typing import Any

from ..core.evidence import Reading, Unchecked, gaps
from ..core.model import Incident, Mode, mode_from
from ..core.plan import Decision, Plan
from ..core.problem_titles import HANDED_OVER_BY
from ..core.runbook import AnyRunbook, Setting
from ..core.settings import Settings
from ..core.text import Text, same
from ..events.internal import KIND as HANDED_OVER
from ..gates import opt_in
from ..gates.opt_in import TAG_READING, OptInTag
from ..resources.kinds import kind_of, workload_of
from .case import Case, Stage
from .diagnosis import decide, diagnose
from .hand_over_rules import held_to, not_seen_yet, noticed, without_circle


def assess(
    runbook: AnyRunbook, incident: Incident, evidence: Any, at: str, settings: Settings, stage: Stage = "first"
) -> Case:
    """Diagnosis, decision and what the opt-in tag says to it."""
    workload = workload_of(settings, incident.resource)
    setting = Setting(now=at, settings=settings, workload=workload, opened_at=incident.opened_at, incident=incident.id)
    diagnosis = diagnose(runbook, evidence, setting)
    decision = without_circle(decide(runbook, diagnosis, evidence, setting), incident)
    if diagnosis.cause is None and not runbook.symptom_present(evidence):
        decision = not_seen_yet(decision, incident, at)
    tag = opt_in_tag(runbook, incident, evidence, at, decision)
    case = Case(
        stage=stage,
        at=at,
        incident=incident,
        title=runbook.title,
        symptom=runbook.symptom,
        mode=mode_of(tag),
        about=runbook.situation(evidence),
        gaps=gaps(evidence),
        diagnosis=diagnosis,
        decision=decision,
        answers=(opt_in.answer(tag),) if isinstance(decision, Plan) else (),
        stack=runbook.stack(evidence),
        noticed=noticed(incident),
    )
    return _handed_over(case, seen=runbook.symptom_present(evidence))


def _handed_over(case: Case, *, seen: bool) -> Case:
    """With where it was handed over from, if it was; where the runbook's own symptom is not seen, with that one's."""
    found = next((s.facts for s in case.incident.signals if s.kind == HANDED_OVER), None)
    if found is None:
        return case
    came, why = found.get("from", ""), found.get("why", "")
    if seen:
        return replace(case, note=Text(f"It was noticed by {came}: {why}", f"{came} が検知しました: {why}"))
    problem = HANDED_OVER_BY.get(came)
    note = Text(
        f"It was noticed by {came}; not seen here: {case.symptom.en}",
        f"{came} が検知しました。次の症状は確認されていません: {case.symptom.ja}",
    )
    if problem is None:
        return replace(case, symptom=same(why) if why else case.symptom, note=note)
    return replace(
        case, title=problem.title, symptom=problem.symptom, handed_over=same(why) if why else None, note=note
    )


def opt_in_tag(
    runbook: AnyRunbook, incident: Incident, evidence: Any, at: str, decision: Decision | None
) -> Reading[OptInTag]:
    """The opt-in tag of what the decision writes to, with the mode that it means for this incident."""
    written = decision.resource if isinstance(decision, Plan) else incident.resource
    source = kind_of(written).tag_call or TAG_READING.source
    try:
        said = runbook.opt_in_tag(evidence)
    except Unchecked as gap:
        return Reading(gap=str(gap), source=source, read_at=at)
    return Reading(value=OptInTag(said, held_to(mode_from(said), incident)), source=source, read_at=at)


def mode_of(tag: Reading[OptInTag]) -> Mode:
    """The mode that holds: a tag that is absent, unreadable or not understood only observes."""
    read = tag.or_none()
    return (read.mode if read else None) or "observe"


def was_applied(plan: Plan, image: Any) -> bool | None:
    """Whether a write whose answer was lost was made: the pre-image is gone. None where nothing tells."""
    known = {key: image[key] for key in plan.before if key in image}
    if not known:
        return None
    return any(plan.before[key] != value for key, value in known.items())
