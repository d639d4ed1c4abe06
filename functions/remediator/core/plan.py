"""A plan: the exact calls of a fix, with pre-image and undo; and what a planner may decide instead."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Literal

from .errors import Defect
from .model import Resource
from .serialization import canonical
from .text import Text

REFERENCE = re.compile(r"\$\{(\d+)\.([A-Za-z0-9.]+)\}")


Response = Literal["auto", "ask"]
HOURS_PER_MONTH = 730  # as AWS reckons a month in its prices
WATCH_S = 900  # guide, emergency flow step 2: first response within 15 minutes


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


def filled(parameters: Any, answers: Sequence[Mapping[str, Any]]) -> Any:
    """`parameters` with every reference replaced.

    Raises:
        Defect: a reference to an answer or a part that there is not.
    """
    if isinstance(parameters, Mapping):
        return {k: filled(v, answers) for k, v in parameters.items()}
    if isinstance(parameters, list | tuple):
        return [filled(v, answers) for v in parameters]
    named = REFERENCE.fullmatch(parameters) if isinstance(parameters, str) else None
    return _part(named, answers) if named else parameters


def _part(named: re.Match[str], answers: Sequence[Mapping[str, Any]]) -> Any:
    try:
        found: Any = answers[int(named[1])]
        for name in named[2].split("."):
            found = found[name]
    except (IndexError, KeyError, TypeError) as error:
        raise Defect(f"{named[0]} is not in the answers before it") from error
    return found


def referenced(parameters: Any) -> tuple[tuple[int, str], ...]:
    """Every reference in `parameters`, as (call, path of names): a ledger keeps those parts of an answer only."""
    if isinstance(parameters, Mapping):
        return tuple(r for v in parameters.values() for r in referenced(v))
    if isinstance(parameters, list | tuple):
        return tuple(r for v in parameters for r in referenced(v))
    named = REFERENCE.fullmatch(parameters) if isinstance(parameters, str) else None
    return ((int(named[1]), named[2]),) if named else ()


def merged(base: Any, changes: Any) -> Any:
    """`base` with `changes` put over it: objects by key, lists of named things by their `name`, all else replaced."""
    if isinstance(base, Mapping) and isinstance(changes, Mapping):
        return {
            k: merged(base[k], changes[k]) if k in base and k in changes else {**base, **changes}[k]
            for k in {**base, **changes}
        }
    if _named(base) and _named(changes):
        by_name = {c["name"]: c for c in changes}
        return [merged(b, by_name[b["name"]]) if b["name"] in by_name else b for b in base]
    return changes


def _named(value: Any) -> bool:
    listed = isinstance(value, list | tuple)
    return listed and bool(value) and all(isinstance(v, Mapping) and "name" in v for v in value)
