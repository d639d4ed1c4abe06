"""What every gate says before a change, in the order of `GATES`; the lock is taken last, and only if all agree."""

from typing import Any

from ..aws.runtime import Runtime
from ..core.errors import RemediatorError
from ..core.evidence import Unchecked
from ..core.model import Incident, Mode
from ..core.plan import Plan
from ..core.ports import Scope
from ..core.runbook import AnyRunbook
from ..gates import GATES
from ..gates.answers import GateAnswer, Passed, unknown
from ..gates.change_limits import is_locked, not_locked
from ..gates.evidence import WITHIN_S
from ..gates.gate import ChangeKind, Gate, GateFacts
from ..incidents.assessment import assess
from ..ledger.change_lock import ChangeLock
from .gate_facts import GateReadings, Readings

LOCK_SLACK_S = 900  # the lock outlives the longest verification by this much


class Gates:
    """The gates of one incident's change; each answer is read anew."""

    def __init__(self, runtime: Runtime, incident: Incident, runbook: AnyRunbook) -> None:
        self._runtime = runtime
        self._incident = incident
        self._runbook = runbook
        self._right = ChangeLock(runtime)

    def ask(self, scope: Scope, evidence: Any, plan: Plan, *, approved: bool) -> tuple[GateAnswer, ...]:
        """What every gate says now; if nothing is against it, the right to change is taken.

        Args:
            scope: the incident with its signals, and now.
            evidence: as the plan was made from; what it rests on is read again.
            plan: to be applied.
            approved: a person has approved exactly this plan, so an Ask does not hold it back.
        """
        readings = self._reading(scope).of_change(evidence, plan)
        change: ChangeKind = "recovery" if self._incident.origin == "recover" else "fix"
        answers = self._judged(change, plan, scope, readings)
        passed = Passed(answers)
        if passed.refusal or (passed.asks and not approved):
            return answers
        return (*answers, self._acquire(plan, scope.now))

    def of_undo(self, scope: Scope, mode: Mode, plan: Plan) -> tuple[GateAnswer, ...]:
        """The gates for an undo that a person asked for: tag and switch may still refuse, the lock must be free."""
        readings = self._reading(scope).of_undo(mode, plan)
        answers = self._judged("undo", plan, scope, readings)
        return answers if Passed(answers).refusal else (*answers, self._acquire(plan, scope.now))

    def of_own_undo(self, scope: Scope, evidence: Any, plan: Plan) -> tuple[GateAnswer, ...]:
        """The gates for taking back what made things worse: tag and switch as they are now; the lock is held already.

        An Ask does not hold it back: who approved the plan has approved its `worse` with it.
        """
        reading = self._reading(scope)
        mode = assess(self._runbook, self._incident, reading.again(evidence), scope.now, self._runtime.settings).mode
        return self._judged("automatic_undo", plan, scope, reading.of_undo(mode, plan))

    def _reading(self, scope: Scope) -> GateReadings:
        return GateReadings(self._runtime, self._incident, self._runbook, scope, WITHIN_S)

    def _judged(self, change: ChangeKind, plan: Plan, scope: Scope, readings: Readings) -> tuple[GateAnswer, ...]:
        settings = self._runtime.settings
        facts = GateFacts(change=change, plan=plan, now=scope.now, settings=settings, readings=readings)
        return tuple(answer for gate in GATES if change in gate.asked_of for answer in judged(gate, facts))

    def _acquire(self, plan: Plan, now: str) -> GateAnswer:
        try:
            return self._right.acquire(self._incident, plan, now, self._runbook.give_up_after_s + LOCK_SLACK_S)
        except RemediatorError as error:
            return not_locked(f"the ledger cannot be reached: {error}", f"台帳に接続できません: {error}")


def judged(gate: Gate, facts: GateFacts) -> tuple[GateAnswer, ...]:
    """The gate's answers; one that cannot read its fact asks a person."""
    try:
        return gate.judge(facts)
    except Unchecked as gap:
        return (unknown(gate.name, str(gap)),)


def allowed(answers: tuple[GateAnswer, ...]) -> bool:
    """Whether the last gate gave the right to change."""
    return bool(answers) and is_locked(answers[-1])
