"""How slowly targets answer, and what stands beside it minute by minute: load, tables, zones, gateways. Pure values."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from .ecs import TaskDefinition

TARGET_MS = 100  # guide, ALB: a response time over 100 ms is slow; a workload may declare its own target
BUSY_PCT = 70.0  # ours: just under 75 %, the target in AWS's example of target tracking for ECS services
TABLE_SLOW_MS = 20.0  # ours: DynamoDB answers in single-digit milliseconds (AWS, DynamoDB, "What is")
TIMES_SLOWER = 3.0  # ours: so many times its own hour before
ZONE_TIMES_SLOWER = 2.0  # a zone stands out where it takes twice as long as the slowest of the others
SEVERAL_MINUTES = 2  # one slow minute alone is no trouble
QUIET_MINUTES = 3  # the stack's alarm looks at three minutes: so many good ones end it


@dataclass(frozen=True, slots=True, kw_only=True)
class Minute:
    """One minute of a target group; `late_ms` is p95, None where nobody asked."""

    at: str
    late_ms: float | None = None
    requests: int = 0

    def slow(self, target_ms: int) -> bool:
        """Whether one request in twenty took longer than the target."""
        return self.late_ms is not None and self.late_ms > target_ms


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseTimes:
    """The response time of one target group, oldest minute first.

    Attributes:
        group: ARN of the target group, the slowest one of the load balancer.
        target_ms: what the workload promises, else the guide's 100 ms.
        before_ms: p95 of the hour before the window, None where nobody asked then.
        zones: p95 of the window by Availability Zone; empty where there is one zone only.
    """

    group: str
    target_ms: int = TARGET_MS
    minutes: tuple[Minute, ...] = ()
    before_ms: float | None = None
    zones: Mapping[str, float] = field(default_factory=dict)

    @property
    def slow(self) -> tuple[Minute, ...]:
        """The minutes in which one request in twenty took longer than the target."""
        return tuple(m for m in self.minutes if m.slow(self.target_ms))

    @property
    def requests(self) -> int:
        """Of the whole window."""
        return sum(m.requests for m in self.minutes)

    @property
    def newest(self) -> Minute | None:
        """The newest minute in which somebody asked."""
        return next((m for m in reversed(self.minutes) if m.late_ms is not None), None)

    @property
    def odd_zone(self) -> str | None:
        """The one zone that takes twice as long as every other."""
        if len(self.zones) < 2:
            return None
        first, second = sorted(self.zones, key=lambda z: self.zones[z], reverse=True)[:2]
        return first if self.zones[first] >= ZONE_TIMES_SLOWER * self.zones[second] else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """CPUUtilization and MemoryUtilization of a service by minute, in percent of what its tasks reserve."""

    cpu_pct: Mapping[str, float] = field(default_factory=dict)
    memory_pct: Mapping[str, float] = field(default_factory=dict)

    def busy(self, at: str) -> bool:
        """Whether CPU or memory was short in that minute."""
        return max(self.cpu_pct.get(at, 0.0), self.memory_pct.get(at, 0.0)) >= BUSY_PCT

    @property
    def by_memory_alone(self) -> bool:
        """Whether memory is short and CPU never was: more tasks do not make one request need less memory."""
        return max(self.memory_pct.values(), default=0.0) >= BUSY_PCT > max(self.cpu_pct.values(), default=0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class TableSpeed:
    """One table of the workload; times are the slowest operation's average, None where nobody asked."""

    arn: str
    name: str
    now_ms: float | None = None
    before_ms: float | None = None
    throttled: int = 0

    @property
    def slow(self) -> bool:
        """Whether it answers late by DynamoDB's own measure and by its own past."""
        if self.now_ms is None or self.now_ms < TABLE_SLOW_MS:
            return False
        return self.before_ms is None or self.now_ms >= TIMES_SLOWER * self.before_ms


@dataclass(frozen=True, slots=True, kw_only=True)
class NatTrouble:
    """What a NAT gateway on the tasks' way out could not do; sums over the window."""

    id: str
    ports_refused: int = 0
    packets_dropped: int = 0


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
