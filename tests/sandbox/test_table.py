"""The sandbox's table: what is throttled follows from demand and capacity, and what AWS refuses is refused."""

from datetime import timedelta

import pytest

from sandbox import names
from sandbox.dynamodb.api import DECREASES_AT_MOST, SWITCHES_AT_MOST
from sandbox.dynamodb.demand import ONE_PARTITION, TABLE_QUOTA, Demand, Units, outcome
from sandbox.dynamodb.user_table import INDEX
from sandbox.wire import AwsError

from ..workflow.asking import ask, set_units, table, throttled
from .sandbox_world import let_pass, open_world

MINUTE_S, DAY_S = 60, 24 * 3600
SOON_S = 5 * MINUTE_S  # an update is over by then


@pytest.fixture
def world():
    with open_world() as opened:
        yield opened


def _bill(world, mode, **more):
    return ask(world, "dynamodb:UpdateTable", TableName=names.TABLE, BillingMode=mode, **more)


UNITS = Units(read=10, write=5)


@pytest.mark.parametrize(
    ("demand", "units", "on_demand", "throttled"),
    [
        (Demand(read=10), UNITS, False, {}),
        (Demand(read=14), UNITS, False, {"ProvisionedThroughput": 4}),
        (Demand(read=14), UNITS, True, {}),
        (Demand(read=14), Units(read=10, write=5, max_read=12), True, {"MaxOnDemandThroughput": 2}),
        (Demand(read=14), Units(read=10, write=5, max_read=12), False, {"ProvisionedThroughput": 4}),
        (Demand(read=TABLE_QUOTA["read"] + 7), UNITS, True, {"AccountLimit": 7}),
        (
            Demand(read=ONE_PARTITION["read"] + 50, hot_read=ONE_PARTITION["read"] + 50),
            Units(read=9000, write=5),
            False,
            {"KeyRangeThroughput": 50},
        ),
    ],
)
def test_what_is_over_a_limit_is_throttled_for_that_limits_cause(demand, units, on_demand, throttled):
    became = outcome(demand, "read", units, on_demand=on_demand)
    assert became.throttled == throttled
    assert became.served + became.refused == demand.read


def test_more_capacity_does_not_serve_a_hot_key():
    hot = Demand(read=3500, hot_read=3400)
    little, much = (outcome(hot, "read", Units(read=n, write=5), on_demand=False) for n in (3500, 9000))
    assert little.throttled == much.throttled == {"KeyRangeThroughput": 400}


def test_metrics_count_the_same_as_demand_and_capacity_say(world):
    world.around.table.ask(Demand(read=14))
    let_pass(world, 2 * MINUTE_S)
    assert throttled(world, "ConsumedReadCapacityUnits", minutes=2) == [600, 600]
    assert throttled(world, "ReadThrottleEvents", minutes=2) == [240, 240]
    assert throttled(world, "ReadProvisionedThroughputThrottleEvents", minutes=2) == [240, 240]


def test_a_metric_of_what_did_not_happen_has_no_datapoints(world):
    let_pass(world, 5 * MINUTE_S)
    assert throttled(world, "ReadThrottleEvents") == []
    assert throttled(world, "ReadKeyRangeThroughputThrottleEvents") == []


def test_throttling_ends_when_the_raise_is_in_effect_and_not_before(world):
    world.around.table.ask(Demand(read=14))
    let_pass(world, MINUTE_S)
    set_units(world, 20, 5)
    assert (table(world)["TableStatus"], table(world)["ProvisionedThroughput"]["ReadCapacityUnits"]) == ("UPDATING", 10)
    let_pass(world, 10)
    assert throttled(world, "ReadThrottleEvents", minutes=1) != []
    let_pass(world, SOON_S)
    assert table(world)["TableStatus"] == "ACTIVE"
    assert "LastIncreaseDateTime" in table(world)["ProvisionedThroughput"]
    assert throttled(world, "ReadThrottleEvents", minutes=2) == []


def test_an_index_that_refuses_writes_holds_the_tables_own_back(world):
    world.around.table.start_with(Units(read=10, write=20))
    world.around.table.ask(Demand(write=8))
    world.around.table.ask(Demand(write=8), INDEX)
    let_pass(world, 2 * MINUTE_S)
    assert throttled(world, "WriteThrottleEvents", minutes=1) == []
    assert throttled(world, "WriteThrottleEvents", index=True, minutes=1) == [180]
    assert throttled(world, "ConsumedWriteCapacityUnits", minutes=1) == [300]


def test_units_of_the_index_are_raised_apart_from_the_tables(world):
    set_units(world, 10, 9, INDEX)
    assert table(world)["GlobalSecondaryIndexes"][0]["IndexStatus"] == "UPDATING"
    let_pass(world, SOON_S)
    response = table(world)
    assert response["GlobalSecondaryIndexes"][0]["ProvisionedThroughput"]["WriteCapacityUnits"] == 9
    assert response["ProvisionedThroughput"]["WriteCapacityUnits"] == 5


def test_a_table_that_is_being_changed_refuses_another_change(world):
    set_units(world, 20, 5)
    with pytest.raises(AwsError, match="ResourceInUseException"):
        set_units(world, 30, 5)


def test_a_change_that_changes_nothing_is_refused(world):
    with pytest.raises(AwsError, match="ValidationException"):
        set_units(world, 10, 5)


def _lower_by_one(world, times):
    for units in range(100, 100 - times, -1):
        set_units(world, units - 1, 5)
        let_pass(world, MINUTE_S)


def test_units_go_down_so_often_a_day_and_no_more(world):
    world.around.table.start_with(Units(read=100, write=5))
    _lower_by_one(world, DECREASES_AT_MOST)
    assert table(world)["ProvisionedThroughput"]["NumberOfDecreasesToday"] == DECREASES_AT_MOST
    with pytest.raises(AwsError, match="LimitExceededException"):
        set_units(world, 10, 5)
    set_units(world, 200, 5)  # an increase is free


def test_the_next_day_units_may_go_down_again(world):
    world.around.table.start_with(Units(read=100, write=5))
    _lower_by_one(world, DECREASES_AT_MOST)
    let_pass(world, DAY_S)
    assert table(world)["ProvisionedThroughput"]["NumberOfDecreasesToday"] == 0
    set_units(world, 10, 5)


def test_an_index_has_its_own_count_of_decreases(world):
    set_units(world, 5, 5, INDEX)
    let_pass(world, MINUTE_S)
    response = table(world)
    assert response["ProvisionedThroughput"]["NumberOfDecreasesToday"] == 0
    assert response["GlobalSecondaryIndexes"][0]["ProvisionedThroughput"]["NumberOfDecreasesToday"] == 1


def test_until_the_switch_to_on_demand_is_done_the_old_capacity_serves(world):
    world.around.table.ask(Demand(read=14))
    _bill(world, "PAY_PER_REQUEST")
    let_pass(world, MINUTE_S)
    assert throttled(world, "ReadThrottleEvents", minutes=1) != []
    let_pass(world, SOON_S)
    assert throttled(world, "ReadThrottleEvents", minutes=2) == []
    response = table(world)
    assert response["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    assert response["ProvisionedThroughput"]["ReadCapacityUnits"] == 0


def test_a_fifth_switch_to_on_demand_within_a_day_is_refused_and_a_day_later_it_is_not(world):
    units = {"ProvisionedThroughput": {"ReadCapacityUnits": 10, "WriteCapacityUnits": 5}}
    for _ in range(SWITCHES_AT_MOST):
        _bill(world, "PAY_PER_REQUEST")
        let_pass(world, SOON_S)
        _bill(world, "PROVISIONED", **units)
        let_pass(world, SOON_S)
    with pytest.raises(AwsError, match="LimitExceededException"):
        _bill(world, "PAY_PER_REQUEST")
    let_pass(world, DAY_S)
    _bill(world, "PAY_PER_REQUEST")


def test_on_demand_takes_no_provisioned_units(world):
    with pytest.raises(AwsError, match="ValidationException"):
        _bill(world, "PAY_PER_REQUEST", ProvisionedThroughput={"ReadCapacityUnits": 10, "WriteCapacityUnits": 5})


def test_a_maximum_that_is_raised_serves_more_and_minus_one_takes_it_away(world):
    world.around.table.start_with(Units(read=0, write=0, max_read=12), on_demand=True)
    world.around.table.ask(Demand(read=30))
    for maximum, refused in ((24, 6), (-1, 0)):
        ask(world, "dynamodb:UpdateTable", TableName=names.TABLE, OnDemandThroughput={"MaxReadRequestUnits": maximum})
        let_pass(world, SOON_S)
        values = throttled(world, "ReadMaxOnDemandThroughputThrottleEvents", minutes=1)
        assert values == ([refused * MINUTE_S] if refused else [])


def test_contributor_insights_names_its_rules_once_it_is_on(world):
    asked = {
        "TableName": names.TABLE,
        "ContributorInsightsAction": "ENABLE",
        "ContributorInsightsMode": "THROTTLED_KEYS",
    }
    assert ask(world, "dynamodb:UpdateContributorInsights", **asked)["ContributorInsightsStatus"] == "ENABLING"
    let_pass(world, 2 * MINUTE_S)
    response = ask(world, "dynamodb:DescribeContributorInsights", TableName=names.TABLE)
    assert response["ContributorInsightsStatus"] == "ENABLED"
    assert {rule.split("-")[1] for rule in response["ContributorInsightsRuleList"]} == {"PKT", "SKT"}
    of_index = ask(world, "dynamodb:DescribeContributorInsights", TableName=names.TABLE, IndexName=INDEX)
    assert of_index["ContributorInsightsStatus"] == "DISABLED"


@pytest.mark.parametrize("named", [{"TableName": "other"}, {"TableName": names.TABLE, "IndexName": "other"}])
def test_what_is_not_there_is_not_found(world, named):
    with pytest.raises(AwsError, match="ResourceNotFoundException"):
        ask(world, "dynamodb:DescribeContributorInsights", **named)


def test_a_deleted_table_is_not_found(world):
    world.around.table.life.deleted_at = world.around.table.created_at
    with pytest.raises(AwsError, match="ResourceNotFoundException"):
        table(world)


def test_demand_of_the_past_stands_in_the_metrics_of_the_past(world):
    world.around.table.ask(Demand(read=45), for_s=3600)
    assert throttled(world, "ReadThrottleEvents", minutes=60) == [35 * MINUTE_S] * 60
    before = world.clock.now() - timedelta(hours=2)
    assert world.around.table.outcome("", "read", before).refused == 0
