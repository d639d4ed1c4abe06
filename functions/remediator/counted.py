"""What a step's value counts as. Pure."""

from typing import Any

from .applied import Applied
from .core import metrics
from .core.four_clocks import Timed
from .core.gates import Ask, Permit, Refusal
from .core.metrics import CHANGES, ESCALATIONS, Point
from .core.model import Incident

CLOCK = "clock "  # the steps that look at one of the four, by its name


def points_of(step: str, value: Any) -> tuple[Point, ...]:
    """The metrics of a step that has just been done, by what it gave."""
    if step == "begin" and isinstance(value, Incident):
        return metrics.begun(value)
    if step.startswith(CLOCK) and isinstance(value, str):
        return (Point(ESCALATIONS, (step.removeprefix(CLOCK), value)),)
    if isinstance(value, Timed):
        return metrics.timed(value.clocks)
    if isinstance(value, Applied) and value.change:
        return (Point(CHANGES, (value.change.plan.runbook, "undo" if step == "undo" else "fix")),)
    if isinstance(value, tuple) and all(isinstance(v, Permit | Ask | Refusal) for v in value):
        return tuple(metrics.said(answer) for answer in value)
    return ()
