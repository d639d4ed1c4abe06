from dataclasses import replace

import pytest

from remediator.core.plan import Watch
from remediator.core.settings import Limits, Settings
from remediator.problems.alb_gateway_errors.model import Gateway

from ..alb_targets_unhealthy.samples import BALANCER_ARN, code, group
from .samples import answers, evidence
from .setting import LATE, SETTING, decision_on, handed_to


@pytest.mark.parametrize(
    ("p99_ms", "idle_s", "longer_s"),
    [(60_000, 60, "90"), (75_000, 60, "90"), (76_000, 60, "120"), (110_000, 60, "120"), (30_000, 30, "60")],
)
def test_the_idle_timeout_is_raised_over_the_p99_and_always_asks(p99_ms, idle_s, longer_s):
    gateway = Gateway(arn=BALANCER_ARN, idle_timeout_s=idle_s, tags={"auto-remediation": "auto"})
    plan = decision_on(evidence(answers=answers(c504=9, p99_ms=p99_ms), gateway=gateway))
    assert (plan.fix, plan.response) == ("raise_idle_timeout", "ask")
    assert plan.calls[0].parameters["Attributes"][0]["Value"] == longer_s
    assert plan.undo[0].parameters["Attributes"][0]["Value"] == str(idle_s)


@pytest.mark.parametrize(
    ("why", "changes"),
    [
        ("answers come in time", {"answers": answers(c504=9, p99_ms=4000)}),
        ("no timeout would cover them", {"answers": answers(c504=9, p99_ms=130_000)}),
        (
            "it is at the ceiling",
            {
                "gateway": Gateway(arn=BALANCER_ARN, idle_timeout_s=120, tags={"auto-remediation": "auto"}),
                "answers": answers(c504=9, p99_ms=120_000),
            },
        ),
        ("not opted in", {"gateway": Gateway(arn=BALANCER_ARN), "answers": answers(c504=9, p99_ms=60_000)}),
    ],
)
def test_else_it_is_a_slow_response(why, changes):
    assert handed_to(evidence(**changes)) == ("alb_slow_response", "target_group"), why


def test_a_lower_ceiling_is_kept_to():
    strict = replace(SETTING, settings=Settings(limits=Limits(idle_timeout_ceiling_s=75)))
    assert decision_on(LATE, strict).calls[0].parameters["Attributes"][0]["Value"] == "75"


def test_targets_that_fail_are_not_only_slow():
    assert handed_to(evidence(answers=answers(c504=9, p99_ms=60_000), groups=(group(code(503)),))) == (
        "alb_targets_unhealthy",
        "target_group",
    )


def test_timeouts_that_have_ended_are_watched():
    assert isinstance(decision_on(evidence(answers=answers(c504=9, ago=6, p99_ms=60_000))), Watch)


def test_nothing_answered_is_handed_over_all_the_same():
    assert handed_to(evidence(answers=answers(c504=9, p99_ms=None))) == ("alb_slow_response", "target_group")
