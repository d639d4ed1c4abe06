"""What an incident tells people on its way: reports, missed clocks, what it was lent, how it ended."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace

from ..core.lease import ScheduledLease
from ..core.model import Verdict
from ..core.plan import Change
from ..core.serialization import Json
from ..incidents.case import Case, escalated
from ..incidents.context import IncidentContext
from ..incidents.lease_renewal import ending, is_outstanding
from ..incidents.response_clocks import ClockName, Timed, ran_out
from .durable import NO_RETRY, DurableContext, DurableFlow, StepError
from .escalation import with_clocks
from .steps import RemediationSteps


class ReportingFlow(DurableFlow):
    """Steps that report, and the steps that end an incident."""

    work: RemediationSteps

    def __init__(self, context: DurableContext, incident: str) -> None:
        super().__init__(context, incident)
        self._background: IncidentContext | None = None
        self._cause_at: str | None = None  # when a row of the guide was named first
        self._rung = 0  # so many of the four clocks have run out and were looked at

    def _ring(self, case: Case) -> None:
        """Looks at the clocks that have run out by the moment of `case` and were not looked at yet."""
        up = ran_out(case.incident.opened_at, case.at)
        if case.incident.origin == "event" and len(up) > self._rung:
            names, self._rung = up[self._rung :], len(up)
            self._rings(self._with_background(case) if len(up) > 1 else case, names)

    def _rings(self, case: Case, names: Sequence[ClockName], branch: DurableContext | None = None) -> None:
        """One message to the high topic where one of `names` was missed; the incident goes on all the same."""
        cause_at = self._cause_at
        with suppress(StepError):  # it was tried again, and counted; the final report tells the clocks once more
            self.step(f"clock {names[-1]}", str, lambda: self.work.escalate(case, cause_at, names), branch=branch)

    def _lent(self, case: Case, change: Change) -> Case:
        """The case with when it is looked at again, where the change lends something."""
        if not change.plan.lease_s:
            return case
        kept = self._kept("lease", lambda: self.work.lend(change))
        return replace(case, change=replace(change, lease_until=kept.until), lease=kept)

    def _lent_on(self, case: Case) -> Case:
        """The same at the end of a hand-back that leaves something lent."""
        if not is_outstanding(case):
            return case
        return replace(case, lease=self._kept("lend on", lambda: self.work.lend_on(case)))

    def _kept(self, name: str, put_down: Callable[[], ScheduledLease]) -> ScheduledLease:
        try:
            return self.step(name, ScheduledLease, put_down)
        except StepError as error:  # what is changed is changed: the report says that nobody comes back to it
            return ScheduledLease(lost=f"interrupted: {error}")

    def _told_update(self, case: Case) -> Case:
        update = replace(self._with_background(escalated(case)), stage="update")
        self._report("update", update)
        return update

    def _report(self, name: str, case: Case) -> str:
        return self.step(name, str, lambda: self.work.report(case))

    def _with_background(self, case: Case) -> Case:
        """What was logged and changed around it, read once, after the first report and after any fix."""
        if not case.incident.is_automatic:
            return case  # a person asked for it and knows why
        if self._background is None:
            incident = case.incident
            try:
                self._background = self.step(
                    "background", IncidentContext, lambda: self.work.background(incident), NO_RETRY
                )
            except StepError as error:  # a report never fails for it
                self._background = IncidentContext(log_gap=f"interrupted: {error}", history_gap=f"interrupted: {error}")
        return replace(case, background=self._background)

    def _final(self, case: Case) -> Json:
        case = self._lent_on(self._with_background(case))
        if case.incident.origin == "event":
            found, cause_at = case, self._cause_at
            case = with_clocks(case, self.step("clocks", Timed, lambda: self.work.timed(found, cause_at)))
        self._report("final report", replace(case, stage="final"))
        return self._ended(case, ending(case) or case.verdict or Verdict.CANNOT_TELL)

    def _replayed(self, case: Case) -> Json:
        self._report("final report", replace(case, stage="final"))
        return self._ended(case, "replayed")

    def _refused(self, case: Case) -> Json:
        self._report("final report", replace(case, stage="final"))
        return self._ended(case, "refused")

    def _ended(self, case: Case, verdict: str) -> Json:
        self.step("close", str, lambda: self.work.close(case, str(verdict)))
        return {"incident": case.incident.id, "cause": case.diagnosis.cause, "verdict": str(verdict)}
