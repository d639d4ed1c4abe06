"""`remediator explain` as a person and as a program use it."""

import json
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from ops import cli
from ops.commands.explain import LINE_BYTES
from ops.explain.inputs import SHAPES
from ops.explain.pasted import pasted
from tests.corpus import event, files

RUN = CliRunner()
START = "ResourceInitializationError: unable to pull secrets or registry auth: dial tcp 10.0.0.3:443: i/o timeout"
SECRET = "Tr0ub4dor&3xyz"


def said(*words, typed=None):
    ran = RUN.invoke(cli.app, ["explain", *words], input=typed)
    return ran.exit_code, ran.output


def lines(typed):
    ran = RUN.invoke(cli.app, ["explain", "--jsonl", "-"], input=typed)
    assert ran.exit_code == 0
    return [json.loads(line) for line in ran.stdout.splitlines()], ran.stderr


PASTED = (
    (START, "ecs_stopped_task", "ecs_task_not_starting.network_blocked"),
    ("Stopped reason: Task failed ELB health checks in (target-group arn:x)", "ecs_stopped_task", "ecs_task_restarting.health_check_failing"),
    ("STOPPED (CannotPullContainerError: manifest for app:v2 not found)", "ecs_stopped_task", "ecs_task_not_starting.image_unavailable"),
    ("Essential container in task exited\nExit code: 137\nReason: OutOfMemoryError: Container killed due to memory usage", "ecs_stopped_task", "ecs_task_restarting.out_of_memory"),
    ("Essential container in task exited\nExit code 1", "ecs_stopped_task", "ecs_task_restarting.application_error"),
    ("(service api) (port 80) is unhealthy in (target-group x) due to (reason Health checks failed with these codes: [404])", "ecs_service_message", "alb_targets_unhealthy.wrong_path"),
    ("2026-01-02 03:04:05 (service api) has reached a steady state.", "ecs_service_message", "ignore"),
    ("Target.Timeout", "target_health", "alb_targets_unhealthy.security_group_closed"),
    ("unhealthy Target.ResponseCodeMismatch Health checks failed with these codes: [503]", "target_health", "alb_targets_unhealthy.application_failing"),
    ("WriteKeyRangeThroughputThrottleEvents", "dynamodb_metric", "dynamodb_throttling.hot_key"),
    ("AWS/DynamoDB ReadThrottleEvents", "dynamodb_metric", "unknown"),
    ("An error occurred (ResourceInUseException) when calling the DeleteTable operation: Attempt to change a resource which is still in use: Table is being created: t", "dynamodb_error", "dynamodb_table_undeletable.in_use"),
    ("ProvisionedThroughputExceededException: The level of configured provisioned throughput for the table was exceeded.", "dynamodb_error", "dynamodb_throttling.insufficient_capacity"),
    ("Traceback (most recent call last):\n  File \"a.py\", line 1, in <module>\nKeyError: 'x'", "log", "ecs_task_restarting.application_error"),
    ('{"State": "unhealthy", "Reason": "Target.FailedHealthChecks"}', "target_health", "alb_targets_unhealthy.wrong_port"),
    ('{"TargetHealthDescriptions": [{"TargetHealth": {"State": "healthy"}}]}', "target_health", "ignore"),
    ('{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"}]}', "bucket_policy", "cloudfront_not_delivering.bucket_policy"),
    ('{"Policy": "{\\"Statement\\": []}"}', "bucket_policy", "unknown"),
    ('{"Error": {"Code": "ProvisionedThroughputExceededException", "Message": "x"}}', "dynamodb_error", "dynamodb_throttling.insufficient_capacity"),
    ('{"__type": "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException", "message": "x"}', "dynamodb_error", "dynamodb_throttling.insufficient_capacity"),
    ('{"tasks": [{"lastStatus": "STOPPED", "stopCode": "UserInitiated", "stoppedReason": "x"}]}', "ecs_stopped_task", "ignore"),
    ('{"services": [{"events": [{"id": "1", "createdAt": "x", "message": "(service a) has reached a steady state."}]}]}', "ecs_service_message", "ignore"),
    ('{"events": [{"timestamp": 1, "message": "panic: no"}, {"timestamp": 2, "message": "goroutine 1 [running]:"}]}', "log", "ecs_task_restarting.application_error"),
    ('{"log": "panic: no"}', "log", "ecs_task_restarting.application_error"),
    ('{"level":"info","msg":"ready"}', "log", "ignore"),
    ('["panic: no"]', "log", "ecs_task_restarting.application_error"),
)  # fmt: skip


@pytest.mark.parametrize(("text", "shape", "right"), PASTED, ids=lambda v: str(v)[:50])
def test_what_is_pasted_is_told_by_its_look(text, shape, right):
    status, out = said("--json", text)
    parsed = json.loads(out)
    assert status == 0
    assert (parsed["shape"], parsed["cause"] or parsed["outcome"]) == (shape, right)


@pytest.mark.parametrize("file", files())
def test_every_saved_event_is_taken_for_an_event(file):
    assert [given.shape for given in pasted(json.dumps(event(file)))] == ["event"]


def test_a_row_is_told_with_why_advice_and_what_else_it_may_be():
    status, out = said(
        "(service a) is unhealthy in (target-group x) due to (reason Health checks failed with these codes: [404])"
    )
    assert status == 0
    for part in (
        "alb_targets_unhealthy.wrong_path",
        "call the health path",
        "[404]",
        "application_failing",
        "[ecs_service_message]",
    ):
        assert part.lower() in out.lower()


def test_japanese_is_spoken():
    assert "ヘルスチェック" in said("--language", "ja", "Task failed ELB health checks in (target-group x)")[1]
    assert "不明" in said("--language", "ja", "lorem ipsum")[1]


@pytest.mark.parametrize("code", ["502 Bad Gateway", "504", "error 503"])
def test_a_bare_gateway_code_leads_to_its_advice(code):
    out = said(code)[1]
    assert f"error.alb.{''.join(c for c in code if c.isdigit())}" in out
    assert "$ aws " in out
    assert "alb_gateway_errors." in out


def test_files_and_standard_input_are_read(tmp_path):
    file = tmp_path / "reason.txt"
    file.write_bytes(START.encode() + b"\xff\xfe")
    for status, out in (
        said("--file", str(file)),
        said("--file", "-", typed=START),
        said(typed=START),
        said("-", typed=START),
    ):
        assert status == 0
        assert "ecs_task_not_starting.network_blocked" in out


def test_a_file_that_is_not_there_is_named():
    status, out = said("--file", "/no/such/file")
    assert status == 2
    assert "/no/such/file" in out
    assert said("--jsonl", "/no/such/file")[0] == 2


def test_secrets_are_in_no_kind_of_output():
    for text in (
        f"panic: postgres://u:{SECRET}@db/x",
        f"(service a) x password={SECRET}",
        f'{{"log": "token={SECRET}x1"}}',
    ):
        for how in ([], ["--json"], ["--language", "ja"]):
            assert SECRET not in said(*how, text)[1]
    answers, errors = lines(json.dumps({"id": 1, "input": {"log": f"password={SECRET}"}}) + f"\npassword={SECRET}\n")
    assert SECRET not in json.dumps(answers) + errors


def test_lines_are_answered_one_by_one_in_their_order():
    asked = [{"id": n, "input": {"log": text}} for n, text in enumerate(("panic: no", "INFO fine", "lorem"))]
    answers, errors = lines("".join(json.dumps(a) + "\n" for a in asked))
    assert [(a["id"], a["outcome"], a["cause"]) for a in answers] == [
        (0, "incident", "ecs_task_restarting.application_error"),
        (1, "ignore", None),
        (2, "unknown", None),
    ]
    assert answers[0].keys() == {"id", "outcome", "cause", "redacted"}
    assert errors == ""


@pytest.mark.parametrize(
    "line",
    [
        "no json",
        "[1]",
        "3",
        '{"id": 7}',
        '{"id": 7, "input": 3}',
        "{" * 5000,
        '{"id": 7, "input": {"a": 1, "b": 2}}',
        '{"id": 7, "input": {}}',
        "1" * 5000,
    ],
)
def test_a_malformed_line_is_answered_as_unknown_and_does_not_stop_the_rest(line):
    good = json.dumps({"id": "last", "input": {"log": "panic: no"}})
    answers, _ = lines(f"{line}\n\n{good}\n")
    assert [a["outcome"] for a in answers] == ["unknown", "incident"]
    assert answers[1]["id"] == "last"


def test_a_malformed_line_is_named_on_standard_error():
    assert "line 1: no JSON" in lines("no json\n")[1]
    assert "line 2: no object" in lines("\n[1]\n")[1]


def test_a_line_beyond_all_bounds_is_passed_over():
    answers, _ = lines("x" * (LINE_BYTES + 10) + "\n" + json.dumps({"id": 1, "input": {"log": "panic: no"}}) + "\n")
    assert [a["outcome"] for a in answers] == ["unknown", "incident"]


def test_half_a_character_can_be_printed():
    answers, _ = lines('{"id": "\\ud800", "input": {"log": "panic: \\ud800"}}\n')
    assert answers[0]["outcome"] == "incident"


def test_it_needs_neither_the_sdk_nor_a_fake_of_it():
    code = (
        "import sys, io; from ops import cli; from ops.commands import explain; "
        'explain.stream(io.BytesIO(b\'{"id":1,"input":{"log":"panic: no"}}\'), sys.stdout, sys.stderr); '
        "print(sorted({m.split('.')[0] for m in sys.modules} & {'boto3', 'botocore', 'moto', 'aws_cdk'}))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.splitlines()[-1] == "[]"


def test_every_shape_can_be_given_as_it_is():
    for shape in SHAPES:
        assert [given.shape for given in pasted(json.dumps({shape: {}}))] == [shape]
