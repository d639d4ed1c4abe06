"""Latency of DynamoDB tables and trouble of NAT gateways, as values."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ...resources.load_balancing.latency import TIMES_SLOWER

TABLE_SLOW_MS = 20.0  # ours: DynamoDB answers in single-digit milliseconds (AWS, DynamoDB, "What is")


NAT_DROPPED_SHARE = 0.0001  # AWS, VPC user guide, NAT gateway metrics: above it there may be an issue


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
