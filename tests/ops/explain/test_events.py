"""Whole events go to the same rows as the texts within them, in every envelope."""

import json

import pytest

from ops.explain.inputs import explain
from tests import corpus

TASK_EVENT = {
    "source": "aws.ecs",
    "detail-type": "ECS Task State Change",
    "time": "2026-01-02T03:04:05Z",
    "detail": {
        "clusterArn": "arn:aws:ecs:eu-west-1:111122223333:cluster/shop",
        "taskArn": "arn:aws:ecs:eu-west-1:111122223333:task/shop/0f",
        "group": "service:api",
        "lastStatus": "STOPPED",
        "stopCode": "TaskFailedToStart",
        "stoppedReason": "CannotPullContainerError: manifest for api:v2 not found: manifest unknown",
        "stoppedAt": "2026-01-02T03:04:05Z",
        "containers": [{"name": "api"}],
    },
}
DELETION = {
    "source": "aws.dynamodb",
    "detail-type": "AWS API Call via CloudTrail",
    "detail": {
        "eventSource": "dynamodb.amazonaws.com",
        "eventName": "DeleteTable",
        "errorCode": "ResourceInUse",
        "errorMessage": "Attempt to change a resource which is still in use: Cannot delete table while indexes are being created, updated, or deleted.",
        "requestParameters": {"tableName": "t"},
    },
}


def alarm(namespace, metric, state="ALARM", **dimensions):
    return {
        "source": "aws.cloudwatch",
        "detail-type": "CloudWatch Alarm State Change",
        "time": "2026-01-02T03:04:05Z",
        "resources": ["arn:aws:cloudwatch:eu-west-1:111122223333:alarm:a"],
        "detail": {
            "alarmName": "a",
            "state": {"value": state, "timestamp": "2026-01-02T03:04:05.000+0000", "reason": "x"},
            "configuration": {
                "metrics": [{"id": "m", "metricStat": {"metric": {"namespace": namespace, "name": metric, "dimensions": dimensions}, "period": 60, "stat": "Sum"}}]
            },
        },
    }  # fmt: skip


def row(event):
    explained = explain({"event": event})
    return explained.cause or explained.outcome


def without_detail(**members):
    return {**TASK_EVENT, "detail": {**TASK_EVENT["detail"], **members}}


EVENTS = (
    (TASK_EVENT, "ecs_task_not_starting.image_unavailable"),
    (without_detail(lastStatus="DEPROVISIONING"), "ignore"),
    (without_detail(lastStatus="RUNNING", stopCode="SpotInterruption"), "ignore"),
    (without_detail(stopCode="UserInitiated"), "ignore"),
    (without_detail(clusterArn=None), "ecs_task_not_starting.image_unavailable"),
    (DELETION, "dynamodb_table_undeletable.index_creating"),
    (DELETION["detail"], "dynamodb_table_undeletable.index_creating"),
    ({**DELETION, "detail": {**DELETION["detail"], "errorCode": None}}, "ignore"),
    (alarm("AWS/DynamoDB", "ReadKeyRangeThroughputThrottleEvents", TableName="portfolio-users"), "dynamodb_throttling.hot_key"),
    (alarm("AWS/DynamoDB", "ReadThrottleEvents", TableName="portfolio-users"), "unknown"),
    (alarm("AWS/ApplicationELB", "UnHealthyHostCount", TargetGroup="targetgroup/a/0123456789abcdef", LoadBalancer="app/a/0123456789abcdef"), "unknown"),
    (alarm("AWS/ApplicationELB", "HTTPCode_ELB_503_Count", LoadBalancer="app/a/0123456789abcdef"), "alb_gateway_errors.503"),
    (alarm("AWS/ApplicationELB", "HTTPCode_ELB_503_Count", "OK", LoadBalancer="app/a/0123456789abcdef"), "ignore"),
    (alarm("AWS/EC2", "CPUUtilization", InstanceId="i-0"), "ignore"),
    ({"source": "aws.health", "detail-type": "AWS Health Event", "detail": {}}, "ignore"),
    ({"hello": 1}, "unknown"),
    ({"Records": []}, "unknown"),
)  # fmt: skip


@pytest.mark.parametrize(("event", "right"), EVENTS, ids=lambda v: v if isinstance(v, str) else "")
def test_an_event_is_given_the_row_of_what_it_tells(event, right):
    assert row(event) == right


@pytest.mark.parametrize(
    ("event", "right"), [e for e in EVENTS if "source" in e[0]], ids=lambda v: v if isinstance(v, str) else ""
)
def test_envelopes_change_nothing(event, right):
    text = json.dumps(event)
    assert row({"Type": "Notification", "Message": text}) == right
    assert row({"Records": [{"body": text}]}) == right


def test_an_alarm_that_tells_no_cause_names_the_rows_that_remain():
    explained = explain({"event": alarm("AWS/ApplicationELB", "UnHealthyHostCount", TargetGroup="targetgroup/a/0123456789abcdef", LoadBalancer="app/a/0123456789abcdef")})  # fmt: skip
    assert "alb_targets_unhealthy.wrong_path" in explained.also


@pytest.mark.parametrize("file", corpus.files())
def test_no_saved_event_that_is_to_be_ignored_is_given_a_cause(file):
    explained = explain({"event": corpus.event(file)})
    if corpus.expected()[file].startswith(("ignore", "unknown")):
        assert explained.cause is None
