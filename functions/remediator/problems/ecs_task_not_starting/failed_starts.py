"""Failed task starts, from stopped tasks and service events, each with the row that AWS's message names."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from ...core.model import Fact
from ...core.plan import WATCH_S, Advise, Decision, Watch
from ...core.problem_titles import NOT_STARTING
from ...core.runbook import Setting
from ...core.text import Text
from ...resources.ecs.model import Service, TaskStop
from ...resources.ecs.service_events import service_message
from ...resources.ecs.start_failures import start_failure, start_failure_text
from ...resources.ecs.stop_codes import FAILED_STARTS
from ...resources.ecs.stops import DELETED, stops_as
from ...resources.ecs.stops import preconditions as stop_preconditions
from .evidence import Evidence
from .readers import ServiceMessage

SAID_ONLY = 0.5  # where other starts end in a stop, tasks are placed: what ECS said of placing them ranks behind


@dataclass(frozen=True, slots=True, kw_only=True)
class Starts:
    """The failed starts of one row; `stops` and `said` newest first."""

    stops: tuple[TaskStop, ...] = ()
    said: tuple[ServiceMessage, ...] = ()
    because: Text = field(default_factory=lambda: Text("", ""))
    code: str = ""
    named: Mapping[str, str] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """How many there were."""
        return len(self.stops) or len(self.said)

    @property
    def weight(self) -> float:
        """How it ranks among the rows that hold."""
        return len(self.stops) or SAID_ONLY

    @property
    def first_at(self) -> str:
        """When the first was seen."""
        return min((*(s.stopped_at for s in self.stops), *(s.at for s in self.said)))

    @property
    def definition(self) -> str:
        """What the newest task that failed should have run; empty where no task came so far."""
        return self.stops[0].task_definition if self.stops else ""


def starts_as(e: Evidence, row: str | None) -> Starts:
    """The failed starts whose words name `row`; None gives those whose words name none.

    Raises:
        Unchecked: the stops could not be read.
    """
    stops = [(s, start_failure(s)) for s in stops_as(e, *FAILED_STARTS)]
    mine = [(s, f) for s, f in stops if _suffix(f.row) == row]
    said = tuple(m for m in e.said.or_none() or () if _tells(m) and _row_of(m) == row)
    words = mine[0][1] if mine else None
    if words is None and said:
        found = start_failure_text(said[0].text)
        return Starts(said=said, because=found.because, code=found.code, named=found.named)
    if words is None:
        return Starts()
    return Starts(stops=tuple(s for s, _ in mine), said=said, because=words.because, code=words.code, named=words.named)


def _suffix(row: str | None) -> str | None:
    return row.rsplit(".", 1)[-1] if row else None


def _row_of(said: ServiceMessage) -> str | None:
    """The row that the message names; a service action gives its reason alone, as a stopped task does."""
    row = service_message(said.text).row or (start_failure_text(said.text).row if said.event else None)
    return _suffix(row)


def _tells(said: ServiceMessage) -> bool:
    """Whether it tells of a start that failed: a service action does, and a message that names a row of starts."""
    return bool(said.event) or (service_message(said.text).row or "").startswith(f"{NOT_STARTING.id}.")


def start_facts(e: Evidence, starts: Starts) -> tuple[Fact, ...]:
    """How many there were, what the newest said, and what AWS means by it."""
    facts: list[Fact] = []
    if starts.stops:
        newest = starts.stops[0]
        often = f"{len(starts.stops)}, {newest.stopped_at}"
        facts.append(
            e.stops.fact(Text("failed starts in the last hour, newest", "直近 1 時間の起動失敗数と最新時刻"), often)
        )
        text = " / ".join(dict.fromkeys(t for t in (newest.reason, *(c.reason for c in newest.containers)) if t))
        facts.append(e.stops.fact(Text("newest, task " + newest.task_id, "最新の停止タスク " + newest.task_id), text))
    elif starts.said:
        label = Text("ECS said so in the last hour, newest", "直近 1 時間の ECS の通知数と最新時刻")
        facts.append(e.said.fact(label, f"{len(starts.said)}, {starts.said[0].at}"))
        facts.append(e.said.fact(Text("its words", "その内容"), starts.said[0].text))
    if starts.because.en:
        source = e.stops if starts.stops else e.said
        label = Text("that means: " + starts.because.en, "その意味: " + starts.because.ja)
        facts.append(source.fact(label, starts.code or "-"))
    return tuple(facts)


def preconditions(e: Evidence, starts: Starts, setting: Setting) -> Decision | None:
    """Why nothing is changed (yet); None where starts fail again and again and go on doing so."""
    if starts.stops:
        return stop_preconditions(e, starts.stops, setting, FAILED_STARTS)
    if (service := e.service.or_none()) and service.status == "INACTIVE":
        return Advise(DELETED, final=True)
    if service and not _short_of_tasks(service):  # ECS says a thing once and not again for hours
        return Watch(Text("All tasks run again; watching.", "全タスクが実行中に戻りました。監視を続けます。"), WATCH_S)
    return None


def once(e: Evidence, advice: Advise) -> Advise:
    """The advice; final for a one-off task, which nothing starts again."""
    one_off = any(not s.of_service for s in e.stops.or_none() or ())
    return replace(advice, final=True) if one_off else advice


def _short_of_tasks(service: Service) -> bool:
    moving = service.primary is not None and service.primary.rollout == "IN_PROGRESS"
    return service.running < service.desired or moving


def refused_at(said: Sequence[ServiceMessage]) -> tuple[str, ...]:
    """When ECS said that it could not start a task, oldest first; what it says of other things is left out."""
    return tuple(sorted(m.at for m in said if _tells(m)))
