"""Calls on a timeline: how many there were, and how many had to wait for another."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Kind = Literal["call", "checkpoint"]
Who = Literal["intake", "remediate", "approve"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Called:
    """One request, with the added latency in it.

    Attributes:
        name: `dynamodb:UpdateItem`; of a checkpoint, the steps that it wrote down.
        began_s: of a monotonic clock.
        ended_s: when its answer was there.
        writes: it changes the workload.
    """

    name: str
    began_s: float
    ended_s: float
    kind: Kind = "call"
    who: Who = "remediate"
    writes: bool = False


def last_write(called: Iterable[Called]) -> Called | None:
    """The request with which the fix was in force, None where nothing was changed."""
    return max((c for c in called if c.writes), key=lambda c: c.ended_s, default=None)


def first_report(called: Iterable[Called]) -> Called | None:
    """The first message that people got, None where they got none."""
    return min((c for c in called if c.name == "sns:Publish"), key=lambda c: c.ended_s, default=None)


def until(called: Iterable[Called], end: Called) -> tuple[Called, ...]:
    """What had begun before `end` was over, `end` with it, in order."""
    return tuple(sorted((c for c in called if c.began_s < end.ended_s), key=lambda c: c.began_s))


def longest_chain(called: Sequence[Called], end: Called) -> int:
    """How many requests, `end` the last, each began only after the one before it had its answer."""
    lengths: dict[int, int] = {}
    ordered = sorted(called, key=lambda c: c.ended_s)
    for place, one in enumerate(ordered):
        before = [lengths[i] for i in range(place) if ordered[i].ended_s <= one.began_s]
        lengths[place] = 1 + max(before, default=0)
    return next((lengths[i] for i, one in enumerate(ordered) if one is end), 0)


def by_slope(fast_s: float, slow_s: float, added_s: float) -> float:
    """Round trips in sequence, from the time that grows when every call takes `added_s` longer.

    What does not depend on the latency, CPU above all, is in both times and falls out.
    """
    return (slow_s - fast_s) / added_s


def counted(called: Iterable[Called]) -> Mapping[str, int]:
    """How often each name was called, the most frequent first."""
    return dict(Counter(c.name for c in called).most_common())
