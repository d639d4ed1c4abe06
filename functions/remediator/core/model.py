"""The words of the architecture as values: Resource, Signal, Incident, Fact, Plan, Change, Verdict."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal

from .text import Text

Level = Literal["high", "medium", "low"]


Mode = Literal["off", "observe", "approve", "auto"]


MODES: tuple[Mode, ...] = ("off", "observe", "approve", "auto")  # strictest first


SIGNALS_KEPT = 20  # architecture: "a count and the first 20 are kept"
OPT_IN_TAG = "auto-remediation"


def strictest(*modes: Mode) -> Mode:
    """The most careful of the given modes."""
    return min(modes, key=MODES.index)


@dataclass(frozen=True, slots=True)
class Resource:
    """One AWS resource, named by its ARN; `kind` says which evidence readers understand it."""

    kind: str
    arn: str

    @property
    def partition(self) -> str:
        """`aws`, `aws-cn` or `aws-us-gov`."""
        return self.arn.split(":")[1]

    @property
    def region(self) -> str:
        """Region of the ARN, empty for global services."""
        return self.arn.split(":")[3]

    @property
    def account(self) -> str:
        """Twelve digits."""
        return self.arn.split(":")[4]

    @property
    def path(self) -> str:
        """What follows the account: `service/portfolio-cluster/portfolio-api-service`."""
        return self.arn.split(":", 5)[5]

    @property
    def name(self) -> str:
        """What people know the resource by: the last part of its ARN, or the one before the id that ELB adds."""
        parts = self.path.split("/")
        named = len(parts) > 2 and parts[0] in ("targetgroup", "loadbalancer")
        return parts[-2] if named else parts[-1]

    @property
    def cluster(self) -> str:
        """ECS cluster of a service or of a task family's tasks; empty where the ARN has none."""
        parts = self.path.split("/")
        return parts[1] if len(parts) == 3 else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """One parsed AWS event that tells of trouble.

    Attributes:
        kind: which sort of event, e.g. `ecs_task_stopped`, `alarm`; runbooks choose by it.
        at: when AWS says it happened, ISO 8601 in UTC.
        key: equal for the same happening told twice (task and stop time, alarm and state time).
        facts: what the event itself says, bounded, JSON values only.
    """

    kind: str
    resource: Resource
    level: Level
    at: str
    key: str
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ignored:
    """An event that was understood and is no incident."""

    reason: str


@dataclass(frozen=True, slots=True)
class Notice:
    """An event that tells of trouble which no runbook can look into: people are told, nothing is started."""

    level: Level
    about: str
    text: Text


Origin = Literal["event", "replay", "replay_apply", "undo", "recover"]


HEALING: tuple[Origin, ...] = ("event", "replay_apply")


State = Literal["opened", "running", "asking", "closed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """One problem on one resource, however many signals tell of it.

    Attributes:
        id: short hash, `[a-z0-9-]`, under 64 characters; also the name of the durable execution.
        origin: `event`; `replay` looks (at the stored evidence of `of`, if named) and changes nothing; `replay_apply` may change through the gates;
            `undo` takes back the change of incident `of`; `recover` follows a recovery procedure that a person started.
        thread: where people were told of the trouble before this incident was opened; empty: its own.
    """

    id: str
    runbook: str
    resource: Resource
    level: Level
    opened_at: str
    signals: tuple[Signal, ...]
    signal_count: int = 1
    state: State = "opened"
    origin: Origin = "event"
    workload: str | None = None
    of: str | None = None
    requested_by: str | None = None
    thread: str = ""

    @property
    def is_automatic(self) -> bool:
        """Whether the program may heal it by its own judgement; anything else a person asked for: a look, an undo, a recovery."""
        return self.origin in HEALING


@dataclass(frozen=True, slots=True)
class Fact:
    """One claim of a report: the value, where it was read and when (ISO 8601, UTC)."""

    label: Text
    value: str
    source: str
    at: str


class Verdict(StrEnum):
    """How an incident ended. No data is `cannot_tell`, never a pass."""

    FIXED = "fixed"
    NOT_FIXED = "not_fixed"
    RECOVERED_WITHOUT_US = "recovered_without_us"
    CANNOT_TELL = "cannot_tell"

    @property
    def over(self) -> bool:
        """Whether the trouble is over, with whatever help."""
        return self in (Verdict.FIXED, Verdict.RECOVERED_WITHOUT_US)


OVER = frozenset(v.value for v in Verdict if v.over)  # as the ledger spells them


def mode_from(text: str | None) -> Mode | None:
    """The mode a tag or the switch names; None for anything else, so that a typo is never `auto`."""
    word = (text or "").strip().lower()
    return next((m for m in MODES if m == word), None)


def opted_in(tags: Mapping[str, str]) -> bool:
    """Whether the tag lets a resource be changed, by the program alone or after a person's yes."""
    return mode_from(tags.get(OPT_IN_TAG)) in ("approve", "auto")
