"""The world's clock: it starts with the emulator and runs `rate` times as fast as ours.

On it live ECS, CloudWatch, EventBridge, durable waits, Application Auto Scaling and the product in its Lambda workers.
Everything that signs, checks signatures or hides messages (STS, SQS) stays in real time.
"""

import os
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from types import ModuleType
from typing import Any

START, RATE = "WORLD_START", "WORLD_RATE"  # how a Lambda worker learns of it


@dataclass(frozen=True, slots=True)
class Clock:
    """Real seconds since `start`, times `rate`."""

    start: float
    rate: float

    def now(self) -> float:
        """Seconds since 1970, in the world."""
        return self.start + (time.time() - self.start) * self.rate

    def real_s(self, world_s: float) -> float:
        """How long `world_s` seconds of the world last for us, never negative."""
        return max(0.0, world_s / self.rate)


_clocks = [Clock(time.time(), 1.0)]


def start(rate: float) -> None:
    """Starts the world's clock now; workers that are spawned later get it by their environment."""
    _clocks[:] = [Clock(time.time(), rate)]
    os.environ[START], os.environ[RATE] = repr(_clocks[0].start), repr(rate)


def rate() -> float:
    """Seconds of the world in one of ours."""
    return _clocks[0].rate


def now() -> float:
    """Seconds since 1970, in the world."""
    return _clocks[0].now()


def utc() -> datetime:
    """The world's time."""
    return datetime.fromtimestamp(now(), UTC)


def iso(at: float | None = None) -> str:
    """`at`, else now, as AWS's events write it: whole seconds and Z."""
    return datetime.fromtimestamp(now() if at is None else at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def real_s(world_s: float) -> float:
    """How long `world_s` seconds of the world last for us."""
    return _clocks[0].real_s(world_s)


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
