"""More memory for a container that is killed for it: a copy of the revision, and the service moved to the copy."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..ecs import (
    REGISTRABLE,
    SIGKILL,
    Service,
    TaskDefinition,
    TaskStop,
    culprit,
    next_fargate_mib,
    out_of_memory_end,
)
from ..model import Call, Copy, Grant, Plan, Resource
from ..settings import Limits
from ..text import Text
from .roll_back import short

HOURS_PER_MONTH = 730


@dataclass(frozen=True, slots=True)
class Shortage:
    """Whose memory is short: the newest killed task, its definition, and how many tasks there can be at most."""

    service: Service
    definition: TaskDefinition
    stop: TaskStop
    tasks: int

    @property
    def container(self) -> str:
        """The container that was killed, empty where ECS does not say."""
        ends = self.stop.containers
        killed = out_of_memory_end(self.stop) or next((c for c in ends if c.exit_code == SIGKILL), culprit(self.stop))
        return killed.name if killed else ""

    @property
    def limit_mib(self) -> int | None:
        """That container's own hard limit, None where only the task has one."""
        return next((c.memory_mib for c in self.definition.containers if c.name == self.container), None)

    @property
    def fargate(self) -> bool:
        """Whether memory comes in AWS's steps and costs by the hour."""
        return self.service.launch == "FARGATE"

    @property
    def base_mib(self) -> int | None:
        """What is raised: the task's memory, on EC2 the container's limit."""
        return self.definition.memory_mib if self.fargate else self.limit_mib or self.definition.memory_mib


def plan_memory(short_of: Shortage, limits: Limits, runbook: str) -> Plan | None:
    """The plan, or None where no larger memory is valid within twice the memory and the ceiling."""
    new_mib = _next_mib(short_of, limits.memory_ceiling_mib)
    if new_mib is None or short_of.base_mib is None:
        return None
    service, old, base_mib = short_of.service, short_of.definition, short_of.base_mib
    cost = _cost_usd(short_of, new_mib - base_mib, limits)
    dear = cost is not None and cost > limits.cost_ceiling_usd_per_month
    before, after = _images(short_of, base_mib, new_mib)
    back = {"cluster": service.cluster, "service": service.name, "taskDefinition": old.arn}
    return Plan(
        runbook=runbook,
        cause=f"{runbook}.out_of_memory",
        fix="raise_memory",
        title=Text(f"Raise memory: {base_mib} -> {new_mib} MiB", f"メモリを増やす: {base_mib} -> {new_mib} MiB"),
        resource=Resource("ecs_service", service.arn),
        calls=(_register(short_of, base_mib, new_mib), move_to_copy(service)),
        before=before,
        after=after,
        undo=(Call(action="ecs:UpdateService", parameters=back, arn=service.arn),),
        response="auto" if short_of.fargate and not dear else "ask",
        ask_because=_why_ask(fargate=short_of.fargate, dear=dear),
        cost_per_month_usd=cost,
        keep=Text("Memory of the AWS::ECS::TaskDefinition", "AWS::ECS::TaskDefinition の Memory"),
    )


def _next_mib(short_of: Shortage, ceiling_mib: int) -> int | None:
    base_mib, cpu_units = short_of.base_mib, short_of.definition.cpu_units
    if base_mib is None:
        return None
    if short_of.fargate:
        return next_fargate_mib(cpu_units, base_mib, ceiling_mib) if cpu_units else None
    larger = min(2 * base_mib, ceiling_mib)
    return larger if larger > base_mib else None


def _new_limit_mib(short_of: Shortage, base_mib: int, new_mib: int) -> int | None:
    limit = short_of.limit_mib
    return limit * new_mib // base_mib if limit else None


def _images(short_of: Shortage, base_mib: int, new_mib: int) -> tuple[dict[str, str], dict[str, str]]:
    old = short_of.definition
    before, after = {"taskDefinition": short(old.arn)}, {"taskDefinition": f"{old.family}: next revision"}
    if old.memory_mib and short_of.fargate:
        before["memory_mib"], after["memory_mib"] = str(base_mib), str(new_mib)
    new_limit = _new_limit_mib(short_of, base_mib, new_mib)
    if new_limit:
        key = f"{short_of.container}.memory_mib"
        before[key], after[key] = str(short_of.limit_mib), str(new_limit)
    return before, after


def _register(short_of: Shortage, base_mib: int, new_mib: int) -> Call:
    old = short_of.definition
    changes: dict[str, object] = {"memory": str(new_mib)} if short_of.fargate else {}
    new_limit = _new_limit_mib(short_of, base_mib, new_mib)
    if new_limit:
        changes["containerDefinitions"] = [{"name": short_of.container, "memory": new_limit}]
    elif not short_of.fargate:
        changes["memory"] = str(new_mib)
    return register_copy(old, changes)


def register_copy(old: TaskDefinition, changes: Mapping[str, Any]) -> Call:
    """A new revision that is `old` but for `changes`; its environment is never read."""
    roles = sorted({r for r in (old.task_role, old.execution_role) if r})
    return Call(
        action="ecs:RegisterTaskDefinition",
        parameters=changes,
        arn=f"{old.arn.rsplit(':', 1)[0]}:*",
        also=tuple(Grant("iam:PassRole", role) for role in roles),
        copy=Copy(
            action="ecs:DescribeTaskDefinition",
            parameters={"taskDefinition": old.arn},
            at="taskDefinition",
            keep=REGISTRABLE,
        ),
    )


def move_to_copy(service: Service) -> Call:
    """The service moved to the revision that the plan's first call has registered."""
    where = {"cluster": service.cluster, "service": service.name}
    new = {**where, "taskDefinition": "${0.taskDefinition.taskDefinitionArn}"}
    return Call(action="ecs:UpdateService", parameters=new, arn=service.arn)


def _cost_usd(short_of: Shortage, more_mib: int, limits: Limits) -> float | None:
    if not short_of.fargate:
        return None
    return round(more_mib / 1024 * short_of.tasks * HOURS_PER_MONTH * limits.fargate_gb_hour_usd, 2)


def _why_ask(*, fargate: bool, dear: bool) -> Text | None:
    if not fargate:
        return Text(
            "on EC2 the instances must have the memory to spare",
            "EC2 起動タイプのため、インスタンスの空きメモリの確認が必要です",
        )
    if dear:
        return Text("it costs more a month than the ceiling allows", "月額の上限を超えます")
    return None
