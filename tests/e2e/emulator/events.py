"""EventBridge as the world needs it: AWS's own sources, the world's time, and targets that keep what they cannot get."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from . import clock
from .admin import REGION, in_account
from .patches import patch, silent, speaks
from .rights import role_may, service_may_deliver


def emit(
    source: str, detail_type: str, detail: Mapping[str, Any], resources: Sequence[str] = (), region: str = REGION
) -> None:
    """Lets an AWS service tell the default bus of a region of something; the envelope is EventBridge's."""
    from ministack.services import eventbridge

    entry = {
        "Source": source,
        "DetailType": detail_type,
        "Detail": json.dumps(detail, default=str),
        "Resources": list(resources),
    }
    in_account(lambda: eventbridge._put_events({"Entries": [entry]}, allow_aws_source=True), region)


@patch(
    of="ministack.services.eventbridge._put_events",
    lacks="refuses aws.* sources, as AWS does: no ECS or CloudWatch is there to send the real ones",
    still=speaks("ministack.services.eventbridge._put_events", "NotAuthorizedForSourceException"),
)
def let_the_driver_speak_for_aws(original: Any) -> Any:
    """PutEvents takes `aws.*` sources, so that real payloads can be played through the front door."""

    def put_events(data: Any, allow_aws_source: bool = True) -> Any:
        return original(data, allow_aws_source=True)

    return put_events


@patch(
    of="ministack.services.eventbridge.time",
    lacks="has no clock but the machine's (EventBridge)",
    still=speaks("ministack.services.eventbridge._now_ts", "return time.time()"),
)
def tell_the_worlds_time(_original: Any) -> Any:
    """Events carry the world's time, also as messages of a queue."""
    return clock.WorldTime()


@patch(
    of="ministack.services.eventbridge._invoke_target",
    lacks="delivers without the target's leave, drops what it cannot deliver, reaches no bus of another region, and "
    "ignores the dead-letter queue",
    still=silent("ministack.services.eventbridge._invoke_target", "DeadLetterConfig"),
)
def keep_what_cannot_be_delivered(original: Any) -> Any:
    """An event for a queue or topic that is gone or does not let the rule in goes to the target's dead-letter queue.

    AWS retries throttled and failing targets for up to a day; here nothing throttles, so only the end is modelled.
    A bus in another region gets it where the target's role may put events there; the event still names its own region.
    """

    def invoke_target(target: dict[str, Any], event: Any, rule: Any, view: Any = None) -> None:
        dead = (target.get("DeadLetterConfig") or {}).get("Arn")
        if _elsewhere(target.get("Arn", "")):
            if not _sent_on(target, event, rule) and dead and _may_receive(dead, rule):
                original({"Id": "dead", "Arn": dead}, event, rule, view)
        elif _may_receive(target.get("Arn", ""), rule):
            original(target, event, rule, view)
        elif dead and _may_receive(dead, rule):
            original({"Id": "dead", "Arn": dead}, event, rule, view)

    return invoke_target


def _elsewhere(arn: str) -> bool:
    from ministack.core.responses import get_region

    parts = arn.split(":", 5)
    return len(parts) == 6 and parts[2] == "events" and parts[5].startswith("event-bus/") and parts[3] != get_region()


def _sent_on(target: Mapping[str, Any], event: Mapping[str, Any], rule: Mapping[str, Any]) -> bool:
    """Whether a bus of another region got the event."""
    from ministack.services import eventbridge

    arn, role = str(target["Arn"]), str(target.get("RoleArn") or "")
    if not role or not role_may(role, "events:PutEvents", arn):
        return False
    path = [*(event.get("_DispatchPath") or ()), f"{rule['Arn']} to {arn}"]
    sent = {**event, "EventBusName": arn.rpartition("/")[2], "_DispatchPath": path}
    in_account(lambda: eventbridge._dispatch_event(sent), arn.split(":")[3])
    return True


def _may_receive(arn: str, rule: dict[str, Any]) -> bool:
    return _exists(arn) and service_may_deliver("events.amazonaws.com", arn, rule["Arn"])


def _exists(arn: str) -> bool:
    from ministack.services import sns, sqs

    service = arn.split(":")[2] if arn.count(":") >= 5 else ""
    if service == "sqs":
        return sqs._queue_by_arn(arn) is not None
    if service == "sns":
        return arn in sns._topics
    return True
