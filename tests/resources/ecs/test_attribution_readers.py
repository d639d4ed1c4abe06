"""What is read to tell when a change took effect: the tasks that run, and the healthy targets by the minute."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from remediator.core.errors import NotFound
from remediator.core.model import Resource
from remediator.core.ports import Scope
from remediator.core.settings import Settings
from remediator.problems.alb_slow_response import readers as slowness
from remediator.resources.ecs.readers import service as ecs
from tests.fakes import FakeAws
from tests.problems.alb_slow_response.samples import times
from tests.problems.alb_targets_unhealthy.samples import BALANCER_ARN, group
from tests.samples import NOW, incident

SCOPE = Scope(incident=incident(), now=NOW, settings=Settings())
GROUP = replace(group(), load_balancers=(BALANCER_ARN,))
AT = datetime(2026, 11, 23, 2, 58, tzinfo=UTC)


def test_tasks_that_run_are_told_with_their_deployment_oldest_first():
    found = [
        {"taskArn": "arn:x:task/c/waiting", "startedBy": "ecs-svc/2", "createdAt": AT.replace(minute=59)},
        {"taskArn": "arn:x:task/c/up", "startedBy": "ecs-svc/1", "createdAt": AT, "startedAt": AT.replace(second=20)},
    ]
    aws = FakeAws({"ecs:ListTasks": {"taskArns": ["a", "b"]}, "ecs:DescribeTasks": {"tasks": found}})
    up, waiting = ecs.running(aws, SCOPE)
    assert (up.started_by, up.started_at) == ("ecs-svc/1", "2026-11-23T02:58:20.000Z")
    assert (waiting.started_by, waiting.started_at) == ("ecs-svc/2", "")
    assert aws.calls[0][1]["desiredStatus"] == "RUNNING"


def test_where_no_task_runs_none_is_described():
    assert ecs.running(FakeAws({"ecs:ListTasks": {"taskArns": []}}), SCOPE) == ()


def test_a_one_off_task_has_no_company():
    alone = Scope(incident=incident(resource=Resource("task", "arn:x:task/c/1")), now=NOW, settings=Settings())
    with pytest.raises(NotFound, match="one-off"):
        ecs.running(FakeAws({}), alone)


def test_healthy_targets_are_counted_for_the_group_whose_times_were_read():
    def answer(**asked):
        results = [{"Id": q["Id"], "Timestamps": [AT], "Values": [3.0]} for q in asked["MetricDataQueries"]]
        return {"MetricDataResults": results}

    host_counts = slowness.hosts(FakeAws({"cloudwatch:GetMetricData": answer}), SCOPE, (GROUP,), times())
    assert [(c.at, c.hosts) for c in host_counts.healthy] == [("2026-11-23T02:58:00.000Z", 3.0)]


def test_a_group_that_is_gone_is_a_gap():
    with pytest.raises(NotFound, match="gone"):
        slowness.hosts(FakeAws({}), SCOPE, (), times())
