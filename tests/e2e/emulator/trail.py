"""CloudTrail: calls by their names and callers, on the world's clock, and as late as AWS is."""

import json
from typing import Any

from . import clock
from .patches import patch, silent

LATE_S = (
    900  # AWS, CloudTrail: five minutes on average and up to fifteen; so who has just broken something is not known
)
DATA = ("Object", "Item", "Query", "Scan", "Publish", "Message", "Invoke")  # what a trail's event history does not hold
READS = ("Describe", "Get", "List", "Head", "Lookup", "Batch", "Query", "Scan", "Search", "Filter")


@patch(
    of="ministack.services.cloudtrail.record_event",
    lacks="records data events too, calls every caller a user named like its key, and calls of the query protocol by their HTTP method",
    still=silent("ministack.services.cloudtrail.record_event", "AssumedRole"),
)
def record_as_aws_does(original: Any) -> Any:
    """A record tells who called what, when it was in the world."""

    def record_event(**told: Any) -> None:
        from ministack.services import cloudtrail

        name, asked = told["event_name"], told["request_params"]
        if "Action" in asked:
            name, told["request_params"] = asked["Action"], {k: v for k, v in asked.items() if k != "Action"}
        if any(word in name for word in DATA):
            return
        original(**{**told, "event_name": name})
        _mend(cloudtrail._get_event_queue()[-1], _caller(told["access_key_id"]), read=name.startswith(READS))

    return record_event


@patch(
    of="ministack.services.cloudtrail._DISPATCH",
    at=("LookupEvents",),
    lacks="knows of every call at once",
    still=silent("ministack.services.cloudtrail._lookup_events", "late"),
)
def look_up_what_has_arrived(original: Any) -> Any:
    """Nothing of the last minutes is there yet."""

    def lookup_events(body: dict[str, Any]) -> Any:
        arrived = clock.now() - LATE_S
        end = min(float(body.get("EndTime", arrived)), arrived)
        return original({**body, "EndTime": end})

    return lookup_events


def age(seconds: float) -> None:
    """All that was recorded until now is so much older."""
    from ministack.services import cloudtrail

    for record in cloudtrail._get_event_queue():
        record["EventTime"] -= seconds


def _caller(access_key: str) -> dict[str, str]:
    from ministack.core import iam_evaluator
    from ministack.core.responses import get_account_id

    principal = iam_evaluator.resolve_principal(access_key, get_account_id())
    arn = getattr(principal, "arn", "") or f"arn:aws:iam::{get_account_id()}:root"
    kind = "AssumedRole" if ":assumed-role/" in arn else "Root" if arn.endswith(":root") else "IAMUser"
    return {"type": kind, "arn": arn, "accountId": get_account_id()}


def _mend(record: dict[str, Any], caller: dict[str, str], *, read: bool) -> None:
    parsed = json.loads(record["CloudTrailEvent"])
    parsed.update(userIdentity=caller, eventTime=clock.iso(), readOnly=read)
    record.update(
        EventTime=clock.now(),
        Username=caller["arn"].rpartition("/")[2],
        ReadOnly="true" if read else "false",
        CloudTrailEvent=json.dumps(parsed),
    )
