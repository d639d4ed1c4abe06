"""Readers of what serves behind a load balancer: target groups, ECS services, container ports, stopped tasks."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ....core.errors import NotFound, Rejected
from ....core.model import Incident, Resource
from ....core.ports import Aws, Permission, Scope, reads
from ...load_balancing.kind import LOAD_BALANCER
from ...load_balancing.model import TargetGroup
from ...load_balancing.readers import group_of, target_of
from ...vpc.readers import of_targets
from ..backends import Backend, Behind, ContainerPort, services
from ..model import Service, TaskStop
from .service import SERVICE, TASK
from .service import service as ecs_service
from .service import stops as ecs_stops

GROUPS_READ = 20  # DescribeTags takes 20; a load balancer has 100 at most


SERVICES_READ = 5
ECS_ATTACHMENT = ":attachment/"  # ECS describes a task's interface by the ARN of its attachment


@reads(
    Permission("elasticloadbalancing:DescribeTargetGroups"),
    Permission("elasticloadbalancing:DescribeTargetHealth"),
    Permission("elasticloadbalancing:DescribeTags"),
)
def groups(aws: Aws, scope: Scope) -> tuple[TargetGroup, ...]:
    """The target groups of the load balancer, or the one that the incident is about, with the health of each target.

    Raises:
        NotFound: there is none any more.
        Rejected: there are more than are read, so that nothing is decided on a part of them.
    """
    resource = scope.incident.resource
    if LOAD_BALANCER.is_kind_of(resource):
        found = aws.call("elasticloadbalancing:DescribeTargetGroups", LoadBalancerArn=resource.arn)["TargetGroups"]
    else:
        found = aws.call("elasticloadbalancing:DescribeTargetGroups", TargetGroupArns=[resource.arn])["TargetGroups"]
    if not found:
        raise NotFound(f"no target group of {resource.name} exists")
    if len(found) > GROUPS_READ:
        raise Rejected("elasticloadbalancing:DescribeTargetGroups", "TooMany", f"{len(found)} target groups")
    tagged = aws.call("elasticloadbalancing:DescribeTags", ResourceArns=[t["TargetGroupArn"] for t in found])
    tags = {d["ResourceArn"]: {t["Key"]: t.get("Value", "") for t in d["Tags"]} for d in tagged["TagDescriptions"]}
    return tuple(_with_health(aws, t, tags.get(t["TargetGroupArn"], {})) for t in found)


def _with_health(aws: Aws, response: Mapping[str, Any], tags: Mapping[str, str]) -> TargetGroup:
    health = aws.call("elasticloadbalancing:DescribeTargetHealth", TargetGroupArn=response["TargetGroupArn"])
    return group_of(response, tuple(target_of(t) for t in health["TargetHealthDescriptions"]), tags)


def balancer_arn(scope: Scope, groups: tuple[TargetGroup, ...]) -> str:
    """The load balancer that the incident is about.

    Raises:
        NotFound: no load balancer uses the target group.
    """
    if LOAD_BALANCER.is_kind_of(scope.incident.resource):
        return scope.incident.resource.arn
    found = next((arn for g in groups for arn in g.load_balancers), None)
    if found is None:
        raise NotFound("no load balancer uses this target group")
    return found


@reads(Permission("ecs:DescribeServices", SERVICE), Permission("ec2:DescribeNetworkInterfaces"))
def backends(aws: Aws, scope: Scope, groups: tuple[TargetGroup, ...]) -> tuple[Backend, ...]:
    """Whose the targets of each group are; see `load_balancing.behind`."""
    return tuple(Backend(group=g.arn, behind=_behind(aws, scope, g)) for g in groups)


def _behind(aws: Aws, scope: Scope, group: TargetGroup) -> Behind:
    return behind(aws, scope, group)


@reads(
    Permission("ecs:ListTasks", "*"),  # as for `ecs.stops`
    Permission("ecs:DescribeTasks", TASK),
)
def stops(aws: Aws, scope: Scope, backends: tuple[Backend, ...]) -> tuple[TaskStop, ...]:
    """Stopped tasks of the services behind the load balancer, newest first."""
    found = [s for service in services(backends)[:SERVICES_READ] for s in stops_of(aws, scope, service)]
    return tuple(sorted(found, key=lambda s: (s.stopped_at, s.task_arn), reverse=True))


@reads(Permission("ecs:DescribeServices", SERVICE), Permission("ec2:DescribeNetworkInterfaces"))
def behind(aws: Aws, scope: Scope, group: TargetGroup) -> Behind:
    """Whose the targets are: the declared service where it is attached, else what their interfaces tell."""
    workload = scope.workload
    if workload and workload.service:
        declared = _service(aws, scope, workload.cluster, workload.service)
        if _attached(declared, group):
            return Behind(managed=True, service=declared)
    of_ecs = [i for i in of_targets(aws, group) if ECS_ATTACHMENT in i.get("Description", "")]
    tags = {t["Key"]: t.get("Value", "") for i in of_ecs for t in i.get("TagSet", ())}
    cluster, name = tags.get("aws:ecs:clusterName", ""), tags.get("aws:ecs:serviceName", "")
    service = _service(aws, scope, cluster, name) if cluster and name else None
    return Behind(managed=bool(of_ecs), service=service)


def _attached(service: Service, group: TargetGroup) -> bool:
    """Whether ECS registers its tasks here; another controller keeps that in its task sets."""
    other = {b.get("advancedConfiguration", {}).get("alternateTargetGroupArn") for b in service.load_balancers}
    return group.arn in (*service.target_groups, *other) or service.controller != "ECS"


def _service(aws: Aws, scope: Scope, cluster: str, name: str) -> Service:
    here = scope.incident.resource
    arn = f"arn:{here.partition}:ecs:{here.region}:{here.account}:service/{cluster}/{name}"
    of: Incident = replace(scope.incident, resource=Resource("ecs_service", arn))
    return ecs_service(aws, replace(scope, incident=of))


@reads(
    Permission("ecs:ListTasks", "*"),  # as for `ecs.stops`
    Permission("ecs:DescribeTasks", TASK),
)
def stops_behind(aws: Aws, scope: Scope, behind: Behind) -> tuple[TaskStop, ...]:
    """Stopped tasks of the service behind the targets, newest first; none where no service is known."""
    return stops_of(aws, scope, behind.service) if behind.service else ()


def stops_of(aws: Aws, scope: Scope, service: Service) -> tuple[TaskStop, ...]:
    """Stopped tasks of that service, newest first."""
    of = replace(scope.incident, resource=Resource("ecs_service", service.arn), signals=())
    return ecs_stops(aws, replace(scope, incident=of))


@reads(Permission("ecs:DescribeTaskDefinition"))
def container_ports(aws: Aws, scope: Scope, behind: Behind) -> tuple[ContainerPort, ...]:
    """The ports that the service's task definition says its containers listen on; none where no service is known."""
    del scope
    if behind.service is None or not behind.service.task_definition:
        return ()
    named = behind.service.task_definition
    found = aws.call("ecs:DescribeTaskDefinition", taskDefinition=named)["taskDefinition"]["containerDefinitions"]
    return tuple(
        ContainerPort(container=c["name"], port=p["containerPort"])
        for c in found
        for p in c.get("portMappings", ())
        if "containerPort" in p
    )


@reads(
    Permission("elasticloadbalancing:DescribeTargetGroups"),
    Permission("elasticloadbalancing:DescribeTargetHealth"),
)
def target_groups(aws: Aws, scope: Scope, service: Service) -> tuple[TargetGroup, ...]:
    """The service's target groups with the health of each target; none where it has no load balancer."""
    del scope
    if not service.target_groups:
        return ()
    response = aws.call("elasticloadbalancing:DescribeTargetGroups", TargetGroupArns=list(service.target_groups))
    return tuple(_target_group(aws, t) for t in response["TargetGroups"])


def _target_group(aws: Aws, response: Mapping[str, Any]) -> TargetGroup:
    health = aws.call("elasticloadbalancing:DescribeTargetHealth", TargetGroupArn=response["TargetGroupArn"])
    return group_of(response, tuple(target_of(t) for t in health["TargetHealthDescriptions"]), {})
