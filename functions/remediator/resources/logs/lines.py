"""Lines of an application's log, one by one: their level, and the request and answer that an access log tells."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

Level = Literal["fine", "warning", "error", ""]
LINES_LOOKED_AT = 2000
LINE_CHARS = 4000
SLOW_MS = 3000.0  # ours: far above the guide's 100 ms, and on its way to a health check's usual 5 s

_LEVELS: Mapping[str, Level] = {
    "trace": "fine", "debug": "fine", "info": "fine", "notice": "fine", "fine": "fine", "information": "fine",
    "log": "fine", "config": "fine", "verbose": "fine",
    "warn": "warning", "warning": "warning",
    "error": "error", "err": "error", "err!": "error", "severe": "error", "critical": "error", "crit": "error",
    "fatal": "error", "alert": "error", "emerg": "error", "panic": "error", "fail": "error",
}  # fmt: skip
_WORDS = "|".join(sorted((re.escape(w) for w in _LEVELS), key=len, reverse=True))
# A level stands in capitals or in a bracket, or as the value of a field; before it there is little more than time and name.
LEVEL = re.compile(
    rf"^[^\n]{{0,90}}?(?:(?:^|[\s\[|(/<:>])(?P<word>(?-i:(?:{_WORDS.upper()})))(?=[\s\]:|,/);>-]|$)"
    rf"|\[(?:\w{{1,20}}:)?(?P<bracket>{_WORDS})\]|[\]|] (?P<middle>{_WORDS}):|\b(?:level|severity|lvl|loglevel)[\"']?\s?[=:]\s?[\"']?(?P<field>{_WORDS})\b"
    rf"|^(?P<start>{_WORDS}):)",
    re.IGNORECASE,
)
REQUEST = re.compile(
    r"\"?(?:GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) (?P<path>/[^\s\"?]{0,300})(?:\?[^\s\"]{0,2000})?"
    r"(?: HTTP/\d(?:\.\d)?)?\"?(?: -)? (?P<status>[1-5]\d\d)\b"
)
BALANCER = re.compile(  # AWS, access log entries of an Application Load Balancer: status of the balancer, of the target
    r"^(?:https?|h2|grpcs|wss?) \S{10,40} app/\S{1,100} \S{1,60} \S{1,60} -?[\d.]{1,12} -?[\d.]{1,12} -?[\d.]{1,12} "
    r"(?P<own>\d{3}) (?P<target>\d{3}|-) "
)
PROBE_PATHS = ("health", "healthz", "healthcheck", "health-check", "ping", "ready", "readyz", "live", "livez", "status")
PROBERS = ("elb-healthchecker", "amazon-route53-health", "kube-probe")
ANSI = re.compile(r"\x1b\[[0-9;]{0,20}[A-Za-z]")


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLine:
    """One line of a log.

    Attributes:
        level: what its author calls it; empty where the line has none (it may go on with the line before).
        status, path: answered by the application, where it is an access log's line; 0 and empty elsewhere.
        probe: whether a health check asked.
        took_ms: where the line says so.
        balancer: status that a load balancer answered by itself.
    """

    text: str
    level: Level = ""
    status: int = 0
    path: str = ""
    probe: bool = False
    took_ms: float = 0.0
    balancer: int = 0


def lines(text: str) -> Iterator[LogLine]:
    """The lines of `text`, a bounded number of them, each bounded."""
    for number, raw in enumerate(ANSI.sub("", text[: LINES_LOOKED_AT * 500]).splitlines()):
        if number >= LINES_LOOKED_AT:
            return
        yield _line(raw[:LINE_CHARS])


def _line(text: str) -> LogLine:
    at = text.find("{")
    if 0 <= at < 200 and text.rstrip().endswith("}") and (response := _json(text[at:])):
        return _structured(text, response)
    own = BALANCER.match(text)
    if own and own["target"] == "-" and own["own"] in ("502", "503", "504"):
        return LogLine(text=text, balancer=int(own["own"]))
    request = REQUEST.search(text)
    path = request["path"] if request else ""
    return LogLine(
        text=text,
        level=_level(text),
        status=int(request["status"]) if request else 0,
        path=path,
        probe=_probe(path, text),
    )


def _level(text: str) -> Level:
    found = LEVEL.match(text)
    if not found:
        return ""
    return _LEVELS[(found["word"] or found["bracket"] or found["middle"] or found["field"] or found["start"]).lower()]


def _probe(path: str, text: str) -> bool:
    return probes(path) or any(prober in text.lower() for prober in PROBERS)


def probes(path: str) -> bool:
    """Whether a path is one that health checks ask for, by its last part."""
    return path.rstrip("/").rsplit("/", 1)[-1].lower() in PROBE_PATHS


def _json(text: str) -> Mapping[str, Any] | None:
    try:
        parsed = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return parsed if isinstance(parsed, dict) else None


def _structured(text: str, response: Mapping[str, Any]) -> LogLine:
    answer, request = _object(response, "res", "response"), _object(response, "req", "request", "httpRequest")
    path = str(request.get("url") or response.get("path") or response.get("url") or "")[:300]
    return LogLine(
        text=text,
        level=_named_level(response),
        status=_status(
            answer.get("statusCode") or answer.get("status") or response.get("status") or response.get("statusCode")
        ),
        path=path,
        probe=_probe(path, text),
        took_ms=_number(
            response.get("responseTime") or response.get("response_time_ms") or response.get("duration_ms")
        ),
    )


def _object(response: Mapping[str, Any], *names: str) -> Mapping[str, Any]:
    return next((response[n] for n in names if isinstance(response.get(n), dict)), {})


def _named_level(response: Mapping[str, Any]) -> Level:
    level = next((response[n] for n in ("level", "severity", "lvl", "log.level", "levelname") if n in response), "")
    if isinstance(level, int) and not isinstance(level, bool):
        return "error" if level >= 50 else "warning" if level >= 40 else "fine"  # pino's and bunyan's
    return _LEVELS.get(str(level).lower(), "")


def _status(value: Any) -> int:
    number = _number(value)
    return int(number) if 100 <= number < 600 else 0


def _number(value: Any) -> float:
    try:
        return float(value or 0)
    except (TypeError, ValueError, OverflowError):
        return 0.0
