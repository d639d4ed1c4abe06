"""The sandbox's alarms: when they change state, and that they tell it as CloudWatch does."""

import pytest

from remediator.core.model import Ignored, Signal
from remediator.events import parse
from sandbox import names
from sandbox.cloudwatch import alarms
from sandbox.dynamodb.demand import Demand
from sandbox.dynamodb.user_table import INDEX
from tests.corpus import event

from .sandbox_world import let_pass, open_world

TOO_MUCH = Demand(read=14)  # of 10 that are provisioned
MINUTE_S = 60
LONG_GRACE_S = 7 * 24 * 3600  # ECS does not end tasks for what the load balancer says


@pytest.fixture
def world():
    with open_world() as opened:
        opened.run_service(grace_s=LONG_GRACE_S)
        yield opened


def _watch(world, alarm):
    world.around.watch(alarm)
    return alarm.name


def _state(world, name):
    return world.around.alarms.states[name][0]


def _told(world, detail_type="CloudWatch Alarm State Change"):
    return [e for e in world.events if e["detail-type"] == detail_type]


def _throttle_for(world, seconds):
    world.around.table.ask(TOO_MUCH)
    let_pass(world, seconds)
    world.around.table.ask(Demand())


def test_one_bad_minute_alone_raises_no_alarm(world):
    name = _watch(world, alarms.table_throttled("Read"))
    _throttle_for(world, MINUTE_S)
    let_pass(world, 10 * MINUTE_S)
    assert _state(world, name) == "OK"
    assert _told(world) == []


def test_two_bad_minutes_of_three_raise_it_once_and_it_is_told_once(world):
    name = _watch(world, alarms.table_throttled("Read"))
    _throttle_for(world, 6 * MINUTE_S)
    assert _state(world, name) == "ALARM"
    (found,) = _told(world)
    assert found["detail"]["state"]["value"] == "ALARM"
    assert found["detail"]["previousState"]["value"] == "OK"


def test_an_alarm_with_fill_goes_back_to_ok_when_throttling_ends(world):
    name = _watch(world, alarms.table_throttled("Read", form="filled"))
    _throttle_for(world, 3 * MINUTE_S)
    let_pass(world, 5 * MINUTE_S)
    assert _state(world, name) == "OK"
    assert [e["detail"]["state"]["value"] for e in _told(world)] == ["ALARM", "OK"]


@pytest.mark.parametrize("form", ["metric", "contributor"])
def test_without_fill_an_alarm_of_dynamodb_stays_because_no_data_comes_any_more(world, form):
    name = _watch(world, alarms.table_throttled("Read", form=form))
    _throttle_for(world, 3 * MINUTE_S)
    let_pass(world, 60 * MINUTE_S)
    assert _state(world, name) == "ALARM"
    assert [e["detail"]["state"]["value"] for e in _told(world)] == ["ALARM"]


def test_an_alarm_on_a_metric_that_nobody_writes_stays_ok(world):
    name = _watch(
        world, alarms.Alarm(name="other", namespace="AWS/SQS", metric="Any", dimensions={"QueueName": "other"})
    )
    let_pass(world, 10 * MINUTE_S)
    assert _state(world, name) == "OK"


def test_an_alarm_on_an_index_does_not_look_at_the_table(world):
    name = _watch(world, alarms.table_throttled("Read", index=INDEX))
    _throttle_for(world, 5 * MINUTE_S)
    assert _state(world, name) == "OK"
    world.around.table.ask(TOO_MUCH, INDEX)
    let_pass(world, 3 * MINUTE_S)
    assert _state(world, name) == "ALARM"


def test_the_alarm_on_targets_goes_up_and_comes_back_with_their_health(world):
    name = _watch(world, alarms.targets_unhealthy(world.portfolio))
    group = world.portfolio.target_group
    world.someone("elbv2", "modify_target_group", TargetGroupArn=group, HealthCheckPath="/healthz")
    let_pass(world, 5 * MINUTE_S)
    assert _state(world, name) == "ALARM"
    world.someone("elbv2", "modify_target_group", TargetGroupArn=group, HealthCheckPath=names.HEALTH_PATH)
    let_pass(world, 15 * MINUTE_S)
    assert _state(world, name) == "OK"


def _raised(world, alarm):
    _watch(world, alarm)
    world.around.table.ask(TOO_MUCH)
    let_pass(world, 4 * MINUTE_S)
    return _told(world)[-1]


DATA = {"dimensions", "attributes"}  # names in there are the metric's own
AS_SET = {"description", "label"}  # only where someone has set them


def _keys(found):
    """Every name in an event, with the names around it; the entries of a list are one."""
    if isinstance(found, list):
        return {path for entry in found for path in _keys(entry)}
    if not isinstance(found, dict):
        return set()
    named = {name: value for name, value in found.items() if name not in AS_SET}
    below = {(name, *path) for name, value in named.items() if name not in DATA for path in _keys(value)}
    return below | {(name,) for name in named}


@pytest.mark.parametrize(
    ("alarm", "real"),
    [
        (alarms.table_throttled("Read", form="metric", muted=True), "alarm_single_metric_muted_awsdoc.json"),
        (alarms.table_throttled("Read", form="contributor"), "own_alarm_metrics_insights_parent_event.json"),
    ],
    ids=["one metric, muted", "parent of contributors"],
)
def test_a_change_of_state_is_told_with_the_keys_of_the_corpus(world, alarm, real):
    assert _keys(_raised(world, alarm)) == _keys(event(real))


def test_a_contributor_is_told_with_the_keys_of_the_corpus_beside_its_alarm(world):
    _raised(world, alarms.table_throttled("Read", form="contributor"))
    (found,) = _told(world, "CloudWatch Alarm Contributor State Change")
    assert _keys(found) == _keys(event("own_alarm_contributor_event.json"))
    assert found["detail"]["alarmContributor"]["attributes"] == {"TableName": names.TABLE}
    assert len(found["detail"]["alarmContributor"]["id"]) == 16


def test_an_alarm_with_fill_is_told_as_metric_math_over_a_metric_that_is_not_returned(world):
    filled, metric = _raised(world, alarms.table_throttled("Read"))["detail"]["configuration"]["metrics"]
    assert (filled["expression"], filled["returnData"]) == (f"FILL({metric['id']}, 0)", True)
    assert metric["returnData"] is False
    assert metric["metricStat"]["metric"]["name"] == "ReadThrottleEvents"


@pytest.mark.parametrize("form", ["metric", "filled", "contributor"])
def test_each_form_is_a_signal_about_the_table(world, form):
    _raised(world, alarms.table_throttled("Read", form=form))
    found = [s for e in world.events if e["source"] == "aws.cloudwatch" for s in parse(e) if isinstance(s, Signal)]
    assert {s.resource.name for s in found} == {names.TABLE}


def test_a_muted_alarm_is_told_all_the_same_and_is_no_signal(world):
    found = _raised(world, alarms.table_throttled("Read", muted=True))
    assert "release-night" in found["detail"]["muteDetail"]["mutedByArn"]
    (parsed,) = parse(found)
    assert isinstance(parsed, Ignored)


def test_the_reason_names_the_minutes_that_were_bad(world):
    detail = _raised(world, alarms.table_throttled("Read", form="metric"))["detail"]
    assert "2 out of the last 3 datapoints [240" in detail["state"]["reason"]
