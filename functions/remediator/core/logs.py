"""Log lines as evidence: the first error and the first stack trace, put together from several lines."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

ERROR_LINE = re.compile(r"\b(ERROR|FATAL|CRITICAL|PANIC|panic:|Exception|Traceback|[A-Z]\w*Error)\b")
TRACE_START = re.compile(
    r"^(Traceback \(most recent call last\):|panic: |Exception in thread |[\w.$]+(Exception|Error)\b)"
)
TRACE_GOES_ON = re.compile(r"^(\s+|goroutine \d|Caused by: |During handling of|The above exception|\t|\)|\}|$)")
TRACE_LINES = 40


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
    """The first lines that tell of an error."""
    return tuple(line for line in lines if ERROR_LINE.search(line))[:most]


def first_trace(lines: Sequence[str]) -> tuple[str, ...]:
    """The first stack trace (Python, Java, Node.js, Go), whole where it is under 40 lines, empty where there is none."""
    split = [part for line in lines for part in line.splitlines() or [""]]
    start = next((n for n, line in enumerate(split) if TRACE_START.match(line) and _followed(split, n)), None)
    if start is None:
        return ()
    end = start + 1
    while end < len(split) and end - start < TRACE_LINES and TRACE_GOES_ON.match(split[end]):
        end += 1
    if split[start].startswith("Traceback") and end < len(split):
        end += 1  # Python names the error after the frames
    return tuple(line for line in split[start:end] if line.strip())


def _followed(lines: Sequence[str], n: int) -> bool:
    return n + 1 < len(lines) and bool(re.match(r"^(\s+(File|at)\b|\s+at |\t|goroutine |$)", lines[n + 1]))
