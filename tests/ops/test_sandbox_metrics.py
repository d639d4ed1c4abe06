"""The sandbox's CloudWatch: datapoints by the period, none where nothing was written, nothing guessed."""

from datetime import timedelta

import pytest

from ops.sandbox import names
from ops.sandbox.demand import Demand

from .asking import ask, sums
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
    (told,) = _data(world, _query("ConsumedReadCapacityUnits"))
    assert {at.second for at in told["Timestamps"]} == {0}


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
    (told,) = ask(world, "cloudwatch:GetMetricData", MetricDataQueries=queries, **window)["MetricDataResults"]
    assert told["Values"] == []


def test_what_is_not_to_be_returned_is_not(world):
    let_pass(world, 5 * MINUTE_S)
    told = _data(world, _query("ReadThrottleEvents", ReturnData=False), _query("ConsumedReadCapacityUnits"))
    assert [t["Id"] for t in told] == ["consumedreadcapacityunits"]


def test_metric_math_is_not_guessed(world):
    with pytest.raises(NotImplementedError, match="FILL"):
        _data(world, {"Id": "e1", "Expression": "FILL(m, 0)"})


def test_the_older_operation_tells_the_same_values(world):
    let_pass(world, 5 * MINUTE_S)
    now = world.clock.now()
    told = ask(
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
    assert [p["Sum"] for p in told["Datapoints"]] == sums(
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
