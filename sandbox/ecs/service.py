"""One ECS service and its deployments, as values that the fleet moves on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from ..names import CLUSTER, ecs_arn
from .tasks import Definition

Rollout = Literal["IN_PROGRESS", "COMPLETED", "FAILED"]


@dataclass(slots=True, kw_only=True)
class Deployment:
    """One service deployment: DescribeServices shows it while it lasts, ListServiceDeployments afterwards too.

    Attributes:
        status: of the service deployment (`SUCCESSFUL`, `ROLLBACK_SUCCESSFUL`, ...).
        rolls_back_to: where a rollback moves the service.
    """

    id: str
    definition: Definition
    created_at: datetime
    rollout: Rollout = "IN_PROGRESS"
    status: str = "IN_PROGRESS"
    failed_tasks: int = 0
    finished_at: datetime | None = None
    rolls_back_to: Definition | None = None
    rollback_at: datetime | None = None
    rollback_reason: str = ""


@dataclass(slots=True, kw_only=True)
class Service:
    """One ECS service with its history; `deployments` newest last."""

    name: str
    desired: int
    desired_before: list[tuple[datetime, int]] = field(default_factory=list)  # (until when, count), oldest first
    created_at: datetime
    grace_s: int = 0
    launch_type: Literal["FARGATE", "EC2"] = "FARGATE"
    breaker_rolls_back: bool = False
    target_group: str = ""
    container: str = ""
    port: int = 0
    tags: dict[str, str] = field(default_factory=dict)
    network: Mapping[str, object] = field(default_factory=dict)
    deployments: list[Deployment] = field(default_factory=list)
    shown: list[Deployment] = field(default_factory=list)  # primary first, then what it replaces
    events: list[tuple[datetime, str]] = field(default_factory=list)
    place_again_at: datetime | None = None  # no task can be placed; ECS tries again then
    starts_failed: int = 0  # in a row; ECS waits longer each time

    @property
    def arn(self) -> str:
        """The service's ARN."""
        return ecs_arn(f"service/{CLUSTER}/{self.name}")

    @property
    def group(self) -> str:
        """What its tasks name as their group."""
        return f"service:{self.name}"

    @property
    def primary(self) -> Deployment:
        """The deployment that the service moves to or stands on."""
        return self.shown[0]

    def scale(self, desired: int, at: datetime) -> None:
        """Asks for another count from `at` on."""
        self.desired_before.append((at, self.desired))
        self.desired = desired

    def desired_at(self, at: datetime) -> int:
        """The count that was asked for at that moment."""
        return next((count for until, count in self.desired_before if at < until), self.desired)

    def say(self, at: datetime, words: str) -> None:
        """Adds a service event."""
        self.events.insert(0, (at, f"(service {self.name}) {words}"))
