"""How the world's time passes: only as far as somebody lets it, and only once all that is due has been done.

One thread does everything that nobody waits for, one after another: what happens by itself, what is told of it,
invocations for a queue's messages, invocations of durable executions. Then it moves the clock to the next moment at
which something is due. So a slow machine takes longer over the same world.
"""

import logging
import os
import queue
import threading
import time
from concurrent.futures import Future
from typing import Any

from . import agenda, clock, queues
from .admin import act, in_account

STUCK_S = float(os.environ.get("WORLD_STUCK_S", "120"))  # of ours: no single invocation takes so long on any machine
LOOKS_EVERY_S = 0.25  # of ours, by hand

logger = logging.getLogger("world")


class StuckError(RuntimeError):
    """One thing that happens in the world, an invocation as a rule, does not end."""


_asked: "queue.SimpleQueue[tuple[float, Future[None]]]" = queue.SimpleQueue()
_went_on_at = [0.0]  # by the machine's clock


def start(rate: float) -> None:
    """Starts the world's thread; its time passes by itself where `rate` seconds of it are to last one of ours."""
    agenda.begin()
    threading.Thread(target=_work, name="world", daemon=True).start()
    if rate:
        threading.Thread(target=_run, args=(rate,), name="world-by-hand", daemon=True).start()


@act("pass")
def let_pass(seconds: float = 0) -> dict[str, Any]:
    """Lets so many seconds of the world go by; the answer comes when all that is due until then has been done.

    Args:
        seconds: 0 does what is due now, and moves no clock.

    Raises:
        StuckError: one thing takes longer than any should; what it is, goes on.
    """
    _went_on_at[0] = time.monotonic()
    done: Future[None] = Future()
    _asked.put((seconds, done))
    while True:
        try:
            done.result(timeout=1)
        except TimeoutError:
            if time.monotonic() - _went_on_at[0] > STUCK_S:
                doing = ", ".join(queues.running()) or "no function"
                told = f"the world stands at {clock.iso()}: for {STUCK_S:.0f} s of ours one thing has not ended"
                raise StuckError(f"{told}; running: {doing}") from None
        else:
            return {"now": clock.iso()}


def _work() -> None:
    while True:
        seconds, done = _asked.get()
        try:
            in_account(lambda s=seconds: _pass(s))
        except Exception as error:
            logger.exception("The world's time does not pass")
            done.set_exception(error)
        else:
            done.set_result(None)


def _pass(seconds: float) -> None:
    until = clock.now() + seconds
    _settle()
    while (moment := min(agenda.next_moment(), queues.next_moment())) <= until:
        clock.move(moment)
        _settle()
    clock.move(until)


def _settle() -> None:
    """Until nothing is due any more at this moment."""
    while True:
        _went_on_at[0] = time.monotonic()
        agenda.catch_up()
        if not agenda.tell_next() and not queues.work():
            return


def _run(rate: float) -> None:
    while True:
        time.sleep(LOOKS_EVERY_S)
        agenda.guarded(lambda: let_pass(rate * LOOKS_EVERY_S))
