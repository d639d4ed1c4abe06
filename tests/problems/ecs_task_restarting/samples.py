"""Evidence of `ecs_task_restarting` built by hand: a healthy portfolio service, to which each test does one thing."""

from dataclasses import replace
from typing import Any

from remediator.core.evidence import Reading
from remediator.core.timestamps import after
from remediator.problems.ecs_task_restarting.evidence import Evidence
from remediator.problems.ecs_task_restarting.evidence import Outcome as After
from remediator.resources.cloudformation import Stack
from remediator.resources.ecs.model import (
    ContainerEnd,
    ContainerSpec,
    Deployment,
    Revision,
    Service,
    ServiceDeployment,
    TaskDefinition,
    TaskStop,
)
from remediator.resources.ecs.scaling import Scaling
from remediator.resources.endpoint import Endpoint
from remediator.resources.load_balancing.model import TargetGroup, TargetState, Traffic
from remediator.resources.logs.digest import LogExcerpt
from tests.samples import DEFINITION, NOW, SERVICE_ARN

GROUP_ARN = "arn:aws:elasticloadbalancing:ap-northeast-1:123456789012:targetgroup/portfolio-api/73e2d6bc24d8a067"
ELB_REASON = f"Task failed ELB health checks in (target-group {GROUP_ARN})"
OOM = ContainerEnd(name="api", exit_code=137, reason="OutOfMemoryError: Container killed due to memory usage")
EXITED = "Essential container in task exited"
IMAGE = "123456789012.dkr.ecr.ap-northeast-1.amazonaws.com/portfolio-api@sha256:" + "a" * 64


def known(value: Any) -> Reading[Any]:
    return Reading(value=value, source="test", read_at=NOW)


def gap(why: str = "AccessDenied") -> Reading[Any]:
    return Reading(gap=why, source="test", read_at=NOW)


def service(**changes: Any) -> Service:
    steady = Service(
        arn=SERVICE_ARN,
        name="portfolio-api-service",
        cluster="portfolio-cluster",
        desired=2,
        running=2,
        task_definition=f"{DEFINITION}:42",
        deployments=(deployment(),),
        target_groups=(GROUP_ARN,),
        tags={"auto-remediation": "auto"},
    )
    return replace(steady, **changes)


def deployment(**changes: Any) -> Deployment:
    done = Deployment(id="ecs-svc/1", status="PRIMARY", task_definition=f"{DEFINITION}:42", rollout="COMPLETED")
    return replace(done, **changes)


def definition(**changes: Any) -> TaskDefinition:
    small = TaskDefinition(
        arn=f"{DEFINITION}:42",
        family="portfolio-api",
        cpu_units=256,
        memory_mib=512,
        task_role="arn:aws:iam::123456789012:role/portfolio-task",
        execution_role="arn:aws:iam::123456789012:role/portfolio-execution",
        containers=(ContainerSpec(name="api", image=IMAGE, log_group="/aws/ecs/portfolio-api", log_prefix="ecs"),),
    )
    return replace(small, **changes)


def stop(minutes_ago: float, lived_s: float = 100, **changes: Any) -> TaskStop:
    stopped_at = after(NOW, -60 * minutes_ago)
    task = TaskStop(
        task_arn=f"arn:aws:ecs:ap-northeast-1:123456789012:task/portfolio-cluster/t{minutes_ago}",
        task_definition=f"{DEFINITION}:42",
        group="service:portfolio-api-service",
        stop_code="EssentialContainerExited",
        reason=EXITED,
        started_at=after(stopped_at, -lived_s),
        stopped_at=stopped_at,
        containers=(OOM,),
    )
    return replace(task, **changes)


def crash(minutes_ago: float, **changes: Any) -> TaskStop:
    return stop(minutes_ago, containers=(ContainerEnd(name="api", exit_code=1),), **changes)


def unhealthy(minutes_ago: float, lived_s: float = 70, **changes: Any) -> TaskStop:
    ended = (ContainerEnd(name="api", exit_code=143),)
    values = {"stop_code": "ServiceSchedulerInitiated", "reason": ELB_REASON, "containers": ended, **changes}
    return stop(minutes_ago, lived_s=lived_s, **values)


def revision(number: int, **changes: Any) -> Revision:
    of = Revision(
        arn=f"arn:aws:ecs:ap-northeast-1:123456789012:service-revision/portfolio-cluster/portfolio-api-service/{number}",
        task_definition=f"{DEFINITION}:{number}",
        images={"api": IMAGE},
    )
    return replace(of, **changes)


def service_deployment(
    number: int, minutes_ago: float, status: str = "SUCCESSFUL", **changes: Any
) -> ServiceDeployment:
    arn = SERVICE_ARN.replace(":service/", ":service-deployment/") + f"/d{number}"
    return ServiceDeployment(
        arn=arn, status=status, started_at=after(NOW, -60 * minutes_ago), revision=revision(number, **changes)
    )


def target_group(*states: str) -> TargetGroup:
    targets = tuple(TargetState(id=f"10.0.0.{n}", port=8000, state=s) for n, s in enumerate(states or ("healthy",) * 2))
    return TargetGroup(arn=GROUP_ARN, health_path="/health", targets=targets)


def evidence(*stops: TaskStop, **changes: Any) -> Evidence:
    whole = Evidence(
        service=known(service()),
        stops=known(stops),
        deployments=known((service_deployment(42, 60 * 24 * 7), service_deployment(41, 60 * 24 * 30))),
        definition=known(definition()),
        memory_peak_pct=known(60.0),
        scaling=known(Scaling(owned=False)),
        stack=known(Stack()),
        good_definition=known(definition(arn=f"{DEFINITION}:41")),
        good_images=known((IMAGE,)),
        same_images=known(value=True),
        last_words=known(LogExcerpt(group="/aws/ecs/portfolio-api", stream="ecs/api/t1", lines=3)),
        target_groups=known((target_group(),)),
        traffic=known(Traffic(window_s=900, requests=1000, failed=10, recent_requests=300, recent_failed=3)),
    )
    return replace(whole, **{k: v if isinstance(v, Reading) else known(v) for k, v in changes.items()})


def outcome(*stops: TaskStop, **changes: Any) -> After:
    whole = After(
        service=known(service()),
        stops=known(stops),
        endpoint=known(Endpoint()),
        target_groups=known((target_group(),)),
        traffic=known(Traffic(window_s=900, requests=1000)),
    )
    return replace(whole, **{k: v if isinstance(v, Reading) else known(v) for k, v in changes.items()})
