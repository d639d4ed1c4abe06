"""The sandbox's table when somebody deletes it, and CloudTrail's history of it."""

import json
from datetime import timedelta

import pytest
from botocore.exceptions import ClientError

from sandbox import names
from sandbox.cloudtrail import people
from sandbox.dynamodb.table_life import NEW_INDEX
from sandbox.environment import connected_clients

from .sandbox_world import let_pass, open_world


@pytest.fixture
def world():
    with open_world() as opened:
        yield opened


def described(world):
    with world.behind_the_scenes():
        return connected_clients()("dynamodb").describe_table(TableName=names.TABLE)["Table"]


def refusal(world):
    with pytest.raises(ClientError) as refused:
        world.someone("dynamodb", "delete_table", TableName=names.TABLE)
    return refused.value.response["Error"]


def test_a_table_that_nothing_holds_is_deleting_and_then_gone(world):
    world.someone("dynamodb", "delete_table", TableName=names.TABLE)
    assert described(world)["TableStatus"] == "DELETING"
    let_pass(world, 61)
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        described(world)


def test_deleting_a_table_that_is_deleting_is_no_error(world):
    for _ in range(2):
        world.someone("dynamodb", "delete_table", TableName=names.TABLE)


def test_a_protected_table_stays(world):
    world.around.table.life.protected = True
    assert refusal(world)["Code"] == "ValidationException"
    assert described(world)["DeletionProtectionEnabled"] is True


def test_an_index_is_allocated_then_backfilled_then_active(world):
    world.around.table.life.build_index(600)

    def index():
        return next(i for i in described(world)["GlobalSecondaryIndexes"] if i["IndexName"] == NEW_INDEX)

    assert (described(world)["TableStatus"], index()["IndexStatus"], index()["Backfilling"]) == (
        "UPDATING",
        "CREATING",
        False,
    )
    let_pass(world, 360)
    assert (described(world)["TableStatus"], index()["Backfilling"]) == ("ACTIVE", True)
    assert "indexes are being created" in refusal(world)["Message"]
    assert world.around.table.life.progress_pct(world.clock.now()) == 50
    let_pass(world, 241)
    assert index()["IndexStatus"] == "ACTIVE"
    assert "Backfilling" not in index()


def test_a_restored_table_is_being_created(world):
    world.around.table.life.restored(300)
    assert described(world)["RestoreSummary"]["RestoreInProgress"] is True
    assert "being created" in refusal(world)["Message"]
    let_pass(world, 301)
    assert described(world)["TableStatus"] == "ACTIVE"


def test_backups_and_exports_hold_no_table(world):
    life = world.around.table.life
    life.recovery = True
    life.back_up("nightly", 600)
    life.export(600)
    world.someone("dynamodb", "delete_table", TableName=names.TABLE)


# -- CloudTrail --------------------------------------------------------------------------------------------------------


def look_up(world, **asked):
    with world.behind_the_scenes():
        return connected_clients()("cloudtrail").lookup_events(**asked)


def attribute(key, value):
    return {"LookupAttributes": [{"AttributeKey": key, "AttributeValue": value}]}


def names_of(answer):
    return [e["EventName"] for e in answer["Events"]]


def test_an_attempt_is_told_to_eventbridge_and_found_in_the_history(world):
    world.around.table.life.protected = True
    people.delete_table(world)
    (result,) = [e for e in world.events if e["detail-type"] == "AWS API Call via CloudTrail"]
    assert (result["source"], result["detail"]["errorCode"]) == ("aws.dynamodb", "ValidationException")
    (found,) = look_up(world)["Events"]
    assert json.loads(found["CloudTrailEvent"]) == result["detail"]


def test_one_that_goes_through_has_no_error_code(world):
    people.delete_table(world)
    assert "errorCode" not in world.events[-1]["detail"]


@pytest.mark.parametrize(
    ("key", "value", "found"),
    [
        ("ReadOnly", "false", ["UpdateTable"]),
        ("ReadOnly", "true", ["DescribeTable"]),
        ("EventName", "DescribeTable", ["DescribeTable"]),
        ("ResourceName", names.TABLE, ["UpdateTable", "DescribeTable"]),
        ("ResourceName", "another", []),
        ("Username", "alice@example.com", ["UpdateTable", "DescribeTable"]),
        ("EventSource", "dynamodb.amazonaws.com", ["UpdateTable", "DescribeTable"]),
    ],
)
def test_events_are_found_by_one_attribute_newest_first(world, key, value, found):
    people.call(world, "DescribeTable", people.ALICE, ago_s=600, read_only=True)
    people.call(world, "UpdateTable", people.ALICE, ago_s=60)
    assert names_of(look_up(world, **attribute(key, value))) == found


def test_events_outside_the_window_are_not_found(world):
    for ago_s in (60, 600, 6000):
        people.call(world, "UpdateTable", people.ALICE, ago_s=ago_s)
    now = world.clock.now()
    window = {"StartTime": now - timedelta(seconds=700), "EndTime": now - timedelta(seconds=500)}
    assert len(look_up(world, **window)["Events"]) == 1


def test_pages_have_a_token_until_the_last(world):
    for n in range(5):
        people.call(world, "UpdateTable", people.ALICE, ago_s=n)
    first = look_up(world, MaxResults=3)
    rest = look_up(world, MaxResults=3, NextToken=first["NextToken"])
    assert len({e["EventId"] for e in (*first["Events"], *rest["Events"])}) == 5
    assert "NextToken" not in rest


def test_two_attributes_at_once_are_refused_as_aws_refuses_them(world):
    both = [*attribute("ReadOnly", "false")["LookupAttributes"], *attribute("EventName", "x")["LookupAttributes"]]
    with pytest.raises(ClientError, match="InvalidLookupAttributes"):
        look_up(world, LookupAttributes=both)


# -- the product against it --------------------------------------------------------------------------------------------


def requests_of(went, operation):
    return [r for r in went.requests if r.operation == operation]


def test_a_quarter_of_an_hour_of_looks_shares_windows_of_history(played):
    went = played("delete-while-index-creates")
    assert len(requests_of(went, "ListExports")) > 10
    of_the_report = 1  # the background of the final report has a window of its own by then
    assert len(requests_of(went, "LookupEvents")) <= 4 + of_the_report


def test_a_history_that_is_throttled_is_a_gap_in_the_report(played):
    told = " ".join(played("delete-without-history").reports[0].mail.split())
    assert "cloudtrail:LookupEvents: ThrottlingException" in told
    assert "deletion_protected" in told


def test_the_reports_are_low_and_hold_the_command_that_is_never_run(played):
    went = played("delete-protected")
    assert {r.level for r in went.reports} == {"low", "pager"}
    assert any("--no-deletion-protection-enabled" in r.mail for r in went.reports)
    assert requests_of(went, "UpdateTable") == []
