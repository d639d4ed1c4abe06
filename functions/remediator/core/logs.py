"""What one log stream said last: its first errors and its first stack trace, put together from several lines."""

from collections.abc import Sequence
from dataclasses import dataclass

from .log_digest import trace_of
from .log_records import LogEvent, is_error, records


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
