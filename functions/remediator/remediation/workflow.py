"""Lambda entry: one incident from first look to verdict, as a durable execution: the plain steps, put in order."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from ..aws.runtime import current, prepare
from ..core.model import Incident, Verdict
from ..core.plan import Advise, Change, HandOver, Plan, Watch
from ..core.serialization import Json, from_json
from ..core.timestamps import RECOVERED_WITHIN_S, RESPONSE_WITHIN_S, after, seconds_between
from ..gates.answers import GateAnswer, Passed, not_undone
from ..incidents.apply_result import Applied
from ..incidents.case import HOLDS, Approval, Case, answered
from ..incidents.response_clocks import pauses, ran_out
from .check_gates import allowed
from .durable import ONCE, DurableContext, StepError, durable_execution
from .reporting import ReportingFlow
from .steps import APPROVAL_S, OutcomeObservation, RemediationSteps, begin

SLOW_LOOK_EVERY_S = 300  # after the first response clock a person is on it; looking costs calls
prepare("dynamodb", "sns", "ssm")


@durable_execution
def handle(event: Mapping[str, Any], context: DurableContext) -> Json:
    """Runs the incident that `event` names, `{"incident": "<id>"}`, and gives its verdict."""
    flow = Flow(context, str(event["incident"]))
    incident = flow.step("begin", Incident, lambda: begin(current(), flow.incident))
    if incident is None:
        return {"incident": flow.incident, "ended": "closed already"}
    flow.work = RemediationSteps(current(), incident)
    if incident.origin == "undo":
        return flow.take_back()
    if incident.origin == "recover":
        return flow.recover()
    return flow.run()


class Flow(ReportingFlow):
    """The order of the steps. Whatever it decides follows from values that steps gave."""

    def run(self) -> Json:
        """Look, tell, watch or change, prove, tell again."""
        case, evidence = self._look("look", self.work.incident)
        if case.mode == "off":
            return self._ended(self._lent_on(case), "opted_out")
        if case.incident.origin == "replay":
            return self._replayed(case)
        if isinstance(case.decision, Advise) and (case.decision.final or self.work.runbook.hands_back):
            found = None if self.work.runbook.hands_back else Verdict.CANNOT_TELL
            return self._final(replace(case, verdict=found))
        case = self.work.handing_over.passed_on(self, case, evidence, reported=False)
        if isinstance(case.decision, HandOver):
            return self._ended(case, "handed_over")
        self._report("first report", case)
        watched = isinstance(case.decision, Watch)
        case, evidence = self._watched(case, evidence)
        if case.verdict:
            return self._final(case)
        case = self.work.handing_over.passed_on(self, case, evidence, reported=True)
        if isinstance(case.decision, HandOver):
            return self._ended(self._told_update(case), "handed_over")
        if isinstance(case.decision, Plan) and not Passed(case.answers).refusal:
            case = self._change(case, case.decision, evidence)
        elif watched:  # the first report said that it is watched; now it is known what a person has to do
            case = self._told_update(case)
        return self._final(self._proved(case, evidence))

    def _watched(self, case: Case, evidence: Any) -> tuple[Case, Any]:
        """Looks again and again while that is the decision; with a verdict where it was over meanwhile."""
        looked = 0
        while isinstance(case.decision, Watch) and self._within(case, case.decision.for_s):
            looked += 1
            self.wait(self.work.runbook.look_every_s, f"watch {looked}")
            outcome = self._observe(f"observe while watching {looked}", evidence, None)
            if outcome.judgement.verdict:
                return outcome.told_in(case), evidence
            case, evidence = self._look(f"look {looked}")
            self._ring(case)
        return case, evidence

    def _look(self, name: str, begun: Incident | None = None) -> tuple[Case, Any]:
        def look() -> Json:
            incident, evidence, at = self.work.look(begun)
            return {"incident": incident, "evidence": evidence, "at": at}

        read = self.step(name, dict[str, Any], look)
        evidence = from_json(self.work.runbook.evidence, read["evidence"])
        case = self.work.consider(from_json(Incident, read["incident"]), evidence, read["at"])
        if case.diagnosis.cause and self._cause_at is None:
            self._cause_at = case.at
        return case, evidence

    def _within(self, case: Case, seconds: float) -> bool:
        return seconds_between(case.incident.opened_at, case.at) < min(seconds, RECOVERED_WITHIN_S)

    def _change(self, case: Case, plan: Plan, evidence: Any) -> Case:
        """The case with its change, or with the reason why there is none."""
        answers = self._gates("gates", evidence, plan, approved=False)
        case = replace(case, answers=answers)
        if not allowed(answers) and Passed(answers).refusal is None:
            case = self._asked(case, plan)
            if case.approval is None or case.approval.answer != "approve":
                return self._told_update(case)
            answers = self._gates("gates after approval", evidence, plan, approved=True)
            case = replace(case, answers=answers)
        if not allowed(answers):
            return self._told_update(case)
        return self._applied(case, plan)

    def _gates(self, name: str, evidence: Any, plan: Plan, *, approved: bool) -> tuple[GateAnswer, ...]:
        return self.step(name, tuple[GateAnswer, ...], lambda: self.work.gates(evidence, plan, approved=approved))

    def _asked(self, case: Case, plan: Plan) -> Case:
        """The case with the answer; where a person holds the question, it is asked once more, for an hour."""
        for held in range(HOLDS + 1):
            case = self._asked_once(case, plan, held)
            if case.approval is None or case.approval.answer != "hold":
                break
        return case

    def _asked_once(self, case: Case, plan: Plan, held: int) -> Case:
        suffix = f", held {held}" if held else ""

        def send(callback_id: str) -> Approval:
            return self.step(f"ask{suffix}", Approval, lambda: self.work.ask(case, plan, callback_id, held))

        asked, results = self.ask(suffix, send, lambda sent: self._until_it_expires(case, sent))
        return replace(case, approval=answered(asked, results))

    def _until_it_expires(self, case: Case, asked: Approval) -> Callable[[DurableContext], str]:
        """The time of the question runs out; where one of the four clocks does so before, it rings."""
        opened_at, asked_at = case.incident.opened_at, after(asked.expires_at, -APPROVAL_S)
        waiting = replace(case, approval=asked)

        def run(branch: DurableContext) -> str:
            rung = len(ran_out(opened_at, asked_at))
            for n, (until, pause_s) in enumerate(pauses(opened_at, asked_at, asked.expires_at), 1):
                self.pause(branch, pause_s, f"approval clock {n}")
                up = ran_out(opened_at, until)
                if names := up[rung:]:
                    self._rings(waiting, names, branch)
                rung = len(up)
            return '{"answer": "expired"}'

        return run

    def _applied(self, case: Case, plan: Plan) -> Case:
        try:
            applied = self.step("apply", Applied, lambda: self.work.apply(plan), ONCE)
        except StepError as error:  # the process died between sending and writing down
            applied = Applied(unknown=f"interrupted: {error}")
        if applied.unknown:
            lost = applied.unknown
            applied = self.step("look again", Applied, lambda: self.work.look_again(plan, lost))
        case = replace(case, change=applied.change, note=applied.note())
        return self._lent(case, applied.change) if applied.change else self._told_update(case)

    def _proved(self, case: Case, evidence: Any) -> Case:
        """Looks until the outcome is clear or its time has run out; of a hand-back that changed nothing there is none."""
        change = case.change
        if change is None and self.work.runbook.hands_back:
            return case
        bound_s = self.work.runbook.give_up_after_s if change else RECOVERED_WITHIN_S
        ends_at = after(change.applied_at if change else case.incident.opened_at, bound_s)
        at, looked = case.at, 0
        while True:
            looked += 1
            self.wait(self._pause_s(case, at), f"before proof {looked}")
            outcome = self._observe(f"proof {looked}", evidence, change)
            if outcome.judgement.worse and change:
                return self._undone(outcome.told_in(case, Verdict.NOT_FIXED), change, evidence)
            if outcome.judgement.verdict:
                return outcome.told_in(case)
            if outcome.at >= ends_at:
                verdict = Verdict.NOT_FIXED if outcome.judgement.persists else Verdict.CANNOT_TELL
                return outcome.told_in(case, verdict)
            self._ring(outcome.told_in(case))
            at = outcome.at

    def _pause_s(self, case: Case, at: str) -> int:
        early = seconds_between(case.incident.opened_at, at) < RESPONSE_WITHIN_S
        return self.work.runbook.look_every_s if early or case.change else SLOW_LOOK_EVERY_S

    def _observe(self, name: str, evidence: Any, change: Change | None) -> OutcomeObservation:
        return self.step(name, OutcomeObservation, lambda: self.work.observe(evidence, change))

    def _undone(self, case: Case, change: Change, evidence: Any) -> Case:
        answers = self.step(
            "gates of the undo", tuple[GateAnswer, ...], lambda: self.work.gates_of_own_undo(evidence, change.plan)
        )
        if refusal := Passed(answers).refusal:
            return replace(case, note=not_undone(refusal))
        try:
            applied = self.step("undo", Applied, lambda: self.work.undo(change.plan), ONCE)
        except StepError as error:
            applied = Applied(unknown=f"interrupted: {error}")
        return replace(case, undone=applied.change, note=applied.note(undo=True))

    def take_back(self) -> Json:
        """An undo that a person started: the stored undo of another incident's change, through the gates."""
        case, evidence = self._look("look", self.work.incident)
        plan = self.step("what to take back", Plan, self.work.plan_to_take_back)
        answers = self.step("gates", tuple[GateAnswer, ...], lambda: self.work.gates_of_undo(evidence, plan))
        case = replace(case, decision=plan, answers=answers)
        if not allowed(answers):
            return self._final(replace(case, verdict=Verdict.NOT_FIXED))
        case = self._applied(case, plan)
        verdict = Verdict.FIXED if case.change else Verdict.NOT_FIXED
        return self._final(replace(case, verdict=verdict))

    def recover(self) -> Json:
        """A recovery that a person started: the one plan that they named, through every gate, then its own proof."""
        from ..recovery.runbook import agreed  # noqa: PLC0415  # most incidents need none of it

        case, evidence = self._look("look", self.work.incident)
        if not isinstance(case.decision, Plan):
            return self._refused(case)
        plan = case.decision
        case = replace(case, approval=agreed(case.incident, plan))
        self._report("first report", case)
        case = replace(case, answers=self._gates("gates", evidence, plan, approved=True))
        if not allowed(case.answers):
            return self._refused(case)
        case = self._applied(case, plan)
        if case.change is None:
            return self._final(replace(case, verdict=Verdict.CANNOT_TELL))
        return self._final(self._proved(case, evidence))
