"""Each code of the guide's error table, in texts as AWS words them, and in texts that only look like it."""

import pytest

from ops.explain.error_codes import codes_in

SAID = [
    ("error.ecs.client_error", "stopCode: TaskFailedToStart, CLIENT_ERROR: the task definition cannot be run"),
    ("error.ecs.resource_cpu", "service api was unable to place a task. Reason: RESOURCE:CPU."),
    ("error.ecs.resource_memory", "unable to place a task because no container instance met all of its requirements: RESOURCE:MEMORY"),
    ("error.ecs.missing_attribute", "MISSING_ATTRIBUTE: the task role"),
    ("error.alb.502", "GET https://portfolio.example/users 502 Bad Gateway"),
    ("error.alb.503", "HTTP/1.1 503 Service Unavailable"),
    ("error.alb.504", "HTTP/1.1 504 Gateway Timeout"),
    ("error.dynamodb.throughput_exceeded", "ProvisionedThroughputExceededException: The level of configured provisioned throughput for the table was exceeded."),
    ("error.dynamodb.table_not_found", "ResourceNotFoundException: Requested resource not found: Table: portfolio-users not found (dynamodb)"),
    ("error.dynamodb.invalid_parameter", "ValidationException when calling the Query operation: One or more parameter values were invalid"),
]  # fmt: skip
LOOKS = [
    ("error.alb.502", "took 502 ms, 200 OK"),
    ("error.alb.503", "listening on port 503"),
    ("error.alb.504", "user 504 signed in"),
]


@pytest.mark.parametrize(("code", "text"), SAID)
def test_a_code_is_recognised_where_it_is_said(code, text):
    assert code in codes_in(text)


@pytest.mark.parametrize(("code", "text"), LOOKS)
def test_a_number_that_is_no_status_is_no_code(code, text):
    assert code not in codes_in(text)
