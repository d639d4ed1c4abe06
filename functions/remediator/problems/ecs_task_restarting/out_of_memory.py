"""Row `ecs_task_restarting.out_of_memory`.

ECS says OutOfMemory, or a container ended with 137 while the tasks were nearly full.
"""

from dataclasses import dataclass

from ...core.model import Resource
from ...core.plan import HOURS_PER_MONTH, WATCH_S, Advise, Call, Decision, Plan, Watch
from ...core.ports import Permission
from ...core.runbook import Cause, Finding, Holds, RuledOut, Setting, writes
from ...core.settings import Limits
from ...core.text import Text
from ...resources.ecs.capacity import next_fargate_mib
from ...resources.ecs.model import Service, TaskDefinition, TaskStop
from ...resources.ecs.plans.revision import move_to_copy, register_copy
from ...resources.ecs.plans.rollback import short
from ...resources.ecs.stop_codes import SIGKILL, culprit, out_of_memory_end
from ...resources.ecs.stops import preconditions, stop_facts, stops_as
from .evidence import Evidence
from .facts import ID, SERVICE_ARN, STOPPED

MEMORY_FULL_PCT = 95.0  # exit 137 without a reason counts as memory only where the tasks were nearly full


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


def _killed_for_memory(e: Evidence) -> tuple[TaskStop, ...]:
    task_stops = stops_as(e, "out_of_memory")
    silent = [s for s in stops_as(e, "unknown") if any(c.exit_code == SIGKILL for c in s.containers)]
    if silent and (e.memory_peak_pct.get() if not task_stops else e.memory_peak_pct.or_none() or 0) >= MEMORY_FULL_PCT:
        return tuple(sorted((*task_stops, *silent), key=lambda s: s.stopped_at, reverse=True))
    return task_stops


def holds(e: Evidence, _: Setting) -> Finding:
    """ECS says OutOfMemory, or a container ended with 137 while the tasks were nearly full."""
    killed = _killed_for_memory(e)
    if not killed:
        return RuledOut(Text("no container was killed for memory", "メモリ不足で停止したコンテナはありません"))
    facts = list(stop_facts(e, killed))
    if (peak := e.memory_peak_pct.or_none()) is not None:
        facts.append(
            e.memory_peak_pct.fact(Text("highest MemoryUtilization", "MemoryUtilization 最大値"), f"{peak:.0f} %")
        )
    if (definition := e.definition.or_none()) and (limits := definition.memory_limits()):
        facts.append(e.definition.fact(Text("task memory", "タスクのメモリ"), f"{limits} ({short(definition.arn)})"))
    return Holds(tuple(facts), weight=len(killed))


@writes(
    Permission("ecs:RegisterTaskDefinition", "arn:{partition}:ecs:{region}:{account}:task-definition/*:*"),
    Permission("ecs:UpdateService", SERVICE_ARN),
    Permission("iam:PassRole", "arn:{partition}:iam::{account}:role/*", called=False),
    does=Text(
        "raises the memory to the next valid size (on EC2 it asks)",
        "メモリを次の有効な値に増やす（EC2 では承認を求める）",
    ),
)
def raise_memory(e: Evidence, setting: Setting) -> Decision:
    """A copy of the revision with the next valid memory, and the service moved to it."""
    killed = _killed_for_memory(e)
    if (wait := preconditions(e, killed, setting)) is not None:
        return wait
    service, definition = e.service.get(), e.definition.get()
    if service.task_definition != definition.arn:
        return Watch(
            Text(
                "The killed tasks ran an older definition than the service has now.",
                "停止したタスクは、サービスの現在の定義より古い定義のものです。",
            ),
            WATCH_S,
        )
    if service.primary and service.primary.rollout == "IN_PROGRESS" and service.breaker_rolls_back:
        return Watch(
            Text(
                "A deployment is in progress and rolls back by itself.",
                "進行中のデプロイは自動でロールバックされます。",
            ),
            WATCH_S,
        )
    scaling = e.scaling.or_none()
    tasks = max(service.desired, scaling.maximum if scaling and scaling.owned else 0)
    plan = plan_memory(Shortage(service, definition, killed[0], tasks), setting.settings.limits, ID)
    if plan is None:
        return Advise(
            Text(
                "No larger memory is valid or allowed: the ceiling or twice the memory is reached.",
                "上限または 2 倍に達しており、これ以上メモリを増やせません。",
            )
        )
    return plan


CAUSE = Cause(
    id="out_of_memory",
    title=Text("out of memory", "メモリ不足"),
    holds=holds,
    fixes=(raise_memory,),
    advice=Text(
        "Find out what takes the memory: compare MemoryUtilization with requests; look for a leak before raising it again.",
        "メモリを消費している原因を調べてください。MemoryUtilization とリクエスト数を比較し、再度増やす前にリークを疑います。",
    ),
    confirm=Text(
        "The container's reason says OutOfMemory (exit code 137 alone does not: a scale-in ends so, too), and "
        "MemoryUtilization was near 100 % when it stopped.",
        "コンテナの理由に OutOfMemory と記録され（終了コード 137 だけでは判断できません。スケールインでも同じです）、"
        "停止時の MemoryUtilization が 100 % 近くです。",
    ),
    look=(
        *STOPPED,
        (
            "aws cloudwatch get-metric-statistics --namespace AWS/ECS --metric-name MemoryUtilization "
            "--dimensions Name=ClusterName,Value=<cluster> Name=ServiceName,Value=<service> "
            "--statistics Maximum --period 60 --start-time <start> --end-time <end>"
        ),
        (
            "aws ecs describe-task-definition --task-definition <family> "
            "--query 'taskDefinition.[memory,containerDefinitions[].[name,memory,memoryReservation]]'"
        ),
    ),
)
