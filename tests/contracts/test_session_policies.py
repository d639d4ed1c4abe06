"""The session policy of every fix fits AWS's limit, however long the owner's names are; where it cannot, nobody tries."""

from dataclasses import replace

import pytest

from infra.permissions import REGION_CHARS
from remediator.core.errors import Defect
from remediator.core.plan import Advise, Call, Grant, Plan
from remediator.core.runbook import Planner, Setting
from remediator.core.settings import Settings
from remediator.core.text import same
from remediator.incidents.diagnosis import ConfirmedCause, Diagnosis, decide
from remediator.problems import load, load_all
from remediator.recovery.procedures import PROCEDURES
from remediator.resources.iam.session_policy import LIMIT_CHARS, narrow, session_policy
from tests.samples import NOW, plan

# The longest names that AWS takes. Sources: ECS CreateCluster, CreateService, RegisterTaskDefinition (255 each);
# DynamoDB (table and index 255); ELBv2 (32, and an id of 16); S3 (63); IAM (role 64, its path 512).
LONGEST = {
    ":service/*": f":service/{'c' * 255}/{'s' * 255}",
    ":service-deployment/*": f":service-deployment/{'c' * 255}/{'s' * 255}/{'i' * 21}",
    ":task-definition/*:*": f":task-definition/{'f' * 255}:*",
    ":targetgroup/*": f":targetgroup/{'t' * 32}/{'0' * 16}",
    ":loadbalancer/app/*": f":loadbalancer/app/{'l' * 32}/{'0' * 16}",
    ":security-group/*": f":security-group/sg-{'0' * 17}",
    ":table/*": f":table/{'t' * 255}/index/{'i' * 255}",
    ":distribution/*": f":distribution/{'E' * 14}",
    ":scalable-target/*": f":scalable-target/{'0' * 36}",
    ":::*": f":::{'b' * 63}",
}
ROLE = ":role/*"
PLANNERS = [(r.id, f) for r in load_all() for c in r.causes for f in c.fixes if f.permissions]


def longest(on: str, path: str) -> tuple[str, ...]:
    """The longest ARNs of that form; a task definition passes two roles."""
    filled = on.format(partition="aws-us-gov", region="r" * REGION_CHARS, account="1" * 12)
    if filled.endswith(ROLE):
        return tuple(f"{filled[:-1]}{path}{which * 64}" for which in "te")
    (end,) = [e for e in sorted(LONGEST, key=len, reverse=True) if filled.endswith(e)][:1]
    return (filled.removesuffix(end) + LONGEST[end],)


def calls_of(permissions, path="") -> tuple[Call, ...]:
    """More than any plan of the fix: each action that it may ever call, in one."""
    named = [(p, arn) for p in permissions for arn in longest(p.on, path)]
    passed = tuple(Grant(p.action, arn) for p, arn in named if not p.called)
    return tuple(Call(action=p.action, parameters={}, arn=arn, also=passed) for p, arn in named if p.called)


@pytest.mark.parametrize(("runbook", "planner"), PLANNERS, ids=lambda p: getattr(p, "name", p))
def test_every_call_of_a_fix_at_once_fits_with_the_longest_names(runbook, planner):
    path = f"{'p' * 99}/"  # of the two roles that a new task definition passes
    assert len(session_policy(calls_of(planner.permissions, path))) < LIMIT_CHARS


@pytest.mark.parametrize(("procedure", "action"), [(p, a) for p in PROCEDURES for a in p.actions], ids=lambda v: v.name)
def test_so_does_every_action_of_every_recovery_procedure(procedure, action):
    permissions = [p for p in load(action.runbook).writes() if p.action in action.calls]
    assert {p.action for p in permissions} == set(action.calls)
    assert len(session_policy(calls_of(permissions))) < LIMIT_CHARS


def too_long() -> Plan:
    (memory,) = [f for r, f in PLANNERS if (r, f.name) == ("ecs_task_restarting", "raise_memory")]
    return plan(calls=calls_of(memory.permissions, f"{'p' * 511}/"))


def test_a_plan_that_cannot_be_narrowed_is_advice_and_says_why():
    with pytest.raises(Defect):
        session_policy(too_long().calls)
    advice = narrow(too_long())
    assert isinstance(advice, Advise)
    assert "by hand" in advice.why.en
    assert isinstance(narrow(plan(undo=too_long().calls)), Advise)


def test_a_plan_that_can_is_the_plan_and_other_decisions_are_as_they_were():
    assert narrow(plan()) == plan()
    assert narrow(Advise(same("x"))) == Advise(same("x"))


def test_no_incident_is_decided_on_a_plan_that_cannot_be_narrowed():
    runbook = load("ecs_task_restarting")
    cause = replace(runbook.causes[0], fixes=(Planner(lambda *_: too_long(), (), same("")),))
    held = ConfirmedCause(f"{runbook.id}.{cause.id}", cause.title, cause.advice, ())
    setting = Setting(now=NOW, settings=Settings())
    decision = decide(replace(runbook, causes=(cause,)), Diagnosis((held,), (), ()), None, setting)
    assert isinstance(decision, Advise)
