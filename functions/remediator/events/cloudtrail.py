"""`AWS API Call via CloudTrail`: a DeleteTable that DynamoDB refused. EventBridge has them only where a trail logs writes."""

import re

from ..core.errors import EventNotUnderstood
from ..core.event_fields import ARN_CHARACTERS, REASON_CHARACTERS, Part, Place, place_of
from ..core.model import Ignored, Level, Resource, Signal
from ..redaction.redact import outside
from ..resources.cloudtrail.callers import caller
from ..resources.dynamodb.delete_refusals import Row, ignored_because, refusal

KIND = "table_delete_refused"
DELETE_TABLE = "DeleteTable"
NAME = re.compile(r"[\w.-]{3,255}", re.ASCII)  # AWS, naming rules of DynamoDB
ACCOUNT = re.compile(r"\d{12}", re.ASCII)
REGION = re.compile(r"[a-z]{2}(?:-[a-z]{2,5})?-[a-z]{4,10}-\d", re.ASCII)
# What works as it was asked to, or ends by itself, is for information; what holds a table until somebody acts is more.
LEVELS: dict[Row, Level] = {
    "deletion_protected": "low",
    "index_creating": "low",
    "in_use": "medium",
    "backup_enabled": "medium",
}


def dynamodb_call(event: Part) -> Signal | Ignored:
    """A signal where DynamoDB refused DeleteTable for the table's own state; not where the caller was at fault."""
    detail = event.needed_part("detail")
    name, code = detail.needed("eventName"), detail.text("errorCode")
    if name != DELETE_TABLE:
        return Ignored(f"no deletion of a table: {name}")
    if not code:
        return Ignored("the table is being deleted as asked")
    said = outside(detail.text("errorMessage", REASON_CHARACTERS), REASON_CHARACTERS)
    means = refusal(code, said)
    if means is None:
        return Ignored(f"DeleteTable failed with {ignored_because(code)}")
    resource = _table(event, detail)
    identity = detail.part("userIdentity")
    by = caller(identity.values, agent=detail.text("userAgent"), address=detail.text("sourceIPAddress"))
    at = detail.time("eventTime") or event.time("time") or detail.needed("eventTime")
    return Signal(
        kind=KIND,
        resource=resource,
        level=LEVELS[means.row],
        at=at,
        key=detail.text("eventID") or f"{resource.arn}@{at}",
        facts={"error_code": code, "said": said, "by": by.who, "caller": by.kind},
    )


def _table(event: Part, detail: Part) -> Resource:
    asked = detail.needed_part("requestParameters")
    named = asked.needed("tableName", ARN_CHARACTERS)  # a name, or an ARN
    if named.startswith("arn:"):
        place, path = place_of(named, "dynamodb", asked.where("tableName"))
        named = path.removeprefix("table/")
    else:
        place = _place(event, detail)
    if not NAME.fullmatch(named):
        raise EventNotUnderstood(f"{asked.where('tableName')} names no table")
    return Resource("table", place.arn("dynamodb", f"table/{named}"))


def _place(event: Part, detail: Part) -> Place:
    region = detail.text("awsRegion") or event.needed("region")
    account = detail.text("recipientAccountId") or event.needed("account")
    if not REGION.fullmatch(region) or not ACCOUNT.fullmatch(account):
        raise EventNotUnderstood("detail names no account and region")
    by_region = {"cn": "aws-cn", "us-gov": "aws-us-gov"}
    partition = next((p for begin, p in by_region.items() if region.startswith(f"{begin}-")), "aws")
    return Place(partition, region, account)
