"""More tasks of a service, by one step: the count itself, or autoscaling's minimum where autoscaling owns the count.

A loan: it carries an expiry, and a hand-back gives the tasks back step by step. It never undoes itself (architecture:
raised counts do not).
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from ....core.model import Resource
from ....core.plan import HOURS_PER_MONTH, Call, Plan
from ....core.settings import Limits
from ....core.text import Text, joined
from ...dynamodb.capacity_plans import BY_HAND, LOAN
from ..model import Service
from ..scaling import CountOwner, TaskSize
from .service import set_count

CPU_UNITS_PER_VCPU = 1024
MIB_PER_GB = 1024
MINIMUM = "MinCapacity"
COUNT = "desiredCount"


@dataclass(frozen=True, slots=True, kw_only=True)
class StepOut:
    """More tasks for a service, and whatever makes it a person's decision."""

    runbook: str
    service: Service
    owner: CountOwner
    size: TaskSize
    count: int
    doubts: tuple[Text, ...] = ()


def plan_step_out(more: StepOut, limits: Limits) -> Plan:
    """`count` tasks instead of those desired now; above the cost ceiling, or where the price is not known, it asks."""
    cost = cost_usd(more, limits)
    doubts = (*more.doubts, *_too_dear(cost, limits))
    by = _minimum(more) if more.owner.owned else _count(more)
    was, name = (more.owner.minimum, MINIMUM) if more.owner.owned else (more.service.desired, COUNT)
    span = f"{more.service.desired} -> {more.count}"
    where = Text(" (autoscaling's minimum)", "（Auto Scaling の最小値）") if more.owner.owned else Text("", "")
    return Plan(
        runbook=more.runbook,
        cause=f"{more.runbook}.task_resources",
        fix="step_out",
        title=Text(f"Run more tasks of {more.service.name}: {span}", f"{more.service.name} のタスクを増やす: {span}")
        + where
        + (LOAN if limits.lease_s else BY_HAND),
        resource=Resource("ecs_service", more.service.arn),
        calls=(by(more.count),),
        before={name: str(was)},
        after={name: str(more.count)},
        undo=(by(was),),
        response="ask" if doubts else "auto",
        ask_because=joined(doubts) if doubts else None,
        cost_per_month_usd=cost,
        lease_s=limits.lease_s,
        keep=Text(
            "MinCapacity of the AWS::ApplicationAutoScaling::ScalableTarget",
            "AWS::ApplicationAutoScaling::ScalableTarget の MinCapacity",
        )
        if more.owner.owned
        else Text("DesiredCount of the AWS::ECS::Service", "AWS::ECS::Service の DesiredCount"),
    )


def cost_usd(more: StepOut, limits: Limits) -> float | None:
    """What the added tasks cost a month at Fargate's list price; None where it cannot be told (EC2)."""
    cpu, memory = more.size.cpu_units, more.size.memory_mib
    if more.service.launch != "FARGATE" or cpu is None or memory is None:
        return None
    hour = cpu / CPU_UNITS_PER_VCPU * limits.fargate_vcpu_hour_usd + memory / MIB_PER_GB * limits.fargate_gb_hour_usd
    return round((more.count - more.service.desired) * hour * HOURS_PER_MONTH, 2)


def _too_dear(cost: float | None, limits: Limits) -> tuple[Text, ...]:
    if cost is None:
        return (Text("what it costs is not known here", "費用を算出できません"),)
    if cost > limits.cost_ceiling_usd_per_month:
        return (Text("it costs more a month than the ceiling allows", "月額の上限を超えます"),)
    return ()


def _count(more: StepOut) -> Callable[[int], Call]:
    return partial(set_count, more.service)


def _minimum(more: StepOut) -> Callable[[int], Call]:
    return partial(set_minimum, more.service, more.owner.arn)


def set_minimum(service: Service, target_arn: str, number: int) -> Call:
    """The call that lets autoscaling run at least so many tasks; `target_arn` is the scalable target's."""
    return Call(
        action="application-autoscaling:RegisterScalableTarget",
        parameters={
            "ServiceNamespace": "ecs",
            "ResourceId": f"service/{service.cluster}/{service.name}",
            "ScalableDimension": "ecs:service:DesiredCount",
            MINIMUM: number,
        },
        arn=target_arn,
    )
