"""Whole events, as EventBridge, SNS, a queue or an alarm's own action delivers them."""

from collections.abc import Mapping
from itertools import islice
from typing import Any

from remediator.core.errors import EventNotUnderstood
from remediator.core.model import Ignored, Notice, Signal
from remediator.core.text import Text, same
from remediator.events import parse
from remediator.events.alarms import Composite
from remediator.events.durable_executions import Died
from remediator.events.envelope import opened
from remediator.events.internal import Sweep
from remediator.resources.ecs.service_events import START_ROWS
from remediator.resources.ecs.start_failures import start_failure_text

from .ecs import RESTART_ROWS, explained_message, explained_stop, stop_of, text_of
from .explanation import Explained, ignored, incident, quoted, unknown
from .services import TARGET_ROWS, explained_dynamodb, explained_metric

GATEWAY = tuple(f"alb_gateway_errors.{code}" for code in ("502", "503", "504"))
SLOW = tuple(f"alb_slow_response.{row}" for row in ("task_resources", "dynamodb_latency", "network_congestion"))
CLOUDFRONT = tuple(f"cloudfront_not_delivering.{r}" for r in ("distribution_origin", "bucket_policy", "stale_cache"))
EVENTS_READ = 100
# What an alarm on a metric leaves possible, by a part of the metric's name; the metric alone tells no cause.
POSSIBLE: Mapping[str, tuple[tuple[str, tuple[str, ...]], ...]] = {
    "AWS/ApplicationELB": (
        ("HealthyHostCount", TARGET_ROWS),
        ("ELB_5XX", GATEWAY),
        ("Target_5XX", TARGET_ROWS),
        ("ResponseTime", SLOW),
        ("ConnectionError", TARGET_ROWS),
    ),
    "AWS/ECS": (("MemoryUtilization", (RESTART_ROWS[1], SLOW[0])), ("CPUUtilization", SLOW[:1])),
    "AWS/CloudFront": (("Error", CLOUDFRONT), ("OriginLatency", CLOUDFRONT[:1])),
}


def explained_event(event: Mapping[str, Any]) -> Explained:
    """The row that an event speaks for; the first incident where an envelope holds several."""
    try:
        inner = [part.values for part in islice(opened(event), EVENTS_READ)]
    except EventNotUnderstood as error:
        return unknown(NO_EVENT + same(quoted(str(error))))
    found = [answer for one in inner for answer in _one(one)]
    if not found:
        return unknown(Text("the event is empty", "イベントが空です"))
    order = ("incident", "unknown", "ignore", "ok")
    return min(found, key=lambda t: order.index(t.outcome))


def _one(event: Mapping[str, Any]) -> list[Explained]:
    if (record := _failed_deletion(event)) is not None:
        return [explained_dynamodb(record)]
    try:
        return [_of(parsed) for parsed in parse(event)]
    except EventNotUnderstood as error:
        return [_by_its_members(event) or unknown(NO_EVENT + same(quoted(str(error))))]


def _of(parsed: Any) -> Explained:
    if isinstance(parsed, Ignored):
        return ignored(same(quoted(parsed.reason)))
    if isinstance(parsed, Notice):
        return unknown(Text(quoted(parsed.text.en)[1:-1], quoted(parsed.text.ja)[1:-1]))
    if isinstance(parsed, Composite):
        return unknown(COMPOSITE)
    if isinstance(parsed, Sweep):
        return ignored(SWEEP)
    if isinstance(parsed, Died):
        return ignored(DIED)
    if isinstance(parsed, Signal):
        return _of_signal(parsed)
    return unknown(Text("a request by hand, no event", "手動のリクエストで、イベントではありません"))


def _of_signal(signal: Signal) -> Explained:
    if signal.kind == "ecs_task_stopped":
        return explained_stop(stop_of(_camel(signal.facts)))
    if signal.kind == "ecs_service_action":
        return _service_action(str(signal.facts.get("eventName", "")), str(signal.facts.get("reason", "")))
    if signal.kind == "ecs_deployment_failed":
        explained = explained_message(str(signal.facts.get("reason", "")))
        rows = (*START_ROWS, *RESTART_ROWS)
        return (
            explained
            if explained.outcome == "incident"
            else unknown(explained.because, explained.also or rows, explained.code)
        )
    if signal.kind == "alarm":
        return _alarm(str(signal.facts.get("namespace", "")), str(signal.facts.get("metric", "")))
    return _refusal(signal.facts) or unknown(same(quoted(f"{signal.kind} {signal.facts.get('reason', '')}")))


def _camel(facts: Mapping[str, Any]) -> Mapping[str, Any]:
    """The facts of a stop by the names that ECS itself uses."""
    containers = facts.get("containers")
    ends = [c for c in containers if isinstance(c, Mapping)] if isinstance(containers, list | tuple) else []
    return {
        "taskArn": facts.get("task_arn"),
        "group": facts.get("group"),
        "stopCode": facts.get("stop_code"),
        "stoppedReason": facts.get("reason"),
        "startedAt": facts.get("started_at"),
        "lastStatus": facts.get("last_status"),
        "containers": [{**c, "exitCode": c.get("exit_code")} for c in ends],
    }


def _service_action(name: str, reason: str) -> Explained:
    said = same(quoted(f"{name} {reason}".strip()))
    failure = start_failure_text(reason)
    if name == "SERVICE_TASK_PLACEMENT_FAILURE":
        row = failure.row or "insufficient_resources"
        return incident(f"ecs_task_not_starting.{row}", said, code=failure.code)
    if name == "SERVICE_TASK_START_IMPAIRED":
        return unknown(said, START_ROWS)
    explained = explained_message(reason) if reason else None
    return explained if explained and explained.outcome == "incident" else unknown(said)


def _alarm(namespace: str, metric: str) -> Explained:
    if namespace == "AWS/DynamoDB":
        return explained_metric(namespace, metric)
    said = Text("an alarm on ", "アラーム: ") + same(quoted(f"{namespace} {metric}"))
    for code in ("502", "503", "504"):
        if metric == f"HTTPCode_ELB_{code}_Count":
            return incident(f"alb_gateway_errors.{code}", said)
    also = next((rows for part, rows in POSSIBLE.get(namespace, ()) if part in metric), ())
    return unknown(said + Text(": it tells no cause", "：原因は示されていません"), also)


def _failed_deletion(event: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The DynamoDB error of a CloudTrail record of DeleteTable, within its event or bare."""
    detail = event.get("detail")
    record = detail if isinstance(detail, Mapping) else event
    if record.get("eventSource") != "dynamodb.amazonaws.com" or record.get("eventName") != "DeleteTable":
        return None
    return _refusal_of(record) if record.get("errorCode") else None


def _refusal_of(record: Mapping[str, Any]) -> Mapping[str, Any]:
    return {
        "operation": "DeleteTable",
        "exception": record.get("errorCode"),
        "message": record.get("errorMessage"),
    }


def _refusal(facts: Mapping[str, Any]) -> Explained | None:
    """A signal of a deletion that failed, by whichever names its facts have."""
    code = facts.get("errorCode") or facts.get("error_code") or facts.get("code")
    message = facts.get("errorMessage") or facts.get("error_message") or facts.get("message") or facts.get("reason")
    if not (code or message):
        return None
    return explained_dynamodb({"operation": "DeleteTable", "exception": code, "message": message})


def _by_its_members(event: Mapping[str, Any]) -> Explained | None:
    """An event that lacks what AWS documents still tells what its members say."""
    detail = event.get("detail")
    found = detail if isinstance(detail, Mapping) else event
    if found.get("stoppedReason") or found.get("stopCode"):
        return explained_stop(stop_of(found))
    if text_of(found.get("lastStatus")) and text_of(found.get("lastStatus")) != "STOPPED":
        return explained_stop(stop_of(found))
    return None


NO_EVENT = Text("no event of AWS: ", "AWS のイベントではありません: ")
DIED = Text("an execution of the program did not finish", "プログラムの実行が完了しませんでした")
SWEEP = Text("the program's own order to look at its alarms", "アラームを確認するプログラム自身の指示です")
COMPOSITE = Text(
    "a composite alarm: which of its children is in ALARM must be read",
    "複合アラームです。どの子アラームが ALARM かを確認する必要があります",
)
