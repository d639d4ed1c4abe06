"""Eight workers in one process, one at a time, handing over at every request to AWS in an order that a seed draws.

moto's state is the process's and its calls are serialised; between two calls any worker may come, which is where races are.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from random import Random
from types import TracebackType
from typing import Any

from sandbox.wire import WIRE

STUCK_AFTER_S = 120.0


class Turns:
    """Runs workers by turns; the same seed gives the same order.

    Attributes:
        handed_over: how often another worker went on than the one that made the request.
    """

    def __init__(self, seed: int) -> None:
        self._drawn = Random(seed)  # noqa: S311  # it hides nothing
        self._lock = threading.Lock()
        self._called: list[threading.Condition] = []  # of each worker: nobody else is woken
        self._alive: list[int] = []
        self._turn = -1
        self._me = threading.local()
        self._broken: list[BaseException] = []
        self.handed_over = 0

    def run(self, workers: Sequence[Callable[[], None]]) -> None:
        """Runs all of them to their end.

        Raises:
            BaseException: what the first of them raised.
        """
        self._alive = list(range(len(workers)))
        self._called = [threading.Condition(self._lock) for _ in workers]
        threads = [threading.Thread(target=self._one, args=(n, w)) for n, w in enumerate(workers)]
        for thread in threads:
            thread.start()
        self._draw()
        for thread in threads:
            thread.join()
        if self._broken:
            raise self._broken[0]

    def pass_on(self) -> None:
        """Whoever is drawn goes on; returns when it is the caller's turn again. Others than the workers pass freely."""
        me = getattr(self._me, "number", None)
        if me is None:
            return
        self._draw()
        self._wait(me)

    def _one(self, number: int, work: Callable[[], None]) -> None:
        self._me.number = number
        try:
            self._wait(number)
            work()
        except BaseException as error:  # noqa: BLE001  # the thread that runs them all raises it
            self._broken.append(error)
        finally:
            self._alive.remove(number)
            self._draw()

    def _draw(self) -> None:
        with self._lock:
            if self._alive:
                drawn = self._drawn.choice(self._alive)
                self.handed_over += drawn != self._turn
                self._turn = drawn
                self._called[drawn].notify()

    def _wait(self, number: int) -> None:
        with self._lock:
            if not self._called[number].wait_for(lambda: self._turn == number, STUCK_AFTER_S):
                raise TimeoutError(f"worker {number} never had its turn")


class _Between:
    """The wire's lock, with a turn before and after each request."""

    def __init__(self, turns: Turns, lock: Any) -> None:
        self._turns, self._lock = turns, lock

    def __enter__(self) -> None:
        self._turns.pass_on()
        self._lock.acquire()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._lock.release()
        self._turns.pass_on()


@contextmanager
def interleaved(turns: Turns) -> Iterator[None]:
    """While this is open, workers of `turns` hand over before and after every request."""
    kept = WIRE._lock  # the wire has one place where requests meet
    WIRE._lock = _Between(turns, kept)  # type: ignore[assignment]
    try:
        yield
    finally:
        WIRE._lock = kept
