"""Evidence to Case: what an incident looks like at one moment. Pure, so a replay of stored evidence says the same."""

from typing import Any

from .case import Case, Stage
from .diagnosis import decide, diagnose
from .evidence import Unchecked, gaps
from .gates import Answer, mode_from, opted_in, unknown
from .model import Incident, Mode, Plan
from .runbook import AnyRunbook, Setting
from .settings import Settings
from .signals.own import KIND as HANDED_OVER
from .text import Text


def consider(
    runbook: AnyRunbook, incident: Incident, evidence: Any, at: str, settings: Settings, stage: Stage = "first"
) -> Case:
    """Diagnosis, decision and what the opt-in tag says to it."""
    workload = settings.workload_of(incident.resource)
    setting = Setting(now=at, settings=settings, workload=workload, opened_at=incident.opened_at)
    diagnosis = diagnose(runbook, evidence, setting)
    decision = decide(runbook, diagnosis, evidence, setting)
    mode, answer = _opt_in(runbook, evidence)
    return Case(
        stage=stage,
        at=at,
        incident=incident,
        title=runbook.title,
        symptom=runbook.symptom,
        mode=mode,
        about=runbook.about(evidence),
        gaps=gaps(evidence),
        diagnosis=diagnosis,
        decision=decision,
        answers=(answer,) if isinstance(decision, Plan) else (),
        stack=runbook.stack(evidence),
        note=_came_from(incident),
    )


def _came_from(incident: Incident) -> Text | None:
    """Where the incident was handed over from, None where events opened it."""
    told = next((s.facts for s in incident.signals if s.kind == HANDED_OVER), None)
    if told is None:
        return None
    came, why = told.get("from", ""), told.get("why", "")
    return Text(f"It was noticed by {came}: {why}", f"{came} が検知しました: {why}")


def _opt_in(runbook: AnyRunbook, evidence: Any) -> tuple[Mode, Answer]:
    try:
        said = runbook.mode(evidence)
    except Unchecked as gap:
        return "observe", unknown("opted_in", str(gap))
    mode = mode_from(said)
    return mode or "observe", opted_in(mode, said)


def landed(plan: Plan, image: Any) -> bool | None:
    """Whether a write whose answer was lost was made: the pre-image is gone. None where nothing tells."""
    known = {key: image[key] for key in plan.before if key in image}
    if not known:
        return None
    return any(plan.before[key] != value for key, value in known.items())
