"""The words of the architecture as values: Resource, Signal, Incident, Fact, Plan, Change, Verdict."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256
from typing import Any, Literal

from .serialization import canonical
from .text import Text

Level = Literal["high", "medium", "low"]


Response = Literal["auto", "ask"]


Mode = Literal["off", "observe", "approve", "auto"]


MODES: tuple[Mode, ...] = ("off", "observe", "approve", "auto")  # strictest first


SIGNALS_KEPT = 20  # architecture: "a count and the first 20 are kept"


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


@dataclass(frozen=True, slots=True)
class Grant:
    """One action on one ARN that a call needs besides itself, such as `iam:PassRole`."""

    action: str
    arn: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """Parameters taken over unread from something immutable, so that what it holds is stored nowhere.

    A task definition's environment may hold secrets; its revision never changes, so naming it is exact.

    Attributes:
        action: the read that gives it, with its parameters.
        at: where in the answer it stands.
        keep: which of its names the call takes.
    """

    action: str
    parameters: Mapping[str, Any]
    at: str
    keep: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One exact API call of a Plan.

    Attributes:
        action: IAM's name of it, `ecs:UpdateService`.
        parameters: as boto3 takes them; a text `${N.a.b}` stands for part of the answer of the plan's Nth call.
        arn: what IAM checks the call against.
        copy: what the call starts from; `parameters` then name only what differs (lists of named things by name).
    """

    action: str
    parameters: Mapping[str, Any]
    arn: str
    also: tuple[Grant, ...] = ()
    copy: Copy | None = None


HOURS_PER_MONTH = 730  # as AWS reckons a month in its prices


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The exact calls of a fix, with all that a person must know before they run. A pure value.

    Attributes:
        before: the pre-image: each value that the calls replace.
        after: the same keys once the calls have run, as far as they can be known.
        undo: calls that restore `before`; empty only where `no_undo` says why.
        cost_per_month_usd: what the change adds at most; None where it costs nothing.
        keep: what to change in the CloudFormation template so that the next deployment keeps the change.
        worse: the named metric whose rise undoes the change by itself; None where nothing does.
        named_at: when the change began that the cause names and that this takes back, ISO 8601; empty where there is none.
        lease_s: after so many seconds what it lends is looked at again, to be handed back; 0: it lends nothing.
    """

    runbook: str
    cause: str
    fix: str
    title: Text
    resource: Resource
    calls: tuple[Call, ...]
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    undo: tuple[Call, ...] = ()
    no_undo: Text | None = None
    response: Response = "auto"
    ask_because: Text | None = None
    cost_per_month_usd: float | None = None
    keep: Text | None = None
    worse: Text | None = None
    named_at: str = ""
    lease_s: int = 0

    @property
    def hash(self) -> str:
        """Names exactly these calls on exactly this pre-image; what is approved is what is run."""
        named = (self.cause, self.fix, self.calls, self.before, self.undo)
        return sha256(canonical(named).encode()).hexdigest()

    @property
    def short_hash(self) -> str:
        """The 8 hex digits that an approval names."""
        return self.hash[:8]


WATCH_S = 900  # guide, emergency flow step 2: first response within 15 minutes


@dataclass(frozen=True, slots=True)
class Watch:
    """No change yet: look again until `for_s` seconds after the first look."""

    why: Text
    for_s: int


@dataclass(frozen=True, slots=True)
class Advise:
    """No change by the program: what a person should do.

    Attributes:
        commands: exact, where there are any.
        quote: lines of a log that say why, redacted, such as the first stack trace.
        final: nothing can change any more (the resource is gone, nothing restarts it), so it is not looked after.
        passed_over: why fixes that come before this one in the cause's order were not made.
    """

    why: Text
    commands: tuple[str, ...] = ()
    quote: tuple[str, ...] = ()
    final: bool = False
    passed_over: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True)
class HandOver:
    """The cause lies behind another problem: its runbook goes on, in one incident and one thread."""

    why: Text
    runbook: str
    resource: Resource


Decision = Plan | Watch | Advise | HandOver


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A Plan that was applied.

    Attributes:
        certain: False where no answer came and a second look decided.
        refused: why AWS refused the calls behind those that were made; empty where all were made.
        lease_until: when what it lent is looked at again, ISO 8601; empty where it lent nothing or nobody comes back to it.
    """

    plan: Plan
    applied_at: str
    requests: tuple[str, ...] = ()
    answers: tuple[Mapping[str, Any], ...] = ()
    certain: bool = True
    refused: str = ""
    lease_until: str = ""


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


OPT_IN_TAG = "auto-remediation"


def mode_from(text: str | None) -> Mode | None:
    """The mode a tag or the switch names; None for anything else, so that a typo is never `auto`."""
    word = (text or "").strip().lower()
    return next((m for m in MODES if m == word), None)


def opted_in(tags: Mapping[str, str]) -> bool:
    """Whether the tag lets a resource be changed, by the program alone or after a person's yes."""
    return mode_from(tags.get(OPT_IN_TAG)) in ("approve", "auto")
