"""What happens in the world by itself: a timeline on the world's clock, and what others are to be told of it.

What is due happens under `LOCK`, in the order of its moments. What is told (events, messages, invocations) is done
after the lock is free, one after another, by `passing.py`.
"""

import heapq
import itertools
import logging
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from . import clock
from .admin import view

MINUTE_S = 60.0
LOCK = threading.RLock()
Happen = Callable[[], Any]

logger = logging.getLogger("world")


@dataclass(order=True, slots=True)
class _Due:
    at: float
    number: int
    happen: Happen = field(compare=False)


_due: list[_Due] = []
_numbers = itertools.count()
_told: deque[Happen] = deque()
_working: list[_Due] = []
_each_minute: list[tuple[int, Happen]] = []
_faults: deque[str] = deque(maxlen=50)


def begin() -> None:
    """Lets the world's minutes begin; once, after its clock was set."""
    _next_minute()


def now() -> float:
    """The world's time, for a part of the world."""
    return clock.now()


def at(moment: float, happen: Happen) -> None:
    """Lets something happen at a moment of the world; at once where that is over."""
    with LOCK:
        heapq.heappush(_due, _Due(moment, next(_numbers), happen))


def after(seconds: float, happen: Happen) -> None:
    """Lets something happen so many seconds of the world from now."""
    at(now() + seconds, happen)


def tell(say: Happen) -> None:
    """Lets something be told or run outside once nothing is worked on; one after another, in the order of the calls."""
    _told.append(say)


def each_minute(order: int) -> Callable[[Happen], Happen]:
    """Lets the decorated function run at each full minute of the world, after those of a lower order."""

    def declare(happen: Happen) -> Happen:
        _each_minute.append((order, happen))
        return happen

    return declare


def catch_up() -> None:
    """Works off everything that is due; what answers a request calls it first."""
    with LOCK:
        if _working:
            return  # something that happens has asked
        while _due and _due[0].at <= clock.now():
            _working.append(heapq.heappop(_due))
            try:
                guarded(_working[-1].happen)
            finally:
                _working.pop()


def tell_next() -> bool:
    """Tells the first of what is to be told; whether there was any."""
    if not _told:
        return False
    guarded(_told.popleft())
    return True


def next_moment() -> float:
    """When the next thing happens; the world's minutes never end."""
    with LOCK:
        return _due[0].at


def guarded(happen: Happen) -> None:
    """Runs a part of the world; what fails in it is logged and shown, and the world goes on."""
    try:
        happen()
    except Exception:
        logger.exception("The world fails")
        _faults.append(f"{clock.iso()} {happen!r}")


@view("agenda")
def agenda() -> dict[str, Any]:
    """What is ahead, and what failed; for debugging."""
    with LOCK:
        ahead = [{"at": clock.iso(d.at), "what": repr(d.happen)} for d in sorted(_due)[:50]]
    return {"now": clock.iso(), "ahead": ahead, "to_tell": len(_told), "faults": list(_faults)}


def _next_minute() -> None:
    at((now() // MINUTE_S + 1) * MINUTE_S, _minute)


def _minute() -> None:
    _next_minute()
    for _, happen in sorted(_each_minute, key=lambda each: each[0]):
        happen()
