"""Which runbook looks into a service whose tasks stop: by whether they ran at all."""

from typing import Protocol

from .clocks import seconds_between
from .ecs import NORMAL, Service, TaskStop, meaning
from .evidence import Reading
from .model import HandOver, Resource
from .problems import NOT_STARTING, RESTARTING
from .runbook import Setting
from .text import Text

LATELY_S = 900  # guide, emergency flow: the 15 minutes before count as part of the incident


def lately(stops: tuple[TaskStop, ...], now: str) -> tuple[TaskStop, ...]:
    """Stops of the last minutes that nobody wanted, newest first."""
    bad = (s for s in stops if meaning(s) not in NORMAL and s.stopped_at)
    return tuple(s for s in bad if seconds_between(s.stopped_at, now) <= LATELY_S)


def looks_into(stops: tuple[TaskStop, ...]) -> str:
    """The runbook for these stops: one about starting where most of them never ran."""
    never = sum(meaning(s) == "failed_to_start" or not s.started_at for s in stops)
    return NOT_STARTING.id if stops and 2 * never > len(stops) else RESTARTING.id


class StoppingService(Protocol):
    """Evidence about a service whose tasks stop."""

    @property
    def service(self) -> Reading[Service]:
        """The service now."""

    @property
    def stops(self) -> Reading[tuple[TaskStop, ...]]:
        """Newest first."""


def to_the_other(own: str, e: StoppingService, setting: Setting) -> HandOver | None:
    """The other runbook about stopping tasks, where most of them are that one's; raises `Unchecked` through a gap.

    A deployment that failed and a service that cannot keep its tasks tell nothing of whether tasks ever ran.
    """
    bad = lately(e.stops.get(), setting.now)
    if not bad or (to := looks_into(bad)) == own:
        return None
    service = e.service.get()
    why = Text(
        f"tasks of {service.name} stop otherwise: {ends(bad)}",
        f"{service.name} のタスクの停止理由が異なります: {ends(bad)}",
    )
    return HandOver(why, to, Resource("ecs_service", service.arn))


def of_service(stops: tuple[TaskStop, ...], name: str) -> tuple[TaskStop, ...]:
    """Those of one service."""
    return tuple(s for s in stops if s.group == f"service:{name}")


def ends(stops: tuple[TaskStop, ...]) -> str:
    """How many there were and how the newest ended, in one line."""
    newest = stops[0]
    codes = ", ".join(f"exit {c.exit_code}" + (f" ({c.reason})" if c.reason else "") for c in newest.containers)
    return f"{len(stops)} x {newest.reason}" + (f"; {codes}" if codes else "")
