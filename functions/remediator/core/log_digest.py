"""What an application's log tells of an incident: errors by message shape with their times, and the first stack trace.

A pure value made from log events; nothing of it holds a secret, and all of it is bounded.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from .clocks import iso
from .log_records import LogEvent, Record, is_error, records
from .message_shape import shape
from .redact import bounded, outside

SHAPES_KEPT = 5
SAMPLE_CHARS = 300
TRACE_LINES = 40
TRACE_CHARS = 8_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ShapeCount:
    """How often one thing was logged.

    Attributes:
        shape: the message without what varies.
        sample: the first such message, redacted.
        first_at, last_at: ISO 8601, UTC.
    """

    shape: str
    count: int
    first_at: str
    last_at: str
    sample: str
    stream: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogDigest:
    """The errors of one log group between two moments.

    Attributes:
        events: how many log events were looked at.
        errors: how many errors they tell of.
        shapes: the most frequent ones; of equal counts, the earliest.
        more_shapes: how many others there are.
        trace: the first stack trace, of the stopped task where that one left any; `trace_at` and `trace_stream` say
            when and where.
        complete: False where part of the window was not read; `cut` says what was left out.
    """

    group: str
    since: str
    until: str
    events: int = 0
    errors: int = 0
    first_at: str = ""
    last_at: str = ""
    shapes: tuple[ShapeCount, ...] = ()
    more_shapes: int = 0
    trace: tuple[str, ...] = ()
    trace_at: str = ""
    trace_stream: str = ""
    complete: bool = True
    cut: str = ""


def digest(
    events: Sequence[LogEvent], *, group: str, since: str, until: str, first_stream: str = "", cut: str = ""
) -> LogDigest:
    """The digest of these events.

    Args:
        events: of any streams, in any order.
        group: log group.
        since: the window that was asked for begins here.
        until: and ends here.
        first_stream: the stopped task's; its trace goes before those of others.
        cut: what of the window was left out, empty where nothing was.
    """
    told = [r for r in records(events) if is_error(r)]
    counted = _counted(told)
    traced = sorted((r for r in told if r.trace), key=lambda r: (r.stream != first_stream, r.at_ms))
    first = traced[0] if traced else None
    return LogDigest(
        group=group,
        since=since,
        until=until,
        events=len(events),
        errors=len(told),
        first_at=_at(min(r.at_ms for r in told)) if told else "",
        last_at=_at(max(r.at_ms for r in told)) if told else "",
        shapes=tuple(counted[:SHAPES_KEPT]),
        more_shapes=max(0, len(counted) - SHAPES_KEPT),
        trace=trace_of(first) if first else (),
        trace_at=_at(first.at_ms) if first else "",
        trace_stream=bounded(first.stream, SAMPLE_CHARS) if first else "",
        complete=not cut,
        cut=cut,
    )


def trace_of(record: Record) -> tuple[str, ...]:
    """The record's trace, redacted; of a long one the beginning and the end, where the errors are named."""
    lines = outside("\n".join(record.trace), TRACE_CHARS).splitlines()
    told = [line for line in lines if line.strip()]
    if len(told) <= TRACE_LINES:
        return tuple(told)
    half = TRACE_LINES // 2
    return (*told[:half], f"    … {len(told) - 2 * half + 1} lines left out", *told[1 - half :])


def in_short(record: Record) -> str:
    """The message and the error that its trace names, in one line, redacted."""
    parts = (record.head, record.named)
    return outside(" ".join(" / ".join(p for p in parts if p).split()), SAMPLE_CHARS)


def _counted(told: Iterable[Record]) -> list[ShapeCount]:
    groups: dict[str, list[Record]] = {}
    for record in told:
        groups.setdefault(shape(in_short(record)), []).append(record)
    counted = [
        ShapeCount(
            shape=named,
            count=len(group),
            first_at=_at(group[0].at_ms),
            last_at=_at(group[-1].at_ms),
            sample=in_short(group[0]),
            stream=bounded(group[0].stream, SAMPLE_CHARS),
        )
        for named, group in groups.items()
    ]
    return sorted(counted, key=lambda c: (-c.count, c.first_at))


def _at(ms: int) -> str:
    return iso(datetime.fromtimestamp(ms / 1000, UTC))
