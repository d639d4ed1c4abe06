"""Lambda workers that are killed in the middle of their work."""

import os
import signal
import threading
from dataclasses import dataclass
from typing import Any, Literal

from .admin import act

When = Literal["before_call", "after_call"]


@dataclass(slots=True, kw_only=True)
class Planned:
    """Kills that are still to come."""

    function: str
    when: When
    action: str
    times: int


_planned: list[Planned] = []
_lock = threading.Lock()


@act("kill_worker")
def kill_worker(function: str, action: str, when: When = "after_call", times: int = 1) -> dict[str, Any]:
    """SIGKILL for the function's worker right before or after an API call was carried out; no answer reaches it.

    Args:
        function: part of the function's name: `Remediate`.
        action: IAM's name of the call, whoever makes it: `ecs:UpdateService`.
        when: before the call is carried out, or after.
        times: how many such calls end so.
    """
    with _lock:
        _planned.append(Planned(function=function, action=action, when=when, times=times))
    return {"planned": len(_planned)}


def at(when: When, action: str) -> bool:
    """Carries out what is planned for this moment; says whether a worker was killed."""
    with _lock:
        due = next((p for p in _planned if p.when == when and p.action == action and p.times > 0), None)
        if due is None or not _kill(due.function):
            return False  # the same call by another function is not the one that is meant
        due.times -= 1
    return True


def _kill(function: str) -> int:
    from ministack.core import lambda_runtime

    busy = [w for pool in list(lambda_runtime._workers.values()) for w in pool if w.in_use and w._proc is not None]
    found = [w._proc.pid for w in busy if function in w.func_name]
    for pid in found:
        os.kill(pid, signal.SIGKILL)
    return len(found)
