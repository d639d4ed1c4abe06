"""Events from AWS to Signals: what is no incident is Ignored, what no runbook can look into is a Notice."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from ..core.errors import EventNotUnderstood
from ..core.event_fields import Part
from ..core.model import Ignored, Notice, Signal
from ..redaction.redact import redact
from . import alarms, cloudtrail, ecs, envelope
from . import durable_executions as executions
from . import internal as own
from . import manual_requests as manual
from .alarms import Composite
from .durable_executions import Died
from .internal import Sweep
from .manual_requests import Request

Parsed = Signal | Ignored | Notice | Composite | Request | Sweep | Died

P = TypeVar("P")
SHORT_CHARS = 7  # most facts are states and small numbers: no secret is so short

__all__ = ["Composite", "Died", "Parsed", "Request", "Sweep", "parse", "parse_body", "without_secrets"]
EVENTS: Mapping[tuple[str, str], Callable[[Part], Signal | Ignored | Notice | Composite | Sweep | Died]] = {
    ("aws.ecs", "ECS Task State Change"): ecs.task_state,
    ("aws.ecs", "ECS Service Action"): ecs.service_action,
    ("aws.ecs", "ECS Deployment State Change"): ecs.deployment_state,
    ("aws.dynamodb", "AWS API Call via CloudTrail"): cloudtrail.dynamodb_call,
    (own.SOURCE, own.HANDED_OVER): own.handed_over,
    (own.SOURCE, own.SWEEP): own.sweep,
    (own.SOURCE, own.LEASE_DUE): own.lease_due,
    (executions.SOURCE, executions.STATUS_CHANGE): executions.status_change,
    ("aws.cloudwatch", "CloudWatch Alarm State Change"): alarms.state_change,
    ("aws.cloudwatch", "CloudWatch Alarm Contributor State Change"): alarms.state_change,
}


def parse(raw: Mapping[str, Any]) -> tuple[Parsed, ...]:
    """What one raw event tells, or one request by hand; more than one value only where its envelope holds several.

    Raises:
        EventNotUnderstood: it is nothing that AWS documents; the message names the missing part.
    """
    if not isinstance(raw, Mapping):
        raise EventNotUnderstood("the event is no JSON object")
    if manual.asks(raw):
        return (manual.request(raw),)
    return tuple(without_secrets(_event(part)) for part in envelope.opened(raw))


def parse_body(text: str) -> tuple[Parsed, ...]:
    """What the body of one queue message tells. A request by hand is not taken from a queue: see `_event`.

    Raises:
        EventNotUnderstood: it is no JSON object, or nothing that AWS documents.
    """
    return tuple(without_secrets(_event(part)) for part in envelope.opened(envelope.document(text)))


def without_secrets(parsed: P) -> P:
    """`parsed` as it may be stored: what a signal's event says of itself holds no secret; ARNs, ids and codes stay."""
    if not isinstance(parsed, Signal):
        return parsed
    return replace(parsed, key=redact(parsed.key), facts=_redacted(parsed.facts))


def _redacted(value: Any) -> Any:
    if isinstance(value, str):
        return redact(value) if len(value) > SHORT_CHARS else value
    if isinstance(value, Mapping):
        return {name: _redacted(member) for name, member in value.items()}
    return [_redacted(member) for member in value] if isinstance(value, list | tuple) else value


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
