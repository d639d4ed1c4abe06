"""Readers of slow responses on answers in AWS's own shape."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from remediator.core.errors import NotFound
from remediator.core.model import Resource
from remediator.core.ports import Scope
from remediator.core.settings import Settings, Workload
from remediator.problems.alb_slow_response import readers
from remediator.resources.ecs.backends import Backend, Behind
from remediator.resources.ecs.readers import scaling as ecs_scaling
from remediator.resources.load_balancing import latency_readers
from remediator.resources.vpc import flow_logs
from remediator.resources.vpc.egress import NetworkPlacement, Route, Subnet
from tests.fakes import FakeAws
from tests.problems.alb_slow_response.samples import times
from tests.problems.alb_targets_unhealthy.samples import BALANCER_ARN, GROUP_ARN, group, service
from tests.samples import NOW, incident

OF_GROUP = incident(runbook="alb_slow_response", resource=Resource("target_group", GROUP_ARN))
WORKLOAD = Workload(name="portfolio", tables=("portfolio-users",), latency_target_ms=80, flow_log_group="/vpc/flows")
SCOPE = Scope(incident=OF_GROUP, now=NOW, settings=Settings(), workload=WORKLOAD)
GROUP = replace(group(), load_balancers=(BALANCER_ARN,))
BACKENDS = (Backend(group=GROUP_ARN, behind=Behind(managed=True, service=service())),)
AT = datetime(2026, 11, 23, 2, 58, tzinfo=UTC)


def metrics(values):
    """CloudWatch's answer: two minutes of each named metric, none of the others."""

    def answer(**asked):
        results = []
        for query in asked["MetricDataQueries"]:
            metric = query["MetricStat"]["Metric"]
            zone = next((d["Value"] for d in metric["Dimensions"] if d["Name"] == "AvailabilityZone"), "")
            found = values.get(metric["MetricName"] + zone, ())
            results.append(
                {
                    "Id": query["Id"],
                    "Timestamps": [AT + timedelta(minutes=n) for n in range(len(found))],
                    "Values": list(found),
                }
            )
        return {"MetricDataResults": results}

    return answer


def balancers(*zones):
    return {"LoadBalancers": [{"LoadBalancerArn": BALANCER_ARN, "AvailabilityZones": [{"ZoneName": z} for z in zones]}]}


def test_response_times_are_told_by_minute_in_milliseconds_with_the_hour_before_and_the_zones():
    aws = FakeAws(
        {
            "cloudwatch:GetMetricData": metrics(
                {"TargetResponseTime": (0.045, 0.225), "RequestCount": (1200, 1100), "TargetResponseTimez1": (0.05,)}
            ),
            "elasticloadbalancing:DescribeLoadBalancers": balancers("z1", "z2"),
        }
    )
    response_times = latency_readers.times(aws, SCOPE, (GROUP,))
    assert [(m.late_ms, m.requests) for m in response_times.minutes] == [(45.0, 1200), (225.0, 1100)]
    assert response_times.target_ms == 80
    assert response_times.before_ms == 225.0
    assert response_times.zones == {"z1": {"2026-11-23T02:58:00.000Z": 50.0}, "z2": {}}


def test_a_load_balancer_in_one_zone_has_no_zones_to_compare():
    answers = {"cloudwatch:GetMetricData": metrics({}), "elasticloadbalancing:DescribeLoadBalancers": balancers("z1")}
    assert latency_readers.times(FakeAws(answers), SCOPE, (GROUP,)).zones == {}


def test_targets_without_a_load_balancer_have_no_times():
    with pytest.raises(NotFound):
        latency_readers.times(FakeAws({}), SCOPE, (replace(GROUP, load_balancers=()),))


def test_load_is_told_by_the_same_minutes():
    aws = FakeAws({"cloudwatch:GetMetricData": metrics({"CPUUtilization": (30, 90), "MemoryUtilization": (40, 41)})})
    load = ecs_scaling.load(aws, SCOPE, BACKENDS, times())
    assert list(load.cpu_pct.values()) == [30, 90]
    assert list(load.cpu_pct) == ["2026-11-23T02:58:00.000Z", "2026-11-23T02:59:00.000Z"]


def test_no_data_is_a_gap_and_not_an_idle_service():
    with pytest.raises(NotFound):
        ecs_scaling.load(FakeAws({"cloudwatch:GetMetricData": metrics({})}), SCOPE, BACKENDS, times())
    with pytest.raises(NotFound):
        ecs_scaling.load(FakeAws({}), SCOPE, (Backend(group=GROUP_ARN, behind=Behind()),), times())


def by_window(now, before):
    """CloudWatch's answer: `now` in the window, `before` in the hour before it."""
    asked_now, asked_before = metrics(now), metrics(before)
    return lambda **asked: (asked_before if asked["EndTime"] < AT - timedelta(minutes=10) else asked_now)(**asked)


def test_tables_are_told_by_the_minutes_in_which_an_operation_was_slow_or_refused():
    now = {"SuccessfulRequestLatency": (5.0, 60.0), "ThrottledRequests": (0, 4)}
    aws = FakeAws({"cloudwatch:GetMetricData": by_window(now, {"SuccessfulRequestLatency": (5.0, 5.0)})})
    (table,) = readers.tables(aws, SCOPE)
    assert table.slow_ms == {"2026-11-23T02:59:00.000Z": 60.0}
    assert table.late("2026-11-23T02:59:00.000Z")
    assert not table.late("2026-11-23T02:58:00.000Z")
    assert table.before_ms == 5.0
    assert table.arn.endswith(":table/portfolio-users")


def test_an_operation_that_was_always_slow_is_not_late():
    slow = {"SuccessfulRequestLatency": (60.0, 60.0)}
    (table,) = readers.tables(FakeAws({"cloudwatch:GetMetricData": by_window(slow, slow)}), SCOPE)
    assert table.slow_ms == {}


def test_without_a_declared_table_there_is_none_to_look_at():
    assert readers.tables(FakeAws({}), replace(SCOPE, workload=None)) == ()


def test_the_group_with_the_most_slow_minutes_is_looked_at_and_not_the_one_with_one_late_request():
    other = replace(GROUP, arn=GROUP_ARN.replace("portfolio-api", "other"))

    def answer(**asked):
        late = {"late0": (0.3, 0.3), "late1": (0.01, 5.0)}
        ids = [q["Id"] for q in asked["MetricDataQueries"]]
        stamps = [AT, AT + timedelta(minutes=1)]
        return {
            "MetricDataResults": [{"Id": i, "Timestamps": stamps, "Values": list(late.get(i, (1, 1)))} for i in ids]
        }

    answers = {"cloudwatch:GetMetricData": answer, "elasticloadbalancing:DescribeLoadBalancers": balancers("z1")}
    assert latency_readers.times(FakeAws(answers), SCOPE, (GROUP, other)).group == GROUP_ARN


def test_who_owns_the_count_and_what_is_under_way():
    target = {
        "ServiceNamespace": "ecs",
        "ResourceId": "service/c/s",
        "ScalableDimension": "ecs:service:DesiredCount",
        "MinCapacity": 2,
        "MaxCapacity": 6,
        "RoleARN": "arn:aws:iam::123456789012:role/r",
        "CreationTime": AT,
        "ScalableTargetARN": "arn:aws:application-autoscaling:ap-northeast-1:123456789012:scalable-target/0a1b",
        "SuspendedState": {"DynamicScalingOutSuspended": True, "ScheduledScalingSuspended": False},
    }
    going = {
        "ActivityId": "1",
        "ServiceNamespace": "ecs",
        "ResourceId": "service/c/s",
        "ScalableDimension": "ecs:service:DesiredCount",
        "Description": "Setting desired count to 3.",
        "Cause": "alarm",
        "StartTime": AT,
        "StatusCode": "InProgress",
    }
    answers = {
        "application-autoscaling:DescribeScalableTargets": {"ScalableTargets": [target]},
        "application-autoscaling:DescribeScalingActivities": {"ScalingActivities": [going]},
    }
    count_owner = ecs_scaling.owner(FakeAws(answers), SCOPE, BACKENDS, times())
    assert (count_owner.minimum, count_owner.maximum, count_owner.suspended) == (2, 6, ("DynamicScalingOutSuspended",))
    assert count_owner.under_way == "Setting desired count to 3."
    nobody = FakeAws({"application-autoscaling:DescribeScalableTargets": {"ScalableTargets": []}})
    assert not ecs_scaling.owner(nobody, SCOPE, BACKENDS, times()).owned


def test_nat_gateways_are_found_by_the_tasks_routes():
    place = NetworkPlacement(
        vpc="v", groups=(), subnets=(Subnet(id="s", routes=(Route(to="0.0.0.0/0", via="nat-0a"),)),)
    )
    aws = FakeAws({"cloudwatch:GetMetricData": metrics({"ErrorPortAllocation": (2, 3)})})
    (nat,) = readers.nats(aws, SCOPE, place)
    assert (nat.id, nat.ports_refused, nat.packets_dropped) == ("nat-0a", 5, 0)
    assert readers.nats(FakeAws({}), SCOPE, NetworkPlacement(vpc="v", groups=(), subnets=())) == ()


def test_flow_logs_are_read_where_a_group_is_declared():
    line = "2 123456789012 eni-1 10.0.9.7 10.0.1.10 49152 8000 6 4 240 1700000000 1700000060 REJECT OK"
    aws = FakeAws({"logs:FilterLogEvents": {"events": [{"message": line}]}})
    assert readers.flows(aws, SCOPE, (GROUP,)).rejected == 1
    by_instance = replace(GROUP, targets=tuple(replace(t, id="i-0a1b") for t in GROUP.targets))
    with pytest.raises(NotFound, match="by instance"):
        readers.flows(aws, SCOPE, (by_instance,))
    assert aws.calls[0][1]["logGroupName"] == "/vpc/flows"
    with pytest.raises(NotFound, match="no flow log group"):
        flow_logs.refused_flows(aws, replace(SCOPE, workload=None), ())
