import json
from dataclasses import replace

import pytest

from remediator.core.serialization import from_json, to_json
from remediator.resources.cloudtrail.callers import caller
from remediator.resources.cloudtrail.history import (
    ApiEvent,
    History,
    callers,
    changes,
    failures,
    in_words,
    narrowed,
    permission_changes,
    reach,
    within_bytes,
)
from remediator.resources.cloudtrail.records import event_of, looked_up

TABLE = "portfolio-users"
ARN = f"arn:aws:dynamodb:ap-northeast-1:123456789012:table/{TABLE}"
NAMES = (TABLE, ARN)


def assumed(role, session, **more):
    return {"type": "AssumedRole", "arn": f"arn:aws:sts::123456789012:assumed-role/{role}/{session}", **more}


def record(**changes):
    return {
        "eventTime": "2026-11-23T02:41:07Z",
        "eventName": "UpdateTable",
        "eventSource": "dynamodb.amazonaws.com",
        "eventID": "e-1",
        "readOnly": False,
        "userIdentity": assumed("admin", "alice"),
        "requestParameters": {"tableName": TABLE},
        **changes,
    }


def event(name="UpdateTable", at="02:41:00", by="admin/alice", **more):
    values = {"source": "dynamodb", "parameters": {"tableName": TABLE}, "kind": "person", **more}
    return ApiEvent(at=f"2026-11-23T{at}.000Z", name=name, by=by, id=f"{name}{at}{by}", **values)


def window(*events):
    return History(events=events, since="2026-11-23T02:00:00.000Z", until="2026-11-23T03:00:00.000Z")


@pytest.mark.parametrize(
    ("identity", "more", "who", "kind"),
    [
        ({"type": "Root", "arn": "arn:aws:iam::1:root"}, {}, "root", "person"),
        ({"type": "IAMUser", "arn": "arn:aws:iam::1:user/bob", "userName": "bob"}, {}, "bob", "unknown"),
        (
            {"type": "IAMUser", "arn": "arn:aws:iam::1:user/bob", "userName": "bob"},
            {"agent": "signin.console.amazonaws.com"},
            "bob",
            "person",
        ),
        (assumed("AWSReservedSSO_Admin_1f", "alice@example.com"), {}, None, "person"),
        (assumed("ops", "carol", sessionContext={"attributes": {"mfaAuthenticated": "true"}}), {}, None, "person"),
        (assumed("portfolio-api-task", "0123abcd"), {"agent": "Boto3/1.44"}, "portfolio-api-task/0123abcd", "unknown"),
        (assumed("cdk-hnb659fds-cfn-exec-role-1-r", "AWSCloudFormation"), {}, None, "pipeline"),
        (assumed("deploy", "GitHubActions"), {}, "deploy/GitHubActions", "pipeline"),
        (assumed("admin", "alice", invokedBy="cloudformation.amazonaws.com"), {}, None, "pipeline"),
        (assumed("AWSServiceRoleForECS", "ecs-service-scheduler"), {}, None, "service"),
        (
            {"type": "AWSService", "invokedBy": "dynamodb.application-autoscaling.amazonaws.com"},
            {},
            "dynamodb.application-autoscaling.amazonaws.com",
            "service",
        ),
        (assumed("remediator-fix-dynamodb-throttling", "remediator-dynamodb-throttling-01"), {}, None, "ours"),
        (assumed("admin", "remediator-me"), {}, None, "unknown"),
        ({}, {}, "unknown", "unknown"),
    ],
)
def test_a_caller_has_a_short_name_and_a_kind(identity, more, who, kind):
    found = caller(identity, **more)
    assert found.kind == kind
    assert who is None or found.who == who


def test_a_record_becomes_who_what_when_on_which_resource():
    api_event = event_of(record(resources=[{"ARN": ARN, "type": "AWS::DynamoDB::Table"}]))
    assert (api_event.at, api_event.name, api_event.source, api_event.by) == (
        "2026-11-23T02:41:07.000Z",
        "UpdateTable",
        "dynamodb",
        "admin/alice",
    )
    assert api_event.concerns(NAMES)
    assert from_json(ApiEvent, json.loads(json.dumps(to_json(api_event)))) == api_event


def test_secrets_and_whole_documents_of_a_request_are_not_kept():
    asked = {
        "password": "hunter2hunter2",
        "policyDocument": '{"Statement": []}',
        "containerDefinitions": [{"environment": [{"name": "A", "value": "b"}]}, {}],
        "provisionedThroughput": {"readCapacityUnits": 5},
        "description": "postgres://app:s3cr3tpass@db/x",
    }
    api_event = event_of(
        record(requestParameters=asked, errorCode="X", errorMessage="token=ghp_0123456789abcdefghij0123456789abcdef")
    )
    assert api_event.parameters["password"] == "[redacted]"
    assert api_event.parameters["policyDocument"] == api_event.parameters["containerDefinitions"] == "…"
    assert api_event.parameters["provisionedThroughput.readCapacityUnits"] == "5"
    assert "s3cr3tpass" not in str(api_event)
    assert "ghp_" not in api_event.said


def test_a_record_is_bounded():
    many = {f"name{n}": "v" * 5000 for n in range(400)}
    api_event = event_of(record(requestParameters=many, errorMessage="x " * 5000, resources=[{"ARN": ARN}] * 50))
    assert len(json.dumps(to_json(api_event))) < 4000


@pytest.mark.parametrize("torn", [{"eventName": None}, {"eventTime": "yesterday"}, {"eventTime": None}])
def test_a_record_without_name_or_time_is_nothing(torn):
    assert event_of(record(**torn)) is None


@pytest.mark.parametrize("odd", [5, "x", [5, None, {}], {"ARN": 5}, True])
@pytest.mark.parametrize(
    "name", ["resources", "userIdentity", "requestParameters", "errorCode", "userAgent", "readOnly"]
)
def test_a_record_with_odd_members_is_read_all_the_same(name, odd):
    assert event_of(record(**{name: odd})).name == "UpdateTable"


def test_an_item_whose_record_cannot_be_read_still_tells_what_stands_beside_it():
    api_event = looked_up(
        {
            "EventName": "DeleteTable",
            "EventTime": "2026-11-23T02:41:07Z",
            "EventSource": "dynamodb.amazonaws.com",
            "Username": "alice",
            "ReadOnly": "false",
            "Resources": [{"ResourceName": TABLE}],
            "CloudTrailEvent": "{torn",
        }
    )
    assert (api_event.name, api_event.by, api_event.concerns(NAMES)) == ("DeleteTable", "alice", True)


@pytest.mark.parametrize(
    ("found", "concerned"),
    [
        ({"resources": (ARN,)}, True),
        ({"resources": (TABLE,)}, True),
        ({"parameters": {"resourceId": f"table/{TABLE}"}}, True),
        ({"parameters": {"tableName": TABLE + "-2"}, "resources": ()}, False),
        ({"parameters": {"tableName": "old-" + TABLE}, "resources": ()}, False),
    ],
)
def test_an_event_concerns_a_resource_by_name_or_arn_and_not_by_a_part_of_it(found, concerned):
    assert event(**found).concerns(NAMES) is concerned


def test_changes_are_writes_that_succeeded_on_the_named_resources():
    seen = window(
        event(),
        event("DescribeTable", read_only=True),
        event("DeleteTable", error_code="ResourceInUseException"),
        event(parameters={"tableName": "another"}),
    )
    assert [e.name for e in changes(seen, NAMES)] == ["UpdateTable"]
    assert [e.name for e in failures(seen, NAMES)] == ["DeleteTable"]


@pytest.mark.parametrize(
    ("source", "name", "changes_them"),
    [
        ("iam", "PutRolePolicy", True),
        ("iam", "DetachRolePolicy", True),
        ("iam", "GetRole", False),
        ("iam", "PassRole", False),
        ("s3", "PutBucketPolicy", True),
        ("s3", "PutObject", False),
        ("kms", "PutKeyPolicy", True),
        ("kms", "Encrypt", False),
        ("dynamodb", "PutItem", False),
        ("ec2", "RevokeSecurityGroupIngress", True),
    ],
)
def test_permission_changes_are_known_by_service_and_name(source, name, changes_them):
    seen = window(event(name, source=source, parameters={"roleName": "task"}))
    assert bool(permission_changes(seen)) is changes_them
    assert permission_changes(seen, ("another",)) == ()


def test_ourselves_are_no_caller():
    ours = event(by="remediator-fix-x/remediator-1", kind="ours", at="02:55:00")
    seen = window(ours, event(by="portfolio-api-task/1", kind="unknown"))
    assert callers(seen, NAMES) == (("portfolio-api-task/1", "unknown"),)


def test_an_incident_keeps_its_own_resources_calls_first_and_says_what_it_left_out():
    own = tuple(event(at=f"02:{n:02d}:00") for n in range(3))
    others = tuple(event("PutRolePolicy", at=f"02:5{n}:00", source="iam", parameters={}) for n in range(5))
    kept = narrowed(window(*others, *own), NAMES, most=5)
    assert len(kept.events) == 5
    assert all(e in kept.events for e in own)
    assert not kept.complete
    assert "5 of 8" in kept.cut
    assert narrowed(window(*own), NAMES).complete


def test_a_window_that_is_too_long_to_keep_loses_its_oldest_calls():
    seen = window(*(event(at=f"02:{n:02d}:00") for n in range(59, 0, -1)))
    kept = within_bytes(seen, 5000)
    assert 0 < len(kept.events) < 59
    assert kept.events == seen.events[: len(kept.events)]
    assert not kept.complete


def test_even_a_complete_window_is_not_complete_until_now():
    assert window().settled_until == "2026-11-23T02:45:00.000Z"
    assert "02:45" in reach(window()).en
    assert "02:45" in reach(window()).ja
    assert "refused" in reach(replace(window(), complete=False, cut="CloudTrail refused more requests")).en


def test_an_event_is_one_line():
    assert in_words(event(error_code="ResourceInUseException")) == (
        "02:41:00 UpdateTable (admin/alice, person): ResourceInUseException"
    )
