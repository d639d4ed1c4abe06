import pytest

from remediator.incidents.assessment import was_applied
from remediator.problems.ecs_task_restarting.runbook import RUNBOOK
from remediator.resources.ecs.model import ContainerSpec
from remediator.resources.ecs.plans.revision import REGISTRABLE
from remediator.resources.iam.session_policy import LIMIT_CHARS, session_policy

from ...fakes import checked, operation
from .samples import definition, evidence, service, service_deployment, unhealthy
from .setting import CRASH_LOOP, FRESH, HEALTH_LOOP, OOM_LOOP, decision_on

PLANS = {
    "raise_memory": evidence(*OOM_LOOP),
    "raise_memory_ec2": evidence(
        *OOM_LOOP,
        service=service(launch="EC2"),
        definition=definition(containers=(ContainerSpec(name="api", memory_mib=300),), memory_mib=None),
    ),
    "roll_back": evidence(*CRASH_LOOP, deployments=FRESH),
    "stop_deployment": evidence(*CRASH_LOOP, deployments=(service_deployment(42, 10, "IN_PROGRESS"), FRESH[1])),
    "lengthen_grace": evidence(*HEALTH_LOOP),
    "force_new_deployment": evidence(*(unhealthy(m, lived_s=4000) for m in (1, 4))),
}


@pytest.mark.parametrize("name", PLANS)
def test_a_plan_is_spelled_as_aws_does_and_fits_a_session_policy(name):
    plan = decision_on(PLANS[name])
    for call in (*plan.calls, *plan.undo):
        model = operation(call.action).input_shape
        assert set(call.parameters) <= set(model.members)
        if call.copy is None:
            checked(model, call.parameters, call.action)
        else:
            assert set(call.copy.keep) <= set(model.members)
            assert set(REGISTRABLE) == set(call.copy.keep)
    assert len(session_policy(plan.calls)) <= LIMIT_CHARS


@pytest.mark.parametrize("name", PLANS)
def test_a_plan_states_its_undo_or_why_there_is_none_and_an_automatic_one_of_settings_has_one(name):
    plan = decision_on(PLANS[name])
    assert bool(plan.undo) != bool(plan.no_undo)
    assert plan.hash == decision_on(PLANS[name]).hash


@pytest.mark.parametrize("name", PLANS)
def test_whether_a_lost_write_was_made_is_told_by_the_pre_image(name):
    plan = decision_on(PLANS[name])
    now = dict(RUNBOOK.current_values(PLANS[name]))
    assert was_applied(plan, now) is False
    key = next(k for k in plan.before if k in now)
    assert was_applied(plan, {**now, key: "something else"}) is True
    assert was_applied(plan, {}) is None
