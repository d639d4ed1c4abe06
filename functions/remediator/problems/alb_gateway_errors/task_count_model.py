"""Who set a service's task count, and to what: bounds, schedules, CloudTrail records."""

from dataclasses import dataclass


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
