"""One module per gate; `GATES` is the one place of their order, from which runner, reports, metric and documents are made."""

from ..core.text import Text, same
from . import (
    automation_in_progress,
    change_freeze,
    change_limits,
    kill_switch,
    loop_breaker,
    opt_in,
    person_at_work,
    plan,
    wider_outage,
)
from .gate import Gate

GATES: tuple[Gate, ...] = (
    opt_in.GATE,
    kill_switch.GATE,
    change_freeze.GATE,
    loop_breaker.GATE,
    change_limits.GATE,
    wider_outage.GATE,
    automation_in_progress.GATE,
    person_at_work.GATE,
    plan.GATE,
)
_BY_NAME = {gate.name: gate for gate in GATES}


def gate_named(name: str) -> Gate | None:
    """The gate of that name; None where there is none."""
    return _BY_NAME.get(name)


def title_of(name: str, part: str = "") -> Text:
    """What the gate, or that part of it, is called in reports; nothing where there is no such gate."""
    gate = gate_named(name)
    if gate is None:
        return same("")
    check = gate.check(part)
    return check.title if check else gate.title
