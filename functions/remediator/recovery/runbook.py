"""The recovery procedures bound to what they read: a runbook for exactly one action that a person asked for.

Evidence, opt-in, pre-image and fix role are those of the runbook whose fix the action is; the verification is the
procedure's own. So every step, gate and report of an incident works for it as it stands.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ..core.evidence import EvidenceClass, Unchecked, declared
from ..core.model import Fact, Incident
from ..core.plan import Plan
from ..core.ports import Permission
from ..core.runbook import AnyRunbook, Cause, Finding, Holds, Judgement, Planner, Setting, VerificationContext
from ..core.text import Text, same
from ..events.recovery_requests import Asked, ProcedureName, asked_by, payload
from ..incidents.case import Approval
from ..problems.alb_targets_unhealthy.evidence import Outcome as TargetsRecovered
from .outcome import ServiceRecovered, TableRecovered
from .planners import ByHand
from .procedures import PROCEDURES, Procedure
from .verification import judge_service, judge_table, judge_targets

ID = "recovery"
LOOK_EVERY_S = 30  # somebody waits
GIVE_UP_AFTER_S = 1800
_PROVED_BY: Mapping[ProcedureName, tuple[type[Any], Callable[[Any, VerificationContext[Any]], Judgement]]] = {
    "ecs": (ServiceRecovered, judge_service),
    "dynamodb": (TableRecovered, judge_table),
    "alb": (TargetsRecovered, judge_targets),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """A procedure with its verification."""

    procedure: Procedure
    outcome: type[EvidenceClass]
    judge: Callable[[Any, VerificationContext[Any]], Judgement]

    def reads(self) -> tuple[Permission, ...]:
        """Every permission that its verification declares, for the function's derived policy."""
        found = {p for d in declared(self.outcome) for p in d.reader.permissions}
        return tuple(sorted(found, key=lambda p: (p.action, p.on)))


BOUND: tuple[Bound, ...] = tuple(
    Bound(procedure=p, outcome=_PROVED_BY[p.name][0], judge=_PROVED_BY[p.name][1]) for p in PROCEDURES
)


def bound_to(runbooks: Iterable[AnyRunbook]) -> tuple[Bound, ...]:
    """The procedures that can be started where these runbooks are deployed."""
    deployed = {r.id for r in runbooks}
    return tuple(b for b in BOUND if any(a.runbook in deployed for a in b.procedure.actions))


def manual_recovery(base: AnyRunbook, asked: Asked) -> AnyRunbook:
    """`base` with the one action as its only cause and fix, and with the procedure's own verification.

    Args:
        base: the runbook whose evidence is read and whose fix role makes the change.
        asked: what a person asked for.
    """
    bound = next(b for b in BOUND if b.procedure.name == asked.procedure)
    action, procedure = ByHand(asked=asked), bound.procedure
    permissions = tuple(p for p in base.writes() if p.action in action.action.calls)
    cause: Cause[Any] = Cause(
        id=procedure.name,
        title=Text(f"asked for by hand: {action.action.title.en}", f"手動での依頼: {action.action.title.ja}"),
        holds=lambda _, setting: _asked_for(asked, setting),
        advice=Text(
            "Find out what made this necessary; how it stands now: ",
            "復旧が必要になった原因を調べてください。現在の状態を確認するには: ",
        )
        + same(_look(asked)),
        confirm=procedure.confirm,
        look=procedure.look,
        fixes=(Planner(action, permissions, action.action.title),),
    )
    return replace(
        base,
        id=ID,
        title=procedure.title,
        symptom=Text("a person asked for a recovery", "人が復旧を依頼した"),
        causes=(cause,),
        outcome=bound.outcome,
        judge=bound.judge,
        opt_in_tag=lambda evidence: _tag(base, evidence),
        symptom_present=lambda _: True,
        look_every_s=LOOK_EVERY_S,
        give_up_after_s=GIVE_UP_AFTER_S,
    )


def _tag(base: AnyRunbook, evidence: Any) -> str | None:
    """The opt-in tag; one that cannot be read is no tag, because whoever starts a recovery has not answered for that."""
    try:
        return base.opt_in_tag(evidence)
    except Unchecked as gap:
        return f"unreadable, {gap}"


def of_incident(base: AnyRunbook, incident: Incident) -> AnyRunbook:
    """The runbook of an incident: `base`, or what a person asked for of it."""
    return manual_recovery(base, asked_by(incident)) if incident.origin == "recover" else base


def agreed(incident: Incident, plan: Plan) -> Approval:
    """The word of the person who started the recovery: they named exactly this plan when they did."""
    return Approval(
        reference=f"{incident.id}-{plan.short_hash}",
        expires_at=incident.opened_at,
        answer="approve",
        by=incident.requested_by or "the person who started it",
    )


def _asked_for(asked: Asked, setting: Setting) -> Finding:
    text = ", ".join(f"{n} {_told(v)}" for n, v in payload(asked).items() if n not in ("procedure", "resource"))
    fact = Fact(Text("asked for", "依頼内容"), text, "lambda:InvokeFunction", setting.opened_at or setting.now)
    return Holds((fact,))


def _told(value: Any) -> str:
    return " ".join(value) if isinstance(value, list) else str(value)


def _look(asked: Asked) -> str:
    """The command that only looks at the same resource."""
    there = asked.resource
    named = f"{there.cluster}/{there.name}" if asked.procedure == "ecs" else there.name
    return f"remediator recover {asked.procedure} {named}"
