"""Targets of a load balancer recovered by hand: registered and deregistered, where ECS does not own them."""

from typing import Protocol

from ..core.evidence import Reading
from ..core.plan import Advise, Plan
from ..core.runbook import Setting
from ..events.recovery_requests import Asked, AskedTarget
from ..resources.ecs.backends import Behind
from ..resources.load_balancing.model import TargetGroup, TargetState
from ..resources.load_balancing.target_group_plans import plan_targets
from ..resources.load_balancing.target_health import named
from .procedures import ALB, refused


class GroupRead(Protocol):
    """What is read of a target group before it is recovered."""

    @property
    def group(self) -> Reading[TargetGroup]:
        """With the health of each target."""

    @property
    def behind(self) -> Reading[Behind]:
        """Whose the targets are."""


def targets(e: GroupRead, _: Setting, asked: Asked) -> Plan | Advise:
    """Targets registered first, then others deregistered; never what ECS owns, never the last healthy one."""
    group, owner = e.group.get(), e.behind.get()
    if owner.managed:
        whose = f" ({owner.service.name})" if owner.service else ""
        return refused(
            f"ECS registers these targets{whose}: recover the service instead",
            f"これらのターゲットは ECS が登録しています{whose}。サービス側を復旧してください",
        )
    if group.target_type not in ("ip", "instance"):
        kind = group.target_type
        return refused(f"targets of type {kind} are not registered by hand", f"種類が {kind} のターゲットは対象外です")
    standing = [t for t in group.targets if "draining" not in t.state]
    add = [t for t in asked.register if not any(_is(t, s) for s in standing)]
    drop = [s for s in standing if any(_is(t, s) for t in asked.deregister)]
    if (against := _unfit(group, asked, standing)) is not None:
        return against
    if not add and not drop:
        return refused("those targets are registered already", "指定されたターゲットはすでに登録されています")
    stay = [s for s in standing if s not in drop]
    if drop and not any(s.state == "healthy" for s in stay) and (not stay or any(s.state == "healthy" for s in drop)):
        return refused(
            "no healthy target would stay: register others first, and deregister once they are healthy",
            "正常なターゲットが残りません。先に別のターゲットを登録し、正常になってから登録解除してください",
        )
    new = [TargetState(id=t.id, port=t.port) for t in add]
    return plan_targets(group, new, drop, "", ALB)


def _is(asked: AskedTarget, standing: TargetState) -> bool:
    return asked.id == standing.id and asked.port in (0, standing.port)


def _unfit(group: TargetGroup, asked: Asked, standing: list[TargetState]) -> Advise | None:
    instances = group.target_type == "instance"
    wrong = [t.text for t in asked.register if t.id.startswith("i-") != instances]
    if wrong:
        text = ", ".join(wrong)
        return refused(
            f"the group takes targets of type {group.target_type}: {text}",
            f"種類が {group.target_type} ではありません: {text}",
        )
    unknown = [t.text for t in asked.deregister if not any(_is(t, s) for s in standing)]
    if unknown:
        here = ", ".join(named(s) for s in standing) or "-"
        text = ", ".join(unknown)
        return refused(
            f"not registered: {text}; registered are {here}", f"登録されていません: {text}（登録済み: {here}）"
        )
    both = [t.text for t in asked.register if any(t.id == d.id and d.port in (0, t.port) for d in asked.deregister)]
    if both:
        text = ", ".join(both)
        return refused(
            f"to be registered and deregistered at once: {text}", f"登録と登録解除が同時に指定されています: {text}"
        )
    return None
