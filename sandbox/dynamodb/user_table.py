"""The portfolio's table over time: its capacity, what is asked of it, and the metrics that follow from both."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from .. import names
from ..cloudwatch.metrics import SAMPLE_S, Sample
from ..history import History
from .demand import CALM, CALM_INDEX, Cause, Demand, Direction, Outcome, Units, outcome
from .table_life import NEW_INDEX, TableLife

INDEX = "by-email"
UPDATING = timedelta(seconds=30)
SWITCHING = timedelta(seconds=120)  # to on-demand takes longer; until then the old capacity serves
DIRECTIONS: tuple[Direction, ...] = ("read", "write")
CAUSES: tuple[Cause, ...] = ("ProvisionedThroughput", "KeyRangeThroughput", "MaxOnDemandThroughput", "AccountLimit")
OPERATIONS: Mapping[str, Direction] = {"GetItem": "read", "PutItem": "write"}
USUAL_LATENCY_MS = 5.0
RETRY_WAIT_S = 0.2  # what a request that is refused and tried again costs its caller
Rate = Callable[[datetime], float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Capacity:
    """What is set; the empty name is the table itself."""

    on_demand: bool
    parts: Mapping[str, Units]


@dataclass(slots=True)
class Past:
    """What DescribeTable tells of earlier changes of the table or an index."""

    increased_at: datetime | None = None
    decreases: list[datetime] = field(default_factory=list)

    @property
    def decreased_at(self) -> datetime | None:
        """When it went down last."""
        return self.decreases[-1] if self.decreases else None

    def decreases_on(self, day: date) -> int:
        """How often it went down on that day (UTC)."""
        return sum(at.date() == day for at in self.decreases)


class UserTable:
    """`portfolio-users` with one index.

    Attributes:
        busy_until: UpdateTable is refused before.
        latency_ms: what a request takes that is served.
        switches: moments at which it went on demand.
        insights: mode of Contributor Insights and when it was turned on, by part; none where it is off.
        updating: how long a change of capacity takes; until then the old one serves.
        life: what stands against deleting it, and whether somebody has.
    """

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        units = {"": Units(read=10, write=5), INDEX: Units(read=10, write=5)}
        self.capacity: History[Capacity] = History(Capacity(on_demand=False, parts=units))
        self.demand: dict[str, History[Demand]] = {"": History(CALM), INDEX: History(CALM_INDEX)}
        self.created_at = now() - timedelta(days=200)
        self.busy_until = self.created_at
        self.busy_parts: frozenset[str] = frozenset()
        self.past: dict[str, Past] = {"": Past(), INDEX: Past()}
        self.switches: list[datetime] = []
        self.latency_ms: History[float] = History(USUAL_LATENCY_MS)
        self.insights: dict[str, tuple[str, datetime]] = {}
        self.tags = {"auto-remediation": "auto"}
        self.life = TableLife(now)
        self.updating = UPDATING

    def ask(self, demand: Demand, index: str = "", *, for_s: float = 0) -> None:
        """Callers ask for that from now on, and have done so for the last `for_s` seconds."""
        since = self._now() - timedelta(seconds=for_s)
        self.demand[index].set(demand, at=since, now=since)

    def start_with(self, own: Units, *, on_demand: bool = False) -> None:
        """The table has always been so; its index stays as it is."""
        self.capacity = History(Capacity(on_demand=on_demand, parts={**self.set_now.parts, "": own}))

    @property
    def set_now(self) -> Capacity:
        """What serves now."""
        return self.capacity.at(self._now())

    def busy(self, at: datetime) -> bool:
        """Whether an update is under way."""
        return at < self.busy_until

    def update(self, to: Capacity, at: datetime) -> None:
        """Begins an update; the old capacity serves until it is over."""
        before = self.capacity.at(at)
        switching = to.on_demand != before.on_demand
        self.busy_until = at + (SWITCHING if switching else self.updating)
        self.busy_parts = frozenset(p for p in to.parts if switching or to.parts[p] != before.parts[p])
        if switching and to.on_demand:
            self.switches.append(at)
        for part in self.busy_parts:
            self._remember(part, before.parts[part], to.parts[part])
        self.capacity.set(to, at=self.busy_until, now=at)

    def _remember(self, part: str, before: Units, to: Units) -> None:
        past = self.past[part]
        if any(to.of(d) > before.of(d) for d in DIRECTIONS):
            past.increased_at = self.busy_until
        if any(to.of(d) < before.of(d) for d in DIRECTIONS):
            past.decreases.append(self.busy_until)

    def outcome(self, part: str, direction: Direction, at: datetime) -> Outcome:
        """What became of the demand on the table or index at that moment."""
        capacity, demand = self.capacity.at(at), self.demand[part].at(at)
        return outcome(demand, direction, capacity.parts[part], on_demand=capacity.on_demand)

    def source(self, namespace: str, name: str, dimensions: Mapping[str, str]) -> Sample | None:
        """What writes a metric of AWS/DynamoDB; a zero is not written, provisioned units are."""
        part = dimensions.get("GlobalSecondaryIndexName", "")
        if name == "OnlineIndexPercentageProgress":
            return self.life.progress_pct if part == NEW_INDEX else None
        if namespace != "AWS/DynamoDB" or dimensions.get("TableName") != names.TABLE or part not in self.demand:
            return None
        if name == "SuccessfulRequestLatency":
            return self.latency_ms.at if dimensions.get("Operation", "") in OPERATIONS else None
        if name == "ThrottledRequests":
            return self._throttled_requests(dimensions.get("Operation", ""))
        for direction in DIRECTIONS:
            if rate := self._rates(part, direction).get(name):
                return _counted(rate)
            if name == f"Provisioned{direction.capitalize()}CapacityUnits":
                return self._provisioned(part, direction)
        return None

    def wait_s(self, at: datetime) -> float:
        """How much longer than usual a caller waits for the table, in seconds."""
        refused = any(self.outcome("", direction, at).refused for direction in DIRECTIONS)
        return (self.latency_ms.at(at) - USUAL_LATENCY_MS) / 1000 + (RETRY_WAIT_S if refused else 0.0)

    def _rates(self, part: str, direction: Direction) -> Mapping[str, Rate]:
        word = direction.capitalize()

        def of_cause(cause: Cause) -> Rate:
            return lambda at: self.outcome(part, direction, at).throttled.get(cause, 0.0)

        return {
            f"Consumed{word}CapacityUnits": lambda at: self._served(part, direction, at),
            f"{word}ThrottleEvents": lambda at: self.outcome(part, direction, at).refused,
            **{f"{word}{cause}ThrottleEvents": of_cause(cause) for cause in CAUSES},
        }

    def _served(self, part: str, direction: Direction, at: datetime) -> float:
        """A write that the index refuses is not made in the table either."""
        served = self.outcome(part, direction, at).served
        if direction == "write" and not part:
            served -= min(served, self.outcome(INDEX, "write", at).refused)
        return served

    def _throttled_requests(self, operation: str) -> Sample | None:
        """Per request and operation: a write counts once, whether the table or its index refused it."""
        direction = OPERATIONS.get(operation)
        if direction is None:
            return None
        parts = ("", INDEX) if direction == "write" else ("",)
        return _counted(lambda at: sum(self.outcome(p, direction, at).refused for p in parts))

    def _provisioned(self, part: str, direction: Direction) -> Sample:
        def units(at: datetime) -> float | None:
            capacity = self.capacity.at(at)
            return None if capacity.on_demand else float(capacity.parts[part].of(direction))

        return units


def _counted(rate: Rate) -> Sample:
    return lambda at: rate(at) * SAMPLE_S or None
