"""The programs that run in tasks: what each image does, how it fails, and what its health path answers.

No code runs in a task here. A program is a description; ECS's fake ends tasks by it, the load balancer's fake checks them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from . import agenda
from .admin import act, view

PORT = 8000  # on which every program listens
PATHS = {"/health": 200, "/users": 200, "/users/": 301, "/admin": 403}  # all else is 404
MEMORY_MIB = 300
OUT_OF_MEMORY = "OutOfMemoryError: Container killed due to memory usage"
ESSENTIAL_EXITED = ("EssentialContainerExited", "Essential container in task exited")
SIGKILL = 137
LATE = 0  # instead of a code: the answer comes after the health check has given up


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """What the program of an image does; seconds count from the moment from which a task runs it.

    Attributes:
        ready_after_s: its health path answers 503 until then.
        dies_after_s: it ends by itself then; None: never.
        exit_code: of that end.
        reason: what ECS says of the container.
        stop_code: what ECS says of the task, beside `stopped_reason`.
        needs_memory_mib: what it wants after `memory_full_after_s`, rising evenly; less kills it on the way there.
        log_lines: what it logs right before it ends or is ended.
        fails_health_check: its health path never answers as it should.
        sick_after_s: its health path answers `sick_code` from then on; 0 means that it answers too late.
        warming_error_pct: requests of the whole service that fail while one task of it starts for over a minute.
        latency_ms: what a request takes.
        late_pct: requests that take `late_s` instead; health checks do not.
        late_s: what those take.
    """

    ready_after_s: float = 20
    dies_after_s: float | None = None
    exit_code: int = 1
    reason: str = ""
    stop_code: str = ESSENTIAL_EXITED[0]
    stopped_reason: str = ESSENTIAL_EXITED[1]
    needs_memory_mib: int = MEMORY_MIB
    memory_full_after_s: float = 300
    log_lines: tuple[str, ...] = ()
    fails_health_check: bool = False
    sick_after_s: float | None = None
    sick_code: int = 500
    warming_error_pct: float = 0
    latency_ms: float = 40
    late_pct: float = 0
    late_s: float = 0

    def end(self, limit_mib: int) -> "End | None":
        """How it ends where it has so much memory, None where it does not."""
        starved = self.needs_memory_mib > limit_mib
        killed_s = self.memory_full_after_s * limit_mib / self.needs_memory_mib
        if starved and (self.dies_after_s is None or killed_s <= self.dies_after_s):
            return End(killed_s, SIGKILL, self.reason or OUT_OF_MEMORY, *ESSENTIAL_EXITED)
        if self.dies_after_s is None:
            return None
        return End(self.dies_after_s, self.exit_code, self.reason, self.stop_code, self.stopped_reason)

    def uses_mib(self, ran_s: float, limit_mib: int) -> float:
        """Its memory after so many seconds."""
        share = min(1.0, 0.3 + 0.7 * ran_s / self.memory_full_after_s)
        return min(float(limit_mib), self.needs_memory_mib * share)

    def answers(self, path: str, ran_s: float) -> int:
        """The status code of a GET, `LATE` where the check gives up before it comes."""
        if self.fails_health_check or ran_s < self.ready_after_s:
            return 503
        if self.sick_after_s is not None and ran_s >= self.sick_after_s:
            return self.sick_code
        return PATHS.get(path.partition("?")[0], 404)


@dataclass(frozen=True, slots=True)
class End:
    """How a container ends, and after how many seconds."""

    after_s: float
    exit_code: int
    reason: str
    stop_code: str
    stopped_reason: str


HEALTHY = Program()


@dataclass(slots=True)
class _Installed:
    """What an image holds; `tasks` says for how many tasks that start from now on, None: for all."""

    program: Program
    tasks: int | None = None
    since: float = field(default_factory=agenda.now)


_images: dict[str, _Installed] = {}


def start(image: str) -> Program:
    """The program of a task that starts now."""
    found = _images.get(image)
    if found is None or found.tasks == 0:
        return HEALTHY
    if found.tasks is not None:
        found.tasks -= 1
    return found.program


@act("program")
def set_program(image: str, running: bool = True, tasks: int | None = None, **what: Any) -> dict[str, Any]:
    """An image's program is another one.

    Args:
        image: as the task definition names it, or its tag alone: `1.4.2`.
        running: tasks that run the image now turn to it too, from this moment on, as an application that falls ill
            without a deployment.
        tasks: only so many tasks get it: running ones first, then those that start; all others stay healthy.
        what: members of `Program`; none makes it healthy again.
    """
    from . import tasks as running_tasks

    known = {f.name for f in fields(Program)}
    if unknown := set(what) - known:
        raise ValueError(f"a program has no {', '.join(sorted(unknown))}; it has {', '.join(sorted(known))}")
    what["log_lines"] = tuple(what.get("log_lines", ()))
    program, named = Program(**what), named_image(image)
    with agenda.LOCK:
        agenda.catch_up()
        turned = running_tasks.turn(named, program, tasks) if running else 0
        _images[named] = _Installed(program, None if tasks is None else tasks - turned)
    return {"image": named, "turned": turned}


@view("programs")
def programs() -> Mapping[str, Any]:
    """What each image holds."""
    return {image: repr(replace(found.program)) for image, found in _images.items()}


def named_image(image: str) -> str:
    """A tag alone means that tag of the portfolio's own image."""
    from .admin import ACCOUNT, REGION

    return image if "/" in image else f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/portfolio-api:{image}"
