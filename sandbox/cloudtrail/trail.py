"""CloudTrail: a call as a record, as EventBridge tells it, and as LookupEvents finds it again."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from .. import names
from ..eventbridge.events import Event, envelope, iso
from ..wire import AwsError, Parameters

PAGE = 50
Item = dict[str, Any]

ATTRIBUTES: Mapping[str, Callable[[Item], Sequence[str]]] = {
    "EventId": lambda e: [e["EventId"]],
    "EventName": lambda e: [e["EventName"]],
    "EventSource": lambda e: [e["EventSource"]],
    "ReadOnly": lambda e: [e["ReadOnly"]],
    "Username": lambda e: [e["Username"]],
    "ResourceName": lambda e: [r["ResourceName"] for r in e["Resources"]],
    "ResourceType": lambda e: [r["ResourceType"] for r in e["Resources"]],
}


def record(  # noqa: PLR0913  # what a record says of a call
    service: str,
    operation: str,
    who: str,
    at: datetime,
    asked: Parameters,
    *,
    error: AwsError | None = None,
    read_only: bool = False,
    arn: str = "",
    kind: str = "",
    agent: str = "aws-cli/2.31.0",
) -> Event:
    """What CloudTrail writes of a call by `who`, an assumed role as `role/session`; `arn` and `kind` are the resource's."""
    role, _, session = who.partition("/")
    event: Event = {
        "eventVersion": "1.11",
        "userIdentity": {
            "type": "AssumedRole",
            "principalId": f"AROAEXAMPLE:{session}",
            "arn": f"arn:aws:sts::{names.ACCOUNT}:assumed-role/{who}",
            "accountId": names.ACCOUNT,
            "sessionContext": {
                "sessionIssuer": {
                    "type": "Role",
                    "principalId": "AROAEXAMPLE",
                    "arn": f"arn:aws:iam::{names.ACCOUNT}:role/{role}",
                    "accountId": names.ACCOUNT,
                    "userName": role,
                },
                "attributes": {"creationDate": iso(at), "mfaAuthenticated": "false"},
            },
        },
        "eventTime": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "eventSource": f"{service}.amazonaws.com",
        "eventName": operation,
        "awsRegion": names.REGION,
        "sourceIPAddress": "192.0.2.10",
        "userAgent": agent,
        "requestParameters": {name[0].lower() + name[1:]: value for name, value in asked.items()},
        "responseElements": None,
        "requestID": names.uuid("request", operation, who, at),
        "eventID": names.uuid("event", operation, who, at),
        "readOnly": read_only,
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": names.ACCOUNT,
        "eventCategory": "Management",
    }
    if error:
        event |= {"errorCode": error.code, "errorMessage": error.message}
    if arn:
        event["resources"] = [{"accountId": names.ACCOUNT, "type": kind, "ARN": arn}]
    return event


def as_event(found: Event, at: datetime) -> Event:
    """What EventBridge sends of a record, where a trail logs it."""
    source = "aws." + found["eventSource"].partition(".")[0]
    event = envelope(source, "AWS API Call via CloudTrail", at, [], found)
    return {**event, "id": names.uuid("bus", found["eventID"])}


def as_item(event: Event, at: datetime) -> Item:
    """What LookupEvents gives of a record. A resource is listed by its name and by its ARN."""
    listed = [(r["type"], n) for r in event.get("resources", ()) for n in (r["ARN"].rpartition("/")[2], r["ARN"])]
    return {
        "EventId": event["eventID"],
        "EventName": event["eventName"],
        "ReadOnly": "true" if event["readOnly"] else "false",
        "EventTime": at,
        "EventSource": event["eventSource"],
        "Username": event["userIdentity"]["arn"].rpartition("/")[2],
        "Resources": [{"ResourceType": kind, "ResourceName": name} for kind, name in listed],
        "CloudTrailEvent": json.dumps(event),
    }


def looked_up(trail: Sequence[Item], asked: Parameters) -> dict[str, Any]:
    """A page of the events that were asked for, newest first.

    Raises:
        AwsError: more than one attribute, or one that there is none of.
    """
    attributes = asked.get("LookupAttributes", ())
    if len(attributes) > 1 or any(a["AttributeKey"] not in ATTRIBUTES for a in attributes):
        raise AwsError("InvalidLookupAttributesException", "Invalid lookup attribute specified.")
    found = [e for e in trail if all(a["AttributeValue"] in ATTRIBUTES[a["AttributeKey"]](e) for a in attributes)]
    found = [e for e in found if _within(e["EventTime"], asked)]
    found.sort(key=lambda e: e["EventTime"], reverse=True)
    begin, size = int(asked.get("NextToken", 0)), asked.get("MaxResults", PAGE)
    more = {"NextToken": str(begin + size)} if begin + size < len(found) else {}
    return {"Events": found[begin : begin + size], **more}


def _within(at: datetime, asked: Parameters) -> bool:
    after = "StartTime" not in asked or at >= asked["StartTime"]
    return after and ("EndTime" not in asked or at <= asked["EndTime"])
