"""What a step's value counts as. Pure."""

from typing import Any

from .applied import Applied
from .core import metrics
from .core.gates import Ask, Permit, Refusal
from .core.metrics import CHANGES, Point
from .core.model import Incident


def points_of(step: str, value: Any) -> tuple[Point, ...]:
    """The metrics of a step that has just been done, by what it gave."""
    if step == "begin" and isinstance(value, Incident):
        return metrics.begun(value)
    if isinstance(value, Applied) and value.change:
        return (Point(CHANGES, (value.change.plan.runbook, "undo" if step == "undo" else "fix")),)
    if isinstance(value, tuple) and all(isinstance(v, Permit | Ask | Refusal) for v in value):
        return tuple(metrics.said(answer) for answer in value)
    return ()
