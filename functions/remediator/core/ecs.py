"""What ECS tells, as values, and what a stopped task means. Sources: AWS ECS developer guide, stopped-task codes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from .start_failure_words import tells

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
NORMAL: frozenset[StopMeaning] = frozenset(
    ("finished", "scale_in_or_deployment", "user_stop", "spot_or_host", "maintenance", "not_stopped", "start_cancelled")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerEnd:
    """How one container of a stopped task ended; `exit_code` is None where ECS gives none."""

    name: str
    exit_code: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskStop:
    """One stopped task. Times are ISO 8601 in UTC, empty where ECS gives none."""

    task_arn: str
    task_definition: str = ""
    group: str = ""
    stop_code: str = ""
    reason: str = ""
    started_by: str = ""
    created_at: str = ""
    started_at: str = ""
    stopping_at: str = ""
    stopped_at: str = ""
    last_status: str = "STOPPED"
    launch_type: str = ""
    containers: tuple[ContainerEnd, ...] = ()

    @property
    def task_id(self) -> str:
        """The last part of the task's ARN, which log streams are named by."""
        return self.task_arn.rsplit("/", 1)[-1]

    @property
    def began_at(self) -> str:
        """When its containers started; of a task that never came so far, when it was made."""
        return self.started_at or self.created_at

    @property
    def of_service(self) -> bool:
        """Whether a service started it."""
        return self.group.startswith("service:")


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningTask:
    """One task that runs or starts; `started_by` is the deployment, `started_at` empty until its containers run."""

    task_arn: str
    started_by: str = ""
    created_at: str = ""
    started_at: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerSpec:
    """A container of a task definition; memory in MiB, None where not set: `memory_mib` its limit, `reserved_mib` less."""

    name: str
    image: str = ""
    essential: bool = True
    memory_mib: int | None = None
    reserved_mib: int | None = None
    cpu_units: int = 0
    log_group: str = ""
    log_prefix: str = ""
    log_region: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskDefinition:
    """One revision; its environment is not read, because it may hold secrets.

    Attributes:
        cpu_units, memory_mib: task level; None where not set (EC2 only).
        active: a revision that is deregistered cannot be deployed.
    """

    arn: str
    family: str
    active: bool = True
    cpu_units: int | None = None
    memory_mib: int | None = None
    task_role: str = ""
    execution_role: str = ""
    containers: tuple[ContainerSpec, ...] = ()

    def memory_limits(self) -> str:
        """`512 MiB`, or where the task has no limit those of its containers by name; empty where none is set."""
        if self.memory_mib:
            return f"{self.memory_mib} MiB"
        return ", ".join(f"{c.name}: {c.memory_mib} MiB" for c in self.containers if c.memory_mib)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """One deployment as DescribeServices lists it; `rollout` is IN_PROGRESS, COMPLETED or FAILED."""

    id: str
    status: str
    task_definition: str
    rollout: str = ""
    created_at: str = ""
    desired: int = 0
    running: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One service, as DescribeServices gives it; `providers` are the capacity providers that it names, if it does."""

    arn: str
    name: str
    cluster: str
    status: str = "ACTIVE"
    desired: int = 0
    running: int = 0
    pending: int = 0
    task_definition: str = ""
    launch: str = "FARGATE"
    providers: tuple[str, ...] = ()
    controller: str = "ECS"
    grace_s: int | None = None
    breaker_rolls_back: bool = False
    deployments: tuple[Deployment, ...] = ()
    target_groups: tuple[str, ...] = ()
    network: Mapping[str, Any] = field(default_factory=dict)
    load_balancers: tuple[Mapping[str, Any], ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def primary(self) -> Deployment | None:
        """The deployment that the service moves to or stands on."""
        return next((d for d in self.deployments if d.status == "PRIMARY"), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """What one service deployment targets: definition, settings and the image digests that it resolved to."""

    arn: str
    task_definition: str = ""
    images: Mapping[str, str] = field(default_factory=dict)  # container -> image@digest or image
    network: Mapping[str, Any] = field(default_factory=dict)
    load_balancers: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceDeployment:
    """One entry of ListServiceDeployments with the revision it targets. Newest first in any tuple of them."""

    arn: str
    status: str
    started_at: str = ""
    revision: Revision | None = None


IN_PROGRESS = ("PENDING", "IN_PROGRESS")
ROLLING_BACK = ("STOP_REQUESTED", "ROLLBACK_REQUESTED", "ROLLBACK_IN_PROGRESS")


def last_good(deployments: tuple[ServiceDeployment, ...]) -> Revision | None:
    """What the newest successful deployment targets that is not the current target."""
    current = next((d.revision for d in deployments if d.revision), None)
    for deployment in deployments:
        revision = deployment.revision
        if deployment.status == "SUCCESSFUL" and revision and current and revision.arn != current.arn:
            return revision
    return None


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


# What RegisterTaskDefinition takes of what DescribeTaskDefinition gives. Source: AWS, ECS API reference.
REGISTRABLE = (
    "family", "taskRoleArn", "executionRoleArn", "networkMode", "containerDefinitions", "volumes",
    "placementConstraints", "requiresCompatibilities", "cpu", "memory", "pidMode", "ipcMode", "proxyConfiguration",
    "inferenceAccelerators", "ephemeralStorage", "runtimePlatform", "enableFaultInjection",
)  # fmt: skip

# Valid Fargate pairs, CPU units -> MiB. Source: AWS, "Task CPU and memory" for Fargate.
FARGATE_MIB: Mapping[int, tuple[int, ...]] = {
    256: (512, 1024, 2048),
    512: tuple(range(1024, 4096 + 1, 1024)),
    1024: tuple(range(2048, 8192 + 1, 1024)),
    2048: tuple(range(4096, 16384 + 1, 1024)),
    4096: tuple(range(8192, 30720 + 1, 1024)),
    8192: tuple(range(16384, 61440 + 1, 4096)),
    16384: tuple(range(32768, 122880 + 1, 8192)),
    32768: (61440, 122880, 249856),
}


def next_fargate_mib(cpu_units: int, memory_mib: int, ceiling_mib: int) -> int | None:
    """The next valid memory above `memory_mib`, at most double and at most the ceiling; None where there is none."""
    bound = min(2 * memory_mib, ceiling_mib)
    return min((m for m in FARGATE_MIB.get(cpu_units, ()) if memory_mib < m <= bound), default=None)


def valid_on_fargate(cpu_units: int | None, memory_mib: int | None) -> bool:
    """Whether Fargate runs tasks of that size."""
    return memory_mib in FARGATE_MIB.get(cpu_units or 0, ())


def nearest_fargate(cpu_units: int, memory_mib: int) -> tuple[int, int]:
    """The smallest valid size that gives at least both; the largest there is where none does."""
    pairs = [(cpu, mib) for cpu, sizes in FARGATE_MIB.items() for mib in sizes]
    enough = [(cpu, mib) for cpu, mib in pairs if cpu >= cpu_units and mib >= memory_mib]
    return min(enough, default=max(pairs))
