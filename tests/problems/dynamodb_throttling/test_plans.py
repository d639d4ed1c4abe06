import pytest

from remediator.core.plan import Change, Plan
from remediator.core.serialization import from_json, to_json
from remediator.incidents.apply_result import undo_plan
from remediator.incidents.assessment import was_applied
from remediator.problems.dynamodb_throttling.evidence import Evidence
from remediator.problems.dynamodb_throttling.runbook import RUNBOOK
from remediator.resources.dynamodb.model import Insights
from remediator.resources.iam.session_policy import LIMIT_CHARS, session_policy

from ...fakes import checked, operation
from ...samples import NOW
from .samples import INDEX, bounds, evidence, flow, on_demand, table
from .setting import BURST, HOT, SHORT, cause_of, decision_on

PLANS = {
    "raise_units": evidence(SHORT),
    "raise_index": evidence(flow(index=INDEX, provisioned=60)),
    "raise_bounds": evidence(SHORT, scaling=(bounds(),)),
    "watch_keys": HOT,
    "watch_keys_of_index": evidence(flow(index=INDEX, key_range=60), insights=(Insights(index=INDEX),)),
    "on_demand": BURST,
    "maximum": evidence(flow(max_on_demand=60), table=on_demand(max_write=10)),
    "maximum_of_index": evidence(flow(index=INDEX, max_on_demand=60), table=on_demand(max_write=10)),
}


@pytest.mark.parametrize("name", PLANS)
def test_a_plan_is_spelled_as_aws_does_fits_a_session_policy_and_states_its_undo(name):
    plan = decision_on(PLANS[name])
    assert isinstance(plan, Plan)
    for call in (*plan.calls, *plan.undo):
        checked(operation(call.action).input_shape, call.parameters, call.action)
    assert len(session_policy(plan.calls)) <= LIMIT_CHARS
    assert plan.undo
    assert plan.cause == cause_of(PLANS[name])
    assert undo_plan({"change": _stored(plan)}).calls == plan.undo


def _stored(plan):
    import json

    return json.dumps(to_json(Change(plan=plan, applied_at=NOW)))


@pytest.mark.parametrize("name", PLANS)
def test_whether_a_lost_write_was_made_is_told_by_the_pre_image(name):
    e = PLANS[name]
    plan = decision_on(e)
    now = dict(RUNBOOK.current_values(e))
    assert was_applied(plan, now) is False
    assert was_applied(plan, {**now, **plan.after}) is True


def test_a_lost_write_shows_while_aws_still_applies_it():
    plan, going = decision_on(evidence(SHORT)), evidence(table=table(status="UPDATING"))
    assert was_applied(plan, RUNBOOK.current_values(going)) is True


@pytest.mark.parametrize("name", PLANS)
def test_stored_evidence_gives_the_same_plan_again(name):
    again = from_json(Evidence, to_json(PLANS[name]))
    assert decision_on(again).hash == decision_on(PLANS[name]).hash
