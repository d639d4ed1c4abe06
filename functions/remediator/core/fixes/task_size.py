"""A size that Fargate runs: a copy of the revision with the nearest valid CPU and memory, and the service moved to it."""

from ..ecs import Service, TaskDefinition, nearest_fargate
from ..model import Call, Plan, Resource
from ..text import Text
from .memory import move_to_copy, register_copy
from .roll_back import short


def plan_size(service: Service, old: TaskDefinition, cause: str, runbook: str) -> Plan:
    """Always asked: nobody but the owner knows which of the two figures was meant.

    Args:
        service: as it is now.
        old: the revision whose size Fargate does not run; both of its figures are set.
        cause: row of the guide.
        runbook: whose fix role makes the calls.
    """
    cpu, memory_mib = nearest_fargate(old.cpu_units or 0, old.memory_mib or 0)
    was, then = f"{old.cpu_units} / {old.memory_mib}", f"{cpu} / {memory_mib}"
    back = {"cluster": service.cluster, "service": service.name, "taskDefinition": old.arn}
    return Plan(
        runbook=runbook,
        cause=cause,
        fix="correct_size",
        title=Text(
            f"A size that Fargate runs (CPU units / MiB): {was} -> {then}",
            f"Fargate で有効なサイズに変更（CPU ユニット / MiB）: {was} -> {then}",
        ),
        resource=Resource("ecs_service", service.arn),
        calls=(register_copy(old, {"cpu": str(cpu), "memory": str(memory_mib)}), move_to_copy(service)),
        before={"taskDefinition": short(old.arn), "cpu / memory_mib": was},
        after={"taskDefinition": f"{old.family}: next revision", "cpu / memory_mib": then},
        undo=(Call(action="ecs:UpdateService", parameters=back, arn=service.arn),),
        response="ask",
        ask_because=Text(
            "the size sets what each task may use and costs; only its owner knows which figure was meant",
            "サイズは各タスクの性能と費用を左右し、どちらの値が意図されたものかは所有者にしか分かりません",
        ),
        keep=Text("Cpu and Memory of the AWS::ECS::TaskDefinition", "AWS::ECS::TaskDefinition の Cpu と Memory"),
    )
