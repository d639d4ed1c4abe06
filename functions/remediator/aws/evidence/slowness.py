"""Readers of a slow load balancer: response times, load, tables, zones, NAT gateways, and who owns the count."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from ...core.clocks import after, iso, moment
from ...core.ecs import Service
from ...core.edge import Aws, Permission, Scope, reads
from ...core.errors import NotFound
from ...core.flow_logs import Flows
from ...core.gateway import Backend
from ...core.load_balancing import TargetGroup
from ...core.model import Resource
from ...core.redact import outside
from ...core.service_view import Stack
from ...core.slowness import (
    TARGET_MS,
    CountOwner,
    Load,
    Minute,
    NatTrouble,
    ResponseTimes,
    TableSpeed,
    TaskSize,
    slow_operation,
)
from ...core.target_health import HostCounts
from ...core.ways_out import Place
from .ecs import definition_of
from .flow_logs import refused_flows
from .load_balancing import hosts_lately
from .metric_data import query
from .surroundings import stack as stack_of
from .ways_out import place as place_of

BEFORE_S = 3600
ZONES_READ = 6
TABLES_READ = 5
STATISTIC = "p99"  # as in the stack's alarm: what set it off is what must end
OPERATIONS = ("GetItem", "Query", "PutItem", "UpdateItem", "BatchGetItem", "Scan")
SAID_CHARS = 200
Series = Mapping[str, Mapping[str, float]]  # id -> start of the minute -> value


@reads(Permission("cloudwatch:GetMetricData"))
def hosts(aws: Aws, scope: Scope, groups: tuple[TargetGroup, ...], times: ResponseTimes) -> HostCounts:
    """Healthy and unhealthy targets of the group whose times were read, every minute of the scope's window.

    Raises:
        NotFound: that group is gone.
    """
    group = next((g for g in groups if g.arn == times.group), None)
    if group is None:
        raise NotFound("the target group whose response times were read is gone")
    return hosts_lately(aws, scope, group)


@reads(Permission("cloudwatch:GetMetricData"), Permission("elasticloadbalancing:DescribeLoadBalancers"))
def times(aws: Aws, scope: Scope, groups: tuple[TargetGroup, ...]) -> ResponseTimes:
    """p99 of each minute of the slowest group, the hour before, and the window by Availability Zone.

    Raises:
        NotFound: no load balancer uses the target group.
    """
    used = [g for g in groups if g.load_balancers]
    if not used:
        raise NotFound("no load balancer uses this target group, so it has no response times")
    asked = [q for n, g in enumerate(used) for q in _of_group(n, g)]
    told = _series(aws, scope, asked, scope.window_s)
    target_ms = (scope.workload.latency_target_ms if scope.workload else 0) or TARGET_MS
    worst = max(range(len(used)), key=lambda n: _slowness(told.get(f"late{n}", {}), target_ms))
    group, moments = used[worst], sorted({*told.get(f"late{worst}", {}), *told.get(f"asked{worst}", {})})
    return ResponseTimes(
        group=group.arn,
        target_ms=target_ms,
        minutes=tuple(
            Minute(
                at=at,
                late_ms=_ms(told.get(f"late{worst}", {}).get(at)),
                requests=int(told.get(f"asked{worst}", {}).get(at, 0)),
            )
            for at in moments
        ),
        before_ms=_before(aws, scope, group),
        balancer=group.load_balancers[0],
        cut_off=int(sum(told.get(f"cut{worst}", {}).values())),
        zones=_zones(aws, scope, group),
    )


def _slowness(late: Mapping[str, float], target_ms: int) -> tuple[int, float]:
    """The group with the most slow minutes, then the slowest one: a single late request is no trouble."""
    return sum(1000 * v > target_ms for v in late.values()), max(late.values(), default=0.0)


def _of_group(n: int, group: TargetGroup) -> list[Mapping[str, Any]]:
    named = _dimensions(group)
    balancer = {"LoadBalancer": named["LoadBalancer"]}
    return [
        query(f"late{n}", "AWS/ApplicationELB", "TargetResponseTime", named, STATISTIC),
        query(f"asked{n}", "AWS/ApplicationELB", "RequestCount", named, "Sum"),
        query(f"cut{n}", "AWS/ApplicationELB", "HTTPCode_ELB_504_Count", balancer, "Sum"),
    ]


def _dimensions(group: TargetGroup) -> Mapping[str, str]:
    balancer = group.load_balancers[0].split(":loadbalancer/", 1)[1]
    return {"TargetGroup": group.arn.rsplit(":", 1)[1], "LoadBalancer": balancer}


def _before(aws: Aws, scope: Scope, group: TargetGroup) -> float | None:
    asked = query("before", "AWS/ApplicationELB", "TargetResponseTime", _dimensions(group), STATISTIC, BEFORE_S)
    end = after(scope.incident.opened_at, -scope.window_s)
    told = _series(aws, scope, [asked], BEFORE_S, end)
    return _ms(max(told.get("before", {}).values(), default=None))


def _zones(aws: Aws, scope: Scope, group: TargetGroup) -> Mapping[str, Mapping[str, float]]:
    told = aws.call("elasticloadbalancing:DescribeLoadBalancers", LoadBalancerArns=[group.load_balancers[0]])
    zones = sorted(z["ZoneName"] for z in told["LoadBalancers"][0].get("AvailabilityZones", ()))[:ZONES_READ]
    if len(zones) < 2:
        return {}
    named = _dimensions(group)
    asked = [
        query(f"zone{n}", "AWS/ApplicationELB", "TargetResponseTime", {**named, "AvailabilityZone": zone}, STATISTIC)
        for n, zone in enumerate(zones)
    ]
    read = _series(aws, scope, asked, scope.window_s)
    return {z: {at: 1000 * v for at, v in read.get(f"zone{n}", {}).items()} for n, z in enumerate(zones)}


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
    told = _series(aws, scope, asked, scope.window_s)
    if not told.get("cpu"):
        raise NotFound(f"CloudWatch has no CPUUtilization of {service.name} in the window")
    return Load(cpu_pct=told["cpu"], memory_pct=told.get("memory", {}))


def service_of(backends: Iterable[Backend], group: str) -> Service:
    """The service behind that target group.

    Raises:
        NotFound: none is known.
    """
    found = next((b.service for b in backends if b.group == group and b.service), None)
    if found is None:
        raise NotFound("no ECS service is known behind these targets")
    return found


@reads(Permission("cloudwatch:GetMetricData"))
def tables(aws: Aws, scope: Scope) -> tuple[TableSpeed, ...]:
    """How the workload's declared tables answer in each minute against the hour before; none where none is declared."""
    declared = scope.workload.tables[:TABLES_READ] if scope.workload else ()
    if not declared:
        return ()
    asked = [q for n, table in enumerate(declared) for q in _of_table(n, table)]
    now = _series(aws, scope, asked, scope.window_s)
    before = _series(aws, scope, asked, BEFORE_S, after(scope.incident.opened_at, -scope.window_s))
    return tuple(_table(scope, table, n, now, before) for n, table in enumerate(declared))


def _table(scope: Scope, table: str, n: int, now: Series, before: Series) -> TableSpeed:
    slow: dict[str, float] = {}
    refused: dict[str, int] = {}
    usual_ms: list[float] = []
    for i in range(len(OPERATIONS)):
        past = list(before.get(f"op{n}x{i}", {}).values())
        mean_ms = sum(past) / len(past) if past else None
        late = {at: ms for at, ms in now.get(f"op{n}x{i}", {}).items() if slow_operation(ms, mean_ms)}
        slow |= {at: max(ms, slow.get(at, 0.0)) for at, ms in late.items()}
        usual_ms += [mean_ms] if late and mean_ms is not None else []
        for at, count in now.get(f"no{n}x{i}", {}).items():
            refused[at] = refused.get(at, 0) + int(count)
    return TableSpeed(
        arn=_table_arn(scope, table), name=table, slow_ms=slow, refused=refused, before_ms=max(usual_ms, default=None)
    )


def _of_table(n: int, table: str) -> list[Mapping[str, Any]]:
    """Of each operation; ThrottledRequests counts what an index refused too. Source: AWS, DynamoDB metrics."""
    asked = []
    for i, operation in enumerate(OPERATIONS):
        named = {"TableName": table, "Operation": operation}
        asked.append(query(f"op{n}x{i}", "AWS/DynamoDB", "SuccessfulRequestLatency", named, "Average"))
        asked.append(query(f"no{n}x{i}", "AWS/DynamoDB", "ThrottledRequests", named, "Sum"))
    return asked


def _table_arn(scope: Scope, table: str) -> str:
    here = scope.incident.resource
    return f"arn:{here.partition}:dynamodb:{here.region}:{here.account}:table/{table}"


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
    told = listed[0]
    activities = aws.call(
        "application-autoscaling:DescribeScalingActivities", ServiceNamespace="ecs", ResourceId=id, MaxResults=5
    )["ScalingActivities"]
    going = next((a for a in activities if a["StatusCode"] in ("Pending", "InProgress")), None)
    return CountOwner(
        arn=told["ScalableTargetARN"],
        minimum=told["MinCapacity"],
        maximum=told["MaxCapacity"],
        suspended=tuple(sorted(name for name, on in told.get("SuspendedState", {}).items() if on)),
        under_way=outside(going.get("Description", "scaling"), SAID_CHARS) if going else "",
    )


@reads(Permission("ecs:DescribeTaskDefinition"))
def size(aws: Aws, scope: Scope, backends: tuple[Backend, ...], times: ResponseTimes) -> TaskSize:
    """What one task of the service behind the slow group reserves."""
    del scope
    named = service_of(backends, times.group).task_definition
    return TaskSize.of(definition_of(aws.call("ecs:DescribeTaskDefinition", taskDefinition=named)["taskDefinition"]))


@reads(
    Permission("ec2:DescribeSubnets"),
    Permission("ec2:DescribeRouteTables"),
    Permission("ec2:DescribeVpcEndpoints"),
)
def place(aws: Aws, scope: Scope, backends: tuple[Backend, ...], times: ResponseTimes) -> Place:
    """Where the tasks run, with their routes."""
    return place_of(aws, scope, service_of(backends, times.group))


@reads(Permission("cloudwatch:GetMetricData"))
def nats(aws: Aws, scope: Scope, place: Place) -> tuple[NatTrouble, ...]:
    """What the NAT gateways on the tasks' way out could not do; none where there is no NAT gateway."""
    ids = sorted({r.via for s in place.subnets for r in s.routes if r.via.startswith("nat-")})
    if not ids:
        return ()
    named = {
        "ports": "ErrorPortAllocation",
        "dropped": "PacketsDropCount",
        "out": "PacketsInFromSource",
        "back": "PacketsInFromDestination",
    }
    asked = [
        query(f"{id}{n}", "AWS/NATGateway", metric, {"NatGatewayId": nat}, "Sum")
        for n, nat in enumerate(ids)
        for id, metric in named.items()
    ]
    told = _series(aws, scope, asked, scope.window_s)
    return tuple(
        NatTrouble(
            id=nat,
            ports_refused=int(sum(told.get(f"ports{n}", {}).values())),
            packets_dropped=int(sum(told.get(f"dropped{n}", {}).values())),
            packets=int(sum(sum(told.get(f"{way}{n}", {}).values()) for way in ("out", "back"))),
        )
        for n, nat in enumerate(ids)
    )


@reads(Permission("logs:FilterLogEvents", "arn:{partition}:logs:{region}:{account}:log-group:*"))
def flows(aws: Aws, scope: Scope, groups: tuple[TargetGroup, ...]) -> Flows:
    """Flows from or to the targets that a security group or a network ACL refused.

    Raises:
        NotFound: no flow log group is declared, or the targets are registered by instance and not by address.
    """
    addresses = tuple(sorted({t.id for g in groups for t in g.targets if not t.id.startswith("i-")}))
    if not addresses:
        raise NotFound("the targets are registered by instance: their addresses are not known")
    return refused_flows(aws, scope, addresses)


@reads(Permission("cloudformation:DescribeStackResources", "arn:{partition}:cloudformation:{region}:{account}:stack/*"))
def stack(aws: Aws, scope: Scope, backends: tuple[Backend, ...], times: ResponseTimes) -> Stack:
    """The stack of the service behind the slow group."""
    of = replace(scope.incident, resource=Resource("ecs_service", service_of(backends, times.group).arn))
    return stack_of(aws, replace(scope, incident=of))


def _series(aws: Aws, scope: Scope, queries: list[Mapping[str, Any]], back_s: int, end: str = "") -> Series:
    end = end or scope.now
    told = aws.call(
        "cloudwatch:GetMetricData",
        MetricDataQueries=queries,
        StartTime=moment(after(end, -back_s)).replace(second=0, microsecond=0),
        EndTime=moment(end),
    )["MetricDataResults"]
    return {r["Id"]: {iso(at): v for at, v in zip(r["Timestamps"], r["Values"], strict=True)} for r in told}


def _ms(seconds: float | None) -> float | None:
    return None if seconds is None else round(1000 * seconds, 1)
