"""The sandbox's Application Auto Scaling: bounds decide, and what somebody sets past them does not last."""

import pytest

from sandbox import names
from sandbox.dynamodb.demand import Demand
from sandbox.dynamodb.user_table import INDEX
from sandbox.wire import AwsError

from ..workflow.asking import ask, set_units, table
from .sandbox_world import let_pass, open_world

MINUTE_S = 60
OWNED = {
    "ServiceNamespace": "dynamodb",
    "ResourceId": f"table/{names.TABLE}",
    "ScalableDimension": "dynamodb:table:ReadCapacityUnits",
}


@pytest.fixture
def world():
    with open_world() as opened:
        yield opened


def _register(world, **bounds):
    return ask(world, "application-autoscaling:RegisterScalableTarget", **OWNED, **bounds)


def _read_units(world):
    return table(world)["ProvisionedThroughput"]["ReadCapacityUnits"]


def _activities(world):
    response = ask(
        world,
        "application-autoscaling:DescribeScalingActivities",
        ServiceNamespace="dynamodb",
        ResourceId=OWNED["ResourceId"],
    )
    return response["ScalingActivities"]


def test_a_higher_minimum_raises_the_capacity_within_minutes(world):
    world.around.scaling.own("read", 5, 10)
    _register(world, MinCapacity=20, MaxCapacity=20)
    assert _read_units(world) == 10
    let_pass(world, 3 * MINUTE_S)
    assert _read_units(world) == 20
    assert "to 20, was 10" in _activities(world)[0]["Description"]


def test_a_lower_maximum_takes_capacity_away(world):
    world.around.scaling.own("read", 5, 10)
    _register(world, MaxCapacity=8)
    let_pass(world, 3 * MINUTE_S)
    assert _read_units(world) == 8
    assert table(world)["ProvisionedThroughput"]["NumberOfDecreasesToday"] == 1


def test_units_that_somebody_sets_past_the_bounds_do_not_last(world):
    world.around.scaling.own("read", 5, 10)
    set_units(world, 40, 5)
    let_pass(world, 10)
    let_pass(world, 5 * MINUTE_S)
    assert _read_units(world) == 10


def test_demand_moves_capacity_up_to_the_maximum_and_not_past_it(world):
    world.around.scaling.own("read", 5, 12)
    world.around.table.ask(Demand(read=30))
    let_pass(world, 10 * MINUTE_S)
    assert _read_units(world) == 12


def test_suspended_scaling_out_raises_nothing(world):
    world.around.scaling.own("read", 5, 10)
    _register(world, MinCapacity=20, MaxCapacity=40, SuspendedState={"DynamicScalingOutSuspended": True})
    let_pass(world, 5 * MINUTE_S)
    assert _read_units(world) == 10
    assert _activities(world) == []


def test_what_is_not_owned_stays_as_it_is_set(world):
    world.around.scaling.own("read", 5, 10)
    set_units(world, 10, 40)
    let_pass(world, 5 * MINUTE_S)
    assert table(world)["ProvisionedThroughput"]["WriteCapacityUnits"] == 40


def test_an_index_is_owned_apart_from_its_table(world):
    world.around.scaling.own("write", 9, 12, INDEX)
    let_pass(world, 3 * MINUTE_S)
    response = table(world)
    assert response["GlobalSecondaryIndexes"][0]["ProvisionedThroughput"]["WriteCapacityUnits"] == 9
    assert response["ProvisionedThroughput"]["WriteCapacityUnits"] == 5


def test_bounds_that_are_not_named_stay(world):
    world.around.scaling.own("read", 5, 10)
    _register(world, MaxCapacity=30)
    (found,) = ask(world, "application-autoscaling:DescribeScalableTargets", ServiceNamespace="dynamodb")[
        "ScalableTargets"
    ]
    assert (found["MinCapacity"], found["MaxCapacity"]) == (5, 30)


@pytest.mark.parametrize("bounds", [{"MinCapacity": 5}, {"MaxCapacity": 5}, {"MinCapacity": 9, "MaxCapacity": 5}])
def test_bounds_that_are_missing_or_the_wrong_way_round_are_refused(world, bounds):
    with pytest.raises(AwsError, match="ValidationException"):
        _register(world, **bounds)


def test_only_what_is_asked_for_is_listed(world):
    world.around.scaling.own("read", 5, 10)
    world.around.scaling.own("write", 5, 10, INDEX)
    found = ask(
        world,
        "application-autoscaling:DescribeScalableTargets",
        ServiceNamespace="dynamodb",
        ResourceIds=[f"table/{names.TABLE}/index/{INDEX}"],
    )["ScalableTargets"]
    assert [t["ScalableDimension"] for t in found] == ["dynamodb:index:WriteCapacityUnits"]
    ecs = ask(world, "application-autoscaling:DescribeScalableTargets", ServiceNamespace="ecs")
    assert ecs["ScalableTargets"] == []


def test_a_services_bounds_and_schedules_are_told_of(world):
    world.around.scaling.own_count(2, 6)
    world.around.scaling.schedule_count("night", "cron(0 12 * * ? *)", 0, 0)
    named = {"ServiceNamespace": "ecs", "ScalableDimension": "ecs:service:DesiredCount"}
    service = f"service/{names.CLUSTER}/{names.SERVICE}"
    response = ask(world, "application-autoscaling:DescribeScalableTargets", ResourceIds=[service], **named)
    assert [(t["MinCapacity"], t["MaxCapacity"]) for t in response["ScalableTargets"]] == [(2, 6)]
    asked = "application-autoscaling:DescribeScheduledActions"
    assert [s["Schedule"] for s in ask(world, asked, ResourceId=service, **named)["ScheduledActions"]] == [
        "cron(0 12 * * ? *)"
    ]
    assert ask(world, asked, ResourceId=f"{service}-2", **named)["ScheduledActions"] == []
