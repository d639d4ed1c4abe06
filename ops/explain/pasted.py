"""What a person pasted: which of the explained shapes it is, told by the look of it."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ops.explain.inputs import SHAPES
from remediator.resources.dynamodb.delete_refusals import refused
from remediator.resources.dynamodb.throttle_reasons import by_metric, throttled

MESSAGE = re.compile(
    r"^\W{0,3}(?:\d{4}-\d\d-\d\d[T ][\d:.+Z-]{5,30}\W{1,3})?(?:(?:error|warn(?:ing)?): )?"
    r"(?:\(?service[ ,]|failed to launch a task|was unable to place|message: successfully)|"
    r"\bis unhealthy in \(?(?:target-group|elb)|\bwas unable to place a task\b|\bhas reached a steady state\b",
    re.IGNORECASE,
)
STOP = re.compile(
    r"^\W{0,3}(?:(?:stopped|status|container)? ?reasons?\W{1,4})?(?:stopped ?\(|stopped\W{1,3})?"
    r"(?:cannot\w{4,40}error|resourceinitializationerror|taskfailedtostart|outofmemoryerror: container|essential container|"
    r"task failed|task stopped|scaling activity|service scheduler|host ec2|your spot|ecs (?:was|is) |resource:[a-z*]|"
    r"dockertimeouterror|containerruntime\w{0,20}error|internalerror|unexpected ec2 error|fetching secret data|"
    r"capacity is unavailable|hostconfigerror|taskstoppedbefore|spotinterruption)",
    re.IGNORECASE,
)
EXIT = re.compile(r"\bexit ?code\W{1,4}(\d{1,3})\b", re.IGNORECASE)
TARGET = re.compile(
    r"\b(?:Target\.[A-Z]\w{3,40}|Elb\.[A-Z]\w{3,40})\b|^\W{0,3}(?:health checks? failed|request timed out)",
    re.IGNORECASE,
)
BEFORE_REASON = re.compile(r"^\W*(?:stopped|status|container)? ?reasons?\W{1,4}", re.IGNORECASE)
FAILED = re.compile(r"cannot\w{1,40}error|resourceinit|taskfailedtostart|failed to start", re.IGNORECASE)
STATE = re.compile(r"\b(healthy|unhealthy|initial|draining|unused|unavailable)\b", re.IGNORECASE)
METRIC = re.compile(r"^\s*(?:(AWS/\w{2,40})[ :/]+)?([A-Z]\w{5,80})\s*$")
BARE_STATUS = re.compile(r"^\s*(?:error )?(50[234])\s*$", re.IGNORECASE)
EVENT_MEMBERS = (
    "detail-type",
    "detail",
    "Records",
    "alarmData",
    "AlarmName",
    "NewStateValue",
    "eventSource",
    "alarmArn",
)
STOP_MEMBERS = ("stoppedReason", "stopCode", "lastStatus")
ITEMS = 200


@dataclass(frozen=True, slots=True)
class Given:
    """One thing to explain: a key of `SHAPES` and its value."""

    shape: str
    value: Any


def pasted(text: str) -> tuple[Given, ...]:
    """What stands in a pasted text: one thing, or one for each item of what an AWS command lists."""
    stripped = text.strip().lstrip("\ufeff")
    if stripped[:1] in ("{", "["):
        try:
            parsed = json.loads(stripped)
        except (ValueError, RecursionError):
            return (Given("log", text),)
        return tuple(_objects(parsed, stripped)) or (Given("log", text),)
    return _words(stripped)


def _objects(found: Any, text: str) -> Iterator[Given]:
    if isinstance(found, list):
        for item in found[:ITEMS]:
            yield from (
                _objects(item, json.dumps(item, ensure_ascii=False))
                if isinstance(item, Mapping | list)
                else _words(str(item))
            )
        return
    for listed, shape in LISTS.items():
        if isinstance(found.get(listed), list):
            yield from shape(found[listed][:ITEMS])
            return
    yield _object(found, text)


def _object(response: Mapping[str, Any], text: str) -> Given:
    if len(response) == 1 and (shape := next(iter(response))) in SHAPES:
        return Given(shape, response[shape])
    if isinstance(response.get("input"), Mapping) and len(response["input"]) == 1:
        return _object(response["input"], text)
    if any(name in response for name in EVENT_MEMBERS) or response.get("Type") == "Notification":
        return Given("event", response)
    if any(name in response for name in STOP_MEMBERS):
        return Given("ecs_stopped_task", response)
    if isinstance(response.get("TargetHealth"), Mapping):
        return Given("target_health", response["TargetHealth"])
    if "State" in response and isinstance(response["State"], str):
        return Given("target_health", response)
    if policy := _policy(response):
        return policy
    return _error(response) or Given("log", text)


def _policy(response: Mapping[str, Any]) -> Given | None:
    if "Statement" in response or {"Effect", "Principal"} <= response.keys():
        return Given("bucket_policy", {"policy": response})
    policy = response.get("policy") or response.get("Policy")
    return (
        Given("bucket_policy", {**{k: v for k, v in response.items() if k != "Policy"}, "policy": policy})
        if isinstance(policy, str | Mapping)
        else None
    )


def _error(response: Mapping[str, Any]) -> Given | None:
    error = response.get("Error") if isinstance(response.get("Error"), Mapping) else response
    assert isinstance(error, Mapping)  # said by the line above
    code = error.get("Code") or error.get("exception") or str(error.get("__type") or "").rpartition("#")[2]
    message = error.get("Message") or error.get("message")
    reasons = response.get("ThrottlingReasons") or response.get("throttlingReasons") or error.get("ThrottlingReasons")
    if reasons or (code and isinstance(message, str | None)):
        given = {
            "operation": response.get("operation"),
            "exception": code,
            "message": message,
            "throttlingReasons": reasons,
        }
        return Given("dynamodb_error", given)
    if {"namespace", "name"} <= response.keys():
        return Given("dynamodb_metric", response)
    return None


def _tasks(listed: list[Any]) -> Iterator[Given]:
    yield from (Given("ecs_stopped_task", task) for task in listed if isinstance(task, Mapping))


def _services(listed: list[Any]) -> Iterator[Given]:
    for service in listed:
        if isinstance(service, Mapping) and isinstance(service.get("events"), list):
            yield from _messages(service["events"][:ITEMS])


def _messages(listed: list[Any]) -> Iterator[Given]:
    found = [e for e in listed if isinstance(e, Mapping) and isinstance(e.get("message"), str)]
    if any("timestamp" in e for e in found):  # CloudWatch Logs lists its events by the same name
        yield Given("log", "\n".join(e["message"] for e in found))
    else:
        yield from (Given("ecs_service_message", e["message"]) for e in found)


def _targets(listed: list[Any]) -> Iterator[Given]:
    yield from (
        Given("target_health", t["TargetHealth"])
        for t in listed
        if isinstance(t, Mapping) and isinstance(t.get("TargetHealth"), Mapping)
    )


# What AWS's commands answer with: describe-tasks, describe-services, its events, describe-target-health.
LISTS: Mapping[str, Callable[[list[Any]], Iterator[Given]]] = {
    "tasks": _tasks,
    "services": _services,
    "events": _messages,
    "TargetHealthDescriptions": _targets,
}


def _words(text: str) -> tuple[Given, ...]:
    rows = [line for line in text.splitlines() if line.strip()]
    if rows and all(MESSAGE.search(line) for line in rows[:ITEMS]):
        return tuple(Given("ecs_service_message", line) for line in rows[:ITEMS])
    if STOP.match(text):
        return (Given("ecs_stopped_task", _stop(text)),)
    if len(rows) > 1:
        return (Given("log", text),)
    return (_one_line(text),)


def _stop(text: str) -> Mapping[str, Any]:
    """A stop as the console shows it: a reason, and the container's reason and exit code where they are pasted too."""
    first, _, rest = text.partition("\n")
    code = EXIT.search(text)
    failed = FAILED.search(text)
    container = {"reason": rest.strip(), **({"exitCode": int(code[1])} if code else {})}
    stop: dict[str, Any] = {"stoppedReason": BEFORE_REASON.sub("", first)}
    if failed:
        stop["stopCode"] = "TaskFailedToStart"
    return {**stop, "containers": [container]} if code or rest.strip() else stop


def _one_line(text: str) -> Given:
    if status := BARE_STATUS.match(text):
        return Given("log", f"HTTP {status[1]}")
    if (metric := METRIC.match(text)) and (metric[1] or by_metric(metric[2])):
        return Given("dynamodb_metric", {"namespace": metric[1] or "AWS/DynamoDB", "name": metric[2]})
    if TARGET.search(text):
        state, reason = STATE.search(text), re.search(r"(?:Target|Elb)\.\w+", text)
        worded = "Target.Timeout" if "timed out" in text.lower() else "Target.FailedHealthChecks"
        worded = "Target.ResponseCodeMismatch" if "these codes" in text.lower() else worded
        given = {"State": state[1].lower() if state else "unhealthy", "Reason": reason[0] if reason else worded}
        return Given("target_health", {**given, "Description": text})
    if not text.startswith(("[", "{", "20")) and _of_dynamodb(text):
        return Given("dynamodb_error", {"message": text})
    return Given("log", text)


def _of_dynamodb(text: str) -> bool:
    """Whether one line is an error of DynamoDB as it is, not a log's line that repeats one."""
    found = "change a resource" in text or "DeleteTable" in text
    return bool(throttled(text) or (found and refused(text)))
