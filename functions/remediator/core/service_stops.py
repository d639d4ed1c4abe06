"""What the stops of a service's tasks say together: which were alike, how they ended, and whether they go on."""

from .clocks import seconds_between
from .ecs import StopMeaning, TaskStop, meaning
from .ecs_verdict import BAD, interval_s
from .model import Advise, Decision, Fact, Watch
from .runbook import Setting
from .service_view import ServiceEvidence
from .text import Text

REPEATED = 2  # guide: "again and again"; one stop alone is replaced by ECS and needs no change
WATCH_S = 900  # guide, emergency flow step 2: first response within 15 minutes
REACTION_S = 60  # ECS stops a task up to a minute after its target turned unhealthy
ONE_OFF = Text(
    "A one-off task: nothing restarts it, so there is nothing to change.",
    "単発タスクのため再起動されず、変更の対象はありません。",
)
DELETED = Text(
    "The service does not exist any more: it was deleted, so there is nothing to change.",
    "サービスは削除されており、変更の対象はありません。",
)


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


def why_not_now(
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
