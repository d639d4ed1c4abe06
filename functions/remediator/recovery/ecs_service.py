"""An ECS service recovered by hand: fresh tasks of the same definition, or another number of tasks."""

from typing import Protocol

from ..core.evidence import Reading
from ..core.plan import Advise, Plan
from ..core.runbook import Setting
from ..core.text import Text
from ..events.recovery_requests import Asked
from ..resources.ecs.model import Service
from ..resources.ecs.plans.service import plan_count, plan_fresh_tasks
from ..resources.ecs.scaling import Scaling
from .procedures import ECS, refused


class ServiceRead(Protocol):
    """What is read of a service before it is recovered."""

    @property
    def service(self) -> Reading[Service]:
        """The service now."""

    @property
    def scaling(self) -> Reading[Scaling]:
        """Who owns its count."""

    @property
    def same_images(self) -> Reading[bool]:
        """Whether a fresh task would run what runs now."""


def restart(e: ServiceRead, _: Setting, asked: Asked) -> Plan | Advise:
    """Fresh tasks of the same definition."""
    del asked
    service = e.service.get()
    if (against := _not_settled(service)) is not None:
        return against
    if service.desired == 0:
        return refused(
            "the service wants no task: set its count instead", "必要タスク数が 0 です。タスク数を設定してください"
        )
    same = e.same_images.or_none() or False  # what cannot be checked is told as a doubt
    return plan_fresh_tasks(service, "", ECS, same_images=same)


def set_count(e: ServiceRead, setting: Setting, asked: Asked) -> Plan | Advise:
    """Another number of tasks, where nobody else would set it back."""
    service, scaling, count = e.service.get(), e.scaling.get(), asked.count or 0
    if (against := _not_settled(service)) is not None:
        return against
    if count == service.desired:
        return refused(f"the service wants {count} tasks already", f"必要タスク数はすでに {count} です")
    if scaling.owned and not scaling.minimum <= count <= scaling.maximum:
        bounds = f"{scaling.minimum}-{scaling.maximum}"
        return refused(
            f"autoscaling owns the count and keeps it within {bounds}; {count} would not last: change the bounds",
            f"タスク数は Auto Scaling が {bounds} の範囲で管理しているため、{count} は維持されません。範囲を変更してください",
        )
    ceiling = setting.workload.task_ceiling if setting.workload else 0
    if ceiling and count > max(ceiling, service.desired):
        return refused(
            f"more than {ceiling} tasks are not allowed (task_ceiling)", f"上限 {ceiling}（task_ceiling）を超えます"
        )
    return plan_count(service, count, "", ECS, _count_doubts(service, count, ceiling))


def _count_doubts(service: Service, count: int, ceiling: int) -> tuple[Text, ...]:
    if count < service.desired:
        return (
            Text("fewer tasks serve the same requests", "同じリクエストをより少ないタスクで処理することになります"),
        )
    if ceiling == 0:
        return (
            Text(
                "more tasks cost more, and no ceiling of tasks is declared for this workload",
                "タスクが増えると費用も増えますが、このワークロードには上限（task_ceiling）が宣言されていません",
            ),
        )
    return ()


def _not_settled(service: Service) -> Advise | None:
    """Why a service is not touched by hand either; None where it may be."""
    if service.status != "ACTIVE":
        return refused(f"the service is {service.status}", f"サービスの状態は {service.status} です")
    if service.controller != "ECS":
        made = service.controller
        return refused(f"deployments are made by {made}", f"デプロイは {made} が管理しています")
    if service.primary and service.primary.rollout == "IN_PROGRESS":
        return refused(
            "a deployment is in progress: wait until it has ended, or stop it",
            "デプロイが進行中です。完了を待つか、停止してください",
        )
    return None
