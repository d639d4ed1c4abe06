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
from ..aws.schedules import schedule_lease_check
from ..core.errors import ForAPerson, RemediatorError, Retryable, Unknown
from ..core.evidence import Unchecked
from ..core.lease import EXTENSIONS, ScheduledLease, lease_of, lent, stepped
from ..core.model import Change, Fact, Incident, Plan, Verdict
from ..core.ports import Scope
from ..core.runbook import AnyRunbook, Judgement, VerificationContext
from ..core.serialization import from_json
from ..core.text import Text
from ..core.timestamps import after, iso, seconds_between
from ..gates.answers import GateAnswer
from ..incidents.apply_result import Applied, undo_plan
from ..incidents.assessment import assess, was_applied
from ..incidents.case import Approval, Case
from ..incidents.context import IncidentContext, incident_context
from ..incidents.hand_over_rules import noticed
from ..incidents.lease_renewal import postponed
from ..incidents.metrics import REPORTS_FAILED, Point, ended, lasted
from ..incidents.response_clocks import ClockName, Timed
from ..ledger.change_lock import ChangeLock
from ..ledger.incidents import Ledger
from ..ledger.workload_health import WorkloadHealth
from ..notifications.storm_control import Storms
from ..problems import load
from ..resources.cloudtrail.readers import names_of
from ..resources.kinds import workload_of
from . import apply as fix
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


class RemediationSteps:
    """The steps of `incident`, on `runtime`."""

    def __init__(self, runtime: Runtime, incident: Incident) -> None:
        self.runtime = runtime
        self.incident = incident
        self.settings = runtime.settings

    @cached_property
    def runbook(self) -> AnyRunbook:
        """The incident's runbook; of a recovery by hand, bound to the one action that was asked for."""
        runbook = load(self.incident.runbook)
        if self.incident.origin != "recover":
            return runbook
        from ..recovery.runbook import of_incident  # noqa: PLC0415  # most incidents need none of it

        return of_incident(runbook, self.incident)

    @cached_property
    def ledger(self) -> Ledger:
        """The ledger of this runtime."""
        return Ledger(self.runtime)

    @cached_property
    def right(self) -> ChangeLock:
        """The right to change, in the same table."""
        return ChangeLock(self.runtime)

    def now(self) -> str:
        """This moment; only within a step."""
        return iso(self.runtime.now())

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

    def _scope(self, incident: Incident, at: str) -> Scope:
        workload = workload_of(self.settings, incident.resource)
        return Scope(incident=incident, now=at, settings=self.settings, workload=workload)

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

    def gates(self, evidence: Any, plan: Plan, opt_in: GateAnswer, *, approved: bool) -> tuple[GateAnswer, ...]:
        """What every gate says now; if nothing is against it, the right to change is taken: see `Gates.ask`."""
        scope = self._scope(self.ledger.with_signals(self.incident), self.now())
        return self._gates.ask(scope, evidence, plan, opt_in, approved=approved)

    def gates_of_undo(self, evidence: Any, plan: Plan) -> tuple[GateAnswer, ...]:
        """The gates for an undo that a person asked for."""
        at = self.now()
        return self._gates.of_undo(self.consider(self.incident, evidence, at).mode, plan, at)

    def gates_of_own_undo(self, evidence: Any) -> tuple[GateAnswer, ...]:
        """The gates for an undo that follows `worse`."""
        return self._gates.of_own_undo(self._scope(self.incident, self.now()), evidence)

    @cached_property
    def _gates(self) -> Gates:
        return Gates(self.runtime, self.incident, self.runbook)

    # -- changing -------------------------------------------------------------------------------------------------

    def apply(self, plan: Plan) -> Applied:
        """Applies `plan`, once. Never repeat this step."""
        applied = self._send(plan, undo=False)
        if applied.change:
            self.ledger.note(self.incident.id, change=applied.change, change_state="applied")
        elif applied.not_applied:
            self.ledger.note(self.incident.id, change_state="not_applied", not_applied=applied.not_applied)
            self.right.give_back(self.incident, plan)
        return applied

    def undo(self, plan: Plan) -> Applied:
        """Takes the change back with the plan's own undo, once. Never repeat this step."""
        self.ledger.note(self.incident.id, undo_state="intended")
        applied = self._send(plan, undo=True)
        if applied.change:
            self.ledger.note(self.incident.id, undone=applied.change, undo_state="applied")
        return applied

    def _send(self, plan: Plan, *, undo: bool) -> Applied:
        try:
            return Applied(change=fix.apply(self.runtime, self.incident.id, plan, plan.undo if undo else plan.calls))
        except Unknown as error:
            return Applied(unknown=str(error))
        except (ForAPerson, Retryable) as error:
            return Applied(not_applied=str(error))

    def look_again(self, plan: Plan, why: str) -> Applied:
        """Whether a write whose answer was lost was made after all; nothing is repeated."""
        at = self.now()
        scope = self._scope(self.incident, at)
        fresh = gather(self.runtime, self.runbook.evidence, scope)
        try:
            made = was_applied(plan, self.runbook.current_values(fresh))
        except Unchecked as gap:
            return Applied(unknown=f"{why}; {gap}")
        if made is None:
            return Applied(unknown=why)
        if not made:
            self.ledger.note(self.incident.id, change_state="not_applied", not_applied=why)
            self.right.give_back(self.incident, plan)
            return Applied(not_applied=why)
        change = Change(plan=plan, applied_at=at, certain=False)
        self.ledger.note(self.incident.id, change=change, change_state="applied")
        return Applied(change=change)

    def lend(self, change: Change) -> ScheduledLease:
        """Puts down for later what `change` has lent; never fails: what it gives says when, or why nobody comes back."""
        due = lease_of(self.incident.signals)
        lease = stepped(due, self.incident.id, change) if due else lent(self.incident.id, self.incident.runbook, change)
        kept = schedule_lease_check(self.runtime, self.incident.id, lease)
        self.ledger.note(self.incident.id, change=replace(change, lease_until=kept.until), lease=kept)
        return kept

    def lend_on(self, case: Case) -> ScheduledLease:
        """Puts a loan down for later that this hand-back has not ended; an empty answer where it was put off too often."""
        lease = postponed(case, self.settings.limits)
        kept = (
            schedule_lease_check(self.runtime, self.incident.id, lease)
            if lease
            else ScheduledLease(extension=EXTENSIONS)
        )
        self.ledger.note(self.incident.id, lease=kept)
        return kept

    def plan_to_take_back(self) -> Plan:
        """The undo of the change that the incident `of` made.

        Raises:
            ForAPerson: there is none.
        """
        return undo_plan(self.ledger.load(self.incident.of or ""))

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
