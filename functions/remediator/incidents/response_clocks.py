"""The guide's four clocks of one incident: which were met, which were missed, which still run. Pure.

Source: the guide's emergency flow. Step 1, the situation within 5 minutes: people have been told what is broken and whom
it affects. Step 2, the response within 15: something was done, or a person has answered or taken it over. Step 3, the
cause within 30: a row of the guide is named. Step 4, recovery within 60: the outcome is proved. All of them start when
the incident was opened.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from ..core.model import Level
from ..core.timestamps import RECOVERED_WITHIN_S, RESPONSE_WITHIN_S, after, seconds_between

ClockName = Literal["situation", "response", "cause", "recovery"]
State = Literal["met", "missed", "running"]
SITUATION_WITHIN_S = 5 * 60  # guide, emergency flow step 1
CAUSE_WITHIN_S = 30 * 60  # guide, emergency flow step 3
LIMITS_S: tuple[tuple[ClockName, int], ...] = (
    ("situation", SITUATION_WITHIN_S),
    ("response", RESPONSE_WITHIN_S),
    ("cause", CAUSE_WITHIN_S),
    ("recovery", RECOVERED_WITHIN_S),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledged:
    """That a person has taken the incident over: who (as AWS or they themselves named them), and when."""

    by: str
    at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Moments:
    """When what the clocks ask for happened first, ISO 8601; None where it has not.

    Attributes:
        situation: the first report was sent.
        response: a change was made, a person took it over, or it was over.
        cause: a row of the guide was named.
        recovery: it was proved to be over.
    """

    situation: str | None = None
    response: str | None = None
    cause: str | None = None
    recovery: str | None = None

    def of(self, name: ClockName) -> str | None:
        """The moment that this clock asks for."""
        return {
            "situation": self.situation,
            "response": self.response,
            "cause": self.cause,
            "recovery": self.recovery,
        }[name]


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """One clock as it stands.

    Attributes:
        due: when it runs out, ISO 8601.
        at: when what it asks for happened, if it has; later than `due`, the clock is missed all the same.
    """

    name: ClockName
    limit_s: int
    due: str
    state: State
    at: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Timed:
    """The clocks at one moment, who has taken the incident over, and which clocks people were told of as missed."""

    clocks: tuple[Clock, ...]
    acknowledged: Acknowledged | None = None
    reported: tuple[ClockName, ...] = ()


def four_clocks(opened_at: str, moments: Moments, now: str) -> tuple[Clock, ...]:
    """All four as they stand at `now`, the shortest first."""
    return tuple(_clock(name, limit_s, opened_at, moments.of(name), now) for name, limit_s in LIMITS_S)


def _clock(name: ClockName, limit_s: int, opened_at: str, at: str | None, now: str) -> Clock:
    due = after(opened_at, limit_s)
    state: State = "running" if now < due else "missed"
    if at is not None:
        state = "met" if at <= due else "missed"
    return Clock(name=name, limit_s=limit_s, due=due, state=state, at=at)


def first(*moments: str | None) -> str | None:
    """The earliest of the moments that there are."""
    return min((m for m in moments if m is not None), default=None)


def ran_out(opened_at: str, now: str) -> tuple[ClockName, ...]:
    """The clocks whose time is up at `now`, whether or not they were met, the shortest first."""
    return tuple(name for name, limit_s in LIMITS_S if after(opened_at, limit_s) <= now)


def to_be_told(clocks: Sequence[Clock], names: Sequence[ClockName], level: Level) -> Clock | None:
    """The latest missed clock among `names`, which a message to the high topic tells of; None where there is none.

    Of a low level nothing is told: it is information (the guide's alert levels), not an emergency that has a flow.
    """
    missed = [c for c in clocks if c.state == "missed" and c.name in names]
    return missed[-1] if missed and level != "low" else None


def pauses(opened_at: str, now: str, until: str) -> tuple[tuple[str, int], ...]:
    """The waits from `now` to `until` with a stop at each clock between: the moment at its end, whole seconds of at least one."""
    stops = [due for _, limit_s in LIMITS_S if now < (due := after(opened_at, limit_s)) < until]
    ends = (*stops, until)
    starts = (now, *stops)
    return tuple((end, max(1, round(seconds_between(start, end)))) for start, end in zip(starts, ends, strict=True))
