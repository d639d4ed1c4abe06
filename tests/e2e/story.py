"""What a story is, and what became of it."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from remediator.core.serialization import Json
from sandbox.scenarios import Ending

from .stage import Stage

AUTO = "auto"
IDS = re.compile(
    r"(?<![a-z])[0-9a-f]{8,}(?![a-z])|(?<=:)\d{1,3}$|10(\.\d{1,3}){3}|(?<![A-Z\d])E[A-Z\d]{12,13}(?![A-Za-z\d])"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """What someone does once `when` is true.

    Attributes:
        what: for the reader of a failure.
        when: looks at the stage; asked every quarter of a minute of the world.
        do: does it.
    """

    what: str
    when: Callable[[Stage], Any]
    do: Callable[[Stage], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One story, told through the front door.

    Attributes:
        name: the sandbox's name of the same story where `agrees`.
        begin: sets the world up and lets the trouble start.
        acts: what people do later, one after another.
        expected: how it must end; None where the sandbox's scenario of that name says it.
        lasts_s: for a story that must not open an incident: so many seconds of the world are waited out.
        shown: what else must be true at the end, each with its words.
        denied: actions that IAM has to refuse in it.
        mode: the opt-in tag's value on the portfolio.
        portfolio: parameters of its template.
        agrees: the sandbox plays the same story.
        stays: its trouble is left as it is, so the same comes again by itself: the first incident tells how it ended.
        needs: the granted write actions without which it cannot end so.
    """

    name: str
    begin: Callable[[Stage], None]
    acts: tuple[Act, ...] = ()
    expected: Ending | None = None
    lasts_s: float = 0
    shown: Mapping[str, Callable[[Stage], bool]] = field(default_factory=dict)
    denied: frozenset[str] = frozenset()
    mode: str = AUTO
    portfolio: Mapping[str, str] = field(default_factory=dict)
    agrees: bool = True
    stays: bool = False
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """One story as it went.

    Attributes:
        change: the calls that were made, with names that differ from world to world left out.
        took_s: in seconds of ours, deployment included.
        denials: what IAM refused, `action on resource`.
        faults: all that is not as it must be, in words; empty where the story went well.
    """

    name: str
    ending: Ending
    change: tuple[str, ...] = ()
    took_s: float = 0
    messages: int = 0
    denials: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()


def calls_of(records: Sequence[Json], read: Callable[[Any], Any]) -> tuple[str, ...]:
    """The calls of the first change, `action parameters`, comparable between worlds."""
    changed = [read(r["change"]) for r in records if r.get("change")]
    if not changed:
        return ()
    calls: Sequence[Mapping[str, Any]] = changed[0]["plan"]["calls"]
    return tuple(f"{c['action']} {_comparable(c['parameters'])}" for c in calls)


def _comparable(value: Any) -> Any:
    """The value with every id that AWS draws replaced by `*`."""
    if isinstance(value, Mapping):
        return {k: _comparable(v) for k, v in sorted(value.items())}
    if isinstance(value, list):
        return [_comparable(v) for v in value]
    return IDS.sub("*", value) if isinstance(value, str) else value
