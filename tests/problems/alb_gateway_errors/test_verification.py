import pytest

from remediator.core.evidence import Unchecked
from remediator.core.model import Verdict
from remediator.core.plan import Change
from remediator.core.runbook import VerificationContext
from remediator.core.timestamps import after
from remediator.problems.alb_gateway_errors.model import GatewayAnswers, GroupAnswers
from remediator.problems.alb_gateway_errors.runbook import RUNBOOK
from remediator.resources.cloudformation import Stack
from remediator.resources.endpoint import Endpoint

from ...samples import NOW
from ..alb_targets_unhealthy.samples import GROUP_ARN, code, gap, group, known
from .samples import answers, at_zero, evidence, minute, outcome
from .setting import PLANS


def judged(after_, e=None, *, change=True, minutes=4):
    plan = PLANS[0]
    made = Change(plan=plan, applied_at=after(NOW, -60 * minutes)) if change else None
    return RUNBOOK.judge(
        after_, VerificationContext(before=e or at_zero(), change=made, now=NOW, since=after(NOW, -60 * minutes))
    )


def test_three_good_minutes_healthy_targets_and_an_endpoint_that_answers_are_fixed():
    assert judged(outcome()).verdict is Verdict.FIXED
    assert judged(outcome(), change=False).verdict is Verdict.RECOVERED_WITHOUT_US


def test_a_few_errors_are_usual():
    assert judged(outcome(minute(3, c503=2), minute(2), minute(1))).verdict is Verdict.FIXED


@pytest.mark.parametrize(
    ("why", "after_", "persists"),
    [
        ("errors go on", outcome(minute(3), minute(2, c503=900), minute(1)), True),
        ("too few minutes", outcome(minute(2), minute(1)), False),
        ("nobody asked", outcome(minute(3, None), minute(2, None), minute(1, None)), False),
        ("no data", outcome(answers=GatewayAnswers()), False),
        ("no target", outcome(groups=(group(targets=()),)), True),
        ("a target fails", outcome(groups=(group(code(503), {"state": "healthy"}),)), True),
        ("the endpoint answers 503", outcome(endpoint=Endpoint(url="http://alb/health", status=503)), False),
        ("the endpoint does not answer", outcome(endpoint=gap()), False),
    ],
)
def test_else_nothing_is_told_yet(why, after_, persists):
    found = judged(after_)
    assert (found.verdict, found.persists) == (None, persists), why


def test_minutes_before_the_change_prove_nothing():
    assert judged(outcome(), minutes=2).verdict is None


def test_an_endpoint_that_is_not_declared_is_not_asked():
    assert judged(outcome(endpoint=Endpoint())).verdict is Verdict.FIXED


def test_an_application_that_goes_on_answering_5xx_has_not_recovered():
    ill = GatewayAnswers(
        minutes=outcome().answers.get().minutes, groups=(GroupAnswers(group=GROUP_ARN, target_5xx=90),)
    )
    of_application = evidence(answers=answers(target_5xx=300))
    found = judged(outcome(answers=ill), of_application, change=False)
    assert (found.verdict, found.persists) == (None, True)
    assert judged(outcome(answers=ill)).verdict is Verdict.FIXED  # the load balancer's own errors have ended


def test_what_can_not_be_read_is_not_judged():
    with pytest.raises(Unchecked):
        judged(outcome(answers=gap()))


def test_known_readings_are_enough_for_a_stack():
    assert RUNBOOK.stack(evidence(stack=known(Stack(name="portfolio")))) == "portfolio"
    assert RUNBOOK.stack(evidence()) is None
