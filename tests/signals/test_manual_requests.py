"""Requests by hand, envelopes, and whatever is neither."""

import json
from typing import Any

import pytest

from remediator.core.errors import EventNotUnderstood
from remediator.core.model import Ignored
from remediator.events import parse, parse_body
from remediator.events.manual_requests import Request

from ..corpus import event

STOP = "own_ecs_task_service_out_of_memory.json"


@pytest.mark.parametrize(
    ("raw", "request_"),
    [
        ({"replay": "ecs-0123456789"}, Request(kind="replay", incident="ecs-0123456789")),
        ({"replay": "a", "apply": True, "by": "mei"}, Request(kind="replay", incident="a", apply=True, by="mei")),
        ({"replay": event(STOP), "apply": False}, Request(kind="replay", event=event(STOP))),
        ({"undo": "ecs-0123456789", "by": "mei"}, Request(kind="undo", incident="ecs-0123456789", by="mei")),
    ],
)
def test_a_request_by_hand_is_read(raw: dict[str, Any], request_: Request) -> None:
    assert parse(raw) == (request_,)


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        ({"replay": "a", "aply": True}, "a request to replay has no aply"),
        ({"replay": "a", "apply": "true"}, "apply is neither true nor false"),
        ({"replay": "a", "apply": 1}, "apply is neither true nor false"),
        ({"replay": "Not An Id"}, "replay names no incident"),
        ({"replay": "a\n"}, "replay names no incident"),
        ({"replay": "a" * 64}, "replay names no incident"),
        ({"replay": {}}, "replay is missing"),
        ({"replay": None}, "replay names no incident"),
        ({"replay": ["a"]}, "replay names no incident"),
        ({"undo": event(STOP)}, "undo names no incident"),
        ({"undo": "a", "apply": True}, "a request to undo has no apply"),
        ({"undo": "a", "replay": "a"}, "a request to undo has no replay"),
        ({"undo": "a", "by": 7}, "by is no text"),
    ],
)
def test_a_request_that_is_not_exactly_right_is_refused(raw: dict[str, Any], why: str) -> None:
    with pytest.raises(EventNotUnderstood, match=why):
        parse(raw)


def test_who_asks_is_bounded() -> None:
    (request_,) = parse({"undo": "a", "by": "mei\x1b" + "!" * 1000})
    assert isinstance(request_, Request)
    assert request_.by.startswith("mei!")
    assert len(request_.by) == 128


@pytest.mark.parametrize(
    "raw", [{"replay": "a", "apply": True}, {"undo": "a"}, {"recover": {"procedure": "ecs"}}, {"recover": None}]
)
def test_a_request_is_taken_from_no_queue_and_no_topic(raw: dict[str, Any]) -> None:
    body = json.dumps(raw)
    notification = {"Type": "Notification", "Message": body}
    with pytest.raises(EventNotUnderstood, match="by invoking the function only"):
        parse_body(body)
    for wrapped in (notification, {"Records": [{"Sns": {"Message": body}}]}, {"Records": [{"body": body}]}):
        with pytest.raises(EventNotUnderstood, match="by invoking the function only"):
            parse(wrapped)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("", "body is no JSON"),
        ("{", "body is no JSON"),
        ("[" * 100_000, "body is no JSON"),
        ("null", "body is no JSON object"),
        ("[]", "body is no JSON object"),
        ('"text"', "body is no JSON object"),
        ("{}", "detail-type is missing"),
        ('{"Records": []}', "Records is empty"),
        ('{"Records": 7}', "Records is no list"),
        ('{"Records": [7]}', r"Records\[0\] is no object"),
        ('{"Records": [{}]}', r"Records\[0\]\.Sns is missing"),
        ('{"Records": [{"body": 7}]}', r"Records\[0\]\.body is no text"),
        ('{"Records": [{"body": "{"}]}', r"Records\[0\]\.body is no JSON"),
        ('{"Type": "Notification"}', "Message is no text"),
        ('{"Type": "Notification", "Message": "the budget is spent"}', "Message is no JSON"),
    ],
)
def test_a_body_that_is_no_event_says_what_is_wrong_with_it(body: str, why: str) -> None:
    with pytest.raises(EventNotUnderstood, match=why):
        parse_body(body)


def test_endless_envelopes_are_refused() -> None:
    body = json.dumps(event(STOP))
    for _ in range(5):
        body = json.dumps({"Type": "Notification", "Message": body})
    with pytest.raises(EventNotUnderstood, match="more than 4 envelopes"):
        parse_body(body)


def test_a_subscription_that_wants_to_be_confirmed_is_ignored() -> None:
    confirm = {"Type": "SubscriptionConfirmation", "Token": "x", "TopicArn": "arn:aws:sns:eu-west-1:123456789012:t"}
    assert parse(confirm) == (Ignored("SNS asks to confirm a subscription"),)


def test_what_is_no_object_is_not_understood() -> None:
    with pytest.raises(EventNotUnderstood, match="no JSON object"):
        parse(["not", "a", "mapping"])  # type: ignore[arg-type]
