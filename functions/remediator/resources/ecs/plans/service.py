"""Small changes of a service that register nothing: its grace period, its count, fresh tasks of the same definition."""

from collections.abc import Sequence

from ....core.model import Resource
from ....core.plan import Call, Plan
from ....core.text import Text, joined
from ..model import Service

GRACE_AT_LEAST_S = 60


def plan_grace(service: Service, longer_s: int, cause: str, runbook: str) -> Plan:
    """A longer health-check grace period; ECS starts no deployment for it (AWS, UpdateService)."""
    was_s = service.grace_s or 0
    where = {"cluster": service.cluster, "service": service.name}
    return Plan(
        runbook=runbook,
        cause=cause,
        fix="lengthen_grace",
        title=Text(f"Longer grace period: {was_s} -> {longer_s} s", f"猶予期間を延長: {was_s} -> {longer_s} 秒"),
        resource=Resource("ecs_service", service.arn),
        calls=(
            Call(
                action="ecs:UpdateService",
                parameters={**where, "healthCheckGracePeriodSeconds": longer_s},
                arn=service.arn,
            ),
        ),
        before={"healthCheckGracePeriodSeconds": str(was_s)},
        after={"healthCheckGracePeriodSeconds": str(longer_s)},
        undo=(
            Call(
                action="ecs:UpdateService",
                parameters={**where, "healthCheckGracePeriodSeconds": was_s},
                arn=service.arn,
            ),
        ),
        keep=Text(
            "HealthCheckGracePeriodSeconds of the AWS::ECS::Service",
            "AWS::ECS::Service の HealthCheckGracePeriodSeconds",
        ),
        worse=Text("share of failed requests", "失敗リクエストの割合"),
    )


def plan_fresh_tasks(service: Service, cause: str, runbook: str, *, same_images: bool) -> Plan:
    """A new deployment of the same definition; it asks where fresh tasks could run another image than those now."""
    where = {"cluster": service.cluster, "service": service.name}
    return Plan(
        runbook=runbook,
        cause=cause,
        fix="force_new_deployment",
        title=Text("Replace all tasks by fresh ones of the same definition", "同じ定義の新しいタスクに入れ替え"),
        resource=Resource("ecs_service", service.arn),
        calls=(Call(action="ecs:UpdateService", parameters={**where, "forceNewDeployment": True}, arn=service.arn),),
        before={"deployment": service.primary.id if service.primary else ""},
        after={"deployment": "new"},
        no_undo=Text(
            "no setting changes: the same definition runs in fresh tasks",
            "設定は変わりません（同じ定義のタスクに入れ替わるだけです）",
        ),
        response="auto" if same_images else "ask",
        ask_because=None
        if same_images
        else Text(
            "fresh tasks might run another image than those now",
            "新しいタスクが現在と異なるイメージで起動する可能性があります",
        ),
    )


def set_count(service: Service, count: int) -> Call:
    """The call that wants so many tasks."""
    asked = {"cluster": service.cluster, "service": service.name, "desiredCount": count}
    return Call(action="ecs:UpdateService", parameters=asked, arn=service.arn)


def plan_count(service: Service, count: int, cause: str, runbook: str, ask: Sequence[Text]) -> Plan:
    """Another number of tasks; ECS starts no deployment for it.

    Args:
        service: as it is now.
        count: within autoscaling's bounds, where it owns the count.
        cause: row of the guide, or the procedure.
        runbook: whose fix role makes the call.
        ask: why a person must approve; none where the change may run alone.
    """
    return Plan(
        runbook=runbook,
        cause=cause,
        fix="set_count",
        title=Text(
            f"Set the number of tasks: {service.desired} -> {count}", f"タスク数を設定: {service.desired} -> {count}"
        ),
        resource=Resource("ecs_service", service.arn),
        calls=(set_count(service, count),),
        before={"desiredCount": str(service.desired)},
        after={"desiredCount": str(count)},
        undo=(set_count(service, service.desired),),
        response="ask" if ask else "auto",
        ask_because=joined(ask) if ask else None,
        keep=Text("DesiredCount of the AWS::ECS::Service", "AWS::ECS::Service の DesiredCount"),
    )
