"""Readers of the application's log around an incident: the stopped task's stream first, then its log group."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ....core.errors import NotFound, RemediatorError
from ....core.model import Resource
from ....core.ports import Aws, Permission, Scope, reads
from ....core.timestamps import after, moment
from ....redaction.redact import LONGEST_SECRET_CHARS, printable, redact
from ...kinds import kind_of
from ...logs.digest import LogDigest, LogExcerpt, digest, error_lines, first_trace
from ...logs.records import EVENT_CHARS, LogEvent, is_error, records
from ..kind import declared_service
from ..model import TaskDefinition, TaskStop
from ..stop_codes import meaning
from .service import SERVICE, TASK, definition, stops

LOG_GROUPS = "arn:{partition}:logs:{region}:{account}:log-group:*"


BEFORE_S = 600  # ours: errors come before what they end in; ten minutes hold two rounds of a restart loop


STREAM_EVENTS = 500


PAGES = 4  # ours: an answer has up to 1 MB or 10,000 events. Source: AWS, FilterLogEvents


PAGE_EVENTS = 1_000


TRACE_EVENTS = 200


TRACE_S = 5  # a trace is written at once


CHARS = 2_000_000


# Any of these terms; case counts. The rest is sorted out here. Source: AWS, filter pattern syntax for unstructured events.
PATTERN = "?ERROR ?Error ?error ?Exception ?exception ?FATAL ?fatal ?CRITICAL ?SEVERE ?panic ?PANIC ?Traceback"
LOG_LINES = 200
LOG_CHARS = 100_000
LINE_CHARS = 500


@dataclass(slots=True)
class _Found:
    """What was read so far, within `CHARS`, and what was left out."""

    events: dict[tuple[str, int, str], LogEvent] = field(default_factory=dict)
    chars: int = 0
    cut: list[str] = field(default_factory=list)

    def add(self, mappings: Iterable[Mapping[str, Any]], stream: str = "") -> None:
        for event in mappings:
            message = str(event.get("message", ""))[:EVENT_CHARS]
            if self.chars + len(message) > CHARS:
                self.cut.append("more text than is read")
                return
            read = LogEvent(int(event.get("timestamp", 0)), str(event.get("logStreamName", stream)), message)
            key = (read.stream, read.at_ms, read.message)
            if key not in self.events:  # stream and group both tell of it
                self.events[key] = read
                self.chars += len(message)

    def forget(self, stream: str, begins: int, ends: int) -> None:
        """Drops a stream's events between two moments."""
        self.events = {k: e for k, e in self.events.items() if k[0] != stream or not begins <= k[1] <= ends}


@reads(
    Permission("logs:GetLogEvents", LOG_GROUPS),
    Permission("logs:FilterLogEvents", LOG_GROUPS),
    Permission("ecs:DescribeTaskDefinition"),
    Permission("ecs:DescribeServices", SERVICE),
    Permission("ecs:ListTasks", "*"),
    Permission("ecs:DescribeTasks", TASK),
)
def log_digest(aws: Aws, scope: Scope) -> LogDigest:
    """The errors that the incident's application logged, from ten minutes before its first signal until now.

    Raises:
        NotFound: no service is known, or none of its containers logs to CloudWatch Logs.
    """
    there = replace(scope, incident=replace(scope.incident, resource=service_of(scope)))
    specified = definition(aws, there)
    group = next((c.log_group for c in specified.containers if c.log_group), "")
    if not group:
        raise NotFound("no container of the service logs to CloudWatch Logs")
    first = min((s.at for s in scope.incident.signals if s.at), default=scope.incident.opened_at)
    since = after(min(first, scope.incident.opened_at), -BEFORE_S)
    stopped = log_stream(_stops(aws, there), specified)
    found = _Found()
    if stopped:
        group = stopped[0]
        _read_stream(aws, stopped, since, scope.now, found)
    _read_group(aws, group, since, scope.now, found)
    _read_trace(aws, group, found, stopped[1] if stopped else "")
    return digest(
        tuple(found.events.values()),
        group=group,
        since=since,
        until=scope.now,
        first_stream=stopped[1] if stopped else "",
        cut="; ".join(dict.fromkeys(found.cut)),
    )


def service_of(scope: Scope) -> Resource:
    """The ECS service of the incident.

    Raises:
        NotFound: it is neither the incident's resource nor declared for its workload.
    """
    resource, workload = scope.incident.resource, scope.workload
    kind = kind_of(resource)
    if kind.application_log == "own":
        return resource
    if kind.application_log == "none":
        raise NotFound(f"a {kind.title.en} writes no application log")
    declared = declared_service(workload, resource)
    if declared is None:
        raise NotFound("no service is declared for this resource's workload, so no log is known")
    return declared


def _stops(aws: Aws, scope: Scope) -> tuple[TaskStop, ...]:
    try:
        return stops(aws, scope)
    except RemediatorError:  # the group tells of errors without them
        return ()


def _read_stream(aws: Aws, stopped: tuple[str, str], since: str, until: str, found: _Found) -> None:
    group, stream = stopped
    try:
        result = aws.call(
            "logs:GetLogEvents",
            logGroupName=group,
            logStreamName=stream,
            startTime=_ms(since),
            endTime=_ms(until) + 1,
            limit=STREAM_EVENTS,
            startFromHead=False,
        )["events"]
    except NotFound:  # a task that never logged has no stream
        return
    found.add(result, stream)
    if len(result) >= STREAM_EVENTS:
        found.cut.append(f"the stopped task's stream: its last {STREAM_EVENTS} events")


def _read_group(aws: Aws, group: str, since: str, until: str, found: _Found) -> None:
    token: Mapping[str, str] = {}
    for _ in range(PAGES):
        response = aws.call(
            "logs:FilterLogEvents",
            logGroupName=group,
            startTime=_ms(since),
            endTime=_ms(until) + 1,
            filterPattern=PATTERN,
            limit=PAGE_EVENTS,
            **token,
        )
        found.add(response.get("events", ()))
        token = {"nextToken": response["nextToken"]} if response.get("nextToken") else {}
        if not token:
            return
    found.cut.append(f"the log group: what {PAGES} requests gave, the earliest first")


def _read_trace(aws: Aws, group: str, found: _Found, whole: str) -> None:
    """The lines around the first error: the pattern finds the first line of a trace, and not its frames.

    Of the stream `whole` every line has been read already.
    """
    result = [r for r in records(found.events.values()) if is_error(r)]
    if not result or any(line[:1].isspace() for r in result for line in r.trace):
        return
    first = next((r for r in result if r.stream != whole), None)
    if first is None:
        return
    begins, ends = first.at_ms - 1000, first.at_ms + TRACE_S * 1000
    around = aws.call(
        "logs:FilterLogEvents",
        logGroupName=group,
        logStreamNames=[first.stream],
        startTime=begins,
        endTime=ends,
        limit=TRACE_EVENTS,
    )
    lines = around.get("events", ())
    if lines:
        found.forget(first.stream, begins, ends)  # what comes now is whole and in order
        found.add(lines)


def _ms(at: str) -> int:
    return int(moment(at).timestamp() * 1000)


@reads(Permission("logs:GetLogEvents", "arn:{partition}:logs:{region}:{account}:log-group:*"))
def last_words(aws: Aws, scope: Scope, stops: tuple[TaskStop, ...], definition: TaskDefinition) -> LogExcerpt:
    """What the newest badly stopped task logged last: errors and the first stack trace, redacted.

    Raises:
        NotFound: none of its containers logs to CloudWatch Logs.
    """
    del scope
    stopped = log_stream(stops, definition)
    if stopped is None:
        raise NotFound("no stopped task with a log in CloudWatch Logs")
    group, stream = stopped
    response = aws.call(
        "logs:GetLogEvents",
        logGroupName=group,
        logStreamName=stream,
        limit=LOG_LINES,
        startFromHead=False,
    )
    raw = "\n".join(str(e["message"]) for e in response["events"])
    # Redacted as a whole: a private key has several lines. Printable first: a sign that is not seen may part a secret's name.
    lines = [line[:LINE_CHARS] for line in redact(printable(_last_of(raw))).splitlines()]
    return LogExcerpt(
        group=group,
        stream=stream,
        lines=len(lines),
        errors=error_lines(lines),
        trace=first_trace(lines),
    )


def _last_of(log: str) -> str:
    """The end of a log, from a whole line on where it has one: half a secret is not recognised."""
    if len(log) <= LOG_CHARS:
        return log
    end = log[-LOG_CHARS:]
    return end.partition("\n")[2] or end[LONGEST_SECRET_CHARS:]


def log_stream(stops: tuple[TaskStop, ...], definition: TaskDefinition) -> tuple[str, str] | None:
    """Log group and stream of the newest badly stopped task, of the container that failed; None where it has none."""
    stop = next(
        (s for s in stops if meaning(s) in ("out_of_memory", "health_check", "application_error", "unknown")), None
    )
    logging = [c for c in definition.containers if c.log_group and c.log_prefix]
    if stop is None or not logging:
        return None
    failed = {c.name for c in stop.containers if c.exit_code not in (0, None)}
    container = next((c for c in logging if c.name in failed), logging[0])
    return container.log_group, f"{container.log_prefix}/{container.name}/{stop.task_id}"
