import json

import pytest

from ops.bench.aims import Figure
from ops.bench.recording.replay import Player, checkpointed
from ops.bench.recording.tape import Exchange, digest, operation
from ops.bench.recording.timeline import Called, by_slope, counted, first_report, last_write, longest_chain, until


def toy_graph(latency_s, cpu_s=0.001):
    """Two reads side by side, a checkpoint, a third read that needs one of them, the write, the report.

    The second report and a read that began too late are no part of the way to the fix.
    """

    def call(name, level, **rest):
        began_s = level * (latency_s + cpu_s)
        return Called(name=name, began_s=began_s, ended_s=began_s + latency_s, **rest)

    return [
        call("ecs:DescribeServices", 0),
        call("cloudwatch:GetMetricData", 0),
        call("look succeed", 1, kind="checkpoint"),
        call("ecs:DescribeTaskDefinition", 2),
        call("ecs:UpdateService", 3, writes=True),
        call("sns:Publish", 4),
        call("sns:Publish", 5),
        call("ecs:DescribeServices", 6),
    ]


def test_calls_to_the_fix_are_those_that_had_begun_and_reads_side_by_side_are_one_round_trip():
    calls = toy_graph(0.030)
    fix = last_write(calls)
    before = until(calls, fix)
    assert fix.name == "ecs:UpdateService"
    assert len(before) == 5
    assert longest_chain(before, fix) == 4


def test_the_report_is_the_first_message():
    calls = toy_graph(0.030)
    report = first_report(calls)
    assert longest_chain(until(calls, report), report) == 5
    assert counted(until(calls, report))["sns:Publish"] == 1


def test_of_several_writes_the_last_puts_the_fix_in_force():
    writes = [
        Called(name="ecs:UpdateService", began_s=2, ended_s=3, writes=True),
        Called(name="ecs:RegisterTaskDefinition", began_s=0, ended_s=1, writes=True),
    ]
    assert last_write(writes).name == "ecs:UpdateService"


def test_without_a_write_or_a_message_there_is_no_moment_to_measure_to():
    reads = [Called(name="ecs:DescribeServices", began_s=0, ended_s=1)]
    assert last_write(reads) is None
    assert first_report(reads) is None


@pytest.mark.parametrize("cpu_s", [0, 0.001, 0.050])
def test_the_slope_counts_round_trips_whatever_the_cpu_between_them_costs(cpu_s):
    near, far = (last_write(toy_graph(latency, cpu_s)).ended_s for latency in (0.030, 0.130))
    assert by_slope(near, far, 0.100) == pytest.approx(4)


@pytest.mark.parametrize(
    ("value", "aim", "better", "met"),
    [
        (1.0, 1.0, "less", True),
        (1.1, 1.0, "less", False),
        (3000, 3000, "more", True),
        (2999, 3000, "more", False),
        (None, 1.0, "less", None),
        (1.0, None, "less", None),
    ],
)
def test_an_aim_is_met_only_by_a_figure_that_was_measured(value, aim, better, met):
    assert Figure(of="x", what="x", value=value, aim=aim, better=better).met is met


def test_what_was_not_measured_says_so():
    assert Figure(of="x", what="x", value=None, aim=1).verdict == "not measured"


def kept(operation_name, body, answer=""):
    return Exchange(of="intake", operation=operation_name, body=digest(body), status=200, headers={}, answer=answer)


def test_a_replay_answers_by_what_is_asked_and_names_what_it_does_not_have():
    player = Player({"intake": [kept("dynamodb Get", b'{"a": 1}', "one"), kept("dynamodb Get", b'{"a": 2}', "two")]})
    player.choose("intake")
    assert player.answer("dynamodb Get", b'{"a": 2}').answer == "two"
    assert player.answer("dynamodb Get", b'{"a": 3}').answer == "one"
    assert player.answer("sns Publish", b"{}") is None
    assert player.told() == {"calls": 3, "checkpoints": 0, "inexact": ["dynamodb Get"], "unknown": ["sns Publish"]}


def test_equal_requests_get_their_answers_in_order_and_again_after_a_rewind():
    player = Player({"intake": [kept("sns Publish", b"a", "one"), kept("sns Publish", b"a", "two")]})
    for _ in range(2):
        player.choose("intake")
        assert [player.answer("sns Publish", b"a").answer for _ in range(3)] == ["one", "two", "two"]


def test_what_botocore_draws_at_random_does_not_make_another_request():
    assert digest(b'{"a": 1, "ClientRequestToken": "x"}') == digest(b'{"ClientRequestToken": "y", "a": 1}')
    assert digest(b'{"a": 1}') != digest(b'{"a": 2}')


@pytest.mark.parametrize(
    ("headers", "path", "body", "expected"),
    [
        ({"x-amz-target": "DynamoDB_20120810.GetItem"}, "/", b"{}", "dynamodb / DynamoDB_20120810.GetItem"),
        ({"content-type": "application/x-www-form-urlencoded"}, "/", b"Action=Publish&x=1", "dynamodb / Publish"),
        ({}, "/service/Granite/operation/GetMetricData", b"\xa1", "dynamodb /service/Granite/operation/GetMetricData"),
    ],
)
def test_an_operation_is_known_by_whichever_protocol(headers, path, body, expected):
    signed = {"authorization": "AWS4-HMAC-SHA256 Credential=AKIA/20261123/ap-northeast-1/dynamodb/aws4_request, x=y"}
    assert operation({**signed, **headers}, path, body) == expected


def test_a_checkpoint_is_answered_with_the_step_as_it_stands_now():
    update = {"Id": "1", "Type": "STEP", "Action": "SUCCEED", "Name": "look", "Payload": "{}"}
    answered = json.loads(checkpointed(json.dumps({"Updates": [update]}).encode()))
    made = answered["NewExecutionState"]["Operations"][0]
    assert (made["Status"], made["Name"], made["StepDetails"]["Result"]) == ("SUCCEEDED", "look", "{}")
