"""The ten codes of the guide are recognised wherever they appear, and a number that only looks like one is not."""

import pytest

from ops.explain.error_codes import BY_ID, CODES, HINTS, codes_in

NAMED = (
    ("stopCode TaskFailedToStart", "ecs.client_error"),
    ("Task failed to start", "ecs.client_error"),
    ("CLIENT_ERROR", "ecs.client_error"),
    ("RESOURCE:CPU", "ecs.resource_cpu"),
    ("has insufficient CPU units available.", "ecs.resource_cpu"),
    ("RESOURCE_REQUIRED: Insufficient CPU units", "ecs.resource_cpu"),
    ("has insufficient memory available", "ecs.resource_memory"),
    ("RESOURCE:MEMORY", "ecs.resource_memory"),
    ("MISSING_ATTRIBUTE: Task role not found", "ecs.missing_attribute"),
    ("is missing an attribute required by your task", "ecs.missing_attribute"),
    ("ECS was unable to assume the role 'arn:aws:iam::1:role/x'", "ecs.missing_attribute"),
    ("HTTP/1.1 502 Bad Gateway", "alb.502"),
    ("502: Bad Gateway", "alb.502"),
    ('"GET / HTTP/1.1" 503 0', "alb.503"),
    ("503 Service Temporarily Unavailable", "alb.503"),
    ("Request failed with status code 504", "alb.504"),
    ("504 Gateway Time-out", "alb.504"),
    ("HTTPCode_ELB_504_Count", "alb.504"),
    ("Health checks failed with these codes: [502]", "alb.502"),
    ('{"statusCode": 503, "x": 1}', "alb.503"),
    ("ProvisionedThroughputExceededException: The level of configured provisioned throughput", "dynamodb.throughput_exceeded"),
    ('{"errorCode": "ProvisionedThroughputExceeded"}', "dynamodb.throughput_exceeded"),
    ("Requested resource not found: Table: users not found", "dynamodb.table_not_found"),
    ("An error occurred (ResourceNotFoundException) when calling the DescribeTable operation", "dynamodb.table_not_found"),
    ("(ValidationException) when calling the PutItem operation: One or more parameter values were invalid", "dynamodb.invalid_parameter"),
    ("The provided key element does not match the schema", "dynamodb.invalid_parameter"),
)  # fmt: skip
NOT_NAMED = (
    "listening on port 502", "0.0.0.0:503", "took 504 ms", "order 502 shipped", "504 items", "502", "line 503", "10.0.5.02",
    "pid=503", "ip-10-0-0-502", "2026-05-04 05:02:503", "503 bytes sent", "status=200 size=502", "v5.0.4", "user 503 has 504 points",
    "ResourceNotFoundException: Secrets Manager can't find the specified secret",
    "ResourceNotFoundException: The specified log group does not exist",
    "ProvisionedThroughputExceededException: Rate exceeded for shard shardId-000000000000",
    "ValidationException: 1 validation error detected: stack does not exist", "insufficient funds", "a role model",
)  # fmt: skip


@pytest.mark.parametrize(("text", "right"), NAMED)
def test_a_code_is_recognised(text, right):
    assert codes_in(text) == (f"error.{right}",)
    assert codes_in(f"2026-01-01 x {text.upper()} y\nnext") == (f"error.{right}",)


@pytest.mark.parametrize("text", NOT_NAMED)
def test_what_only_looks_like_a_code_is_none(text):
    assert codes_in(text) == ()


def test_there_are_ten_codes_each_with_words_in_both_languages_and_commands():
    assert len(CODES) == len(BY_ID) == 10
    for code in CODES:
        assert code.id.startswith("error.")
        assert all(text.en and text.ja for text in (code.title, code.advice, code.confirm))
        assert code.look
        assert all(command.startswith("aws ") for command in code.look)


def test_several_codes_in_one_text_are_all_named():
    assert codes_in("502 Bad Gateway, then 503 Service Unavailable; RESOURCE:CPU") == (
        "error.ecs.resource_cpu",
        "error.alb.502",
        "error.alb.503",
    )


def test_no_code_is_lost_to_the_quick_look():
    for text, _ in NAMED:
        assert any(hint in text.lower() for hint in HINTS)
