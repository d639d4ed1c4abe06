"""Digest of an application's log: errors by message shape with their times, and the first stack trace."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from ...core.timestamps import iso
from ...redaction.redact import bounded, outside
from .records import LogEvent, Record, is_error, records

SHAPES_KEPT = 5


SAMPLE_CHARS = 300


TRACE_LINES = 40


TRACE_CHARS = 8_000
SHAPE_CHARS = 200
LOOKED_AT_CHARS = 600
_RULES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?(?:[.,]\d{1,9})?(?:Z|[ ]?[+-]\d\d:?\d\d)?"), "<time>"),
    (re.compile(r"\d{1,2}/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d(?: [+-]\d{4})?"), "<time>"),
    (re.compile(r"\b\d{1,2}:\d\d:\d\d(?:[.,]\d{1,9})?\b"), "<time>"),
    (re.compile(r"\b\d{4}[-/]\d\d[-/]\d\d\b"), "<time>"),
    (re.compile(r"(?i)\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b"), "<id>"),
    (re.compile(r"\b\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}(?::\d{1,5})?\b"), "<ip>"),
    (re.compile(r"(?i)(?<![\w:])(?:[0-9a-f]{1,4}:){3,7}(?::?[0-9a-f]{1,4})\b"), "<ip>"),
    (re.compile(r"\b[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,64}){1,5}\b"), "<address>"),
    (re.compile(r"\"(?:[^\"\\]|\\.){0,300}\"|(?<!\w)'(?:[^'\\]|\\.){0,300}'(?!\w)|`[^`]{0,300}`"), "<value>"),
    (re.compile(r"\?[^\s\"']{1,300}"), "?<query>"),
    (re.compile(r"\b0x[0-9a-fA-F]{1,64}\b"), "<id>"),
    (re.compile(r"\b(?=[0-9a-fA-F]{8,})(?=[a-fA-F]{0,64}\d)[0-9a-fA-F]{8,64}\b"), "<id>"),
    (re.compile(r"\b(?=[A-Za-z_-]{0,40}\d)(?=\w{0,40}[A-Za-z])[\w-]{16,80}\b"), "<id>"),
    (re.compile(r"(?<![A-Za-z<])[-+]?\d[\d,._]*(?:[eE][-+]?\d{1,3})?"), "<n>"),
    (re.compile(r"(?<=[A-Za-z_-])\d{2,}\b"), "<n>"),
)


def shape(message: str) -> str:
    """One line in which times, numbers, ids, addresses and quoted values stand as what they are."""
    text = " ".join(message[:LOOKED_AT_CHARS].split())
    for pattern, put in _RULES:
        text = pattern.sub(put, text)
    return text[:SHAPE_CHARS]


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
    found = [r for r in records(events) if is_error(r)]
    counted = _counted(found)
    traced = sorted((r for r in found if r.trace), key=lambda r: (r.stream != first_stream, r.at_ms))
    first = traced[0] if traced else None
    return LogDigest(
        group=group,
        since=since,
        until=until,
        events=len(events),
        errors=len(found),
        first_at=_at(min(r.at_ms for r in found)) if found else "",
        last_at=_at(max(r.at_ms for r in found)) if found else "",
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
    found = [line for line in lines if line.strip()]
    if len(found) <= TRACE_LINES:
        return tuple(found)
    half = TRACE_LINES // 2
    return (*found[:half], f"    … {len(found) - 2 * half + 1} lines left out", *found[1 - half :])


def in_short(record: Record) -> str:
    """The message and the error that its trace names, in one line, redacted."""
    parts = (record.head, record.named)
    return outside(" ".join(" / ".join(p for p in parts if p).split()), SAMPLE_CHARS)


def _counted(found: Iterable[Record]) -> list[ShapeCount]:
    groups: dict[str, list[Record]] = {}
    for record in found:
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


@dataclass(frozen=True, slots=True, kw_only=True)
class LogExcerpt:
    """What one log stream said last; every line is redacted and bounded already.

    Attributes:
        lines: how many lines were looked at.
        errors: the first lines that tell of an error, at most five.
        trace: the first stack trace, empty where there is none.
    """

    group: str
    stream: str
    lines: int
    errors: tuple[str, ...] = ()
    trace: tuple[str, ...] = ()


def error_lines(lines: Sequence[str], most: int = 5) -> tuple[str, ...]:
    """The first messages that tell of an error; of a trace without a message, the error that it names."""
    return tuple(r.head or r.named for r in records(_events(lines)) if is_error(r))[:most]


def first_trace(lines: Sequence[str]) -> tuple[str, ...]:
    """The first stack trace (Python, Java, Node.js, Go, .NET, Ruby), empty where there is none."""
    return next((trace_of(r) for r in records(_events(lines)) if r.trace), ())


def _events(lines: Sequence[str]) -> tuple[LogEvent, ...]:
    return tuple(LogEvent(0, "", line) for line in lines)
