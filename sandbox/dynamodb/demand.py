"""What is asked of the table each second, and what becomes of it: served, or throttled for one of four causes."""

from dataclasses import dataclass, replace
from typing import Literal

Direction = Literal["read", "write"]
Cause = Literal["ProvisionedThroughput", "KeyRangeThroughput", "MaxOnDemandThroughput", "AccountLimit"]

ONE_PARTITION = {"read": 3000.0, "write": 1000.0}  # AWS: units per second that one partition serves, at most
TABLE_QUOTA = {"read": 40_000, "write": 40_000}  # AWS: default quota of one table
ACCOUNT_QUOTA = {"read": 80_000, "write": 80_000}  # AWS: default quota of all provisioned tables


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """Units per second that callers ask for; every request is one unit and throttled ones are not sent again.

    Attributes:
        hot_read, hot_write: of these, how much goes to one partition key.
    """

    read: float = 3.0
    write: float = 2.0
    hot_read: float = 0.0
    hot_write: float = 0.0

    def of(self, direction: Direction) -> float:
        """All of one direction."""
        return self.read if direction == "read" else self.write

    def hot(self, direction: Direction) -> float:
        """What goes to one key."""
        return self.hot_read if direction == "read" else self.hot_write


CALM = Demand()
CALM_INDEX = Demand(read=1.0, write=2.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Units:
    """What the table or an index may serve; maxima count on demand only, None where none is set."""

    read: int
    write: int
    max_read: int | None = None
    max_write: int | None = None

    def of(self, direction: Direction) -> int:
        """Provisioned."""
        return self.read if direction == "read" else self.write

    def maximum(self, direction: Direction) -> int | None:
        """On demand."""
        return self.max_read if direction == "read" else self.max_write

    def with_units(self, direction: Direction, units: int) -> "Units":
        """The same with other provisioned units of one direction."""
        return replace(self, read=units) if direction == "read" else replace(self, write=units)


@dataclass(frozen=True, slots=True)
class Outcome:
    """Per second: units served, and requests throttled by cause."""

    served: float
    throttled: dict[Cause, float]

    @property
    def refused(self) -> float:
        """Throttled for whatever cause."""
        return sum(self.throttled.values())


def outcome(demand: Demand, direction: Direction, units: Units, *, on_demand: bool) -> Outcome:
    """What becomes of one direction's demand. There is no burst credit: what is over capacity is throttled at once."""
    too_hot = max(0.0, demand.hot(direction) - ONE_PARTITION[direction])
    left = demand.of(direction) - too_hot
    cause, limit = _limit(direction, units, on_demand=on_demand)
    over = max(0.0, left - limit)
    throttled: dict[Cause, float] = {}
    if too_hot:
        throttled["KeyRangeThroughput"] = too_hot
    if over:
        throttled[cause] = over
    return Outcome(left - over, throttled)


def _limit(direction: Direction, units: Units, *, on_demand: bool) -> tuple[Cause, float]:
    if not on_demand:
        return "ProvisionedThroughput", units.of(direction)
    maximum = units.maximum(direction)
    if maximum is not None and maximum < TABLE_QUOTA[direction]:
        return "MaxOnDemandThroughput", maximum
    return "AccountLimit", TABLE_QUOTA[direction]
