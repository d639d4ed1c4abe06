"""Whether a service that kept losing tasks has recovered: judged by what happens to its tasks and its targets."""

from dataclasses import dataclass
from itertools import pairwise

from ...core.attribution import RecoveryTimeline, attribute
from ...core.model import Fact, Verdict
from ...core.plan import Change
from ...core.runbook import Judgement
from ...core.text import Text
from ...core.timestamps import seconds_between
from ..load_balancing.model import TargetGroup, Traffic
from .model import RunningTask, Service, TaskStop
from .recovery_course import task_course
from .stop_codes import StopMeaning, meaning

BAD: tuple[StopMeaning, ...] = ("out_of_memory", "health_check", "application_error", "unknown")

QUIET_AT_LEAST_S = 180  # ECS needs about two minutes to start a Fargate task and to notice that it fails
FIRST_INTERVAL_S = 300  # where only one stop was seen, nobody knows the interval yet
WORSE_BY_PCT = 5.0  # percentage points of failed requests
WORSE_REQUESTS = 20  # fewer requests say nothing about a share


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What was read to prove a fix.

    Attributes:
        endpoint_status: 0 where no endpoint is declared.
        tasks: those that run or start; empty where that could not be read.
        refused_at: when ECS said that it could not start a task at all, oldest first; there is no task that stopped.
    """

    service: Service
    stops: tuple[TaskStop, ...]
    target_groups: tuple[TargetGroup, ...]
    traffic: Traffic
    endpoint_status: int
    source: str
    read_at: str
    refused_at: tuple[str, ...] = ()
    tasks: tuple[RunningTask, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """What the proof is measured against; `bad` says which meanings of a stop are the trouble that was looked into."""

    stops: tuple[TaskStop, ...]
    traffic: Traffic | None
    change: Change | None
    since: str
    bad: tuple[StopMeaning, ...] = BAD


def bad_stops(stops: tuple[TaskStop, ...], bad: tuple[StopMeaning, ...] = BAD) -> tuple[TaskStop, ...]:
    """Stops that are neither wanted nor normal."""
    return tuple(s for s in stops if meaning(s) in bad)


def interval_s(stops: tuple[TaskStop, ...], bad: tuple[StopMeaning, ...] = BAD) -> float:
    """The longest time to a bad stop that was seen: from the one before it, or from its own task's start; seconds."""
    task_stops = bad_stops(stops, bad)
    times = sorted(s.stopped_at for s in task_stops if s.stopped_at)
    between = [seconds_between(a, b) for a, b in pairwise(times)]
    lives = [seconds_between(s.began_at, s.stopped_at) for s in task_stops if s.began_at and s.stopped_at]
    return max((*between, *lives), default=FIRST_INTERVAL_S)


def judge_service(outcome: Outcome, before: Before, now: str) -> Judgement:
    """Fixed means: no such stop for twice the observed interval, all tasks run, all targets pass, the endpoint answers."""
    again = _again(outcome, before)
    task_stops = again if before.change else bad_stops(outcome.stops, before.bad)
    refused = [at for at in outcome.refused_at if at > before.since]
    last = max((*(s.stopped_at for s in task_stops), *refused), default="")
    quiet = seconds_between(max(last, before.since), now)
    wanted = max(2 * interval_s(before.stops, before.bad), QUIET_AT_LEAST_S)
    facts = _facts(outcome, before, again, quiet, wanted)
    worse = _worse(outcome, before, now)
    if again and before.change:
        return Judgement(Verdict.NOT_FIXED, facts, persists=True, worse=worse)
    if quiet >= wanted and _steady(outcome):
        if worse:
            return Judgement(None, facts, worse=True)
        earned = attribute(before.change, _course(outcome, before, wanted), outcome.read_at)
        return Judgement(earned.verdict, (*earned.facts, *facts))
    return Judgement(None, facts, persists=bool(again or refused) or not _steady(outcome), worse=worse)


def _course(outcome: Outcome, before: Before, lived_s: float) -> RecoveryTimeline:
    """What was quiet for twice the usual time to a failure counts as well before the change as it does after it."""
    if before.change is None:
        return RecoveryTimeline()
    failed = {s.task_arn: s for s in bad_stops((*before.stops, *outcome.stops), before.bad)}
    needed = (outcome.service.desired, lived_s)
    return task_course(outcome, before.change, failed.values(), outcome.refused_at, needed, outcome.source)


def _again(outcome: Outcome, before: Before) -> tuple[TaskStop, ...]:
    """Bad stops that the change should have prevented: of tasks that began after it and run what it deployed."""
    later = [s for s in bad_stops(outcome.stops, before.bad) if s.stopped_at > before.since]
    if before.change is None:
        return tuple(later)
    if "healthCheckGracePeriodSeconds" in before.change.plan.after:
        return tuple(
            s for s in later if s.started_at and seconds_between(before.since, s.stopping_at or s.stopped_at) > 0
        )
    return tuple(s for s in later if s.began_at > before.since and s.task_definition == outcome.service.task_definition)


def _steady(outcome: Outcome) -> bool:
    service = outcome.service
    rolled_out = service.primary is None or service.primary.rollout in ("COMPLETED", "")
    targets = all(g.healthy >= 1 and g.healthy == len(_in_use(g)) for g in outcome.target_groups)
    answers = outcome.endpoint_status == 0 or outcome.endpoint_status < 400
    return service.desired > 0 and service.running >= service.desired and rolled_out and targets and answers


def _in_use(group: TargetGroup) -> list[str]:
    return [t.id for t in group.targets if t.state not in ("draining", "unused")]


def _worse(outcome: Outcome, before: Before, now: str) -> bool:
    if before.change is None or before.change.plan.worse is None or before.traffic is None:
        return False
    if seconds_between(before.since, now) < interval_s(before.stops, before.bad):
        return False  # fresh tasks have not had the time to start
    enough = outcome.traffic.requests >= WORSE_REQUESTS
    return enough and outcome.traffic.recent_failed_pct > before.traffic.recent_failed_pct + WORSE_BY_PCT


def _facts(
    outcome: Outcome, before: Before, again: tuple[TaskStop, ...], quiet_s: float, wanted_s: float
) -> tuple[Fact, ...]:
    service, at = outcome.service, outcome.read_at
    healthy = sum(g.healthy for g in outcome.target_groups)
    known = sum(len(_in_use(g)) for g in outcome.target_groups)
    found = [
        (Text("tasks running / desired", "実行中 / 必要タスク数"), f"{service.running} / {service.desired}"),
        (Text("stops of this kind since", "その後の同種の停止"), str(len(again))),
        (Text("quiet for / needed", "停止がない時間 / 必要時間"), f"{quiet_s:.0f} / {wanted_s:.0f} s"),
    ]
    if outcome.target_groups:
        found.append((Text("healthy targets", "正常なターゲット"), f"{healthy} / {known}"))
    if outcome.traffic.requests or outcome.traffic.failed:
        was = f"{before.traffic.recent_failed_pct:.1f} % -> " if before.traffic else ""
        label = Text("failed requests, last 5 min", "失敗リクエスト（直近 5 分）")
        found.append((label, f"{was}{outcome.traffic.recent_failed_pct:.1f} %"))
    if outcome.endpoint_status:
        found.append((Text("endpoint answered", "エンドポイントの応答"), f"HTTP {outcome.endpoint_status}"))
    return tuple(Fact(label, value, outcome.source, at) for label, value in found)
