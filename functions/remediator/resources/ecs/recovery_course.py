"""When the tasks of a service last failed, when a change's first own task ran, and who was well before that."""

from collections.abc import Collection, Iterable
from typing import Protocol

from ...core.attribution import RecoveryTimeline, last_of
from ...core.plan import Change
from ...core.timestamps import seconds_between
from .model import RunningTask, TaskStop

COUNT = "desiredCount"
GRACE = "healthCheckGracePeriodSeconds"  # holds for the tasks that run already: no new one has to start


class Seen(Protocol):
    """What was read of the tasks since."""

    @property
    def stops(self) -> tuple[TaskStop, ...]:
        """Newest first."""

    @property
    def tasks(self) -> tuple[RunningTask, ...]:
        """That run or start."""


def first_own_start(seen: Seen, change: Change, failing: Collection[str]) -> str:
    """When the first task that the change made began to run; empty where that is not known, or not what it waits for.

    Args:
        seen: what was read since.
        change: the one that was made.
        failing: deployments whose tasks had failed. ECS may still replace their tasks after the change; only where the
            count alone was changed are such tasks the change's own.
    """
    if GRACE in change.plan.after:
        return ""
    old = () if COUNT in change.plan.after else failing
    everyone: tuple[RunningTask | TaskStop, ...] = (*seen.tasks, *seen.stops)
    later = (t for t in everyone if t.created_at >= change.applied_at and t.started_by not in old)
    return min((t.started_at for t in later if t.started_at), default="")


def task_course(
    seen: Seen,
    change: Change,
    failed: Iterable[TaskStop],
    told_at: Iterable[str],
    needed: tuple[int, float],
    source: str,
) -> RecoveryTimeline:
    """How the trouble of a service's tasks ended.

    Whoever ran when the change's first task began, came from the deployment whose tasks had failed, and had lived for
    longer than any failure took to come, was well. Where as many as the service wants were, it was well without us.
    Tasks of other deployments say nothing: beside a release that does not start, the old ones run on.

    Args:
        seen: what was read since.
        change: the one that was made.
        failed: stops of the kind that was looked into, before and since.
        told_at: when ECS said that it could not start a task at all.
        needed: how many tasks have to be well, and how many seconds they have to have lived.
        source: where all this was read.
    """
    bad = tuple(failed)
    theirs = {s.started_by for s in bad if s.started_by}
    effect = max(change.applied_at, first_own_start(seen, change, theirs))
    count, lived_s = needed
    earlier = [s for s in bad if not s.created_at or s.created_at < change.applied_at]
    last = last_of((*(s.stopped_at for s in earlier), *told_at))
    well = [
        begun
        for task, begun, left in _lives(seen)
        if task.started_by in theirs
        and task.task_arn not in {s.task_arn for s in bad}
        and seconds_between(begun, effect) >= lived_s
        and (not left or left >= effect)
    ]
    return RecoveryTimeline(
        last_sign=last,
        well_since=last_of(sorted(well)[:count]) if 0 < count <= len(well) else "",
        effect_at=effect,
        source=source,
    )


def _lives(seen: Seen) -> Iterable[tuple[RunningTask | TaskStop, str, str]]:
    """Each task that ran, when it began to, and when it was told to stop (empty while it runs)."""
    for task in seen.tasks:
        if task.started_at:
            yield task, task.started_at, ""
    for stop in seen.stops:
        if stop.started_at:
            yield stop, stop.started_at, stop.stopping_at or stop.stopped_at
