"""What is explained comes from outside: no secret survives, no input raises, and the work is bounded."""

import json

import pytest

from ops.explain.inputs import SHAPES, explain
from remediator.redaction.redact import redact

KEY, PASSWORD = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "Tr0ub4dor&3xyz"
TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c"
TEXTS = (
    f"connection refused: postgresql://app:{PASSWORD}@db.example.com:5432/x",
    f"ERROR connection failed\nAWS_SECRET_ACCESS_KEY={KEY}\nDB_PASSWORD='{PASSWORD}'",
    f'{{"level":"error","password":"{PASSWORD}","Authorization":"Bearer {TOKEN}"}}',
    f"CannotPullContainerError: https://user:{PASSWORD}@registry.example.com/v2/: 403 Forbidden",
    f"ERROR {'x' * 90} token={TOKEN} {'y' * 90}",
    f"-----BEGIN PRIVATE KEY-----\n{KEY}{KEY}\n-----END PRIVATE KEY-----\npanic: no key",
    f"failed to connect: parse postgresql://postgres:{PASSWORD}\n@example.com/postgres",
)
SECRETS = (KEY, PASSWORD, TOKEN)


def everywhere(text):
    """The text at each place of each shape that takes texts."""
    statement = {"Sid": text, "Effect": "Deny", "Principal": text, "Action": text, "Resource": text, "Condition": {text: {text: text}}}  # fmt: skip
    yield {"ecs_stopped_task": {"stopCode": text, "stoppedReason": text, "group": text}}
    yield {"ecs_stopped_task": {"stoppedReason": "Essential container in task exited", "containers": [{"name": text, "exitCode": 1}]}}  # fmt: skip
    yield {"ecs_stopped_task": {"containers": [{"name": "a", "reason": f"OutOfMemoryError: {text}"}]}}
    yield {"ecs_service_message": f"(service a) {text}"}
    yield {"ecs_service_message": f"(service a) is unhealthy in (target-group b) due to (reason {text})"}
    yield {"ecs_service_message": f"(service a) was unable to place a task. Reason: {text}"}
    yield {"target_health": {"State": text, "Reason": text, "Description": text}}
    yield {"target_health": {"State": "unhealthy", "Reason": "Target.Timeout", "Description": text}}
    yield {"dynamodb_error": {"operation": text, "exception": text, "message": text}}
    yield {"dynamodb_error": {"throttlingReasons": [{"reason": text, "resource": text}]}}
    yield {"dynamodb_metric": {"namespace": text, "name": text}}
    yield {"bucket_policy": {"policy": text, "bucket": text}}
    yield {"bucket_policy": {"policy": {"Statement": [statement]}, "distribution_id": text, "account": text}}
    yield {"log": text}
    yield {"log": json.dumps({"message": text})}
    yield {"event": {"source": text, "detail-type": text, "detail": {text: [text, {text: text}]}}}
    yield {"event": {"eventSource": "dynamodb.amazonaws.com", "eventName": "DeleteTable", "errorCode": text, "errorMessage": text}}  # fmt: skip
    yield {"event": {"detail": {"stoppedReason": text}}}
    yield {text: text}


@pytest.mark.parametrize("text", TEXTS)
def test_no_secret_is_in_any_part_of_an_answer(text):
    for given in everywhere(text):
        explained = explain(given)
        for part in (
            explained.redacted,
            explained.because.en,
            explained.because.ja,
            explained.cause or "",
            *explained.also,
        ):
            assert not [secret for secret in SECRETS if secret in part], (given, part)


def test_what_diagnosis_needs_is_kept():
    text = "CannotPullContainerError: failed to resolve ref 1.dkr.ecr.eu-west-1.amazonaws.com/app@sha256:5de487da: not found"
    assert explain({"ecs_service_message": text}).redacted == text
    assert redact(text) == text


ODD = (
    None, True, 0, 1.5, -1, 10**400, "", "x", [], [[]], {}, {"": ""}, [None], {"a": None}, "\ud800", "\x00" * 50, float("nan"),
    {"containers": "x"}, {"containers": [1, None, {"exitCode": "1", "reason": 7, "name": []}]}, {"stoppedReason": 5},
    {"State": []}, {"throttlingReasons": {"reason": 1}}, {"throttlingReasons": [1, {"reason": None}]}, {"policy": 3},
    {"policy": {"Statement": [3]}}, {"policy": "[" * 5000}, {"detail": 3}, {"Records": [3]}, {"Type": "Notification", "Message": 3},
    {"detail-type": "ECS Task State Change", "source": "aws.ecs", "detail": {"lastStatus": "STOPPED"}}, {"alarmData": []},
    {"replay": {"x": 1}}, {"undo": 4},
)  # fmt: skip


@pytest.mark.parametrize("shape", [*SHAPES, "nonsense", ""])
@pytest.mark.parametrize("value", ODD, ids=lambda v: repr(v)[:40])
def test_nothing_raises(shape, value):
    explained = explain({shape: value})
    assert explained.outcome in ("incident", "ignore", "unknown", "ok")
    json.dumps(explained.redacted)


@pytest.mark.parametrize("given", ODD, ids=lambda v: repr(v)[:40])
def test_what_is_no_input_at_all_is_unknown(given):
    assert explain(given).outcome == "unknown"


def test_deep_nesting_is_unknown_and_no_error():
    deep: object = "x"
    for _ in range(100_000):
        deep = [deep]
    for shape in SHAPES:
        assert explain({shape: {"detail": deep, "policy": deep, "containers": deep}}).outcome in (
            "unknown",
            "incident",
            "ignore",
        )


UNITS = ("{", "[", "Error ", '"GET /', "level ", "://", "=", '{"a":', "token ", "\\", "image a/", "\n", "resourcenotfoundexception ", "502 ")  # fmt: skip


@pytest.mark.parametrize("unit", UNITS)
def test_a_megabyte_of_log_is_answered(unit):
    assert len(explain({"log": unit * (1_000_000 // len(unit))}).redacted) <= 20_000


@pytest.mark.parametrize("shape", SHAPES)
def test_a_megabyte_in_any_member_is_answered(shape):
    text = "Error a " * 125_000
    for value in (
        text,
        {"stoppedReason": text, "Description": text, "message": text, "policy": text, "detail-type": text},
    ):
        assert len(explain({shape: value}).redacted) <= 20_000
