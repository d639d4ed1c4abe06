"""A load balancer's own 5xx answers as values. Source of the codes: ALB user guide, troubleshooting."""

from collections.abc import Mapping
from dataclasses import dataclass, field

CODES = (502, 503, 504)
RECENT_MINUTES = 5  # what goes on now: CloudWatch's newest minute may still be missing
IDLE_TIMEOUT = "idle_timeout.timeout_seconds"


@dataclass(frozen=True, slots=True, kw_only=True)
class CountBounds:
    """Who owns a service's desired count; `owned` is False where autoscaling does not."""

    service: str
    owned: bool = False
    minimum: int = 0
    maximum: int = 0
    suspended: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CountSchedule:
    """One scheduled action of autoscaling."""

    service: str
    name: str
    when: str = ""
    minimum: int | None = None
    maximum: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CountSet:
    """One UpdateService that set a desired count.

    Attributes:
        by: who, as CloudTrail names them.
        of_nobody: a service of AWS or this program did; everybody else may be a person or a pipeline.
    """

    service: str
    at: str
    count: int
    by: str = ""
    of_nobody: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CountSets:
    """Who set counts, newest first, and of which time that is all: CloudTrail tells of a call minutes later."""

    calls: tuple[CountSet, ...] = ()
    since: str = ""
    settled_until: str = ""
    complete: bool = False

    def knows(self, moment: str) -> bool:
        """Whether whatever was called at that moment is among them."""
        return self.complete and bool(self.since) and self.since <= moment <= self.settled_until


@dataclass(frozen=True, slots=True, kw_only=True)
class Gateway:
    """The load balancer itself.

    Attributes:
        idle_timeout_s: a connection on which nothing is sent for so long is closed.
        noticed_on: ARN of the target group whose alarm started this look; empty where it was the load balancer's own.
    """

    arn: str
    idle_timeout_s: int = 60
    noticed_on: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Minute:
    """One minute of the load balancer's metrics.

    Attributes:
        at: its start.
        requests: None where CloudWatch has no datapoint. It writes no zeros, so nobody asked, or the data is not there yet.
        by_code: 502, 503 and 504 that the load balancer itself answered, as texts; those that it did not are left out.
        failed: all 5xx of its own, these three among them.
    """

    at: str
    requests: int | None = None
    by_code: Mapping[str, int] = field(default_factory=dict)
    failed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupAnswers:
    """What the targets of one group did over the window.

    Attributes:
        target_5xx: answers of the application's own.
        connection_errors: connections that the targets did not take.
        p99_ms, slowest_ms: of the slowest minute; None where nothing was answered. AWS measures what was answered, so
            a request that ran into the idle timeout counts with that at most.
    """

    group: str
    target_5xx: int = 0
    connection_errors: int = 0
    p99_ms: int | None = None
    slowest_ms: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayAnswers:
    """Who answered what; minutes oldest first."""

    minutes: tuple[Minute, ...] = ()
    groups: tuple[GroupAnswers, ...] = ()

    def counted(self, code: int) -> int:
        """How often the load balancer itself answered with it."""
        return sum(m.by_code.get(str(code), 0) for m in self.minutes)

    def lately(self, code: int) -> int:
        """The same over the newest minutes."""
        return sum(m.by_code.get(str(code), 0) for m in self.minutes[-RECENT_MINUTES:])

    @property
    def target_5xx(self) -> int:
        """Answers of the application's own, all groups."""
        return sum(g.target_5xx for g in self.groups)

    @property
    def failed(self) -> int:
        """All 5xx of the load balancer's own."""
        return sum(m.failed for m in self.minutes)

    @property
    def requests(self) -> int:
        """Requests to the load balancer that reached a target, as AWS counts them."""
        return sum(m.requests or 0 for m in self.minutes)

    @property
    def since(self) -> str:
        """The first minute with an error of its own; empty where there is none."""
        return next((m.at for m in self.minutes if m.failed or m.by_code), "")

    @property
    def leading(self) -> int:
        """The code that was answered most often; 0 where none was, or where the application answered more 5xx."""
        most = max(CODES, key=self.counted)
        return most if self.counted(most) and self.counted(most) >= self.target_5xx else 0

    @property
    def slowest(self) -> GroupAnswers | None:
        """The group whose p99 was highest, None where nothing was answered."""
        found = [g for g in self.groups if g.p99_ms is not None]
        return max(found, key=lambda g: g.p99_ms or 0, default=None)
