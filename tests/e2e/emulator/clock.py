"""The world's clock: it stands still until `passing.py` moves it, whatever the machine's clock does meanwhile.

On it live ECS, CloudWatch, EventBridge, queues, schedules, durable waits and the product in its Lambda workers, which
read it from a file. Credentials, signatures and Lambda's timeouts stay in real time.
"""

import mmap
import os
import struct
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

SHOWN_AT = "WORLD_CLOCK"  # names the file to a Lambda worker
SHOWN_AS = struct.Struct("d")
BEGINS_H = 12

_now = [time.time()]
_shown: list[mmap.mmap] = []


def start(folder: Path) -> None:
    """Sets the clock to noon of tomorrow, so that minutes and hours fall alike in every run, and shows it in a file.

    It is ahead of the machine's, because the SDK for durable executions takes a wait until a moment before that for
    over.
    """
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    file = folder / "clock"
    file.write_bytes(bytes(SHOWN_AS.size))
    with file.open("r+b") as opened:
        _shown[:] = [mmap.mmap(opened.fileno(), SHOWN_AS.size)]
    os.environ[SHOWN_AT] = str(file)
    move(tomorrow.replace(hour=BEGINS_H, minute=0, second=0, microsecond=0).timestamp())


def move(moment: float) -> None:
    """It is `moment` now; never back."""
    _now[0] = moment
    for shown in _shown:
        SHOWN_AS.pack_into(shown, 0, moment)


def now() -> float:
    """Seconds since 1970, in the world."""
    return _now[0]


def utc() -> datetime:
    """The world's time."""
    return datetime.fromtimestamp(now(), UTC)


def iso(at: float | None = None) -> str:
    """`at`, else now, as AWS's events write it: whole seconds and Z."""
    return datetime.fromtimestamp(now() if at is None else at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class WorldTime(ModuleType):
    """Stands in for the module `time` in another module: `time()` is the world's, the rest is real."""

    def __init__(self) -> None:
        super().__init__("time")

    @staticmethod
    def time() -> float:
        """The world's time."""
        return now()

    def __getattr__(self, name: str) -> Any:
        return getattr(time, name)
