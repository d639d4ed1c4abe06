"""Readers of a target group: its targets' health, whose they are, and what its metrics say."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ...core.clocks import after, iso, moment
from ...core.ecs import Service, TaskStop
from ...core.edge import Aws, Permission, Scope, reads
from ...core.errors import NotFound
from ...core.load_balancing import TRAFFIC_PORT, TargetGroup, TargetState, Traffic
from ...core.model import Incident, Resource
from ...core.redact import outside
from ...core.target_health import Answers, Behind, ContainerPort, HostCount, HostCounts
from .ecs import SERVICE, TASK
from .ecs import service as ecs_service
from .ecs import stops as ecs_stops
from .metric_data import query
from .network import of_targets
from .surroundings import traffic as traffic_of_groups

DAY_S = 24 * 3600  # how far back "healthy before" looks
DESCRIPTION_CHARS = 300
ECS_ATTACHMENT = ":attachment/"  # ECS describes a task's interface by the ARN of its attachment


@reads(
    Permission("elasticloadbalancing:DescribeTargetGroups"),
    Permission("elasticloadbalancing:DescribeTargetHealth"),
    Permission("elasticloadbalancing:DescribeTags"),
)
def target_group(aws: Aws, scope: Scope) -> TargetGroup:
    """The target group of the incident with its tags, its health check and the health of each target.

    Raises:
        NotFound: it is gone.
    """
    arn = scope.incident.resource.arn
    listed = aws.call("elasticloadbalancing:DescribeTargetGroups", TargetGroupArns=[arn])["TargetGroups"]
    if not listed:
        raise NotFound(f"target group {arn} does not exist")
    health = aws.call("elasticloadbalancing:DescribeTargetHealth", TargetGroupArn=arn)["TargetHealthDescriptions"]
    tagged = aws.call("elasticloadbalancing:DescribeTags", ResourceArns=[arn])["TagDescriptions"]
    tags = next((t.get("Tags", ()) for t in tagged if t.get("ResourceArn") == arn), ())
    return group_of(listed[0], tuple(target_of(t) for t in health), {t["Key"]: t.get("Value", "") for t in tags})


def group_of(told: Mapping[str, Any], targets: tuple[TargetState, ...], tags: Mapping[str, str]) -> TargetGroup:
    """A target group as DescribeTargetGroups gives it, with its targets and tags."""
    return TargetGroup(
        arn=told["TargetGroupArn"],
        load_balancers=tuple(told.get("LoadBalancerArns", ())),
        health_path=told.get("HealthCheckPath", ""),
        interval_s=told.get("HealthCheckIntervalSeconds", 30),
        timeout_s=told.get("HealthCheckTimeoutSeconds", 5),
        unhealthy_threshold=told.get("UnhealthyThresholdCount", 2),
        healthy_threshold=told.get("HealthyThresholdCount", 5),
        targets=targets,
        port=told.get("Port", 0),
        protocol=told.get("Protocol", ""),
        health_protocol=told.get("HealthCheckProtocol", ""),
        health_port=told.get("HealthCheckPort", TRAFFIC_PORT),
        matcher=told.get("Matcher", {}).get("HttpCode", ""),
        target_type=told.get("TargetType", ""),
        vpc=told.get("VpcId", ""),
        health_checks=told.get("HealthCheckEnabled", True),
        tags=tags,
    )


def target_of(told: Mapping[str, Any]) -> TargetState:
    """A target as DescribeTargetHealth gives it, its description redacted."""
    target, health = told["Target"], told["TargetHealth"]
    return TargetState(
        id=target["Id"],
        port=target.get("Port", 0),
        state=health["State"],
        reason=health.get("Reason", ""),
        description=outside(health.get("Description", ""), DESCRIPTION_CHARS),
        zone=target.get("AvailabilityZone", ""),
        health_port=told.get("HealthCheckPort", ""),
    )


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
    told = aws.call("ecs:DescribeTaskDefinition", taskDefinition=named)["taskDefinition"]["containerDefinitions"]
    return tuple(
        ContainerPort(container=c["name"], port=p["containerPort"])
        for c in told
        for p in c.get("portMappings", ())
        if "containerPort" in p
    )


@reads(Permission("cloudwatch:GetMetricData"))
def hosts_of_the_day(aws: Aws, scope: Scope, group: TargetGroup) -> HostCounts:
    """Healthy and unhealthy targets over the last 24 hours, to five minutes: where they changed, and the newest."""
    told = _hosts(aws, scope, group, DAY_S, 300)
    return HostCounts(healthy=_changes(told.healthy), unhealthy=_changes(told.unhealthy))


def _changes(counts: tuple[HostCount, ...]) -> tuple[HostCount, ...]:
    """A whole day would fill the ledger's item."""
    began = (c for n, c in enumerate(counts) if n == 0 or counts[n - 1].hosts != c.hosts or n == len(counts) - 1)
    return tuple(began)


@reads(Permission("cloudwatch:GetMetricData"))
def hosts_lately(aws: Aws, scope: Scope, group: TargetGroup) -> HostCounts:
    """Healthy and unhealthy targets over the scope's window, every minute."""
    return _hosts(aws, scope, group, scope.window_s, 60)


def _hosts(aws: Aws, scope: Scope, group: TargetGroup, back_s: int, period_s: int) -> HostCounts:
    told = _metrics(
        aws,
        scope,
        back_s,
        [
            _metric("healthy", "HealthyHostCount", group, "Maximum", period_s),
            _metric("unhealthy", "UnHealthyHostCount", group, "Maximum", period_s),
        ],
    )
    return HostCounts(healthy=_counts(told.get("healthy", {})), unhealthy=_counts(told.get("unhealthy", {})))


def _counts(series: Mapping[str, Any]) -> tuple[HostCount, ...]:
    points = zip(series.get("Timestamps", ()), series.get("Values", ()), strict=True)
    return tuple(sorted((HostCount(at=iso(at), hosts=value) for at, value in points), key=lambda c: c.at))


@reads(Permission("cloudwatch:GetMetricData"))
def answers(aws: Aws, scope: Scope, group: TargetGroup) -> Answers:
    """Who answered with 5xx, how many connections failed and how slow the slowest answer was, over the window."""
    told = _metrics(
        aws,
        scope,
        scope.window_s,
        [
            _metric("target5xx", "HTTPCode_Target_5XX_Count", group, "Sum", 60),
            _metric("connection", "TargetConnectionErrorCount", group, "Sum", 60),
            _metric("slowest", "TargetResponseTime", group, "Maximum", 60),
            _metric("elb5xx", "HTTPCode_ELB_5XX_Count", group, "Sum", 60, of_balancer=True),
        ],
    )
    values = {id: series.get("Values", ()) for id, series in told.items()}
    slowest = values.get("slowest", ())
    return Answers(
        target_5xx=int(sum(values.get("target5xx", ()))),
        balancer_5xx=int(sum(values.get("elb5xx", ()))),
        connection_errors=int(sum(values.get("connection", ()))),
        slowest_ms=round(1000 * max(slowest)) if slowest else None,
    )


def _metrics(aws: Aws, scope: Scope, back_s: int, queries: list[Mapping[str, Any]]) -> Mapping[str, Mapping[str, Any]]:
    answer = aws.call(
        "cloudwatch:GetMetricData",
        MetricDataQueries=queries,
        StartTime=moment(after(scope.now, -back_s)),
        EndTime=moment(scope.now),
    )
    return {series["Id"]: series for series in answer["MetricDataResults"]}


def _metric(
    id: str, name: str, group: TargetGroup, stat: str, period_s: int, *, of_balancer: bool = False
) -> Mapping[str, Any]:
    if not group.load_balancers:
        raise NotFound("no load balancer uses this target group, so it has no metrics")
    balancer = {"LoadBalancer": group.load_balancers[0].split(":loadbalancer/", 1)[1]}
    named = balancer if of_balancer else {"TargetGroup": group.arn.rsplit(":", 1)[1], **balancer}
    return query(id, "AWS/ApplicationELB", name, named, stat, period_s)


@reads(Permission("cloudwatch:GetMetricData"))
def traffic(aws: Aws, scope: Scope, group: TargetGroup) -> Traffic:
    """Requests and failures of the target group: 15 minutes before a change, the time since it afterwards."""
    return traffic_of_groups(aws, scope, (group,))
