"""A CloudTrail record to an ApiEvent: who, what, on which resource, with what result. Bounded and without secrets."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ...core.timestamps import iso, moment
from ...redaction.redact import REDACTED, outside
from ...redaction.secret_names import names_a_secret
from .callers import caller
from .history import ApiEvent

NAME_CHARS = 128
VALUE_CHARS = 200  # the longest ARN of a resource that matters here is shorter; policies are longer and left out
SAID_CHARS = 300
PARAMETERS_KEPT = 12
RESOURCES_KEPT = 10
RECORD_CHARS = 262_144  # AWS: an event of CloudTrail has 256 KB at most
LEFT_OUT = "…"


def looked_up(response: Mapping[str, Any]) -> ApiEvent | None:
    """One item of LookupEvents; None where it is no record that can be read."""
    text = str(response.get("CloudTrailEvent") or "")
    try:
        record = json.loads(text) if len(text) <= RECORD_CHARS else {}
    except (ValueError, RecursionError):
        record = {}
    listed = tuple(str(r.get("ResourceName") or "") for r in response.get("Resources") or ())
    fallback = {
        "eventName": response.get("EventName"),
        "eventSource": response.get("EventSource"),
        "eventTime": response.get("EventTime"),
        "eventID": response.get("EventId"),
        "readOnly": str(response.get("ReadOnly", "")).lower() == "true",
        "userIdentity": {"userName": response.get("Username")},
    }
    return event_of({**fallback, **(record if isinstance(record, Mapping) else {})}, listed)


def event_of(record: Mapping[str, Any], listed: Iterable[str] = ()) -> ApiEvent | None:
    """What a record tells.

    Args:
        record: as CloudTrail writes it.
        listed: names of resources that stand beside it.

    Returns:
        None where the record has no name or no time.
    """
    name, at = str(record.get("eventName") or ""), _time(record.get("eventTime"))
    if not name or not at:
        return None
    by = caller(
        _mapping(record.get("userIdentity")),
        agent=str(record.get("userAgent") or "")[:VALUE_CHARS],
        address=str(record.get("sourceIPAddress") or "")[:VALUE_CHARS],
    )
    resources = record.get("resources")
    arns = (str(_mapping(r).get("ARN") or "") for r in (resources if isinstance(resources, list) else ()))
    named = dict.fromkeys(r for r in (*listed, *arns) if r)
    return ApiEvent(
        id=outside(str(record.get("eventID") or ""), NAME_CHARS),
        at=at,
        name=outside(name, NAME_CHARS),
        source=outside(str(record.get("eventSource") or ""), NAME_CHARS).removesuffix(".amazonaws.com"),
        by=by.who,
        kind=by.kind,
        error_code=outside(str(record.get("errorCode") or ""), NAME_CHARS),
        said=outside(str(record.get("errorMessage") or ""), SAID_CHARS),
        read_only=record.get("readOnly") is True,
        resources=tuple(outside(r, VALUE_CHARS) for r in list(named)[:RESOURCES_KEPT]),
        parameters=_reduced(_mapping(record.get("requestParameters"))),
    )


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _time(value: Any) -> str:
    try:
        return iso(value if hasattr(value, "tzinfo") else moment(str(value)))
    except (ValueError, OverflowError):
        return ""


def _reduced(parameters: Mapping[str, Any]) -> Mapping[str, str]:
    """Names with harmless scalar values; of everything else that it is there, no more."""
    kept: dict[str, str] = {}
    for name, value in _flat(parameters):
        if len(kept) == PARAMETERS_KEPT:
            break
        kept[outside(name, NAME_CHARS)] = REDACTED if names_a_secret(name) else _harmless(value)
    return kept


def _flat(parameters: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in parameters.items():
        if isinstance(value, Mapping):
            yield from ((f"{name}.{inner}", v) for inner, v in value.items())
        else:
            yield str(name), value


def _harmless(value: Any) -> str:
    if isinstance(value, bool | int | float):
        return str(value).lower() if isinstance(value, bool) else str(value)
    if isinstance(value, list) and len(value) == 1:
        return _harmless(value[0])
    if not isinstance(value, str) or len(value) > VALUE_CHARS or value.lstrip().startswith(("{", "[", "<")):
        return LEFT_OUT
    return outside(value, VALUE_CHARS)
