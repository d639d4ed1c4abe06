"""What ECS tells of a service: its own list of events, and the two kinds of event on the bus."""

import uuid
from collections.abc import Mapping
from typing import Any

from . import agenda
from .events import emit
from .tasks import moment

EVENTS_KEPT = 100


def say(service: Any, what: str) -> None:
    """Adds to the events that DescribeServices lists."""
    values = {"id": str(uuid.uuid4()), "createdAt": agenda.now(), "_ours": True}
    service["events"].insert(0, {**values, "message": f"(service {service['serviceName']}) {what}"})
    del service["events"][EVENTS_KEPT:]


def tell_deployment(
    service: Mapping[str, Any], deployment: Mapping[str, Any], kind: str, name: str, reason: str = ""
) -> None:
    """`ECS Deployment State Change`."""
    detail = {
        "eventType": kind,
        "eventName": name,
        "clusterArn": service["clusterArn"],
        "deploymentId": deployment["id"],
        "updatedAt": moment(agenda.now()),
        "reason": reason or deployment["rolloutStateReason"],
    }
    agenda.tell(lambda: emit("aws.ecs", "ECS Deployment State Change", detail, [service["serviceArn"]]))


def tell_action(service: Mapping[str, Any], kind: str, name: str) -> None:
    """`ECS Service Action`."""
    at = moment(agenda.now())
    detail = {"eventType": kind, "eventName": name, "clusterArn": service["clusterArn"], "createdAt": at}
    agenda.tell(lambda: emit("aws.ecs", "ECS Service Action", detail, [service["serviceArn"]]))
