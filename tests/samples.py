"""Values that many tests start from: the guide's portfolio in trouble."""

from dataclasses import replace
from typing import Any

from remediator.core.model import Incident, Resource, Signal
from remediator.core.plan import Call, Plan
from remediator.core.text import Text

SERVICE_ARN = "arn:aws:ecs:ap-northeast-1:123456789012:service/portfolio-cluster/portfolio-api-service"
DEFINITION = "arn:aws:ecs:ap-northeast-1:123456789012:task-definition/portfolio-api"
SERVICE = Resource("ecs_service", SERVICE_ARN)
NOW = "2026-11-23T03:00:00.000Z"


def signal(key: str = "task-1@03:00", at: str = NOW, **facts: Any) -> Signal:
    return Signal(kind="ecs_task_stopped", resource=SERVICE, level="high", at=at, key=key, facts=facts)


def incident(id: str = "ecs-task-restarting-0123456789", **changes: Any) -> Incident:
    opened = Incident(
        id=id,
        runbook="ecs_task_restarting",
        resource=SERVICE,
        level="high",
        opened_at=NOW,
        signals=(signal(),),
        workload="portfolio",
    )
    return replace(opened, **changes)


def plan(**changes: Any) -> Plan:
    where = {"cluster": "portfolio-cluster", "service": "portfolio-api-service"}
    lengthen = Plan(
        runbook="ecs_task_restarting",
        cause="ecs_task_restarting.health_check_failing",
        fix="lengthen_grace",
        title=Text("Longer grace period: 0 -> 120 s", "猶予期間を延長: 0 -> 120 秒"),
        resource=SERVICE,
        calls=(
            Call(
                action="ecs:UpdateService",
                parameters={**where, "healthCheckGracePeriodSeconds": 120},
                arn=SERVICE_ARN,
            ),
        ),
        before={"healthCheckGracePeriodSeconds": "0"},
        after={"healthCheckGracePeriodSeconds": "120"},
        undo=(
            Call(action="ecs:UpdateService", parameters={**where, "healthCheckGracePeriodSeconds": 0}, arn=SERVICE_ARN),
        ),
    )
    return replace(lengthen, **changes)
