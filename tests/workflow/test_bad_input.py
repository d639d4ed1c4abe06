"""Whatever AWS withholds: a report names it, and nothing is changed that does not rest on what was read."""

import json

import pytest

from remediator.core.errors import EventNotUnderstood
from remediator.events import parse
from remediator.problems import load
from sandbox import applications as programs
from sandbox.laptop import Laptop
from sandbox.outcome import ended

READS = sorted({p.action for p in load("ecs_task_restarting").reads()})
NOT_NEEDED_FOR_MEMORY = {  # the raise of memory rests on none of these
    "application-autoscaling:DescribeScalableTargets",
    "cloudformation:DescribeStackResources",
    "cloudwatch:GetMetricData",
    "ecr:DescribeImages",
    "ecs:DescribeServiceRevisions",
    "ecs:ListServiceDeployments",
    "elasticloadbalancing:DescribeTargetGroups",
    "elasticloadbalancing:DescribeTargetHealth",
    "logs:GetLogEvents",
}


@pytest.fixture
def laptop():
    with Laptop() as opened:
        yield opened


def words(laptop):
    return " ".join(" ".join(r.mail.split()) for r in laptop.reports if r.level != "pager")


def leak(laptop):
    laptop.world.run_service()
    laptop.world.fall_ill(programs.LEAKS)
    laptop.run()


@pytest.mark.parametrize("action", READS)
def test_a_read_that_is_denied_is_named_and_no_change_rests_on_it(laptop, action):
    laptop.world.deny(action)
    leak(laptop)
    changed = bool(laptop.world.writes)
    assert changed is (action in NOT_NEEDED_FOR_MEMORY)
    assert laptop.records()[0]["state"] == "closed"
    if action != "ecr:DescribeImages":  # there is no earlier image to ask about in this story
        assert f"{action} is not allowed" in words(laptop)


@pytest.mark.parametrize("action", ["ssm:GetParameter", "sts:AssumeRole"])
def test_without_switch_or_fix_role_nothing_is_written(laptop, action):
    laptop.world.deny(action)
    leak(laptop)
    assert laptop.world.writes == ()
    assert ended(laptop).verdict == "not_fixed"
    text = (
        "the switch counts as off, it is unreadable: " if action.startswith("ssm") else "sts:AssumeRole is not allowed"
    )
    assert text in words(laptop)


def test_a_write_that_aws_throttles_is_told_and_not_repeated(laptop):
    laptop.world.throttle("ecs:UpdateService", 1)
    leak(laptop)
    assert [w.action for w in laptop.world.writes if w.error] == ["ecs:UpdateService"]
    assert [w.action for w in laptop.world.writes].count("ecs:UpdateService") == 1
    assert "was not made" in words(laptop)


def test_people_who_cannot_be_told_make_the_execution_fail_so_that_the_dead_mans_rule_tells_them(laptop):
    laptop.world.deny("sns:Publish")
    leak(laptop)
    result = laptop.durable.result(laptop.durable.names[0])
    assert result.status.name == "FAILED"
    assert laptop.world.writes == ()


def test_a_ledger_that_cannot_be_written_starts_nothing_and_the_event_is_kept(laptop):
    laptop.world.deny("dynamodb:UpdateItem")
    laptop.world.run_service()
    laptop.world.fall_ill(programs.CRASHES, tasks=1)
    laptop.run(lasts_s=600)
    assert laptop.durable.names == ()
    assert laptop.dead_letters


def test_a_service_that_vanishes_before_the_write_is_left_alone(played):
    went = played("vanished")
    assert went.writes == ()
    assert "does not exist any more" in " ".join(went.mails)


def test_an_event_of_another_account_starts_nothing(laptop):
    laptop.world.run_service()
    laptop.world.fall_ill(programs.CRASHES, tasks=1)
    laptop.run()
    started = len(laptop.durable.names)
    stopped = next(e for e in laptop.world.events if e["detail"]["lastStatus"] == "STOPPED")
    foreign = json.loads(json.dumps(stopped).replace("123456789012", "210987654321"))
    laptop.deliver([foreign])
    assert len(laptop.durable.names) == started


@pytest.mark.parametrize(
    "torn", [{}, {"detail": {}}, {"Records": []}, {"source": "aws.ecs", "detail-type": "ECS Task State Change"}]
)
def test_a_direct_invoke_that_is_no_event_says_what_is_missing(torn):
    with pytest.raises(EventNotUnderstood):
        parse(torn)
