"""What a stopped task means: stop codes, exit codes and reasons. Source: ECS developer guide, stopped task error codes."""

from collections.abc import Mapping
from typing import Any, Literal

from ...core.event_fields import ARN_CHARACTERS, REASON_CHARACTERS, Part
from .model import ContainerEnd, TaskStop
from .start_failure_rules import tells

SIGKILL = 137


SIGTERM = 143


StopMeaning = Literal[
    "out_of_memory",
    "health_check",
    "application_error",
    "failed_to_start",
    "unknown",
    "finished",
    "scale_in_or_deployment",
    "user_stop",
    "spot_or_host",
    "maintenance",
    "not_stopped",
    "start_cancelled",
]
FAILED_STARTS: tuple[StopMeaning, ...] = ("failed_to_start",)


NORMAL: frozenset[StopMeaning] = frozenset(
    ("finished", "scale_in_or_deployment", "user_stop", "spot_or_host", "maintenance", "not_stopped", "start_cancelled")
)
CONTAINERS_KEPT = 20  # a task definition holds at most 10


def meaning(stop: TaskStop) -> StopMeaning:
    """What a stop means, by stop code and reason together: exit 137 alone is often a normal scale-in.

    A text that AWS does not document is `unknown`: nothing is done on it.
    """
    reason = " ".join(stop.reason.lower().split())
    if stop.last_status not in ("STOPPED", "DEPROVISIONING", ""):
        return "not_stopped"
    by_scheduler = _scheduler_or_host(stop, reason)
    if by_scheduler:
        return by_scheduler
    if out_of_memory_end(stop) or "outofmemory" in reason:
        return "out_of_memory"
    if _failed_to_start(stop, reason):
        return "failed_to_start"
    if "essential container in task exited" in reason:
        return _exit_meaning(stop)
    return "unknown"


def _failed_to_start(stop: TaskStop, reason: str) -> bool:
    """ECS says so, or nothing ever ran and a text is one of those that starts fail with; `start_failure` says why."""
    if stop.stop_code == "TaskFailedToStart" or "error:" in reason.split(" ", 1)[0]:
        return True
    if stop.started_at or any(c.exit_code is not None for c in stop.containers):
        return False
    texts = (stop.reason, *(c.reason for c in stop.containers))
    return reason.startswith("task failed to start") or any(
        found[0] for text in texts if text and (found := tells(text))
    )


def _scheduler_or_host(stop: TaskStop, reason: str) -> StopMeaning | None:
    if stop.stop_code == "UserInitiated" or reason.startswith("task stopped by user"):
        return "user_stop"
    if stop.stop_code in ("SpotInterruption", "TerminationNotice") or reason.startswith(("host ec2", "your spot task")):
        return "spot_or_host"
    if stop.stop_code == "InfrastructureHealth" or "performing maintenance" in reason:
        return "maintenance"
    if reason.startswith("taskstoppedbeforepullbegin"):
        return "start_cancelled"
    if "health check" in reason and "failed" in reason:
        return "health_check"
    if reason.startswith(("scaling activity initiated", "service scheduler initiated")):
        return "scale_in_or_deployment"
    if stop.stop_code == "ServiceSchedulerInitiated":
        return "scale_in_or_deployment" if "essential container" in reason or not reason else "unknown"
    return None


def out_of_memory_end(stop: TaskStop) -> ContainerEnd | None:
    """The container that ECS says was killed for memory; its exit code may be 1 (a child process was killed)."""
    return next((c for c in stop.containers if "outofmemory" in c.reason.lower()), None)


def culprit(stop: TaskStop) -> ContainerEnd | None:
    """The container that ended the task by an error of its own: neither 0 nor the codes a stop itself causes."""
    return next((c for c in stop.containers if c.exit_code not in (0, SIGTERM, SIGKILL, None)), None)


def _exit_meaning(stop: TaskStop) -> StopMeaning:
    if culprit(stop):
        return "application_error"
    codes = [c.exit_code for c in stop.containers]
    if not codes or None in codes or SIGKILL in codes:
        return "unknown"  # 137 without a reason: memory of the whole task, or killed after stopTimeout
    if 0 in codes:
        return "application_error" if stop.of_service else "finished"
    return "unknown"


def task_stop(detail: Mapping[str, Any]) -> TaskStop:
    """A stopped task, from an event's `detail` or an item of DescribeTasks; outside text is bounded.

    Raises:
        EventNotUnderstood: it names no task, or a member is of another kind than AWS documents.
    """
    return parse_task_stop(Part(detail))


def parse_task_stop(detail: Part) -> TaskStop:
    """A stopped task, from the `detail` of its event or from DescribeTasks."""
    containers = detail.parts("containers", CONTAINERS_KEPT)
    by_container = next((c.text("taskArn", ARN_CHARACTERS) for c in containers), "")
    return TaskStop(
        task_arn=detail.text("taskArn", ARN_CHARACTERS) or by_container or detail.needed("taskArn"),
        task_definition=detail.text("taskDefinitionArn", ARN_CHARACTERS),
        group=detail.text("group"),
        stop_code=detail.text("stopCode"),
        reason=detail.text("stoppedReason", REASON_CHARACTERS),
        started_by=detail.text("startedBy"),
        created_at=detail.time("createdAt"),
        started_at=detail.time("startedAt"),
        stopping_at=detail.time("stoppingAt"),
        stopped_at=detail.time("stoppedAt"),
        last_status=detail.text("lastStatus"),
        launch_type=detail.text("launchType"),
        containers=tuple(
            ContainerEnd(name=c.text("name"), exit_code=c.whole("exitCode"), reason=c.text("reason", REASON_CHARACTERS))
            for c in containers
        ),
    )
