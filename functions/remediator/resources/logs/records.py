"""Log events put together to records: a message with the stack trace that belongs to it, however many events it came in.

A stream is one writer's, so events are only ever joined within a stream. Which lines go on with the one before follows
from how Python, Java, Node.js, Go, .NET and Ruby print their traces; what no language prints so begins a record of its own.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .lines import Level, lines

EVENT_CHARS = 20_000  # ours: of one event, which CloudWatch Logs allows 256 KB (since April 2025: 1 MB)
LINE_CHARS = 500
RECORD_LINES = 200
JOIN_WITHIN_MS = 5_000  # ours: lines of one trace are written at once; what comes later is another's

ANSI = re.compile(r"\x1b\[[0-9;?]{0,20}[A-Za-z]")
PYTHON_BEGINS = "Traceback (most recent call last):"
_NAMED = r"(?:[A-Za-z_$][\w$]{0,100}(?:\.|::))*[A-Za-z_$]?[\w$]{0,100}"
EXCEPTION = re.compile(
    rf"^(?:Exception in thread \S{{1,80}} |Uncaught |Unhandled exception[.:] |\[?Error: )?"
    rf"(?P<name>{_NAMED}(?:Exception|Error|Failure|Fault|Throwable|Panic))(?=[:\s(]|$)"
)
RUBY_BEGINS = re.compile(r"^\S{1,200}:\d{1,6}:in [`'].{1,200}: .{0,400}\([\w:]{1,100}\)$")
GO_BEGINS = re.compile(r"^(?:panic: |fatal error: |goroutine \d+ \[)")
GO_FRAME = re.compile(
    r"^[\w./*@%\-]{1,200}(?:\(.{0,300}\))?(?:\.\w{1,100})?\(.{0,300}\)$|^created by |^\[signal |^exit status \d|^runtime\."
)
FRAME = re.compile(r"^\s+(?:at |File \"|from |\.{3} \d+ |---> |[\w./-]{1,200}\.go:\d)|^\tfrom |^\tat ")
GOES_ON = re.compile(
    r"^(?:\s+\S|Caused by: |Suppressed: |During handling of the above exception|The above exception was the direct cause"
    r"|\.{3} \d{1,5} (?:more|common)|--- End of |--> |[)}\]];?$|\s*at \S)"
)
WORDS = ("message", "msg", "log", "event", "text")
TRACES = ("stack_trace", "stackTrace", "stacktrace", "stack", "exc_info", "exception", "traceback", "error_stack")
HOLDERS = ("error", "err", "exception")
BENIGN = re.compile(
    r"(?i)\b(?:0|no|zero|without(?: any)?) (?:\w{1,20} )?(?:errors?|exceptions?|failures?)\b"
    r"|[\"']?\b[\w.-]{0,40}(?:error|exception|failure|failed)[\w.-]{0,40}[\"']?\s?[=:]\s?[\"']?"
    r"(?:0+(?:\.0+)?%?|none|null|nil|false|no|\[\]|\{\}|[\"'])(?=[\s,;}\])\"'.]|$)"
    r"|\berror[ _-](?:rate|count|budget|handler|handling|page|reporting|log|level|codes?)\b"
)
SEVERE = re.compile(
    r"\b(?:ERROR|FATAL|CRITICAL|SEVERE|PANIC|EMERG)\b|^panic: |^fatal error: |Traceback \(most recent call last\)"
    r"|\b(?:[Uu]ncaught|[Uu]nhandled) \w|\b[A-Z][\w.$]{0,100}(?:Exception|Error)\b(?=[:(\s]|$)|\bException\b"
)


@dataclass(frozen=True, slots=True)
class LogEvent:
    """One event of CloudWatch Logs: milliseconds since 1970, its stream and its text."""

    at_ms: int
    stream: str
    message: str


@dataclass(slots=True)
class Record:
    """What was logged at once.

    Attributes:
        head: the message; empty where a trace stands alone.
        trace: the stack trace's lines, empty where there is none.
        level: what its author calls it, empty where nothing says.
    """

    at_ms: int
    stream: str
    head: str = ""
    level: Level = ""
    trace: list[str] = field(default_factory=list)
    last_ms: int = 0
    whole: bool = False  # nothing goes on with it
    python: bool = False  # its error is not yet named
    go: bool = False

    @property
    def named(self) -> str:
        """The line that names the error of the trace, the last one where errors are chained in Python."""
        flat = [t for t in self.trace if t and not t[0].isspace()]
        if any(t.startswith(PYTHON_BEGINS) for t in self.trace):
            return next((t for t in reversed(flat) if not t.startswith((PYTHON_BEGINS, "During ", "The above "))), "")
        return flat[0] if flat else ""


def records(events: Iterable[LogEvent]) -> tuple[Record, ...]:
    """The records of all streams, by the time of their first event."""
    streams: dict[str, list[LogEvent]] = {}
    for event in events:
        streams.setdefault(event.stream, []).append(event)
    found = [r for result in streams.values() for r in _of_stream(sorted(result, key=lambda e: e.at_ms))]
    return tuple(sorted(found, key=lambda r: r.at_ms))


def _of_stream(events: Sequence[LogEvent]) -> list[Record]:
    found: list[Record] = []
    flat: list[tuple[LogEvent, str]] = []
    for event in events:
        text = ANSI.sub("", event.message[:EVENT_CHARS]).rstrip()
        response = _object(text)
        if response is None:
            flat += [(event, line[:LINE_CHARS]) for line in text.splitlines() or [""]]
            continue
        found += _joined(flat)
        flat = []
        found.append(_structured(event, text, response))
    return [*found, *_joined(flat)]


def _joined(flat: Sequence[tuple[LogEvent, str]]) -> list[Record]:
    found: list[Record] = []
    for place, (event, line) in enumerate(flat):
        following = flat[place + 1][1] if place + 1 < len(flat) else ""
        last = found[-1] if found else None
        if (
            last
            and not last.whole
            and event.at_ms - last.last_ms <= JOIN_WITHIN_MS
            and _continues(last, line, following)
        ):
            _add(last, line)
            last.last_ms = event.at_ms
        elif line.strip():
            found.append(_begun(event, line, following))
    for record in found:
        while record.trace and not record.trace[-1].strip():
            record.trace.pop()
    return found


def _begun(event: LogEvent, line: str, following: str) -> Record:
    record = Record(event.at_ms, event.stream, last_ms=event.at_ms)
    if _begins_trace(line, following):
        _add(record, line)
    else:
        record.head = line
        record.level = next((found.level for found in lines(line)), "")
    return record


def _begins_trace(line: str, following: str) -> bool:
    if line.startswith(PYTHON_BEGINS) or GO_BEGINS.match(line):
        return True
    return bool((EXCEPTION.match(line) or RUBY_BEGINS.match(line)) and FRAME.match(following))


def _continues(record: Record, line: str, following: str) -> bool:
    if not line.strip():
        return bool(record.trace)
    if record.python or (record.trace and GOES_ON.match(line)):
        return True
    if record.go and (GO_FRAME.match(line) or GO_BEGINS.match(line)):
        return True
    if record.trace:  # another trace goes on with this one only where it says how they are chained
        chained = next((t for t in reversed(record.trace) if t.strip()), "").startswith(("During ", "The above "))
        return line.startswith(PYTHON_BEGINS) and chained
    if FRAME.match(line):
        return True
    return (
        record.level in ("error", "")
        and _begins_trace(line, following)
        and (record.level == "error" or is_error(record))
    )


def _add(record: Record, line: str) -> None:
    if len(record.trace) < RECORD_LINES:
        record.trace.append(line)
    if line.startswith(PYTHON_BEGINS):
        record.python = True
    elif record.python and line.strip() and not line[0].isspace():
        record.python = False
    if GO_BEGINS.match(line):
        record.go = True


# -- what is an error, and what only sounds like one ---------------------------------------------------------------


def is_error(record: Record) -> bool:
    """Whether it tells of an error: it carries a trace, its author says so, or, where no level is told, its words do."""
    if record.trace or record.level == "error":
        return True
    return not record.level and bool(SEVERE.search(BENIGN.sub("", record.head)))


# -- structured lines --------------------------------------------------------------------------------------------------


def _object(text: str) -> Mapping[str, Any] | None:
    begins = text.find("{")
    if not 0 <= begins < 100 or not text.endswith("}"):
        return None
    try:
        parsed = json.loads(text[begins:])
    except (ValueError, RecursionError):
        return None
    return parsed if isinstance(parsed, dict) else None


def _structured(event: LogEvent, text: str, response: Mapping[str, Any]) -> Record:
    level: Level = next((line.level for line in lines(text.replace("\n", " "))), "")
    trace = _trace_in(response)
    head = next((str(response[w]) for w in WORDS if isinstance(response.get(w), str) and response[w].strip()), "")
    head = head or _error_named(response) or text
    first, _, rest = head.strip().partition("\n")
    if not trace and rest and FRAME.search(rest):
        trace = rest.splitlines()
    return Record(
        event.at_ms,
        event.stream,
        head=first[:LINE_CHARS],
        level=level,
        trace=[line[:LINE_CHARS] for line in trace if line.strip()][:RECORD_LINES],
        last_ms=event.at_ms,
        whole=True,
    )


def _trace_in(response: Mapping[str, Any], depth: int = 0) -> list[str]:
    for name in TRACES:
        value = response.get(name)
        if isinstance(value, list) and value and all(isinstance(v, str) for v in value):
            value = "\n".join(value)
        if isinstance(value, str) and ("\n" in value or EXCEPTION.match(value)):
            return value.splitlines()
    inner = [response[h] for h in HOLDERS if isinstance(response.get(h), dict)] if depth < 1 else []
    return next((found for i in inner if (found := _trace_in(i, depth + 1))), [])


def _error_named(response: Mapping[str, Any]) -> str:
    for holder in HOLDERS:
        value = response.get(holder)
        if isinstance(value, str) and value.strip():
            return value
        if isinstance(value, dict):
            parts = (value.get("type") or value.get("name") or "", value.get("message") or "")
            return ": ".join(str(p) for p in parts if p)
    return ""
