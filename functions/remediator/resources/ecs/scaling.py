"""A service's load, size and autoscaling bounds as values; one step of scaling out."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from .model import TaskDefinition

BUSY_PCT = 70.0  # ours: just under 75 %, the target in AWS's example of target tracking for ECS services


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """CPUUtilization and MemoryUtilization of a service by minute, in percent of what its tasks reserve."""

    cpu_pct: Mapping[str, float] = field(default_factory=dict)
    memory_pct: Mapping[str, float] = field(default_factory=dict)

    def busy(self, at: str) -> bool:
        """Whether CPU or memory was short in that minute."""
        return max(self.cpu_pct.get(at, 0.0), self.memory_pct.get(at, 0.0)) >= BUSY_PCT

    def short_of_cpu(self, at: str) -> bool:
        """Whether CPU was short in that minute: more tasks do not make one request need less memory."""
        return self.cpu_pct.get(at, 0.0) >= BUSY_PCT


@dataclass(frozen=True, slots=True, kw_only=True)
class CountOwner:
    """Who owns a service's count.

    Attributes:
        arn: of the scalable target, empty where autoscaling does not own the count.
        suspended: which of autoscaling's parts are suspended.
        under_way: what autoscaling is doing right now, in its own words.
    """

    arn: str = ""
    minimum: int = 0
    maximum: int = 0
    suspended: tuple[str, ...] = ()
    under_way: str = ""

    @property
    def owned(self) -> bool:
        """Whether autoscaling sets the count."""
        return bool(self.arn)


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskSize:
    """What one task reserves; None where the definition does not say (EC2 only)."""

    cpu_units: int | None = None
    memory_mib: int | None = None

    @classmethod
    def of(cls, definition: TaskDefinition) -> "TaskSize":
        """The size of a definition's tasks."""
        return cls(cpu_units=definition.cpu_units, memory_mib=definition.memory_mib)


def one_step(desired: int) -> int:
    """How many tasks one step adds: half as many again, at least one."""
    return max(1, -(-desired // 2))


@dataclass(frozen=True, slots=True, kw_only=True)
class Scaling:
    """Who owns the count: the scalable target's bounds; `owned` is False where autoscaling does not."""

    owned: bool
    minimum: int = 0
    maximum: int = 0
