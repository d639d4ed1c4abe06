"""DynamoDB as values: a table and its indexes, what they served and refused by the minute, and who owns their capacity."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import ceil
from statistics import median
from typing import Literal

from ...core.timestamps import after
from .throttle_metrics import DIRECTIONS, Direction, ThrottleCause

MINUTE_S = 60
MINUTES_PER_HOUR = 60
HEADROOM = 0.7  # AWS Application Auto Scaling for DynamoDB: 70 % is its default target utilisation
STEP_AT_MOST = 2  # rows.md: at most 2x a step
SDK_ATTEMPTS = 3  # AWS SDKs, standard retry mode: one request is sent at most so often; each refusal is an event
BURST_TIMES_MEDIAN = 3  # ours: "far above" what the hour is like
ON_DEMAND = "PAY_PER_REQUEST"


@dataclass(frozen=True, slots=True, kw_only=True)
class Throughput:
    """What the table itself, or one of its indexes, may serve.

    Attributes:
        index: name of the index; empty for the table itself.
        read, write: provisioned capacity units; of no meaning on demand.
        max_read, max_write: configured on-demand maxima, None where there is none.
        increased_at: ISO 8601, empty where it never was.
        decreases_today: AWS bounds these by the day (UTC).
    """

    arn: str
    index: str = ""
    status: str = "ACTIVE"
    read: int = 0
    write: int = 0
    max_read: int | None = None
    max_write: int | None = None
    increased_at: str = ""
    decreases_today: int = 0

    def units(self, direction: Direction) -> int:
        """Provisioned units of one direction."""
        return self.read if direction == "read" else self.write

    def maximum(self, direction: Direction) -> int | None:
        """The on-demand maximum of one direction."""
        return self.max_read if direction == "read" else self.max_write


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One table as DescribeTable gives it.

    Attributes:
        on_demand_since: when it was last switched to on-demand; AWS allows that four times in 24 hours.
        replicas: regions that hold a copy besides this one.
    """

    name: str
    own: Throughput
    indexes: tuple[Throughput, ...] = ()
    status: str = "ACTIVE"
    billing: str = "PROVISIONED"
    on_demand_since: str = ""
    table_class: str = "STANDARD"
    replicas: tuple[str, ...] = ()

    @property
    def on_demand(self) -> bool:
        """Whether requests are paid one by one instead of capacity by the hour."""
        return self.billing == ON_DEMAND

    @property
    def busy(self) -> bool:
        """Whether AWS is changing the table or an index, so that it refuses another change."""
        return any(s in ("UPDATING", "CREATING") for s in (self.status, *(i.status for i in self.indexes)))

    def part(self, index: str) -> Throughput | None:
        """The table itself for an empty name, else that index; None where it is gone."""
        return next((t for t in (self.own, *self.indexes) if t.index == index), None)


@dataclass(frozen=True, slots=True)
class Minute:
    """A sum over the minute that begins at `at`."""

    at: str
    count: float

    @property
    def ends_at(self) -> str:
        """The first moment that it does not cover."""
        return after(self.at, MINUTE_S)


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """What one direction of a table or index served and refused, minute by minute, oldest first.

    CloudWatch leaves out minutes without requests, and throttle metrics where they are zero.

    Attributes:
        index: empty for the table itself.
        consumed: capacity units.
        refused: throttled requests, whatever the cause.
        by_cause: the same by cause, where that was read.
    """

    index: str = ""
    direction: Direction
    consumed: tuple[Minute, ...] = ()
    refused: tuple[Minute, ...] = ()
    by_cause: Mapping[str, tuple[Minute, ...]] = field(default_factory=dict)

    def of(self, cause: ThrottleCause) -> tuple[Minute, ...]:
        """Minutes in which requests were throttled for `cause`."""
        return tuple(m for m in self.by_cause.get(cause, ()) if m.count > 0)

    def events(self, cause: ThrottleCause) -> int:
        """Requests throttled for `cause`."""
        return int(sum(m.count for m in self.of(cause)))

    @property
    def bad(self) -> tuple[Minute, ...]:
        """Minutes in which any request was throttled."""
        return tuple(m for m in (*self.refused, *(m for found in self.by_cause.values() for m in found)) if m.count > 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """How much one direction of a table or index was asked for in an hour, in units per second by the minute.

    Attributes:
        datapoints: minutes that CloudWatch knows anything of.
        median_per_s: a minute without datapoint consumed nothing.
        wanted_per_s: the busiest minute's demand at most: served, and every refused request counted as one unit.
        wanted_at_least_per_s: the same at least: a refused request may have been sent again as often as SDKs do.
    """

    index: str = ""
    direction: Direction
    datapoints: int = 0
    peak_per_s: float = 0.0
    median_per_s: float = 0.0
    wanted_per_s: float = 0.0
    wanted_at_least_per_s: float = 0.0


def load_of(flow: Flow) -> Load:
    """What an hour of minutes comes to."""
    served = {m.at: m.count / MINUTE_S for m in flow.consumed}
    refused = {m.at: m.count / MINUTE_S for m in flow.refused}
    idle = (0.0,) * (MINUTES_PER_HOUR - len(served))
    known = {*served, *refused}
    return Load(
        index=flow.index,
        direction=flow.direction,
        datapoints=len(known),
        peak_per_s=max(served.values(), default=0.0),
        median_per_s=median((*served.values(), *idle)),
        wanted_per_s=max((served.get(at, 0) + refused.get(at, 0) for at in known), default=0.0),
        wanted_at_least_per_s=max((served.get(at, 0) + refused.get(at, 0) / SDK_ATTEMPTS for at in known), default=0.0),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """A scalable target: Application Auto Scaling owns this capacity and keeps it between these bounds.

    Attributes:
        id: as AWS names it, `table/portfolio-users/index/by-mail`.
        arn: what IAM checks a change of it against.
        held: a person has suspended scaling out.
    """

    id: str
    direction: Direction
    minimum: int
    maximum: int
    index: str = ""
    arn: str = ""
    held: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Quotas:
    """What the account may provision in this region, and one table of it, as DescribeLimits gives it."""

    account_read: int
    account_write: int
    table_read: int
    table_write: int

    def of_table(self, direction: Direction) -> int:
        """The most that one table may have."""
        return self.table_read if direction == "read" else self.table_write

    def of_account(self, direction: Direction) -> int:
        """The most that all tables together may have."""
        return self.account_read if direction == "read" else self.account_write


@dataclass(frozen=True, slots=True, kw_only=True)
class Insights:
    """Contributor Insights of the table (empty index) or an index; `rules` are its CloudWatch rules."""

    index: str = ""
    status: str = "DISABLED"
    mode: str = ""
    rules: tuple[str, ...] = ()


def next_units(current: int, demand_per_s: float, at_most: int) -> int | None:
    """What capacity to set for a demand: with headroom, at most twice the current, at least one more; None if no room.

    Args:
        current: provisioned now.
        demand_per_s: units per second to cover.
        at_most: what AWS allows.
    """
    covering = max(ceil(demand_per_s / HEADROOM), current + 1)
    bounded = min(covering, max(STEP_AT_MOST * current, 1), at_most)
    return bounded if bounded > current else None


def burst(load: Load, provisioned: int) -> bool:
    """Whether the peak is so far above capacity and above the hour's own level that one step cannot follow it."""
    peak = load.wanted_at_least_per_s
    return peak > STEP_AT_MOST * provisioned and peak > BURST_TIMES_MEDIAN * load.median_per_s


def values(table: Table, scaling: tuple[Bounds, ...] = (), insights: tuple[Insights, ...] = ()) -> Mapping[str, str]:
    """Everything that plans replace, by the names that plans use; what AWS is changing says so, so a write is seen."""
    going = f" ({table.status})" if table.status != "ACTIVE" else ""
    found = {"BillingMode": table.billing + going}
    for part in (table.own, *table.indexes):
        for direction in DIRECTIONS:
            found[units_name(part.index, direction)] = f"{part.units(direction)}{going}"
            found[maximum_name(part.index, direction)] = f"{part.maximum(direction) or 'none'}{going}"
    for bounds in scaling:
        found[bounds_name(bounds, "Min")] = str(bounds.minimum)
        found[bounds_name(bounds, "Max")] = str(bounds.maximum)
    return found | {insights_name(i.index): i.status for i in insights}


def units_name(index: str, direction: Direction) -> str:
    """`by-mail.WriteCapacityUnits`; without the index for the table itself."""
    return _of(index, f"{direction.capitalize()}CapacityUnits")


def maximum_name(index: str, direction: Direction) -> str:
    """`MaxWriteRequestUnits`, of an index with its name before it."""
    return _of(index, f"Max{direction.capitalize()}RequestUnits")


def bounds_name(bounds: Bounds, end: Literal["Min", "Max"]) -> str:
    """`MinCapacity (write)`, of an index with its name before it."""
    return bound_name(bounds.index, bounds.direction, end)


def bound_name(index: str, direction: Direction, end: Literal["Min", "Max"]) -> str:
    """The same without the scalable target itself."""
    return _of(index, f"{end}Capacity ({direction})")


def insights_name(index: str) -> str:
    """`ContributorInsights`, of an index with its name before it."""
    return _of(index, "ContributorInsights")


def _of(index: str, name: str) -> str:
    return f"{index}.{name}" if index else name
