"""A recovery that a person asks for: evidence and request to a Plan, or to why not. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ..core.plan import Advise, Decision, Plan
from ..core.runbook import Setting
from ..core.text import Text
from ..events.recovery_requests import Asked
from .dynamodb_table import capacity, on_demand
from .ecs_service import restart, set_count
from .load_balancer_targets import targets
from .procedures import BY_NAME, Action, Procedure

PLANNERS: Mapping[str, Callable[[Any, Setting, Asked], Plan | Advise]] = {
    "restart": restart,
    "count": set_count,
    "capacity": capacity,
    "on_demand": on_demand,
    "targets": targets,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ByHand:
    """One action that a person asks for, as a planner of its own: callable as a runbook's fix is."""

    asked: Asked

    @property
    def procedure(self) -> Procedure:
        """The procedure that it belongs to."""
        return BY_NAME[self.asked.procedure]

    @property
    def action(self) -> Action:
        """What the procedure says of it."""
        return self.procedure.action(self.asked.action)

    def __call__(self, evidence: Any, setting: Setting) -> Decision:
        """The plan, if it is still the one that the person saw; raises `Unchecked` through a gap."""
        decision = self.now(evidence, setting)
        if isinstance(decision, Plan) and decision.short_hash != self.asked.plan:
            return another_plan(self.asked.plan, decision)
        return decision

    def now(self, evidence: Any, setting: Setting) -> Plan | Advise:
        """What the action would do now, whatever plan the person saw; raises `Unchecked` through a gap."""
        decision = PLANNERS[self.asked.action](evidence, setting, self.asked)
        if isinstance(decision, Plan):
            return replace(decision, cause=self.procedure.id, worse=None)
        return decision


def another_plan(saw: str, now: Plan) -> Advise:
    """That the situation has moved since the person looked, with what would be done now."""
    return Advise(
        Text(
            f"The plan is no longer the one that was agreed to ({saw}); now it would be {now.short_hash}: {now.title.en}",
            f"計画が合意した内容（{saw}）から変わりました。現在の計画は {now.short_hash}: {now.title.ja}",
        )
    )
