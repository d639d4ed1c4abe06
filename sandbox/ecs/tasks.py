"""One ECS task over time: when it starts, gets healthy, falls ill and ends, from its program and its limits."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal, Protocol

from ..applications import HEALTHY, Application

PULL_S = 15  # from created to RUNNING on Fargate, a small image
ENDING_S = 12  # from the container's end to STOPPED
DRAINING_S = 30  # a target is deregistered first
CHECKS_FAIL_AFTER_S = 60  # two checks, 30 seconds apart
SIGTERM = 143
SIGKILL = 137

Status = Literal["PENDING", "RUNNING", "DEPROVISIONING", "STOPPED"]


@dataclass(frozen=True, slots=True)
class Definition:
    """What of a task definition's revision decides the fate of its tasks."""

    arn: str
    image: str
    container: str
    cpu_units: int
    memory_mib: int  # of the container: its own hard limit, else the task's
    task_memory_mib: int | None
    log_group: str
    log_prefix: str
    execution_role: str = ""
    secrets: tuple[str, ...] = ()  # ARNs that ECS reads before the container runs

    @property
    def family(self) -> str:
        """The revision's family."""
        return self.arn.rsplit("/", 1)[-1].split(":")[0]


class Reach(Protocol):
    """What lies between a load balancer and a task: its check's settings and the network."""

    def passes(self, at: datetime) -> bool:
        """Whether a good application counted as healthy."""

    def serves(self, at: datetime) -> bool:
        """Whether requests reached the application."""

    @property
    def unhealthy_from(self) -> datetime | None:
        """From when on checks fail for it, None where they do not."""


@dataclass(slots=True, kw_only=True)
class Task:
    """One task. Moments are None until they have come.

    Attributes:
        program: how the program in its container behaves; it keeps what it started with.
        reach: what the load balancer's checks meet on their way, None where no load balancer checks it.
        well_until: it ran healthily before that moment, whatever its other moments say: a fault began there.
    """

    id: str
    group: str
    definition: Definition
    started_by: str
    created_at: datetime
    address: str
    program: Application
    status: Status = "PENDING"
    started_at: datetime | None = None
    healthy_at: datetime | None = None
    sick_at: datetime | None = None
    stopping_at: datetime | None = None
    stopped_at: datetime | None = None
    stop_code: str = ""
    stopped_reason: str = ""
    exit_code: int | None = None
    container_reason: str = ""
    version: int = 1
    well_until: datetime | None = None
    reach: Reach | None = None

    @property
    def live(self) -> bool:
        """Whether it counts for its service: starting or running, not on its way out."""
        return self.stopping_at is None

    def healthy(self, at: datetime) -> bool:
        """Whether it was healthy at that moment: its health path answers 200, and checks can reach that."""
        return self.well(at) and (self.reach is None or self.reach.passes(at))

    def serves(self, at: datetime) -> bool:
        """Whether it answered users' requests, which it does also while only its check is set wrongly."""
        return self.well(at) and (self.reach is None or self.reach.serves(at))

    def well(self, at: datetime) -> bool:
        """Whether the application was ready and not ill."""
        if self.well_until and at < self.well_until:
            return True
        good = self.healthy_at is not None and self.healthy_at <= at
        ill = self.sick_at is not None and self.sick_at <= at
        return good and not ill and not self.gone(at)

    def running(self, at: datetime) -> bool:
        """Whether its container ran at that moment."""
        if self.well_until and at < self.well_until:
            return True
        return self.started_at is not None and self.started_at <= at and not self.gone(at)

    def gone(self, at: datetime) -> bool:
        """Whether it was on its way out at that moment."""
        return self.stopping_at is not None and self.stopping_at <= at

    def age_s(self, at: datetime) -> float:
        """Seconds since its container started."""
        return (at - self.started_at).total_seconds() if self.started_at else 0.0

    def memory_mib(self, at: datetime) -> float:
        """Memory in use: from two fifths of the peak up to the peak, never over the limit; before a fault, 300 MiB."""
        if self.well_until and at < self.well_until:
            return HEALTHY.memory_need_mib
        share = min(1.0, 0.4 + 0.6 * self.age_s(at) / self.program.memory_full_after_s)
        return min(self.program.memory_need_mib * share, self.definition.memory_mib)


@dataclass(frozen=True, slots=True)
class Ending:
    """Why and how a task ends."""

    stop_code: str
    reason: str
    exit_code: int | None
    container_reason: str = ""
    takes_s: float = ENDING_S


@dataclass(frozen=True, slots=True, order=True)
class Step:
    """Something that happens to a task at a moment."""

    at: datetime
    happen: Callable[[], None] = field(compare=False)


def essential_exit(exit_code: int, container_reason: str = "") -> Ending:
    """The container ended by itself, or the kernel ended it."""
    return Ending("EssentialContainerExited", "Essential container in task exited", exit_code, container_reason)


def scheduler_stop(reason: str, exit_code: int = SIGTERM) -> Ending:
    """ECS ended it: deployment, scale-in, health."""
    return Ending("ServiceSchedulerInitiated", reason, exit_code, takes_s=DRAINING_S)


def endings(task: Task, grace_s: int, target_group: str) -> Iterator[tuple[datetime, Ending]]:
    """When and how the running task would end, each by what it is and by the limits around it.

    Args:
        task: a running one.
        grace_s: the service's health-check grace period as it is now.
        target_group: ARN, empty where no load balancer checks it.
    """
    started, program = task.started_at or task.created_at, task.program
    need, limit = program.memory_need_mib, task.definition.memory_mib
    if need > limit:
        full = max(5, round(program.memory_full_after_s * (limit / need - 0.4) / 0.6))
        killed = essential_exit(SIGKILL, "OutOfMemoryError: Container killed due to memory usage")
        yield started + timedelta(seconds=full), killed
    if program.exits_after_s is not None:
        yield started + timedelta(seconds=program.exits_after_s), essential_exit(program.exit_code)
    if target_group and (task.healthy_at is None or task.sick_at is not None):
        since = task.sick_at or started
        failed = max(since + timedelta(seconds=CHECKS_FAIL_AFTER_S), started + timedelta(seconds=grace_s))
        yield failed, scheduler_stop(f"Task failed ELB health checks in (target-group {target_group})")
    elif target_group and task.reach and (unhealthy_from := task.reach.unhealthy_from):
        seen = max(unhealthy_from, started + timedelta(seconds=CHECKS_FAIL_AFTER_S))
        failed = max(seen, started + timedelta(seconds=grace_s))
        yield failed, scheduler_stop(f"Task failed ELB health checks in (target-group {target_group})")


def changes_of_health(task: Task) -> Iterator[tuple[datetime, Literal["healthy", "sick"]]]:
    """When the running task would begin to answer its health path, and when it would stop doing so."""
    started, program = task.started_at or task.created_at, task.program
    if task.healthy_at is None and program.ready_after_s is not None:
        yield started + timedelta(seconds=program.ready_after_s), "healthy"
    if task.sick_at is None and program.sick_after_s is not None:
        yield started + timedelta(seconds=program.sick_after_s), "sick"
