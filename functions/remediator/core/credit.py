"""Whose a recovery is: a symptom that ended before the change took effect ended without us. Pure.

A change is made in a second and works later: tasks start, capacity is raised. Where the proof is complete while what was
changed is not in effect yet, the change cannot be what helped. Where nobody can tell, because both fell between two looks,
the change keeps the credit: it was made while the symptom was there, which the gates have just read.
"""

from collections.abc import Iterable

from .load_balancing import TargetGroup
from .model import Change, Verdict
from .target_health import in_use

STARTS_TASKS = frozenset(("ecs:UpdateService", "application-autoscaling:RegisterScalableTarget"))


def credited(change: Change | None, *, in_effect: bool) -> Verdict:
    """The verdict of a complete proof; `in_effect` says whether what was changed was at work before it was complete."""
    return Verdict.FIXED if change and in_effect else Verdict.RECOVERED_WITHOUT_US


def new_targets_serve(change: Change | None, before: Iterable[TargetGroup] | None, now: Iterable[TargetGroup]) -> bool:
    """Whether a change that starts tasks is in effect: a healthy target is there that was not there before.

    Any other change of a load balancer or target group is in effect at once, and so is one whose targets before are not
    known: nothing contradicts it.
    """
    if change is None or before is None or STARTS_TASKS.isdisjoint(c.action for c in change.plan.calls):
        return True
    known = {(t.id, t.port) for group in before for t in group.targets}
    return any(t.state == "healthy" and (t.id, t.port) not in known for group in now for t in in_use(group))
