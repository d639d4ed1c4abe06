"""What AWS wraps events in: SNS notifications, Lambda's record lists, queue bodies."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from ..core.errors import EventNotUnderstood
from ..core.event_fields import Part, bounded

RECORDS_AT_MOST = 10_000  # Lambda's own bound for one batch of a queue
WRAPPED_AT_MOST = 4  # queue in record, SNS in queue, event in SNS: nothing real is deeper


def document(text: str, where: str = "body") -> Mapping[str, Any]:
    """The JSON object that `text` is.

    Raises:
        EventNotUnderstood: it is something else.
    """
    try:
        read = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise EventNotUnderstood(f"{where} is no JSON: {bounded(str(error), 120)}") from error
    if not isinstance(read, Mapping):
        raise EventNotUnderstood(f"{where} is no JSON object")
    return read


def opened(raw: Mapping[str, Any], depth: int = 0) -> Iterator[Part]:
    """The events within `raw`, out of all their envelopes.

    Raises:
        EventNotUnderstood: an envelope is empty, holds no JSON, or too many are nested.
    """
    if depth > WRAPPED_AT_MOST:
        raise EventNotUnderstood(f"more than {WRAPPED_AT_MOST} envelopes around one event")
    part = Part(raw)
    if "Records" in raw:
        records = part.parts("Records", RECORDS_AT_MOST)
        if not records:
            raise EventNotUnderstood("Records is empty")
        for record in records:
            yield from opened(_of_record(record), depth + 1)
    elif raw.get("Type") == "Notification":
        yield from opened(_message(part), depth + 1)
    else:
        yield part


def _of_record(record: Part) -> Mapping[str, Any]:
    if "body" in record.values:
        return document(_whole_text(record, "body"), record.where("body"))
    return _message(record.needed_part("Sns"))


def _message(sns: Part) -> Mapping[str, Any]:
    return document(_whole_text(sns, "Message"), sns.where("Message"))


def _whole_text(part: Part, name: str) -> str:
    value = part.values.get(name)
    if not isinstance(value, str):
        raise EventNotUnderstood(f"{part.where(name)} is no text")
    return value
