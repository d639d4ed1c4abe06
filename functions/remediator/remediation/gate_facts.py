"""What the gates judge, read right before a change: from AWS, from the ledger, and the incident's own readings made anew."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from ..aws.client import AwsClient
from ..aws.runtime import Runtime
from ..core.errors import RemediatorError
from ..core.evidence import Reading, declared, rechecked
from ..core.model import Incident, Mode
from ..core.plan import Plan
from ..core.ports import Reader, Scope
from ..core.runbook import AnyRunbook, Setting
from ..core.timestamps import iso
from ..gates.change_freeze import calendar_state
from ..gates.evidence import GateEvidence
from ..gates.kill_switch import switch_value
from ..gates.opt_in import TAG_READING, OptInTag
from ..gates.past_changes import PAST_CHANGES
from ..gates.plan import FRESH_PLAN, FreshPlan
from ..gates.wider_outage import UNHEALTHY, UnhealthyWorkloads
from ..incidents.assessment import assess, opt_in_tag
from ..incidents.diagnosis import decide, diagnose
from ..ledger.change_lock import ChangeLock
from ..ledger.workload_health import WorkloadHealth
from ..resources.ecs.kind import deployed_service
from ..resources.kinds import kind_of, workload_of
from .gather import gather

T = TypeVar("T")
Readings = Mapping[Any, Reading[Any]]


@dataclass(frozen=True, slots=True)
class GateReadings:
    """Reads for the gates of one change of one incident.

    Attributes:
        incident: as it began; `scope` knows its signals until now.
        within_s: what AWS has not told of others by then asks a person; None waits for all.
    """

    runtime: Runtime
    incident: Incident
    runbook: AnyRunbook
    scope: Scope
    within_s: float | None

    def of_change(self, evidence: Any, plan: Plan) -> Readings:
        """Everything at once, none of it needs another; the switch last of all: it holds for the write that follows."""
        written = self._written(plan)
        with ThreadPoolExecutor(5, thread_name_prefix="gates") as pool:
            fresh = pool.submit(self.again, evidence)
            beside = pool.submit(gather, self.runtime, GateEvidence, written, within_s=self.within_s)
            past = pool.submit(self._past, plan, written)
            unhealthy = pool.submit(self._unhealthy)
            calendars = pool.submit(self._calendars)
        others = beside.result()
        return {
            **self._of_problem(fresh.result(), evidence),
            calendar_state: calendars.result(),
            PAST_CHANGES: past.result(),
            UNHEALTHY: unhealthy.result(),
            **{d.reader: getattr(others, d.name) for d in declared(GateEvidence)},
            switch_value: switch(self.runtime, self.scope),
        }

    def of_undo(self, mode: Mode, plan: Plan) -> Readings:
        """Tag and switch as they are now.

        Args:
            mode: that the tag means now.
            plan: whose change is taken back.
        """
        source = kind_of(plan.resource).tag_call or TAG_READING.source
        tag = Reading(value=OptInTag(None, mode), source=source, read_at=self.scope.now)
        return {TAG_READING: tag, switch_value: switch(self.runtime, self.scope)}

    def again(self, evidence: Any) -> Any:
        """The evidence with what a plan rests on read anew."""
        kind = self.runbook.evidence
        return gather(self.runtime, kind, self.scope, known=evidence, only=rechecked(kind))

    def _of_problem(self, fresh: Any, evidence: Any) -> Readings:
        """The tag, and the plan made anew; where there is no plan any more, the tag is that of the first one."""
        scope, settings = self.scope, self.runtime.settings
        assessed = assess(self.runbook, self.incident, fresh, scope.now, settings)
        told = fresh if isinstance(assessed.decision, Plan) else evidence
        tag = opt_in_tag(self.runbook, self.incident, told, scope.now, assessed.decision)
        setting = Setting(now=scope.now, settings=settings, workload=scope.workload, incident=self.incident.id)
        decision = decide(self.runbook, diagnose(self.runbook, fresh, setting), fresh, setting)
        again = (
            FreshPlan(decision.hash, decision.title) if isinstance(decision, Plan) else FreshPlan(None, decision.why)
        )
        return {TAG_READING: tag, FRESH_PLAN: Reading(value=again, source=FRESH_PLAN.source, read_at=scope.now)}

    def _written(self, plan: Plan) -> Scope:
        """The same for what is written to, which need not be what fell ill."""
        scope = self.scope
        workload = workload_of(self.runtime.settings, plan.resource) or scope.workload
        return replace(scope, incident=replace(scope.incident, resource=plan.resource), workload=workload)

    def _past(self, plan: Plan, written: Scope) -> Reading[Any]:
        lock = ChangeLock(self.runtime)
        return self._read(PAST_CHANGES.source, lambda: lock.past(plan, self.scope.now, service_beside(written)))

    def _unhealthy(self) -> Reading[Any]:
        fleet = WorkloadHealth(self.runtime)
        return self._read(UNHEALTHY.source, lambda: UnhealthyWorkloads(tuple(fleet.ill(self.scope.now)), fleet.watched))

    def _calendars(self) -> Reading[Any]:
        if not self.runtime.settings.freeze_calendars:
            return Reading(gap="no change calendar is declared", source=calendar_state.source)
        return self._read(calendar_state.source, lambda: _call(self.runtime, calendar_state, self.scope))

    def _read(self, source: str, read: Callable[[], T]) -> Reading[T]:
        at = iso(self.runtime.now())
        try:
            return Reading(value=read(), source=source, read_at=at)
        except RemediatorError as error:
            return Reading(gap=str(error), source=source, read_at=at)


def service_beside(written: Scope) -> str:
    """ARN of the service beside the written resource, by the workload's declaration; empty where there is none."""
    here = written.incident.resource
    service = deployed_service(here, written.workload)
    return service.arn if service and service != here else ""


def switch(runtime: Runtime, scope: Scope) -> Reading[str]:
    """The kill switch as it stands now, or why it could not be read."""
    at = iso(runtime.now())
    try:
        return Reading(value=_call(runtime, switch_value, scope), source=switch_value.source, read_at=at)
    except KeyError:
        gap = f"{switch_value.source} answered without a value"
    except RemediatorError as error:
        gap = str(error)
    return Reading(gap=gap, source=switch_value.source, read_at=at)


def _call(runtime: Runtime, reader: Reader[..., T], scope: Scope) -> T:
    return reader(AwsClient(runtime.clients, reader.permissions), scope)
