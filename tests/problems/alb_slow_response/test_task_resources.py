from dataclasses import replace

import pytest

from remediator.core.plan import Advise, Plan, Watch
from remediator.core.settings import Limits, Settings
from remediator.core.timestamps import after
from remediator.resources.ecs.backends import Backend, Behind
from remediator.resources.ecs.model import Deployment
from remediator.resources.ecs.scaling import CountOwner, TaskSize, one_step
from remediator.resources.iam.session_policy import LIMIT_CHARS, session_policy
from remediator.resources.load_balancing.latency import Minute
from remediator.resources.load_balancing.model import Traffic

from ...fakes import checked, operation
from ...samples import NOW
from ..alb_targets_unhealthy.samples import GROUP_ARN, TIMEOUT, gap, group, service
from .samples import evidence, load, times
from .setting import BUSY, SETTING, WORKLOAD, decision, running

TARGET_ARN = "arn:aws:application-autoscaling:ap-northeast-1:123456789012:scalable-target/0a1b"


OWNED = CountOwner(arn=TARGET_ARN, minimum=2, maximum=6)


def test_one_step_is_half_as_many_again():
    assert [one_step(n) for n in (1, 2, 3, 4, 10)] == [1, 1, 2, 2, 5]


def test_busy_tasks_get_one_step_more():
    plan = decision(evidence(**BUSY))
    assert isinstance(plan, Plan)
    assert plan.response == "auto"
    (call,) = plan.calls
    assert call.action == "ecs:UpdateService"
    assert call.parameters["desiredCount"] == 3
    assert plan.undo[0].parameters["desiredCount"] == 2
    assert plan.worse is None  # raised counts never undo themselves
    checked(operation(call.action).input_shape, call.parameters, call.action)
    assert len(session_policy(plan.calls)) < LIMIT_CHARS


def test_where_autoscaling_owns_the_count_its_minimum_is_raised():
    plan = decision(evidence(**BUSY, owner=OWNED))
    (call,) = plan.calls
    assert call.action == "application-autoscaling:RegisterScalableTarget"
    assert call.parameters["MinCapacity"] == 3
    assert "MaxCapacity" not in call.parameters
    assert call.arn == TARGET_ARN
    assert plan.undo[0].parameters["MinCapacity"] == 2
    checked(operation(call.action).input_shape, call.parameters, call.action)


@pytest.mark.parametrize(
    ("desired", "owner", "ceiling", "count"),
    [(4, CountOwner(), 5, 5), (4, OWNED, 10, 6), (5, OWNED, 10, 6), (4, CountOwner(), 100, 6)],
)
def test_a_step_never_passes_the_ceiling_or_autoscalings_maximum(desired, owner, ceiling, count):
    setting = replace(SETTING, workload=replace(WORKLOAD, task_ceiling=ceiling))
    plan = decision(evidence(**BUSY, owner=owner, backends=running(desired)), setting)
    found = plan.calls[0].parameters
    assert found.get("desiredCount", found.get("MinCapacity")) == count


@pytest.mark.parametrize(
    ("changes", "setting"),
    [
        ({"backends": running(6)}, SETTING),
        ({"backends": running(6), "owner": OWNED}, SETTING),
        ({}, replace(SETTING, workload=replace(WORKLOAD, task_ceiling=0))),
        ({}, replace(SETTING, workload=None)),
        ({"load": load(memory=92.0)}, SETTING),
    ],
)
def test_a_person_is_told_where_more_tasks_may_not_run_or_would_not_help(changes, setting):
    assert isinstance(decision(evidence(**{**BUSY, **changes}), setting), Advise)


def test_an_owner_that_could_not_be_read_means_no_write():
    assert isinstance(decision(evidence(**BUSY, owner=gap())), Advise)


def test_it_asks_where_the_cost_is_above_the_ceiling_or_not_known():
    dear = replace(SETTING, settings=Settings(limits=Limits(cost_ceiling_usd_per_month=1.0)))
    assert decision(evidence(**BUSY), dear).response == "ask"
    assert decision(evidence(**BUSY, size=TaskSize())).response == "ask"
    assert decision(evidence(**BUSY)).cost_per_month_usd == pytest.approx(11.25, abs=0.01)


@pytest.mark.parametrize("part", ["DynamicScalingOutSuspended", "ScheduledScalingSuspended"])
def test_it_asks_where_somebody_suspended_scaling(part):
    assert decision(evidence(**BUSY, owner=replace(OWNED, suspended=(part,)))).response == "ask"


def test_it_asks_where_a_release_came_right_before():
    fresh = Deployment(id="1", status="PRIMARY", task_definition="d", rollout="COMPLETED", created_at=after(NOW, -1200))
    assert decision(evidence(**BUSY, backends=running(2, deployments=(fresh,)))).response == "ask"
    old = replace(fresh, created_at=after(NOW, -24 * 3600))
    assert decision(evidence(**BUSY, backends=running(2, deployments=(old,)))).response == "auto"


def test_memory_that_is_short_while_cpu_was_so_only_earlier_is_memory_alone():
    earlier = load(cpu=30.0, memory=75.0)
    earlier = replace(earlier, cpu_pct={**earlier.cpu_pct, times().minutes[0].at: 72.0})
    assert isinstance(decision(evidence(times=times(4), load=earlier)), Advise)


@pytest.mark.parametrize(
    "changes",
    [
        {"owner": replace(OWNED, under_way="Setting desired count to 3.")},
        {"backends": running(2, deployments=(Deployment(id="1", status="PRIMARY", task_definition="d", rollout="IN_PROGRESS"),))},
        {"times": replace(times(4), minutes=(*times(4).minutes, Minute(at=NOW, late_ms=45.0, requests=1200)))},
        {"backends": (Backend(group=GROUP_ARN, behind=Behind(managed=True, service=replace(service(), desired=4, running=2))),)},
        {"groups": (group({"state": "healthy"}, TIMEOUT),)},
        {"traffic": Traffic(window_s=900, requests=18000, recent_requests=6000, recent_failed=600)},
    ],
    ids=["scaling already", "deployment", "fast again", "tasks on their way", "an unhealthy target", "failing requests"],
)  # fmt: skip
def test_it_waits_where_something_else_is_under_way(changes):
    assert isinstance(decision(evidence(**{**BUSY, **changes})), Watch)
