"""Steps that change something, or keep what was lent: apply, undo, look again, leases."""

from dataclasses import replace

from ..aws.schedules import schedule_lease_check
from ..core.errors import ForAPerson, Retryable, Unknown
from ..core.evidence import Unchecked
from ..core.lease import EXTENSIONS, ScheduledLease, lease_of, lent, stepped
from ..core.plan import Change, Plan
from ..incidents.apply_result import Applied, undo_plan
from ..incidents.assessment import was_applied
from ..incidents.case import Case
from ..incidents.lease_renewal import postponed
from . import apply as fix
from .gather import gather
from .incident_steps import IncidentSteps


class ChangeSteps(IncidentSteps):
    """Each write of an incident is one of these steps."""

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
