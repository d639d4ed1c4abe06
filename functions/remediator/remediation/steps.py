"""The steps of one incident as plain functions: each is one edge, takes and gives plain values, and can be repeated.

Only `apply` and `undo` must not be repeated; whoever puts the steps in order sees to that.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from ..aws.emf import count
from ..aws.runtime import Runtime
from ..core.errors import RemediatorError
from ..core.evidence import Unchecked
from ..core.model import Fact, Incident, Verdict
from ..core.plan import Change, Plan
from ..core.runbook import Judgement, VerificationContext
from ..core.serialization import from_json
from ..core.text import Text
from ..core.timestamps import after, iso, seconds_between
from ..gates.answers import GateAnswer
from ..incidents.assessment import assess
from ..incidents.case import Approval, Case
from ..incidents.context import IncidentContext, incident_context
from ..incidents.hand_over_rules import noticed
from ..incidents.metrics import REPORTS_FAILED, Point, ended, lasted
from ..incidents.response_clocks import ClockName, Timed
from ..ledger.incidents import Ledger
from ..ledger.workload_health import WorkloadHealth
from ..notifications.storm_control import Storms
from ..resources.cloudtrail.readers import names_of
from .change_steps import ChangeSteps
from .check_gates import Gates
from .context_evidence import WITHIN_S, ContextEvidence
from .escalation import escalation, timed
from .gather import gather
from .hand_over import HandingOver

APPROVAL_S = 3600  # the guide's recovery clock: after an hour the situation is another one
SHORTEST_WINDOW_S = 120  # CloudWatch's datapoints are a minute long and up to a minute late
LONGEST_WINDOW_S = 900
NOT_READ = Text("outcome could not be read", "結果を読み取れません")


@dataclass(frozen=True, slots=True)
class OutcomeObservation:
    """One look at the outcome, with its moment, and what had been signalled and noticed until then."""

    judgement: Judgement
    at: str
    signal_count: int
    noticed: tuple[Fact, ...] = ()

    def told_in(self, case: Case, verdict: Verdict | None = None) -> Case:
        """The case as of this look; `verdict` stands in place of the one that was judged."""
        return replace(
            case,
            incident=replace(case.incident, signal_count=self.signal_count),
            at=self.at,
            noticed=self.noticed,
            proof=self.judgement.facts,
            verdict=verdict or self.judgement.verdict,
        )


class RemediationSteps(ChangeSteps):
    """The steps of `incident`, on `runtime`."""

    # -- looking --------------------------------------------------------------------------------------------------

    def look(self, begun: Incident | None = None) -> tuple[Incident, Any, str]:
        """The incident with its signals until now, its evidence, and when it was read.

        A replay of a stored incident reads nothing anew: it takes the evidence as it was.

        Args:
            begun: the incident where its signals have just been read.
        """
        if self.incident.origin == "replay" and self.incident.of:
            record = self.ledger.load(self.incident.of)
            if "evidence" in record:
                stored = json.loads(record["evidence"])
                return self.incident, from_json(self.runbook.evidence, stored), record["evidence_at"]
        incident = begun or self.ledger.with_signals(self.incident)
        at = self.now()
        evidence = gather(self.runtime, self.runbook.evidence, self._scope(incident, at))
        self.ledger.note(incident.id, evidence=evidence, evidence_at=at, state="running")
        return incident, evidence, at

    def consider(self, incident: Incident, evidence: Any, at: str) -> Case:
        """The Case at that moment; pure."""
        return assess(self.runbook, incident, evidence, at, self.settings)

    def observe(self, evidence: Any, change: Change | None) -> OutcomeObservation:
        """One look at the outcome, judged; a reading that is a gap tells nothing."""
        at = self.now()
        incident = self.ledger.with_signals(self.incident)
        since = change.applied_at if change else incident.opened_at
        window_s = max(SHORTEST_WINDOW_S, min(LONGEST_WINDOW_S, int(seconds_between(since, at))))
        scope = replace(self._scope(incident, at), window_s=window_s)
        outcome = gather(self.runtime, self.runbook.outcome, scope)
        try:
            judged = self.runbook.judge(
                outcome, VerificationContext(before=evidence, change=change, now=at, since=since)
            )
        except Unchecked as gap:
            judged = Judgement(None, (_not_read(str(gap), at),))
        return OutcomeObservation(judged, at, incident.signal_count, noticed(incident))

    def background(self, incident: Incident) -> IncidentContext:
        """What was logged and changed around the incident, kept in the ledger; what cannot be read in time is a gap."""
        at = self.now()
        scope = self._scope(incident, at)
        read = gather(self.runtime, ContextEvidence, scope, within_s=WITHIN_S)
        found = incident_context(read.log, (read.history, read.global_history), names_of(scope), incident.opened_at, at)
        self.ledger.note(incident.id, background=found)
        return found

    # -- the gates ------------------------------------------------------------------------------------------------

    def gates(self, evidence: Any, plan: Plan, *, approved: bool) -> tuple[GateAnswer, ...]:
        """What every gate says now; if nothing is against it, the right to change is taken: see `Gates.ask`."""
        scope = self._scope(self.ledger.with_signals(self.incident), self.now())
        return self._gates.ask(scope, evidence, plan, approved=approved)

    def gates_of_undo(self, evidence: Any, plan: Plan) -> tuple[GateAnswer, ...]:
        """The gates for an undo that a person asked for."""
        at = self.now()
        mode = self.consider(self.incident, evidence, at).mode
        return self._gates.of_undo(self._scope(self.incident, at), mode, plan)

    def gates_of_own_undo(self, evidence: Any, plan: Plan) -> tuple[GateAnswer, ...]:
        """The gates for an undo that follows `worse`."""
        return self._gates.of_own_undo(self._scope(self.incident, self.now()), evidence, plan)

    @cached_property
    def _gates(self) -> Gates:
        return Gates(self.runtime, self.incident, self.runbook)

    @cached_property
    def handing_over(self) -> HandingOver:
        """How the incident is passed on to another one."""
        return HandingOver(self.runtime, self.incident, self.runbook)

    # -- telling people -------------------------------------------------------------------------------------------

    def ask(self, case: Case, plan: Plan, callback_id: str, holds: int = 0) -> Approval:
        """Writes the question down (first), then sends it; `holds` says how often a person has put it off."""
        at = self.now()
        approval = Approval(
            reference=f"{self.incident.id}-{plan.short_hash}", expires_at=after(at, APPROVAL_S), holds=holds
        )
        self.ledger.note(
            self.incident.id,
            state="asking",
            callback_id=callback_id,
            asked_plan=plan.hash,
            asked=approval,
            plan=plan,
        )
        self.report(replace(case, stage="ask", at=at, approval=approval))
        return approval

    def report(self, case: Case) -> str:
        """Sends the report of `case`, or lets a storm's summary tell of it, and keeps it; gives the moment."""
        at = self.now()
        try:
            found = Storms(self.runtime).report(case)
        except RemediatorError:
            count(self.runtime, Point(REPORTS_FAILED, (case.stage,)))
            raise
        self.ledger.note(self.incident.id, **{f"case_{case.stage}": case, f"told_{case.stage}_at": at, "told": found})
        return at

    def timed(self, case: Case, cause_at: str | None) -> Timed:
        """The four clocks as they stand now, kept in the ledger."""
        now = timed(self.runtime, case, cause_at)
        self.ledger.note(self.incident.id, clocks=now.clocks)
        return now

    def escalate(self, case: Case, cause_at: str | None, names: Sequence[ClockName]) -> str:
        """Tells the high topic where one of these clocks, which have run out, was missed; gives what became of it."""
        now = timed(self.runtime, case, cause_at)
        late = escalation(replace(case, at=iso(self.runtime.now())), now, names)
        if isinstance(late, str):
            return late
        at = self.report(late)
        self.ledger.note(self.incident.id, clocks=now.clocks, **{f"late_{name}_at": at for name in names})
        return "sent"

    def close(self, case: Case, verdict: str) -> str:
        """Gives back what is held and closes the incident."""
        at = self.now()
        if case.change:
            worked = self.runbook.hands_back and verdict == Verdict.FIXED
            if self.incident.is_automatic and verdict != Verdict.RECOVERED_WITHOUT_US and not worked:
                self.right.remember(self.incident, case.change, verdict)
            self.right.release(self.incident, case.change, at)
        Storms(self.runtime).ended(self.incident, verdict)
        WorkloadHealth(self.runtime).ends(self.incident)
        times = () if self.runbook.hands_back else lasted(self.incident, case.clocks, case.change)
        count(self.runtime, *ended(self.incident, verdict), *times)
        self.ledger.close(self.ledger.with_signals(self.incident), verdict, at)
        return at


def begin(runtime: Runtime, incident: str) -> Incident | None:
    """The incident, now running; None where it is closed already."""
    begun = Ledger(runtime).begin(incident)
    if begun:
        WorkloadHealth(runtime).begins(begun)
    return begun


def _not_read(gap: str, at: str) -> Fact:
    return Fact(NOT_READ, gap, "", at)
