"""ECS services, tasks, task definitions and deployments as values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


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
    memory_mib: int | None = None
    reserved_mib: int | None = None
    cpu_units: int = 0
    log_group: str = ""
    log_prefix: str = ""


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


def last_good(deployments: tuple[ServiceDeployment, ...]) -> Revision | None:
    """What the newest successful deployment targets that is not the current target."""
    current = next((d.revision for d in deployments if d.revision), None)
    for deployment in deployments:
        revision = deployment.revision
        if deployment.status == "SUCCESSFUL" and revision and current and revision.arn != current.arn:
            return revision
    return None
