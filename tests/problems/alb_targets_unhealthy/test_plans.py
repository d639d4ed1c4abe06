from dataclasses import replace

import pytest

from remediator.incidents.assessment import was_applied
from remediator.problems.alb_targets_unhealthy.runbook import RUNBOOK
from remediator.reports.sections.commands import command_of
from remediator.resources.iam.session_policy import LIMIT_CHARS, session_policy

from ...fakes import checked, operation
from .samples import code, target
from .setting import CLOSED, PLAIN_WRONG, WRONG_CHECK, WRONG_PATH, decision_on, with_path

PLANS = {"path": WRONG_PATH, "health_port": WRONG_CHECK, "registrations": PLAIN_WRONG, "ingress": CLOSED}


@pytest.mark.parametrize("name", PLANS)
def test_a_plan_is_spelled_as_aws_does_and_fits_a_session_policy(name):
    plan = decision_on(PLANS[name])
    for call in (*plan.calls, *plan.undo):
        checked(operation(call.action).input_shape, call.parameters, call.action)
        assert command_of(call, "ap-northeast-1") is not None
    assert len(session_policy(plan.calls)) <= LIMIT_CHARS


@pytest.mark.parametrize("name", PLANS)
def test_a_plan_has_an_undo_and_is_the_same_each_time(name):
    plan = decision_on(PLANS[name])
    assert plan.undo
    assert plan.hash == decision_on(PLANS[name]).hash
    assert set(plan.before) == set(plan.after)


@pytest.mark.parametrize("name", PLANS)
def test_whether_a_lost_write_was_made_is_told_by_the_pre_image(name):
    plan = decision_on(PLANS[name])
    now = dict(RUNBOOK.current_values(PLANS[name]))
    assert was_applied(plan, now) is False
    assert was_applied(plan, {**now, **plan.after}) is True
    assert was_applied(plan, {}) is None


def test_replaced_tasks_do_not_make_another_plan():
    moved = (replace(target(0, **code(404)), id="10.0.1.77"), target(1, **code(404)))
    assert decision_on(with_path("/helth", *moved)).hash == decision_on(WRONG_PATH).hash
