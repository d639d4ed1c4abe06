"""How one incident passes its trouble on to another one, and that somebody really has it then."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Protocol, TypeVar

from ..aws.client import AwsClient
from ..aws.runtime import Runtime
from ..core.evidence import Unchecked
from ..core.model import Incident, mode_from
from ..core.plan import HandOver
from ..core.ports import Permission
from ..core.runbook import AnyRunbook
from ..core.serialization import canonical
from ..core.text import Text
from ..core.timestamps import iso
from ..events.internal import hand_over_event
from ..incidents.case import Case
from ..incidents.hand_over_rules import alone
from ..ledger.incidents import Ledger
from ..ledger.joined_incidents import Joining, Taken

T = TypeVar("T")
TAKEN_AFTER_S = (
    15,
    15,
    30,
    60,
    90,
    60,
)  # pauses; in sum less than the guide's first clock, so that a report is in time
NOBODY = Text("nobody took it over within five minutes", "5 分以内に引き継がれなかったため")


class Flow(Protocol):
    """Whoever puts the steps in order."""

    def step(self, name: str, kind: Any, run: Callable[[], T]) -> T:
        """`run` as one step."""

    def wait(self, seconds: float, name: str) -> None:
        """Nothing runs meanwhile."""


class HandingOver:
    """The steps of a hand-over by `incident`."""

    def __init__(self, runtime: Runtime, incident: Incident, runbook: AnyRunbook) -> None:
        self._runtime = runtime
        self._incident = incident
        self._runbook = runbook
        self._ledger = Ledger(runtime)

    def passed_on(self, flow: Flow, case: Case, evidence: Any, *, reported: bool) -> Case:
        """One incident and one thread: the same case once another incident has told people in its place.

        Silence is failure: where nobody does, the case has advice instead of its hand-over, and goes on by itself.
        """
        to = case.decision
        if not isinstance(to, HandOver):
            return case
        flow.step("hand over", str, lambda: self.tell(to, evidence, reported=reported))
        back = NOBODY
        for look, pause_s in enumerate(TAKEN_AFTER_S, 1):
            flow.wait(pause_s, f"before taken over {look}")
            taken = flow.step(f"taken over {look}", Taken, self.taken)
            if taken.state == "taken":
                return case
            if taken.state == "back":
                back = Text(f"nobody takes it over ({taken.why})", f"引き継ぎ先がないため: {taken.why}")
                break
        flow.step("go alone", str, self.go_alone)
        return replace(case, decision=alone(to, back))

    def tell(self, to: HandOver, evidence: Any, *, reported: bool) -> str:
        """Tells intake that another runbook goes on; gives the moment. Repeated, it is one signal all the same.

        Args:
            to: which runbook, on what.
            evidence: that it was decided on.
            reported: people know of this incident already, so the other one goes on in its thread.
        """
        at, incident = self._now(), self._ledger.with_signals(self._incident)
        thread = self._incident.thread or (self._incident.id if reported else "")
        why, tag = to.why.in_(self._runtime.settings.language), self._tag(evidence)
        event = hand_over_event(incident, to.runbook, to.resource, why, at, mode=tag, thread=thread)
        AwsClient(self._runtime.clients, [Permission("sqs:SendMessage")]).call(
            "sqs:SendMessage", QueueUrl=self._runtime.environment.intake_queue, MessageBody=canonical(event)
        )
        self._ledger.note(self._incident.id, handed_over_to=to.resource.arn, handed_over_at=at)
        return at

    def _tag(self, evidence: Any) -> str:
        try:
            return mode_from(self._runbook.opt_in_tag(evidence)) or ""
        except Unchecked:
            return ""

    def taken(self) -> Taken:
        """Whether another incident has told people in place of this one, which has handed over."""
        return Joining(self._runtime).taken(self._incident.id)

    def go_alone(self) -> str:
        """Nobody took the hand-over: this incident goes on by itself; gives the moment."""
        at = self._now()
        Joining(self._runtime).go_alone(self._incident.id, at)
        return at

    def _now(self) -> str:
        return iso(self._runtime.now())
