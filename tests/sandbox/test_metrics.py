"""The sandbox's CloudWatch: datapoints by the period, none where nothing was written, nothing guessed."""

from datetime import timedelta

import pytest

from sandbox import applications as programs
from sandbox import names
from sandbox.dynamodb.demand import Demand

from ..workflow.asking import ask, sums
from .sandbox_world import let_pass, open_world

TABLE = {"TableName": names.TABLE}
MINUTE_S = 60


@pytest.fixture
def world():
    with open_world() as opened:
        opened.run_service()
        yield opened


def _query(metric, stat="Sum", period=MINUTE_S, **more):
    named = [{"Name": "TableName", "Value": names.TABLE}]
    asked = {"Namespace": "AWS/DynamoDB", "MetricName": metric, "Dimensions": named}
    return {"Id": metric.lower(), "MetricStat": {"Metric": asked, "Period": period, "Stat": stat}, **more}


def _data(world, *queries, minutes=5, **more):
    now = world.clock.now()
    window = {"StartTime": now - timedelta(minutes=minutes), "EndTime": now}
    return ask(world, "cloudwatch:GetMetricData", MetricDataQueries=list(queries), **window, **more)[
        "MetricDataResults"
    ]


def test_datapoints_come_newest_first_unless_asked_otherwise(world):
    let_pass(world, 5 * MINUTE_S)
    (newest_first,) = _data(world, _query("ConsumedReadCapacityUnits"))
    (oldest_first,) = _data(world, _query("ConsumedReadCapacityUnits"), ScanBy="TimestampAscending")
    assert newest_first["Timestamps"] == sorted(newest_first["Timestamps"], reverse=True)
    assert oldest_first["Timestamps"] == newest_first["Timestamps"][::-1]


def test_a_datapoint_stands_at_the_start_of_its_whole_minute(world):
    let_pass(world, 90)
    (found,) = _data(world, _query("ConsumedReadCapacityUnits"))
    assert {at.second for at in found["Timestamps"]} == {0}


def test_a_longer_period_adds_up_counts_and_not_levels(world):
    let_pass(world, 5 * MINUTE_S)
    consumed, provisioned = _data(
        world,
        _query("ConsumedReadCapacityUnits", period=300),
        _query("ProvisionedReadCapacityUnits", "Average", period=300),
    )
    assert consumed["Values"][0] == Demand().read * 300
    assert provisioned["Values"][0] == 10


@pytest.mark.parametrize(("stat", "value"), [("Minimum", 30), ("Maximum", 140), ("Average", 85), ("SampleCount", 6)])
def test_each_statistic_is_made_from_the_samples_of_the_minute(world, stat, value):
    world.around.table.start_with(world.around.table.set_now.parts[""].with_units("read", 20))
    let_pass(world, MINUTE_S / 2)
    world.around.table.ask(Demand(read=14))
    let_pass(world, MINUTE_S / 2)
    assert sums(world, "AWS/DynamoDB", "ConsumedReadCapacityUnits", TABLE, stat=stat, minutes=1) == [value]


def test_what_nobody_writes_has_no_values_and_is_no_error(world):
    let_pass(world, 5 * MINUTE_S)
    assert sums(world, "AWS/DynamoDB", "ConsumedReadCapacityUnits", {"TableName": "other"}) == []
    assert sums(world, "AWS/SQS", "NumberOfMessagesSent", {"QueueName": "other"}) == []


def test_nothing_is_told_of_the_future(world):
    let_pass(world, 5 * MINUTE_S)
    now = world.clock.now()
    window = {"StartTime": now, "EndTime": now + timedelta(hours=1)}
    queries = [_query("ConsumedReadCapacityUnits")]
    (found,) = ask(world, "cloudwatch:GetMetricData", MetricDataQueries=queries, **window)["MetricDataResults"]
    assert found["Values"] == []


def test_what_is_not_to_be_returned_is_not(world):
    let_pass(world, 5 * MINUTE_S)
    found = _data(world, _query("ReadThrottleEvents", ReturnData=False), _query("ConsumedReadCapacityUnits"))
    assert [t["Id"] for t in found] == ["consumedreadcapacityunits"]


def test_metric_math_is_not_guessed(world):
    with pytest.raises(NotImplementedError, match="FILL"):
        _data(world, {"Id": "e1", "Expression": "FILL(m, 0)"})


def test_the_older_operation_tells_the_same_values(world):
    let_pass(world, 5 * MINUTE_S)
    now = world.clock.now()
    response = ask(
        world,
        "cloudwatch:GetMetricStatistics",
        Namespace="AWS/DynamoDB",
        MetricName="ConsumedReadCapacityUnits",
        Dimensions=[{"Name": "TableName", "Value": names.TABLE}],
        StartTime=now - timedelta(minutes=5),
        EndTime=now,
        Period=MINUTE_S,
        Statistics=["Sum"],
    )
    assert [p["Sum"] for p in response["Datapoints"]] == sums(
        world, "AWS/DynamoDB", "ConsumedReadCapacityUnits", TABLE, minutes=5
    )


def test_a_write_that_table_or_index_refuses_counts_once_by_operation(world):
    world.around.table.ask(Demand(write=8))
    let_pass(world, 2 * MINUTE_S)
    refused = sums(world, "AWS/DynamoDB", "ThrottledRequests", {**TABLE, "Operation": "PutItem"}, minutes=1)
    assert refused == [3 * MINUTE_S]
    assert sums(world, "AWS/DynamoDB", "ThrottledRequests", {**TABLE, "Operation": "GetItem"}, minutes=1) == []


def test_on_demand_has_no_provisioned_capacity_to_tell_of(world):
    world.around.table.start_with(world.around.table.set_now.parts[""], on_demand=True)
    let_pass(world, 5 * MINUTE_S)
    assert sums(world, "AWS/DynamoDB", "ProvisionedReadCapacityUnits", TABLE, stat="Average", minutes=1) == []


# -- what the load balancer answers itself -----------------------------------------------------------------------------


def _answered(world, metric, stat="Sum"):
    sample = world.around.metrics.sample_of("AWS/ApplicationELB", metric, _both(world))
    return world.around.metrics.minute(sample, stat, world.clock.now() - timedelta(minutes=1))


def _both(world):
    place = world.portfolio
    return {"TargetGroup": place.target_group_suffix, "LoadBalancer": place.load_balancer_suffix}


CODES = ("HTTPCode_ELB_502_Count", "HTTPCode_ELB_503_Count", "HTTPCode_ELB_504_Count", "HTTPCode_Target_5XX_Count")


@pytest.mark.parametrize(
    ("program", "counts"),
    [
        (programs.HEALTHY, (None, None, None, None)),
        (programs.CLOSES_CONNECTIONS, (96.0, None, None, None)),
        (programs.ANSWERS_IN_70_S, (None, None, 60.0, None)),
        (programs.ANSWERS_ERRORS, (None, None, None, 120.0)),
    ],
)
def test_who_answers_what_follows_from_the_program(world, program, counts):
    world.misbehave(program)
    let_pass(world, 2 * MINUTE_S)
    assert tuple(_answered(world, c) for c in CODES) == pytest.approx(counts)
    assert (_answered(world, "HTTPCode_ELB_5XX_Count") or 0) == pytest.approx(sum(c or 0 for c in counts[:3]))


def test_503_is_answered_where_no_task_runs_and_then_no_request_is_counted(world):
    world.fleet.scale(world.service, 0, world.clock.now())
    let_pass(world, 2 * MINUTE_S)
    assert tuple(_answered(world, c) for c in CODES) == (None, 1200.0, None, None)
    assert _answered(world, "RequestCount") is None


def test_what_it_gave_up_on_counts_as_long_as_it_waited(world):
    world.misbehave(programs.ANSWERS_IN_70_S)
    let_pass(world, 2 * MINUTE_S)
    assert _answered(world, "TargetResponseTime", "p99") == 60.0
    idle = {"Key": "idle_timeout.timeout_seconds", "Value": "90"}
    balancer = world.portfolio.load_balancer
    world.someone("elbv2", "modify_load_balancer_attributes", LoadBalancerArn=balancer, Attributes=[idle])
    let_pass(world, 2 * MINUTE_S)
    assert _answered(world, "TargetResponseTime", "p99") == 70.0
    assert _answered(world, "HTTPCode_ELB_504_Count") is None


def test_minutes_before_a_program_changed_stay_as_they_were(world):
    let_pass(world, 5 * MINUTE_S)
    world.misbehave(programs.CLOSES_CONNECTIONS)
    assert _answered(world, "HTTPCode_ELB_502_Count") is None
