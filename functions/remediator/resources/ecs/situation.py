"""What a report says of an ECS service, whatever its problem; the pre-image of its plans; its verification."""

from typing import Any, Protocol

from ...core.evidence import Reading
from ...core.model import OPT_IN_TAG, Fact
from ...core.runbook import Judgement, VerificationContext
from ...core.text import Text
from ..endpoint import Endpoint
from ..load_balancing.model import TargetGroup, Traffic
from .model import RunningTask, Service, TaskStop
from .plans.rollback import short
from .scaling import Scaling
from .stop_codes import StopMeaning
from .verification import BAD, Before, Outcome, bad_stops, judge_service


class ServiceEvidence(Protocol):
    """Evidence about one ECS service."""

    @property
    def service(self) -> Reading[Service]:
        """The service now."""

    @property
    def stops(self) -> Reading[tuple[TaskStop, ...]]:
        """Newest first."""

    @property
    def traffic(self) -> Reading[Traffic]:
        """Of its target group."""

    @property
    def scaling(self) -> Reading[Scaling]:
        """Who owns its count."""


def opt_in_tag(e: ServiceEvidence) -> str | None:
    """The opt-in tag of the service; a one-off task has none."""
    if any(not s.of_service for s in e.stops.or_none() or ()):
        return None
    return e.service.get().tags.get(OPT_IN_TAG)


def current_values(e: ServiceEvidence) -> dict[str, str]:
    """What plans replace, as it is now."""
    service = e.service.get()
    return {
        "taskDefinition": short(service.task_definition),
        "healthCheckGracePeriodSeconds": str(service.grace_s or 0),
        "deployment": service.primary.id if service.primary else "",
        "desiredCount": str(service.desired),
    }


def situation(e: ServiceEvidence, bad: tuple[StopMeaning, ...] = BAD) -> tuple[Fact, ...]:
    """Since when, who is affected, how the service stands."""
    facts: list[Fact] = []
    if task_stops := bad_stops(e.stops.or_none() or (), bad):
        facts.append(e.stops.fact(Text("since", "発生時刻"), min(s.stopped_at for s in task_stops)))
    if (traffic := e.traffic.or_none()) and (traffic.requests or traffic.failed):
        value = f"{traffic.requests} / {traffic.failed_pct:.1f} %"
        label = Text("users: requests / failed, last 15 min", "利用者への影響: リクエスト数 / 失敗率（15 分）")
        facts.append(e.traffic.fact(label, value))
    if service := e.service.or_none():
        running = f"{service.running} / {service.desired}"
        facts.append(e.service.fact(Text("tasks running / desired", "実行中 / 必要タスク数"), running))
    if (scaling := e.scaling.or_none()) and scaling.owned:
        bounds = f"{scaling.minimum}-{scaling.maximum}"
        facts.append(e.scaling.fact(Text("autoscaling owns the count", "タスク数は Auto Scaling が管理"), bounds))
    return tuple(facts)


def losing_tasks(e: ServiceEvidence) -> bool:
    """Whether tasks are known to stop that nobody wanted to stop."""
    return bool(bad_stops(e.stops.or_none() or ()))


class ServiceOutcome(Protocol):
    """What is read to prove a fix of an ECS service."""

    @property
    def service(self) -> Reading[Service]:
        """The service now."""

    @property
    def stops(self) -> Reading[tuple[TaskStop, ...]]:
        """Newest first."""

    @property
    def tasks(self) -> Reading[tuple[RunningTask, ...]]:
        """That run or start."""

    @property
    def endpoint(self) -> Reading[Endpoint]:
        """What its health path answers."""

    @property
    def target_groups(self) -> Reading[tuple[TargetGroup, ...]]:
        """With the health of each target."""

    @property
    def traffic(self) -> Reading[Traffic]:
        """Of its target group."""


def judge(
    after: ServiceOutcome,
    context: VerificationContext[Any],
    bad: tuple[StopMeaning, ...] = BAD,
    refused_at: tuple[str, ...] = (),
) -> Judgement:
    """Whether tasks stay up: see `resources.ecs.verification`.

    Args:
        after: what was read.
        context: what it is measured against.
        bad: the meanings of a stop that are the trouble.
        refused_at: when ECS said that it could not start a task at all.
    """
    endpoint = after.endpoint.or_none()
    outcome = Outcome(
        service=after.service.get(),
        stops=after.stops.get(),
        tasks=after.tasks.or_none() or (),
        target_groups=after.target_groups.get(),
        traffic=after.traffic.or_none() or Traffic(window_s=0),
        endpoint_status=endpoint.status if endpoint else 0,
        source=f"{after.stops.source}, {after.target_groups.source}",
        read_at=after.stops.read_at,
        refused_at=refused_at,
    )
    before = Before(
        stops=context.before.stops.or_none() or (),
        traffic=context.before.traffic.or_none(),
        change=context.change,
        since=context.since,
        bad=bad,
    )
    return judge_service(outcome, before, context.now)
