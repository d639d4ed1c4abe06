"""What every gate says before a change, in the order of the architecture; the lock is taken last, and only if all agree."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from ..aws.runtime import Runtime
from ..core.errors import RemediatorError
from ..core.evidence import Reading, Unchecked, rechecked
from ..core.model import Incident, Mode, Plan
from ..core.ports import GLOBAL_REGION, Scope
from ..core.runbook import AnyRunbook, Setting
from ..core.text import Text
from ..gates.answers import ANOTHER_ROBOT, NOT_ONLY_US, PERSON_AT_WORK, GateAnswer, Passed, Permit, Refusal, unknown
from ..gates.automation_in_progress import automation_in_progress
from ..gates.change_limits import BUDGET
from ..gates.evidence import WITHIN_S, GateEvidence
from ..gates.loop_breaker import LOOP_BREAKER, loop_breaker
from ..gates.opt_in import opted_in
from ..gates.person_at_work import RecentCalls, person_at_work
from ..gates.plan import planned, unchanged
from ..gates.wider_outage import wider_outage
from ..incidents.assessment import assess
from ..incidents.diagnosis import decide, diagnose
from ..ledger.change_lock import ChangeLock, Past
from ..ledger.workload_health import WorkloadHealth
from ..resources.ecs.kind import deployed_service
from ..resources.kinds import kind_of, workload_of
from . import gate_facts
from .gather import gather

T = TypeVar("T")
LOCK_SLACK_S = 900  # the lock outlives the longest verification by this much


@dataclass(frozen=True, slots=True)
class Known:
    """What was read for the gates; a text stands for what could not be."""

    fresh: Any
    beside: GateEvidence
    past: Past | str
    ill: tuple[str, ...] | str
    frozen: tuple[GateAnswer, ...]


class Gates:
    """The gates of one incident's change; each answer is read anew."""

    def __init__(self, runtime: Runtime, incident: Incident, runbook: AnyRunbook) -> None:
        self._runtime = runtime
        self._incident = incident
        self._runbook = runbook
        self._settings = runtime.settings
        self._right = ChangeLock(runtime)
        self._fleet = WorkloadHealth(runtime)

    def ask(
        self, scope: Scope, evidence: Any, plan: Plan, opt_in: GateAnswer, *, approved: bool
    ) -> tuple[GateAnswer, ...]:
        """What every gate says now; if nothing is against it, the right to change is taken.

        Args:
            scope: the incident with its signals, and now.
            evidence: as the plan was made from; what it rests on is read again.
            plan: to be applied.
            opt_in: what the tag said, read anew here.
            approved: a person has approved exactly this plan, so an Ask does not hold it back.
        """
        known = self._read(scope, evidence, plan)
        tag = assess(self._runbook, self._incident, known.fresh, scope.now, self._settings).answers[:1] or (opt_in,)
        others = self._of_others(known, plan, scope.now)
        switch = gate_facts.switch(self._runtime)  # last of all that is read: it holds for the write that follows
        answers = (
            *tag,
            switch,
            *known.frozen,
            *self._of_past(known.past, plan, scope.now),
            *others,
            planned(plan),
            self._still(scope, plan, known.fresh),
        )
        passed = Passed(answers)
        if passed.refusal or (passed.asks and not approved):
            return answers
        return (*answers, self._acquire(plan, scope.now))

    def of_undo(self, mode: Mode | None, plan: Plan, now: str) -> tuple[GateAnswer, ...]:
        """The gates for an undo that a person asked for: tag and switch may still refuse, the lock must be free."""
        answers = (opted_in(mode, None), gate_facts.switch(self._runtime))
        return answers if Passed(answers).refusal else (*answers, self._acquire(plan, now))

    def of_own_undo(self, scope: Scope, evidence: Any) -> tuple[GateAnswer, ...]:
        """The gates for taking back what made things worse: tag and switch as they are now; the lock is held already.

        An Ask does not hold it back: who approved the plan has approved its `worse` with it.
        """
        kind = self._runbook.evidence
        fresh = gather(self._runtime, kind, scope, known=evidence, only=rechecked(kind))
        mode = assess(self._runbook, self._incident, fresh, scope.now, self._settings).mode
        return (opted_in(mode, None), gate_facts.switch(self._runtime))

    def _read(self, scope: Scope, evidence: Any, plan: Plan) -> Known:
        """Everything at once: none of it needs another."""
        kind, written = self._runbook.evidence, self._written(scope, plan)
        with ThreadPoolExecutor(5, thread_name_prefix="gates") as pool:
            fresh = pool.submit(gather, self._runtime, kind, scope, known=evidence, only=rechecked(kind))
            beside = pool.submit(gather, self._runtime, GateEvidence, written, within_s=WITHIN_S)
            past = pool.submit(_or_why, lambda: self._right.past(plan, scope.now, self._service(written)))
            ill = pool.submit(_or_why, lambda: tuple(self._fleet.ill(scope.now)))
            frozen = pool.submit(gate_facts.frozen, self._runtime)
            return Known(fresh.result(), beside.result(), past.result(), ill.result(), frozen.result())

    def _written(self, scope: Scope, plan: Plan) -> Scope:
        """The same for what is written to, which need not be what fell ill."""
        workload = workload_of(self._settings, plan.resource) or scope.workload
        return replace(scope, incident=replace(scope.incident, resource=plan.resource), workload=workload)

    @staticmethod
    def _service(written: Scope) -> str:
        """ARN of the service beside the written resource, by the workload's declaration."""
        here = written.incident.resource
        service = deployed_service(here, written.workload)
        return service.arn if service and service != here else ""

    def _of_past(self, past: Past | str, plan: Plan, now: str) -> tuple[GateAnswer, ...]:
        """Loop breaker and budgets; a person who recovers by hand has been told and is not stopped by the first."""
        by_hand, limits = self._incident.origin == "recover", self._settings.limits
        if isinstance(past, str):
            return (*(() if by_hand else (unknown(LOOP_BREAKER, past),)), unknown(BUDGET, past))
        tried = loop_breaker(past.attempts, now, limits.strikes, limits.strikes_window_s)
        return (*(() if by_hand else (tried,)), *self._right.room(past, plan))

    def _of_others(self, known: Known, plan: Plan, now: str) -> tuple[GateAnswer, ...]:
        """AWS and the fleet, robots, people. Who recovers by hand knows of the first and is the last."""
        read, named_at = known.beside, plan.named_at
        robot = _unless_unread(
            ANOTHER_ROBOT,
            lambda: automation_in_progress(
                read.rollouts.get() if kind_of(plan.resource).deployments == "own" else (), read.scaling.get(), named_at
            ),
        )
        if self._incident.origin == "recover":
            return (robot,)
        return (self._not_only_us(known, plan), robot, *self._person(known, plan, now))

    def _not_only_us(self, known: Known, plan: Plan) -> GateAnswer:
        if isinstance(known.ill, str):
            return unknown(NOT_ONLY_US, known.ill)
        ill, services = known.ill, kind_of(plan.resource).health_services
        return _unless_unread(
            NOT_ONLY_US, lambda: wider_outage(known.beside.health.get(), ill, self._fleet.watched, services)
        )

    def _person(self, known: Known, plan: Plan, now: str) -> tuple[GateAnswer, ...]:
        read = known.beside
        windows = (
            (read.calls, read.global_calls) if kind_of(plan.resource).recorded_in == GLOBAL_REGION else (read.calls,)
        )
        return tuple(self._person_in(window, known, plan, now) for window in windows)

    def _person_in(self, window: Reading[RecentCalls], known: Known, plan: Plan, now: str) -> GateAnswer:
        ours = known.past.changed_at if isinstance(known.past, Past) else ()
        window_s, rollouts = self._settings.limits.person_window_s, known.beside.rollouts
        return _unless_unread(
            PERSON_AT_WORK,
            lambda: person_at_work(window.get(), rollouts.get(), now, window_s, plan.named_at, ours),
        )

    def _still(self, scope: Scope, plan: Plan, fresh: Any) -> GateAnswer:
        setting = Setting(now=scope.now, settings=self._settings, workload=scope.workload, incident=self._incident.id)
        decision = decide(self._runbook, diagnose(self._runbook, fresh, setting), fresh, setting)
        if isinstance(decision, Plan):
            return unchanged(plan.hash, decision.hash, decision.title)
        return unchanged(plan.hash, None, decision.why)

    def _acquire(self, plan: Plan, now: str) -> GateAnswer:
        try:
            return self._right.acquire(self._incident, plan, now, self._runbook.give_up_after_s + LOCK_SLACK_S)
        except RemediatorError as error:
            return Refusal("ledger", Text(f"the ledger cannot be reached: {error}", f"台帳に接続できません: {error}"))


def allowed(answers: tuple[GateAnswer, ...]) -> bool:
    """Whether the last gate gave the right to change."""
    return bool(answers) and isinstance(answers[-1], Permit) and answers[-1].gate == "lock"


def _or_why(read: Callable[[], T]) -> T | str:
    try:
        return read()
    except RemediatorError as error:
        return str(error)


def _unless_unread(gate: str, ask: Callable[[], GateAnswer]) -> GateAnswer:
    try:
        return ask()
    except Unchecked as gap:
        return unknown(gate, str(gap))
