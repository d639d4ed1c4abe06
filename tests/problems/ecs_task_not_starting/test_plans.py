import json
import re

import pytest

from remediator.core.plan import Plan
from remediator.incidents.assessment import was_applied
from remediator.problems.ecs_task_not_starting.runbook import RUNBOOK
from remediator.resources.ecs.plans.revision import REGISTRABLE
from remediator.resources.iam.session_policy import LIMIT_CHARS, session_policy

from ...fakes import checked, operation
from .samples import TIMED_OUT, evidence, loop
from .setting import BEHIND_ENDPOINTS, PLANS


@pytest.mark.parametrize("plan", PLANS, ids=lambda p: p.fix)
def test_every_call_is_one_that_aws_takes_and_one_that_is_declared(plan):
    assert isinstance(plan, Plan)
    declared = {p.action for p in RUNBOOK.writes()}
    for call in (*plan.calls, *plan.undo):
        assert call.action in declared
        answered = re.compile(r"\$\{[^}]*\}").sub("x", json.dumps(dict(call.parameters)))
        taken = dict.fromkeys(("family",), "x") | {"containerDefinitions": []} if call.copy else {}
        checked(operation(call.action).input_shape, {**taken, **json.loads(answered)}, call.action)
        if call.copy:
            assert call.copy.keep == REGISTRABLE


@pytest.mark.parametrize("plan", PLANS, ids=lambda p: p.fix)
def test_the_session_policy_of_a_plan_is_short_enough_for_sts(plan):
    assert len(session_policy(plan.calls)) <= LIMIT_CHARS


@pytest.mark.parametrize("plan", PLANS, ids=lambda p: p.fix)
def test_whether_a_lost_write_was_made_can_be_seen(plan):
    e = evidence(*loop(TIMED_OUT), **BEHIND_ENDPOINTS)
    assert was_applied(plan, RUNBOOK.current_values(e)) is False
