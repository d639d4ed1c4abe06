"""Events from AWS to Signals: what is no incident is Ignored, what no runbook can look into is a Notice."""

from collections.abc import Callable, Mapping
from typing import Any

from ..errors import EventNotUnderstood
from ..model import Ignored, Notice, Signal
from . import alarms, cloudtrail, ecs, envelope, executions, manual, own
from .alarms import Composite
from .executions import Died
from .manual import Request
from .own import Sweep
from .parts import Part

Parsed = Signal | Ignored | Notice | Composite | Request | Sweep | Died

__all__ = ["Composite", "Died", "Parsed", "Request", "Sweep", "parse", "parse_body"]


def parse(raw: Mapping[str, Any]) -> tuple[Parsed, ...]:
    """What one raw event tells, or one request by hand; more than one value only where its envelope holds several.

    Raises:
        EventNotUnderstood: it is nothing that AWS documents; the message names the missing part.
    """
    if not isinstance(raw, Mapping):
        raise EventNotUnderstood("the event is no JSON object")
    if manual.asks(raw):
        return (manual.request(raw),)
    return tuple(_event(part) for part in envelope.opened(raw))


def parse_body(text: str) -> tuple[Parsed, ...]:
    """What the body of one queue message tells. A request by hand is not taken from a queue: see `_event`.

    Raises:
        EventNotUnderstood: it is no JSON object, or nothing that AWS documents.
    """
    return tuple(_event(part) for part in envelope.opened(envelope.document(text)))


def _event(part: Part) -> Signal | Ignored | Notice | Composite | Sweep | Died:
    if manual.asks(part.values):  # whoever may send to a queue or topic may not ask for changes; IAM guards the invoke
        raise EventNotUnderstood("a request by hand comes by invoking the function only")
    if "alarmData" in part.values:
        return alarms.action(part)
    if "NewStateValue" in part.values or "AlarmName" in part.values:
        return alarms.message(part)
    if "detail-type" in part.values or "detail" in part.values:
        return _of_bus(part)
    if part.text("Type") in ("SubscriptionConfirmation", "UnsubscribeConfirmation"):
        return Ignored("SNS asks to confirm a subscription")
    if part.text("eventSource") and part.text("eventName"):
        return Ignored(f"a bare CloudTrail record: {part.text('eventName')}")
    raise EventNotUnderstood("detail-type is missing, and it is no alarm, SNS message or request either")


def _of_bus(event: Part) -> Signal | Ignored | Notice | Composite | Sweep | Died:
    source, detail_type = event.needed("source"), event.needed("detail-type")
    read = EVENTS.get((source, detail_type))
    return read(event) if read else Ignored(f"no incident: {source}, {detail_type}")


EVENTS: Mapping[tuple[str, str], Callable[[Part], Signal | Ignored | Notice | Composite | Sweep | Died]] = {
    ("aws.ecs", "ECS Task State Change"): ecs.task_state,
    ("aws.ecs", "ECS Service Action"): ecs.service_action,
    ("aws.ecs", "ECS Deployment State Change"): ecs.deployment_state,
    ("aws.dynamodb", "AWS API Call via CloudTrail"): cloudtrail.dynamodb_call,
    (own.SOURCE, own.HANDED_OVER): own.handed_over,
    (own.SOURCE, own.SWEEP): own.sweep,
    (executions.SOURCE, executions.STATUS_CHANGE): executions.status_change,
    ("aws.cloudwatch", "CloudWatch Alarm State Change"): alarms.state_change,
    ("aws.cloudwatch", "CloudWatch Alarm Contributor State Change"): alarms.state_change,
}
