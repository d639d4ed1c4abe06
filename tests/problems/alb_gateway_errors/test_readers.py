"""Readers of a load balancer's errors on answers in AWS's own shape; checked against botocore's models."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from remediator.core.errors import NotFound, Rejected
from remediator.core.model import Resource
from remediator.core.ports import Scope
from remediator.core.serialization import from_json, to_json
from remediator.core.settings import Settings
from remediator.problems.alb_gateway_errors import readers
from remediator.problems.alb_gateway_errors import task_count_readers as counts
from remediator.resources.ecs.backends import Backend, Behind
from remediator.resources.ecs.readers import backends as ecs_backends
from tests.fakes import FakeAws
from tests.problems.alb_gateway_errors.samples import backend
from tests.problems.alb_targets_unhealthy.samples import BALANCER_ARN, GROUP_ARN, group
from tests.resources.load_balancing.test_readers import DESCRIBED, ILL, TAGS
from tests.samples import NOW, SERVICE_ARN, incident

OF_BALANCER = incident(runbook="alb_gateway_errors", resource=Resource("load_balancer", BALANCER_ARN))
SCOPE = Scope(incident=OF_BALANCER, now=NOW, settings=Settings())
OF_GROUP = replace(SCOPE, incident=replace(OF_BALANCER, resource=Resource("target_group", GROUP_ARN)))
DESCRIBE_GROUPS = "elasticloadbalancing:DescribeTargetGroups"
ANSWERS = {
    DESCRIBE_GROUPS: {"TargetGroups": [DESCRIBED]},
    "elasticloadbalancing:DescribeTargetHealth": {"TargetHealthDescriptions": [ILL]},
    "elasticloadbalancing:DescribeTags": TAGS,
}
AT_ZERO = (backend(desired=0, running=0),)
RESOURCE_ID = "service/portfolio-cluster/portfolio-api-service"


@pytest.mark.parametrize(
    ("scope", "asked"), [(SCOPE, {"LoadBalancerArn": BALANCER_ARN}), (OF_GROUP, {"TargetGroupArns": [GROUP_ARN]})]
)
def test_the_groups_of_a_load_balancer_or_the_one_of_the_alarm_are_read_with_their_health(scope, asked):
    aws = FakeAws(ANSWERS)
    (read,) = ecs_backends.groups(aws, scope)
    assert aws.calls[0] == (DESCRIBE_GROUPS, asked)
    assert (read.arn, read.targets[0].state, read.tags) == (GROUP_ARN, "unhealthy", {"auto-remediation": "auto"})


def test_no_group_or_too_many_are_a_gap():
    with pytest.raises(NotFound):
        ecs_backends.groups(FakeAws({**ANSWERS, DESCRIBE_GROUPS: {"TargetGroups": []}}), SCOPE)
    with pytest.raises(Rejected, match="21 target groups"):
        ecs_backends.groups(FakeAws({**ANSWERS, DESCRIBE_GROUPS: {"TargetGroups": [DESCRIBED] * 21}}), SCOPE)


@pytest.mark.parametrize(("scope", "noticed_on"), [(SCOPE, ""), (OF_GROUP, GROUP_ARN)])
def test_the_load_balancer_is_read_with_its_idle_timeout_and_where_the_alarm_was(scope, noticed_on):
    attributes = [{"Key": "idle_timeout.timeout_seconds", "Value": "75"}]
    tagged = [{"ResourceArn": BALANCER_ARN, "Tags": [{"Key": "auto-remediation", "Value": "approve"}]}]
    aws = FakeAws(
        {
            "elasticloadbalancing:DescribeLoadBalancerAttributes": {"Attributes": attributes},
            "elasticloadbalancing:DescribeTags": {"TagDescriptions": tagged},
        }
    )
    read = readers.gateway(aws, scope, (group(),))
    assert (read.arn, read.idle_timeout_s, read.noticed_on) == (BALANCER_ARN, 75, noticed_on)
    assert read.tags == {"auto-remediation": "approve"}


def test_a_target_group_that_no_load_balancer_uses_has_none():
    with pytest.raises(NotFound, match="no load balancer"):
        ecs_backends.balancer_arn(OF_GROUP, (group(load_balancers=()),))


def metric_data(**series):
    def told(**parameters):
        asked = {q["Id"]: q["MetricStat"] for q in parameters["MetricDataQueries"]}
        assert asked["elb503"]["Metric"]["Dimensions"] == [
            {"Name": "LoadBalancer", "Value": "app/portfolio-alb/50dc6c495c0c9188"}
        ]
        assert (asked["late0"]["Stat"], asked["elb503"]["Stat"]) == ("p99", "Sum")
        return {"MetricDataResults": [_series(id, series.get(id, {})) for id in asked]}

    return told


def _series(id, values):
    moments = [datetime(2026, 11, 23, 2, m, tzinfo=UTC) for m in values]
    return {"Id": id, "Timestamps": moments, "Values": [float(v) for v in values.values()]}


def test_answers_are_split_by_code_and_minute_and_no_zero_is_made_up():
    found = metric_data(
        elb503={57: 10, 58: 1200}, elb5xx={57: 12, 58: 1200}, requests={57: 1190}, late0={57: 0.05}, target5xx0={57: 3}
    )
    read = readers.answers(FakeAws({"cloudwatch:GetMetricData": found}), SCOPE, (group(),))
    assert [(m.at[14:16], m.requests, dict(m.by_code), m.failed) for m in read.minutes] == [
        ("57", 1190, {"503": 10}, 12),
        ("58", None, {"503": 1200}, 1200),
    ]
    assert (read.counted(503), read.leading, read.target_5xx) == (1210, 503, 3)
    assert (read.groups[0].p99_ms, read.groups[0].slowest_ms) == (50, None)
    assert from_json(type(read), to_json(read)) == read


# -- who owns the count ------------------------------------------------------------------------------------------------


def test_a_service_that_runs_costs_no_further_call():
    aws, running = FakeAws({}), (backend(), Backend(group=GROUP_ARN, behind=Behind()))
    assert counts.bounds(aws, SCOPE, running) == ()
    assert counts.schedules(aws, SCOPE, running) == ()
    assert counts.hosts_before_zero(aws, SCOPE, (group(),), running).healthy == ()
    assert counts.count_sets(aws, SCOPE, running).calls == ()
    assert aws.calls == []


def test_bounds_are_read_with_what_is_suspended():
    target = {
        "ServiceNamespace": "ecs",
        "ResourceId": RESOURCE_ID,
        "ScalableDimension": "ecs:service:DesiredCount",
        "MinCapacity": 2,
        "MaxCapacity": 6,
        "RoleARN": "arn:aws:iam::123456789012:role/x",
        "CreationTime": datetime(2026, 11, 1, tzinfo=UTC),
        "SuspendedState": {"DynamicScalingOutSuspended": True, "ScheduledScalingSuspended": False},
    }
    action = "application-autoscaling:DescribeScalableTargets"
    (read,) = counts.bounds(FakeAws({action: {"ScalableTargets": [target]}}), SCOPE, AT_ZERO)
    assert (read.owned, read.minimum, read.maximum) == (True, 2, 6)
    assert read.suspended == ("DynamicScalingOutSuspended",)
    (none,) = counts.bounds(FakeAws({action: {"ScalableTargets": []}}), SCOPE, AT_ZERO)
    assert (none.service, none.owned) == (SERVICE_ARN, False)


def test_scheduled_actions_are_read_by_the_services_own_id():
    scheduled = {
        "ScheduledActionName": "night",
        "ScheduledActionARN": "arn:aws:autoscaling:ap-northeast-1:123456789012:scheduledAction:x",
        "ServiceNamespace": "ecs",
        "Schedule": "cron(0 12 * * ? *)",
        "ResourceId": RESOURCE_ID,
        "CreationTime": datetime(2026, 11, 1, tzinfo=UTC),
        "ScalableTargetAction": {"MinCapacity": 0, "MaxCapacity": 0},
    }
    action = "application-autoscaling:DescribeScheduledActions"
    aws = FakeAws({action: {"ScheduledActions": [scheduled]}})
    (read,) = counts.schedules(aws, SCOPE, AT_ZERO)
    assert (read.name, read.when, read.minimum, read.maximum) == ("night", "cron(0 12 * * ? *)", 0, 0)
    assert aws.calls[0][1]["ResourceId"] == RESOURCE_ID


def call(who, count, **changes):

    asked = {"cluster": "portfolio-cluster", "service": "portfolio-api-service", "desiredCount": count}
    record = {
        "eventID": f"{who}{count}",
        "eventTime": "2026-11-23T02:30:00Z",
        "eventName": "UpdateService",
        "eventSource": "ecs.amazonaws.com",
        "userIdentity": {"type": "AssumedRole", "arn": f"arn:aws:sts::123456789012:assumed-role/{who}"},
        "requestParameters": {**asked, **changes.pop("asked", {})},
        **changes,
    }
    return {
        "EventId": record["eventID"],
        "EventName": record["eventName"],
        "EventTime": datetime(2026, 11, 23, 2, 30, tzinfo=UTC),
        "CloudTrailEvent": json.dumps(record),
    }


@pytest.mark.parametrize(
    ("who", "of_nobody"),
    [
        ("AWSReservedSSO_Admin_0123456789abcdef/sato@example.com", False),
        ("deploy-role/GitHubActions", False),
        ("some-role/some-session", False),
        ("AWSServiceRoleForApplicationAutoScaling_ECSService/AutoScaling-UpdateDesiredCapacity", True),
    ],
)
def test_who_set_the_count_is_named_and_autoscaling_is_nobody(who, of_nobody):
    aws = FakeAws({"cloudtrail:LookupEvents": {"Events": [call(who, 0)]}})
    read = counts.count_sets(aws, SCOPE, AT_ZERO)
    assert [(s.count, s.by, s.of_nobody) for s in read.calls] == [(0, who, of_nobody)]
    assert read.complete


def test_other_services_and_calls_that_failed_set_no_count():
    events = [
        call("a/b", 0, asked={"service": "another-service"}),
        call("a/c", 0, errorCode="AccessDenied"),
        call("a/d", 0, eventName="CreateService"),
    ]
    assert counts.count_sets(FakeAws({"cloudtrail:LookupEvents": {"Events": events}}), SCOPE, AT_ZERO).calls == ()


@pytest.mark.parametrize(("backends", "written"), [(AT_ZERO, SERVICE_ARN), ((backend(),), BALANCER_ARN)])
def test_the_stack_is_the_one_of_what_a_fix_would_write_to(backends, written):
    aws = FakeAws({"cloudformation:DescribeStackResources": {"StackResources": []}})
    assert readers.stack(aws, SCOPE, (group(),), backends).name == ""
    assert aws.calls[0][1] == {"PhysicalResourceId": written}
