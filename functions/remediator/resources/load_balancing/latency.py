"""Response times as values: slow minutes, slow zones, and how much slower than before."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

TARGET_MS = 100  # guide, ALB: a response time over 100 ms is slow; a workload may declare its own target


TIMES_SLOWER = 3.0  # ours: so many times its own hour before


ZONE_TIMES_SLOWER = 2.0  # a zone stands out where it takes twice as long as the slowest of the others


SEVERAL_MINUTES = 2  # one slow minute alone is no trouble


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
        read = {zone: [ms for minute, ms in found.items() if minute in at] for zone, found in self.zones.items()}
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
