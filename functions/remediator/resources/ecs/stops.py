"""Stopped tasks of a service taken together: recent ones, how they ended, which problem owns them."""

from typing import Protocol

from ...core.evidence import Reading
from ...core.model import Fact, Resource
from ...core.plan import WATCH_S, Advise, Decision, HandOver, Watch
from ...core.problem_titles import NOT_STARTING, RESTARTING
from ...core.runbook import Setting
from ...core.text import Text
from ...core.timestamps import seconds_between
from .model import Service, TaskStop
from .situation import ServiceEvidence
from .stop_codes import NORMAL, StopMeaning, meaning
from .verification import BAD, interval_s

REPEATED = 2  # guide: "again and again"; one stop alone is replaced by ECS and needs no change


REACTION_S = 60  # ECS stops a task up to a minute after its target turned unhealthy


ONE_OFF = Text(
    "A one-off task: nothing restarts it, so there is nothing to change.",
    "単発タスクのため再起動されず、変更の対象はありません。",
)


DELETED = Text(
    "The service does not exist any more: it was deleted, so there is nothing to change.",
    "サービスは削除されており、変更の対象はありません。",
)
LATELY_S = 900  # guide, emergency flow: the 15 minutes before count as part of the incident


def stops_as(e: ServiceEvidence, *meanings: StopMeaning) -> tuple[TaskStop, ...]:
    """Stops of these meanings, newest first."""
    return tuple(s for s in e.stops.get() if meaning(s) in meanings)


def stop_facts(e: ServiceEvidence, stops: tuple[TaskStop, ...]) -> tuple[Fact, ...]:
    """How many there were, and how the newest ended."""
    newest = stops[0]
    ends = ", ".join(
        f"{c.name}: exit {c.exit_code}" + (f" ({c.reason})" if c.reason else "") for c in newest.containers
    )
    return (
        e.stops.fact(Text("such stops in the last hour", "直近 1 時間の同種の停止"), str(len(stops))),
        e.stops.fact(Text("newest, task " + newest.task_id, "最新の停止タスク " + newest.task_id), newest.reason),
        *((e.stops.fact(Text("its containers", "そのコンテナ"), ends),) if ends else ()),
    )


def lived_s(stop: TaskStop) -> float:
    """How long the task lived, in seconds."""
    return seconds_between(stop.started_at, stop.stopping_at or stop.stopped_at)


def preconditions(
    e: ServiceEvidence, stops: tuple[TaskStop, ...], setting: Setting, bad: tuple[StopMeaning, ...] = BAD
) -> Decision | None:
    """Why nothing is changed (yet); None where a service's tasks stop again and again and go on doing so."""
    if stops and not stops[0].of_service:
        return Advise(ONE_OFF, final=True)
    if (service := e.service.or_none()) and service.status == "INACTIVE":
        return Advise(DELETED, final=True)
    if len(stops) < REPEATED:
        return Watch(
            Text(
                "Seen once; ECS replaces the task. Watching for a second one.",
                "1 回だけの停止です。ECS がタスクを置き換えるため、再発を監視します。",
            ),
            WATCH_S,
        )
    quiet_s = seconds_between(stops[0].stopped_at, setting.now)
    if quiet_s > 2 * interval_s(stops, bad) + REACTION_S:
        return Watch(
            Text("The stops seem to have ended; watching.", "停止は収まったようです。監視を続けます。"), WATCH_S
        )
    return None


def lately(stops: tuple[TaskStop, ...], now: str) -> tuple[TaskStop, ...]:
    """Stops of the last minutes that nobody wanted, newest first."""
    bad = (s for s in stops if meaning(s) not in NORMAL and s.stopped_at)
    return tuple(s for s in bad if seconds_between(s.stopped_at, now) <= LATELY_S)


def owning_problem(stops: tuple[TaskStop, ...]) -> str:
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
    if not bad or (to := owning_problem(bad)) == own:
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
