"""CloudWatch Logs: what the sandbox's tasks wrote, and a filter for plain terms."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from ..wire import AwsError, Fake, Parameters

Line = tuple[int, str]  # milliseconds since 1970, message
TERM = re.compile(r'([?-]?)(?:"([^"]*)"|(\S+))')


class Logs:
    """Log groups by name, streams within them, lines in order of time."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._groups: dict[str, dict[str, list[Line]]] = {}

    def make_group(self, name: str) -> None:
        """An empty log group."""
        self._groups.setdefault(name, {})

    def write(self, group: str, stream: str, at: datetime, message: str) -> None:
        """One line; a group that there is not takes none."""
        if group in self._groups:
            self._groups[group].setdefault(stream, []).append((_ms(at), message))

    def fakes(self) -> Mapping[str, Fake]:
        """Operations that read."""
        return {
            "GetLogEvents": self.get_log_events,
            "FilterLogEvents": self.filter_log_events,
            "DescribeLogStreams": self.describe_log_streams,
            "DescribeLogGroups": self.describe_log_groups,
        }

    def get_log_events(self, asked: Parameters) -> dict[str, Any]:
        """Lines of one stream, the newest `limit` of them unless the start is asked for."""
        streams = self._group(asked)
        if asked["logStreamName"] not in streams:
            raise AwsError("ResourceNotFoundException", "The specified log stream does not exist.")
        lines = [line for line in streams[asked["logStreamName"]] if _within(line, asked)]
        limit = asked.get("limit", 10_000)
        chosen = lines[:limit] if asked.get("startFromHead") else lines[-limit:]
        found = [{"timestamp": at, "message": said, "ingestionTime": at} for at, said in chosen]
        return {"events": found, "nextForwardToken": "f/0", "nextBackwardToken": "b/0"}

    def filter_log_events(self, asked: Parameters) -> dict[str, Any]:
        """Lines of a group that match, in order of time."""
        matches = _matcher(asked.get("filterPattern", ""))
        names, prefix = asked.get("logStreamNames"), asked.get("logStreamNamePrefix", "")
        found = [
            {"logStreamName": name, "timestamp": line[0], "message": line[1], "ingestionTime": line[0],
             "eventId": f"{line[0]}{place:06d}"}
            for name, lines in self._group(asked).items()
            if (names is None or name in names) and name.startswith(prefix)
            for place, line in enumerate(lines)
            if _within(line, asked) and matches(line[1])
        ]  # fmt: skip
        ordered = sorted(found, key=lambda e: int(str(e["timestamp"])))
        return {"events": ordered[: asked.get("limit", 10_000)], "searchedLogStreams": []}

    def describe_log_streams(self, asked: Parameters) -> dict[str, Any]:
        """Streams of a group."""
        prefix = asked.get("logStreamNamePrefix", "")
        found = [
            {"logStreamName": name, "firstEventTimestamp": lines[0][0], "lastEventTimestamp": lines[-1][0]}
            for name, lines in self._group(asked).items()
            if name.startswith(prefix)
        ]
        latest = asked.get("orderBy") == "LastEventTime"
        found.sort(key=lambda s: str(s["lastEventTimestamp" if latest else "logStreamName"]))
        ordered = found[::-1] if asked.get("descending") else found
        return {"logStreams": ordered[: asked.get("limit", 50)]}

    def describe_log_groups(self, asked: Parameters) -> dict[str, Any]:
        """Groups by prefix."""
        prefix = asked.get("logGroupNamePrefix", "")
        return {"logGroups": [{"logGroupName": name} for name in self._groups if name.startswith(prefix)]}

    def _group(self, asked: Parameters) -> Mapping[str, list[Line]]:
        name = asked.get("logGroupName") or str(asked.get("logGroupIdentifier", "")).rpartition("log-group:")[2]
        if name not in self._groups:
            raise AwsError("ResourceNotFoundException", "The specified log group does not exist.")
        return self._groups[name]


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def _within(line: Line, asked: Parameters) -> bool:
    start, end = asked.get("startTime"), asked.get("endTime")
    return (start is None or line[0] >= start) and (end is None or line[0] <= end)


def _matcher(pattern: str) -> Callable[[str], bool]:
    """Plain terms: all of them, any of those with `?`, none of those with `-`."""
    if pattern[:1] in ("{", "[", "%"):
        raise NotImplementedError(f"the sandbox's logs know plain terms only, not {pattern}")
    terms = [(sign, quoted or plain) for sign, quoted, plain in TERM.findall(pattern)]
    every, some, none = ([term for sign, term in terms if sign == kind] for kind in ("", "?", "-"))

    def matches(line: str) -> bool:
        present = all(t in line for t in every) and not any(t in line for t in none)
        return present and (not some or any(t in line for t in some))

    return matches
