"""Events as EventBridge delivers them, and the SQS batches in which Lambda gets them."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import md5
from typing import Any

from moto.events.models import EventPattern

from ..names import ACCOUNT, REGION, uuid

Event = dict[str, Any]
QUEUE_ARN = f"arn:aws:sqs:{REGION}:{ACCOUNT}:remediator-signals"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message in the signals queue.

    Attributes:
        received: how often it was handed out before.
        by_rule: an event of the bus, which a rule must let through; else the program sent it itself.
    """

    at: datetime
    event: Event
    received: int = 0
    by_rule: bool = True


def iso(moment: datetime) -> str:
    """Milliseconds and Z, as ECS writes moments into events."""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def task_state_change(task: Mapping[str, Any], at: datetime) -> Event:
    """The event of a task in the shape of DescribeTasks, which differs in few places."""
    detail = {k: iso(v) if isinstance(v, datetime) else v for k, v in task.items()}
    detail["updatedAt"] = iso(at)
    detail["attachments"] = [{**a, "type": "eni"} for a in task["attachments"]]
    dropped = ("healthStatus", "networkBindings")
    detail["containers"] = [{k: v for k, v in c.items() if k not in dropped} for c in task["containers"]]
    return envelope("aws.ecs", "ECS Task State Change", at, [task["taskArn"]], detail)


def service_action(service_arn: str, name: str, reason: str, at: datetime) -> Event:
    """The event by which ECS tells that it could not start a task at all."""
    cluster = service_arn.replace(":service/", ":cluster/").rsplit("/", 1)[0]
    detail = {"eventType": "ERROR", "eventName": name, "clusterArn": cluster, "reason": reason, "createdAt": iso(at)}
    return envelope("aws.ecs", "ECS Service Action", at, [service_arn], detail)


def execution_status_change(function_arn: str, name: str, status: str, at: datetime) -> Event:
    """The event of a durable execution that has ended."""
    version = f"{function_arn}:1"
    detail = {
        "durableExecutionArn": f"{version}/durable-execution/{name}/{uuid('execution', name)}",
        "durableExecutionName": name,
        "functionArn": version,
        "status": status,
        "endTimestamp": iso(at),
    }
    return envelope("aws.lambda", "Durable Execution Status Change", at, [], detail)


def envelope(source: str, detail_type: str, at: datetime, resources: Sequence[str], detail: Event) -> Event:
    """What EventBridge puts around a detail."""
    return {
        "version": "0",
        "id": uuid(source, detail_type, at, *resources, detail.get("version", "")),
        "detail-type": detail_type,
        "source": source,
        "account": ACCOUNT,
        "time": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": REGION,
        "resources": list(resources),
        "detail": detail,
    }


class Rules:
    """The event patterns of all rules that lead to the signals queue."""

    def __init__(self, patterns: Iterable[Mapping[str, Any]]) -> None:
        self._patterns = [EventPattern.load(json.dumps(p)) for p in patterns]

    def let_through(self, event: Event) -> bool:
        """Whether a rule matches; EventBridge's own matching, as moto has it."""
        found: Any = event
        return any(p.matches_event(found) for p in self._patterns)


def sqs_batch(deliveries: Sequence[Delivery]) -> Event:
    """What Lambda hands to the function that the queue triggers."""
    return {"Records": [_record(d, place) for place, d in enumerate(deliveries)]}


def _record(delivery: Delivery, place: int) -> Event:
    body = json.dumps(delivery.event)
    sent = str(int(delivery.at.timestamp() * 1000))
    return {
        "messageId": uuid("message", delivery.event.get("id", body), delivery.at, place),
        "receiptHandle": "AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a",
        "body": body,
        "attributes": {
            "ApproximateReceiveCount": str(delivery.received + 1),
            "SentTimestamp": sent,
            "SenderId": "AIDAIENQZJOLO23YVJ4VO",
            "ApproximateFirstReceiveTimestamp": sent,
        },
        "messageAttributes": {},
        "md5OfBody": md5(body.encode(), usedforsecurity=False).hexdigest(),
        "eventSource": "aws:sqs",
        "eventSourceARN": QUEUE_ARN,
        "awsRegion": REGION,
    }
