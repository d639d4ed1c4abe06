"""Trouble that goes on: what a sweep found in ALARM, and how often it may be looked into. Pure.

An alarm that stays in ALARM sends no second event. What the sweep finds is a signal like any other, with the moment of
the look as its time: evidence is read around now, however long ago the alarm went off.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ..core.model import Incident, Signal
from ..core.settings import Limits

SWEPT = "swept"
PERSISTS = "persists"
ABANDONED = "abandoned"  # in place of a verdict: the execution ended without one


@dataclass(frozen=True, slots=True, kw_only=True)
class Persisting:
    """The incident before this one, of the same problem on the same resource, during which the alarm never ended.

    Attributes:
        earlier: its id.
        verdict: how it ended; empty where it ended without a word.
        ended_at: ISO 8601.
        times: how often in a row the trouble has been taken up again, this time included.
    """

    earlier: str
    verdict: str
    ended_at: str
    times: int


def swept(signal: Signal, now: str) -> Signal:
    """What a sweep found at `now`: the alarm's own signal, told from now on; `since` keeps when it went off."""
    facts = {**signal.facts, "since": signal.at, SWEPT: True}
    return replace(signal, at=now, key=f"{SWEPT} {signal.key}", facts=facts)


def going_on(signal: Signal, before: Persisting) -> Signal:
    """The same signal where the trouble has outlived an incident."""
    response: Mapping[str, Any] = {
        "earlier": before.earlier,
        "verdict": before.verdict,
        "ended_at": before.ended_at,
        "times": before.times,
    }
    return replace(signal, facts={**signal.facts, PERSISTS: response})


def persisting(incident: Incident) -> Persisting | None:
    """The incident that this trouble has outlived, None where it is new."""
    found = next((s.facts[PERSISTS] for s in incident.signals if s.facts.get(PERSISTS)), None)
    if found is None:
        return None
    return Persisting(
        earlier=str(found["earlier"]),
        verdict=str(found["verdict"]),
        ended_at=str(found["ended_at"]),
        times=found["times"],
    )


def began(signal: Signal) -> str:
    """When AWS says that it began: of what a sweep found, long before the signal's own time."""
    return str(signal.facts.get("since", "")) if signal.facts.get(SWEPT) else signal.at


def rest_s(times: int, limits: Limits) -> int:
    """How long after an incident's end its unresolved trouble is left alone; grows each time in a row, to a day."""
    return int(min(limits.persists_rest_s * 2 ** min(times, 16), limits.persists_rest_most_s))
