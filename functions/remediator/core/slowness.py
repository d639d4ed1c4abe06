"""How slowly targets answer, and what stands beside it minute by minute: load, tables, zones, gateways. Pure values."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from .ecs import TaskDefinition

TARGET_MS = 100  # guide, ALB: a response time over 100 ms is slow; a workload may declare its own target
BUSY_PCT = 70.0  # ours: just under 75 %, the target in AWS's example of target tracking for ECS services
TABLE_SLOW_MS = 20.0  # ours: DynamoDB answers in single-digit milliseconds (AWS, DynamoDB, "What is")
TIMES_SLOWER = 3.0  # ours: so many times its own hour before
ZONE_TIMES_SLOWER = 2.0  # a zone stands out where it takes twice as long as the slowest of the others
SEVERAL_MINUTES = 2  # one slow minute alone is no trouble
NAT_DROPPED_SHARE = 0.0001  # AWS, VPC user guide, NAT gateway metrics: above it there may be an issue
REFUSED_FLOWS = 10  # ours: single refused flows are everybody's background noise
QUIET_MINUTES = 3  # the stack's alarm looks at three minutes: so many good ones end it


@dataclass(frozen=True, slots=True, kw_only=True)
class Minute:
    """One minute of a target group; `late_ms` is p99, as in the stack's alarm, None where nobody asked."""

    at: str
    late_ms: float | None = None
    requests: int = 0

    def slow(self, target_ms: int) -> bool:
        """Whether one request in a hundred took longer than the target."""
        return self.late_ms is not None and self.late_ms > target_ms


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseTimes:
    """The response time of one target group, oldest minute first.

    Attributes:
        group: ARN of the target group, the one of the load balancer with the most slow minutes.
        target_ms: what the workload promises, else the guide's 100 ms.
        before_ms: p99 of the hour before the window, None where nobody asked then.
        zones: p99 of each minute by Availability Zone; empty where there is one zone only.
        balancer: ARN of the load balancer in front of it.
        cut_off: 504s that the load balancer answered over the window: what was slower still was cut off.
    """

    group: str
    target_ms: int = TARGET_MS
    minutes: tuple[Minute, ...] = ()
    before_ms: float | None = None
    zones: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    balancer: str = ""
    cut_off: int = 0

    @property
    def slow(self) -> tuple[Minute, ...]:
        """The minutes in which one request in a hundred took longer than the target."""
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
    def by_zone(self) -> Mapping[str, float]:
        """What each zone took on average in the slow minutes."""
        at = {m.at for m in self.slow}
        read = {zone: [ms for minute, ms in told.items() if minute in at] for zone, told in self.zones.items()}
        return {zone: sum(values) / len(values) for zone, values in read.items() if values}

    @property
    def odd_zone(self) -> str | None:
        """The one zone that was over the target in the slow minutes and took twice as long as every other."""
        means = self.by_zone
        if len(means) < 2:
            return None
        first, second = sorted(means, key=lambda z: means[z], reverse=True)[:2]
        stands_out = means[first] > self.target_ms and means[first] >= ZONE_TIMES_SLOWER * means[second]
        return first if stands_out else None


def most_of(minutes: Collection[Minute], of: Collection[Minute]) -> bool:
    """Whether `minutes` are at least half of the others: what stood beside one slow minute of ten explains none."""
    return bool(minutes) and 2 * len(minutes) >= len(of)


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
class TableSpeed:
    """One table of the workload.

    Attributes:
        slow_ms: the slowest operation of each minute in which one was slow, by DynamoDB's own measure and by its past.
        refused: throttled requests of each minute, on the table and its indexes.
        before_ms: what the slowest of those operations took in the hour before, None where nobody asked.
    """

    arn: str
    name: str
    slow_ms: Mapping[str, float] = field(default_factory=dict)
    refused: Mapping[str, int] = field(default_factory=dict)
    before_ms: float | None = None

    def late(self, at: str) -> bool:
        """Whether it kept its callers waiting in that minute."""
        return at in self.slow_ms or self.refused.get(at, 0) > 0

    @property
    def throttled(self) -> int:
        """Requests that it refused over the window."""
        return sum(self.refused.values())


def slow_operation(now_ms: float, before_ms: float | None) -> bool:
    """Whether an operation takes long by DynamoDB's own measure and by its own past."""
    return now_ms >= TABLE_SLOW_MS and (before_ms is None or now_ms >= TIMES_SLOWER * before_ms)


@dataclass(frozen=True, slots=True, kw_only=True)
class NatTrouble:
    """What a NAT gateway on the tasks' way out could not do; sums over the window."""

    id: str
    ports_refused: int = 0
    packets_dropped: int = 0
    packets: int = 0

    @property
    def ill(self) -> bool:
        """A connection found no port, or more than 0.01 % of the packets were dropped (AWS, NAT gateway metrics)."""
        return self.ports_refused > 0 or self.packets_dropped > NAT_DROPPED_SHARE * max(self.packets, 1)


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
