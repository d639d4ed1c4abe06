"""Readers of a service's load, size, and of who owns its task count."""

from collections.abc import Iterable

from ....core.errors import NotFound
from ....core.ports import Aws, Permission, Scope, reads
from ....redaction.redact import outside
from ...cloudwatch import query
from ...load_balancing.latency import ResponseTimes
from ...load_balancing.latency_readers import series
from ..backends import Backend
from ..model import Service
from ..scaling import CountOwner, Load, Scaling, TaskSize
from .service import definition_of

SAID_CHARS = 200


@reads(Permission("cloudwatch:GetMetricData"))
def load(aws: Aws, scope: Scope, backends: tuple[Backend, ...], times: ResponseTimes) -> Load:
    """CPU and memory of the service behind the slow group, for the same minutes.

    Raises:
        NotFound: no service is known behind it, or CloudWatch has no data of it.
    """
    service = service_of(backends, times.group)
    named = {"ClusterName": service.cluster, "ServiceName": service.name}
    asked = [
        query("cpu", "AWS/ECS", "CPUUtilization", named, "Average"),
        query("memory", "AWS/ECS", "MemoryUtilization", named, "Average"),
    ]
    found = series(aws, scope, asked, scope.window_s)
    if not found.get("cpu"):
        raise NotFound(f"CloudWatch has no CPUUtilization of {service.name} in the window")
    return Load(cpu_pct=found["cpu"], memory_pct=found.get("memory", {}))


def service_of(backends: Iterable[Backend], group: str) -> Service:
    """The service behind that target group.

    Raises:
        NotFound: none is known.
    """
    found = next((b.service for b in backends if b.group == group and b.service), None)
    if found is None:
        raise NotFound("no ECS service is known behind these targets")
    return found


@reads(
    Permission("application-autoscaling:DescribeScalableTargets"),
    Permission("application-autoscaling:DescribeScalingActivities"),
)
def owner(aws: Aws, scope: Scope, backends: tuple[Backend, ...], times: ResponseTimes) -> CountOwner:
    """Who owns the count of the service behind the slow group, and whether it is being scaled right now."""
    del scope
    service = service_of(backends, times.group)
    id = f"service/{service.cluster}/{service.name}"
    listed = aws.call(
        "application-autoscaling:DescribeScalableTargets",
        ServiceNamespace="ecs",
        ResourceIds=[id],
        ScalableDimension="ecs:service:DesiredCount",
    )["ScalableTargets"]
    if not listed:
        return CountOwner()
    found = listed[0]
    activities = aws.call(
        "application-autoscaling:DescribeScalingActivities", ServiceNamespace="ecs", ResourceId=id, MaxResults=5
    )["ScalingActivities"]
    going = next((a for a in activities if a["StatusCode"] in ("Pending", "InProgress")), None)
    return CountOwner(
        arn=found["ScalableTargetARN"],
        minimum=found["MinCapacity"],
        maximum=found["MaxCapacity"],
        suspended=tuple(sorted(name for name, on in found.get("SuspendedState", {}).items() if on)),
        under_way=outside(going.get("Description", "scaling"), SAID_CHARS) if going else "",
    )


@reads(Permission("ecs:DescribeTaskDefinition"))
def size(aws: Aws, scope: Scope, backends: tuple[Backend, ...], times: ResponseTimes) -> TaskSize:
    """What one task of the service behind the slow group reserves."""
    del scope
    named = service_of(backends, times.group).task_definition
    return TaskSize.of(definition_of(aws.call("ecs:DescribeTaskDefinition", taskDefinition=named)["taskDefinition"]))


@reads(Permission("application-autoscaling:DescribeScalableTargets"))
def scaling(aws: Aws, scope: Scope) -> Scaling:
    """Who owns the service's desired count."""
    resource = scope.incident.resource
    answer = aws.call(
        "application-autoscaling:DescribeScalableTargets",
        ServiceNamespace="ecs",
        ResourceIds=[f"service/{resource.cluster}/{resource.name}"],
        ScalableDimension="ecs:service:DesiredCount",
    )
    found = next(iter(answer["ScalableTargets"]), None)
    return (
        Scaling(owned=True, minimum=found["MinCapacity"], maximum=found["MaxCapacity"])
        if found
        else Scaling(owned=False)
    )
