"""One virtual time for the world and the durable runner: nobody sleeps, and every run tells the same times."""

import heapq
import itertools
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from aws_durable_execution_sdk_python_testing import runner as durable_runner
from aws_durable_execution_sdk_python_testing.scheduler import Event, Scheduler

START = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
STUCK_AFTER_S = 60.0  # real seconds; the longest step of a scenario takes under one


class VirtualClock:
    """Time that stands still until it is moved; the durable runner's `Clock`."""

    def __init__(self, start: datetime = START) -> None:
        self._now = start

    def now(self) -> datetime:
        """The virtual moment, UTC."""
        return self._now

    def move_to(self, moment: datetime) -> None:
        """Makes it `moment`; never goes back."""
        self._now = max(self._now, moment)

    def arm(self, wake: datetime) -> float:
        """Virtual seconds until `wake`; the `VirtualScheduler` that gets them waits in virtual time too."""
        return max((wake - self._now).total_seconds(), 0.0)


@dataclass(order=True)
class _Timer:
    due: datetime
    turn: int
    start: Callable[[], "Future[Any]"] = field(compare=False)
    ended: "Future[Any]" = field(compare=False, default_factory=Future)


class VirtualScheduler(Scheduler):
    """The durable runner's scheduler with every delay in virtual time: waits, retries, callback and execution timeouts.

    Work without delay runs at once in the runner's own threads; work with a delay waits until `fire_due` is called
    after the clock was moved. So time passes only between two pieces of work, never during one.
    """

    def __init__(self, clock: VirtualClock) -> None:
        super().__init__()
        self._clock = clock
        self._timers: list[_Timer] = []
        self._turns = itertools.count()
        self._at_work = 0
        self._changed = threading.Condition()

    def call_later(
        self,
        func: Callable[[], Any],
        delay: float = 0,
        count: int | None = 1,
        completion_event: Event | None = None,
    ) -> "Future[Any]":
        """As the runner's own, in virtual time."""

        def start() -> "Future[Any]":
            return self._start(func, count, completion_event)

        if delay <= 0:
            return start()
        with self._changed:
            timer = _Timer(self._clock.now() + timedelta(seconds=delay), next(self._turns), start)
            heapq.heappush(self._timers, timer)
        return timer.ended

    def next_due(self) -> datetime | None:
        """When the next timer fires, None where none waits."""
        with self._changed:
            while self._timers and self._timers[0].ended.cancelled():
                heapq.heappop(self._timers)
            return self._timers[0].due if self._timers else None

    def fire_due(self) -> None:
        """Starts everything that is due by now."""
        while (due := self.next_due()) and due <= self._clock.now():
            with self._changed:
                timer = heapq.heappop(self._timers)
            if timer.ended.set_running_or_notify_cancel():
                timer.start().add_done_callback(partial(_pass_on, due=timer.ended))

    def wait_idle(self) -> None:
        """Returns when no work runs.

        Raises:
            TimeoutError: something still runs after a minute of real time.
        """
        with self._changed:
            if not self._changed.wait_for(lambda: self._at_work == 0, STUCK_AFTER_S):
                raise TimeoutError(f"durable work is still running after {STUCK_AFTER_S} s at {self._clock.now()}")

    def close_loop(self) -> None:
        """Frees the event loop, which the runner's own scheduler leaves open when it stops."""
        self._thread.join()
        self._loop.close()

    def _start(self, func: Callable[[], Any], count: int | None, completion_event: Event | None) -> "Future[Any]":
        with self._changed:
            self._at_work += 1
        future = super().call_later(func, 0, count, completion_event)
        future.add_done_callback(lambda _: self._ended())
        return future

    def _ended(self) -> None:
        with self._changed:
            self._at_work -= 1
            self._changed.notify_all()


def _pass_on(done: "Future[Any]", due: "Future[Any]") -> None:
    if done.cancelled():
        due.set_exception(RuntimeError("the runner was closed"))
    elif error := done.exception():
        due.set_exception(error)
    else:
        due.set_result(done.result())


@contextmanager
def installed(clock: VirtualClock) -> Iterator[list[VirtualScheduler]]:
    """While this is open, a new `DurableFunctionTestRunner` uses `clock`; its schedulers are put into the list.

    The testing package makes both by name at construction and takes neither as an argument.
    """
    made: list[VirtualScheduler] = []

    def scheduler() -> VirtualScheduler:
        made.append(VirtualScheduler(clock))
        return made[-1]

    kept = {name: getattr(durable_runner, name) for name in ("SkipClock", "Scheduler")}
    setattr(durable_runner, "SkipClock", lambda: clock)  # noqa: B010  # a name of another module, for mypy
    setattr(durable_runner, "Scheduler", scheduler)  # noqa: B010
    try:
        yield made
    finally:
        for name, original in kept.items():
            setattr(durable_runner, name, original)
