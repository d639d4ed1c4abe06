"""What happens in the world by itself: a timeline on the world's clock, worked off by one thread.

Everything on it happens under `LOCK`, in the order of its moments, and each at its own moment: `now()` says that one,
however late the thread is. What the world then tells others (events, messages) goes out after the lock is free.
"""

import heapq
import itertools
import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from . import clock
from .admin import in_account, view

LOOK_EVERY_S = 0.02  # of ours
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
_moments: list[float] = []
_each_minute: list[tuple[int, Happen]] = []
_threads: list[threading.Thread] = []
_faults: deque[str] = deque(maxlen=50)


def now() -> float:
    """The moment that is worked on, else the world's clock."""
    return _moments[-1] if _moments else clock.now()


def at(moment: float, happen: Happen) -> None:
    """Lets something happen at a moment of the world."""
    with LOCK:
        heapq.heappush(_due, _Due(moment, next(_numbers), happen))
    _begin()


def after(seconds: float, happen: Happen) -> None:
    """Lets something happen so many seconds of the world from now."""
    at(now() + seconds, happen)


def tell(say: Happen) -> None:
    """Lets something be told outside once nothing is worked on; in the order of the calls."""
    _told.append(say)
    _begin()


def each_minute(order: int) -> Callable[[Happen], Happen]:
    """Lets the decorated function run at each full minute of the world, after those of a lower order."""

    def declare(happen: Happen) -> Happen:
        _each_minute.append((order, happen))
        return happen

    return declare


def catch_up() -> None:
    """Works off everything that is due; what answers a request calls it first."""
    with LOCK:
        if _moments:
            return  # something that happens has asked
        until = clock.now()
        while _due and _due[0].at <= until:
            due = heapq.heappop(_due)
            _moments.append(due.at)
            try:
                due.happen()
            except Exception:
                logger.exception("The world fails")
                _faults.append(f"{clock.iso(due.at)} {due.happen!r}")
            finally:
                _moments.pop()


@view("agenda")
def agenda() -> dict[str, Any]:
    """What is ahead, and what failed; for debugging."""
    with LOCK:
        ahead = [{"at": clock.iso(d.at), "what": repr(d.happen)} for d in sorted(_due)[:50]]
    return {"now": clock.iso(), "rate": clock.rate(), "ahead": ahead, "faults": list(_faults)}


def _begin() -> None:
    with LOCK:
        if _threads:
            return
        thread = threading.Thread(target=_work, name="world", daemon=True)
        _threads.append(thread)
        _next_minute()
        thread.start()


def _work() -> None:
    while True:
        in_account(catch_up)
        while _told:
            say = _told.popleft()
            try:
                in_account(say)
            except Exception:
                logger.exception("The world cannot tell")
                _faults.append(f"{clock.iso()} telling {say!r}")
        time.sleep(LOOK_EVERY_S)


def _next_minute() -> None:
    minute = (now() // MINUTE_S + 1) * MINUTE_S
    heapq.heappush(_due, _Due(minute, next(_numbers), _minute))


def _minute() -> None:
    _next_minute()
    for _, happen in sorted(_each_minute, key=lambda each: each[0]):
        happen()
