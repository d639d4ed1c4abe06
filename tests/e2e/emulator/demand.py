"""What is asked of tables and indexes, what they serve of it and what they refuse, and CloudWatch's metrics of both."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ministack.services import dynamodb

from . import agenda, metrics
from .admin import act, view

MINUTE_S = 60
DYNAMODB = "AWS/DynamoDB"
OF_A_KEY = {"Read": 3000, "Write": 1000}  # units a second that one partition serves
OF_A_TABLE = 40_000  # the quota of an on-demand table, each direction
ON_DEMAND = "PAY_PER_REQUEST"
OPERATION = {"Read": "GetItem", "Write": "PutItem"}
DIRECTIONS = ("Read", "Write")
UNITS = "{}CapacityUnits"


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """Units a second that are asked of a table or an index, each request of one unit.

    Attributes:
        hot_key_pct: so much of it asks for one and the same key.
    """

    reads_per_s: float = 0
    writes_per_s: float = 0
    hot_key_pct: float = 0

    def of(self, direction: str) -> float:
        """Of one direction."""
        return self.reads_per_s if direction == "Read" else self.writes_per_s


@dataclass(frozen=True, slots=True)
class Served:
    """What becomes of a second's demand in one direction: units served, units refused for one cause each."""

    units: float
    refused: Mapping[str, float]


_demands: dict[tuple[str, str], Demand] = {}


@act("demand")
def ask(
    table: str,
    index: str | None = None,
    reads_per_s: float = 0,
    writes_per_s: float = 0,
    hot_key_pct: float = 0,
) -> dict[str, Any]:
    """From now on so much is asked of a table, or of one of its indexes; nothing else is asked of it.

    Writes that an index refuses are not made in the table either: AWS throttles them in both.
    """
    if table not in dynamodb._tables:
        raise ValueError(f"there is no table {table}")
    _demands[table, index or ""] = Demand(reads_per_s=reads_per_s, writes_per_s=writes_per_s, hot_key_pct=hot_key_pct)
    return {"table": table, "index": index, "asked": repr(_demands[table, index or ""])}


@view("demands")
def demands() -> list[dict[str, Any]]:
    """What is asked, and what of it is served now, by direction."""
    return [
        {"table": t, "index": i, "direction": d, "asked_per_s": asked.of(d), "served": repr(served(t, i, d))}
        for (t, i), asked in _demands.items()
        for d in DIRECTIONS
        if t in dynamodb._tables
    ]


def asked_per_s(table: str, index: str, direction: str) -> float:
    """Units a second that are asked."""
    return _demands.get((table, index), Demand()).of(direction)


def served(table: str, index: str, direction: str) -> Served:
    """What becomes of it with the capacity that serves at the moment."""
    demand = _demands.get((table, index), Demand())
    asked = demand.of(direction)
    limit, cause = _limit(dynamodb._tables[table], index, direction)
    hot = asked * demand.hot_key_pct / 100
    too_hot = max(0.0, hot - OF_A_KEY[direction])
    too_much = max(0.0, asked - too_hot - limit)
    values = {"KeyRangeThroughput": too_hot, cause: too_much}
    return Served(asked - too_hot - too_much, {name: units for name, units in values.items() if units > 0})


def _limit(table: Mapping[str, Any], index: str, direction: str) -> tuple[float, str]:
    """Units a second, and the name of the cause where more is asked."""
    part = part_of(table, index)
    if (table.get("BillingModeSummary") or {}).get("BillingMode") != ON_DEMAND:
        return float(part["ProvisionedThroughput"][UNITS.format(direction)]), "ProvisionedThroughput"
    most = (part.get("OnDemandThroughput") or {}).get(f"Max{direction}RequestUnits", -1)
    return (float(most), "MaxOnDemandThroughput") if most > 0 else (float(OF_A_TABLE), "AccountLimit")


def part_of(table: Mapping[str, Any], index: str) -> Mapping[str, Any]:
    """The table itself for an empty name, else that index of it."""
    if not index:
        return table
    found: Mapping[str, Any] = next(i for i in table["GlobalSecondaryIndexes"] if i["IndexName"] == index)
    return found


@agenda.each_minute(2)
def tell_of_the_minute() -> None:
    """The datapoints of the minute that has just ended, of every table that is asked anything of."""
    at = agenda.now() - MINUTE_S
    for table, index in list(_demands):
        if table in dynamodb._tables:
            for direction in DIRECTIONS:
                tell(table, index, direction, at)


def tell(table: str, index: str, direction: str, at: float) -> None:
    """What one direction served and refused within a minute; counts that are zero are not told."""
    named = {"TableName": table, **({"GlobalSecondaryIndexName": index} if index else {})}
    got = served(table, index, direction)
    for name, value in _told(table, index, direction, got):
        if value > 0:
            metrics.put(DYNAMODB, name, named, at, value)
    refused = sum(got.refused.values()) * MINUTE_S
    if refused > 0:
        operation = {"TableName": table, "Operation": OPERATION[direction]}
        metrics.put(DYNAMODB, "ThrottledRequests", operation, at, round(refused))


def _told(table: str, index: str, direction: str, got: Served) -> Iterator[tuple[str, float]]:
    yield f"Consumed{UNITS.format(direction)}", got.units * MINUTE_S
    provisioned = part_of(dynamodb._tables[table], index)["ProvisionedThroughput"][UNITS.format(direction)]
    yield f"Provisioned{UNITS.format(direction)}", provisioned
    yield f"{direction}ThrottleEvents", round(sum(got.refused.values()) * MINUTE_S)
    for cause, units in got.refused.items():
        yield f"{direction}{cause}ThrottleEvents", round(units * MINUTE_S)
