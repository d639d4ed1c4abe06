"""Stopped tasks and service messages of ECS."""

from collections.abc import Mapping
from typing import Any

from remediator.core.problem_titles import NOT_STARTING, RESTARTING
from remediator.core.text import Text, same
from remediator.events.ecs import IN_WORDS
from remediator.resources.ecs.model import ContainerEnd, TaskStop
from remediator.resources.ecs.service_events import START_ROWS, service_message
from remediator.resources.ecs.start_failures import start_failure
from remediator.resources.ecs.stop_codes import StopMeaning, culprit, meaning, out_of_memory_end

from .explanation import Explained, ignored, incident, quoted, unknown

RESTART_ROWS = tuple(f"{RESTARTING.id}.{row}" for row in ("application_error", "out_of_memory", "health_check_failing"))
REASON_CHARS = 20_000
CONTAINERS = 20
NORMAL_JA: Mapping[StopMeaning, str] = {
    "finished": "終了コード 0 で自ら終了しました",
    "scale_in_or_deployment": "サービスのスケールインまたはデプロイです",
    "user_stop": "人またはツールが停止しました",
    "spot_or_host": "スポット容量またはホストが失われました",
    "maintenance": "AWS によるリタイアまたはメンテナンスです",
    "start_cancelled": "起動前に停止されました",
    "not_stopped": "停止していません",
}


def text_of(value: Any, most: int = REASON_CHARS) -> str:
    """`value` where it is a text, bounded; anything else is empty."""
    return value[:most] if isinstance(value, str) else ""


def stop_of(response: Mapping[str, Any]) -> TaskStop:
    """A stopped task from whatever members are there; nothing is needed."""
    listed = response.get("containers")
    containers = [c for c in listed if isinstance(c, Mapping)] if isinstance(listed, list | tuple) else []
    return TaskStop(
        task_arn=text_of(response.get("taskArn") or response.get("task_arn")),
        group=text_of(response.get("group")),
        stop_code=text_of(response.get("stopCode")),
        reason=text_of(response.get("stoppedReason")).strip(" \"'\n"),
        started_at=text_of(response.get("startedAt")),
        last_status=text_of(response.get("lastStatus")) or "STOPPED",
        containers=tuple(_end(c) for c in containers[:CONTAINERS]),
    )


def _end(response: Mapping[str, Any]) -> ContainerEnd:
    code = response.get("exitCode")
    whole = code if isinstance(code, int) and not isinstance(code, bool) else None
    return ContainerEnd(
        name=text_of(response.get("name"), 255), exit_code=whole, reason=text_of(response.get("reason"))
    )


def explained_stop(stop: TaskStop) -> Explained:
    """The row that a stopped task speaks for."""
    means = meaning(stop)
    if means == "failed_to_start":
        failure = start_failure(stop)
        if failure.row:
            return incident(f"{NOT_STARTING.id}.{failure.row}", failure.because, code=failure.code)
        return unknown(failure.because, START_ROWS, failure.code)
    if means == "finished" and not stop.group:
        return unknown(NO_GROUP, (f"{RESTARTING.id}.application_error",))
    if means in IN_WORDS:
        return ignored(Text(IN_WORDS[means], NORMAL_JA[means]) + _said(stop))
    if means == "unknown":
        return unknown(_why_unknown(stop) + _said(stop), _possible(stop))
    row = {"health_check": "health_check_failing"}.get(means, means)
    return incident(f"{RESTARTING.id}.{row}", _restart_words(stop, means), _others(means))


def _said(stop: TaskStop) -> Text:
    text = " ".join(part for part in (stop.stop_code, stop.reason) if part)
    return same(f" {quoted(text)}") if text else Text("", "")


def _restart_words(stop: TaskStop, means: StopMeaning) -> Text:
    if means == "out_of_memory":
        end = out_of_memory_end(stop)
        return _WHY[means] + same(f" {quoted(end.reason if end else stop.reason)}")
    if means == "application_error" and (ended := culprit(stop)):
        name = quoted(ended.name) if ended.name else ""
        return Text(
            f"container {name} ended with exit code {ended.exit_code}",
            f"コンテナ {name} が終了コード {ended.exit_code} で終了しました",
        )
    return _WHY.get(means, Text("", "")) + _said(stop)


def _possible(stop: TaskStop) -> tuple[str, ...]:
    if stop.stop_code == "EssentialContainerExited" or "essential container" in stop.reason.lower():
        return RESTART_ROWS
    return (*START_ROWS, *RESTART_ROWS)


def _why_unknown(stop: TaskStop) -> Text:
    if any(c.exit_code == 137 for c in stop.containers):
        return KILLED
    return UNDOCUMENTED


def _others(means: StopMeaning) -> tuple[str, ...]:
    return (f"{RESTARTING.id}.out_of_memory",) if means == "health_check" else ()


NO_GROUP = Text(
    "exit code 0 ends a one-off task as it should and a service's task as it should not; the group is not given",
    "終了コード 0 は単発タスクなら正常、サービスのタスクなら異常です。group が示されていません",
)
KILLED = Text(
    "exit code 137 without a reason: memory, or killed after stopTimeout; look at MemoryUtilization",
    "理由のない終了コード 137 です。メモリ不足か stopTimeout 後の強制終了です。MemoryUtilization を確認してください",
)
UNDOCUMENTED = Text("no words that AWS documents", "AWS が説明している語句がありません")
_WHY: Mapping[StopMeaning, Text] = {
    "out_of_memory": Text("a container was killed for memory", "コンテナがメモリ不足で停止されました"),
    "health_check": Text("a health check ended the task", "ヘルスチェックによりタスクが停止されました"),
    "application_error": Text("an essential container of a service ended", "サービスの必須コンテナが終了しました"),
}


def explained_message(text: str) -> Explained:
    """The row that a service message speaks for."""
    found = service_message(text)
    if found.kind == "ignore":
        return ignored(found.because)
    if found.row:
        return incident(found.row, found.because, found.also, found.code)
    return unknown(found.because, found.also, found.code)
