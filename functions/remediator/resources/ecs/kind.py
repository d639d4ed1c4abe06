"""An ECS service, and a family of task definitions whose tasks run by themselves."""

import re
import shlex
from collections.abc import Mapping

from ...core.model import Resource
from ...core.settings import Workload
from ...core.text import Text
from ..kind import ArnForm, KnownMetric, ResourceKind, Wanted, WriteCondition, tags_command
from ..kinds import kind_of
from ..load_balancing.kind import HEALTHY, of_targets

NAMESPACE = "AWS/ECS"
_NAME = re.compile(r"[\w.-]{1,255}", re.ASCII)
MEMORY = KnownMetric(Text("memory of the service", "サービスのメモリ"), NAMESPACE, "MemoryUtilization", "Average", "%")
CPU = KnownMetric(Text("CPU of the service", "サービスの CPU"), NAMESPACE, "CPUUtilization", "Average", "%")
# The cluster stands in no such ARN of AWS's: it is ours, because stopped tasks are listed by cluster and family.
ECS_TASK_FAMILY = ResourceKind(
    name="ecs_task_family",
    title=Text("task family", "タスク定義ファミリー"),
    arn=ArnForm(service="ecs", path=r"task-definition/[A-Za-z0-9_-]{1,255}/[A-Za-z0-9_-]{1,255}"),
    application_log="own",
)


def service_path(cluster: str, name: str) -> str:
    """What follows the account in a service's ARN."""
    return f"service/{cluster}/{name}"


def declared_service(workload: Workload | None, beside: Resource) -> Resource | None:
    """The service that the workload declares, in the account and region of `beside`; None where it declares none."""
    if workload is None or not workload.service:
        return None
    place = f"arn:{beside.partition}:ecs:{beside.region}:{beside.account}"
    return Resource(ECS_SERVICE.name, f"{place}:{service_path(workload.cluster, workload.service)}")


def deployed_service(resource: Resource, workload: Workload | None) -> Resource | None:
    """The service whose deployments change `resource`: itself, or the declared one that it stands before."""
    match kind_of(resource).deployments:
        case "own":
            return resource
        case "service":
            return declared_service(workload, resource)
        case "none":
            return None


def _from_dimensions(dimensions: Mapping[str, str]) -> str:
    cluster, name = dimensions.get("ClusterName", ""), dimensions.get("ServiceName", "")
    return service_path(cluster, name) if _NAME.fullmatch(cluster) and _NAME.fullmatch(name) else ""


def service_dimensions(cluster: str, name: str) -> Mapping[str, str]:
    """The dimensions of a service's metrics."""
    return {"ClusterName": cluster, "ServiceName": name}


def _declared(workload: Workload) -> tuple[str, ...]:
    return (service_path(workload.cluster, workload.service),) if workload.service else ()


def _plotted(resource: Resource, workload: Workload | None) -> tuple[Wanted, ...]:
    service = service_dimensions(resource.cluster, resource.name)
    return (*of_targets(workload, HEALTHY), MEMORY.of(service), CPU.of(service))


def _opt_in_command(resource: Resource) -> tuple[str, ...]:
    return tags_command("aws ecs tag-resource", f"--resource-arn {shlex.quote(resource.arn)}", lower=True)


def _scalable_target(resource: Resource) -> tuple[str, str]:
    return "ecs", service_path(resource.cluster, resource.name)


ECS_SERVICE = ResourceKind(
    name="ecs_service",
    title=Text("service", "サービス"),
    arn=ArnForm(service="ecs", path=r"service/[A-Za-z0-9_-]{1,255}/[A-Za-z0-9_-]{1,255}"),
    namespaces=(NAMESPACE, "ECS/ContainerInsights"),
    from_dimensions=_from_dimensions,
    declared=_declared,
    health_services=("ECS", "FARGATE", "EC2", "ELASTICLOADBALANCING", "ECR"),
    metrics=(CPU, MEMORY),  # source: AWS, "Amazon ECS CloudWatch metrics"
    plotted_metrics=_plotted,
    tag_call="ecs:DescribeServices",
    opt_in_command=_opt_in_command,
    write_condition=WriteCondition(
        opt_in_tag=("ecs:UpdateService",),
        exact_arn={
            "ecs:RegisterTaskDefinition": "IAM sees the tags of the new revision, not of the service that will run it",
            "ecs:StopServiceDeployment": "a service deployment carries no tags",
            "ecs:StopTask": "a task has its service's tags only where propagateTags is on",
        },
        destroying=("Delete*", "Deregister*"),
    ),
    scalable_target=_scalable_target,
    deployments="own",
    application_log="own",
)

KINDS = (ECS_SERVICE, ECS_TASK_FAMILY)
