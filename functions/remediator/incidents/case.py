"""Everything known of an incident at one moment: what a report is made from, and nothing else."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from ..core.lease import ScheduledLease
from ..core.model import Fact, Incident, Mode, Verdict
from ..core.plan import Change, Decision
from ..core.text import Text
from ..gates import gate_named
from ..gates.answers import GateAnswer, Passed
from .context import IncidentContext
from .diagnosis import Diagnosis
from .response_clocks import Acknowledged, Clock

Stage = Literal["first", "ask", "update", "final", "escalation"]  # update: refused by a gate, still looked after
STAGES: tuple[Stage, ...] = ("first", "ask", "update", "final")  # in their order; an escalation tells nothing newer

HOLDS = 1  # ours: an hour to answer and an hour more; then the situation is another one


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """A question to a person: what it names, until when it can be answered, and the answer if there is one.

    Attributes:
        holds: how often it was put off; `HOLDS` times at most.
    """

    reference: str  # <incident>-<8 hex of the plan hash>
    expires_at: str
    answer: Literal["approve", "refuse", "hold", "expired"] | None = None
    by: str | None = None
    holds: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One incident at one moment.

    Attributes:
        about: the situation: since when, users affected (requests, error share), how the service stands.
        gaps: reading to reason, for what could not be read.
        answers: what the gates said, in their order; the first Refusal won.
        proof: what the outcome readings showed.
        undone: the change that took the first one back, where the program did so itself.
        stack: CloudFormation stack of the changed resource, None where it belongs to none.
        handed_over: why the runbook that noticed it handed it over, where that one's symptom is told.
        noticed: symptoms of other resources that belong to this incident, each with its time.
        background: what was logged and changed around it; None where it has not been read.
        clocks: the guide's four, once they are looked at: at each escalation and at the end.
        late: the clock that an escalation tells of.
        acknowledged: a person has taken it over; nothing escalates any more.
        note: one more thing the reader must know, e.g. that an interrupted write was found applied.
        lease: when anybody comes back to what is lent; None where nothing is.
    """

    stage: Stage
    at: str
    incident: Incident
    title: Text
    symptom: Text
    mode: Mode = "observe"
    about: tuple[Fact, ...] = ()
    gaps: Mapping[str, str] = field(default_factory=dict)
    diagnosis: Diagnosis = field(default_factory=lambda: Diagnosis((), (), ()))
    decision: Decision | None = None
    answers: tuple[GateAnswer, ...] = ()
    approval: Approval | None = None
    change: Change | None = None
    proof: tuple[Fact, ...] = ()
    verdict: Verdict | None = None
    undone: Change | None = None
    stack: str | None = None
    handed_over: Text | None = None
    noticed: tuple[Fact, ...] = ()
    note: Text | None = None
    background: IncidentContext | None = None
    clocks: tuple[Clock, ...] = ()
    late: Clock | None = None
    acknowledged: Acknowledged | None = None
    lease: ScheduledLease | None = None

    @property
    def over(self) -> bool:
        """Whether a verdict says that the trouble is over."""
        return self.verdict is not None and self.verdict.over


def at_high_level(case: Case) -> Case:
    """The case for the high topic."""
    return replace(case, incident=replace(case.incident, level="high"))


def escalated(case: Case) -> Case:
    """The case for the high topic where it keeps coming back, or is everybody's trouble; else as it is."""
    refusal = Passed(case.answers).refusal
    gate = gate_named(refusal.gate) if refusal else None
    return at_high_level(case) if gate and gate.escalates else case


def answered(asked: Approval, values: Sequence[Any]) -> Approval:
    """The question with its answer; what cannot be understood is no approval."""
    read = json.loads(values[0]) if values else {"answer": "expired"}
    answer = read.get("answer")
    if answer == "approve":
        return replace(asked, answer="approve", by=read.get("by"))
    if answer == "hold" and asked.holds < HOLDS:
        return replace(asked, answer="hold", by=read.get("by"))
    return replace(asked, answer="expired" if answer == "expired" else "refuse", by=read.get("by"))
