"""Readers of what can slow a service down: tables, NAT gateways, flow logs, network placement."""

from collections.abc import Mapping
from typing import Any

from ...core.errors import NotFound
from ...core.ports import Aws, Permission, Scope, reads
from ...core.timestamps import after
from ...resources.cloudformation import READS_STACK, Stack, owner_of
from ...resources.cloudwatch import query
from ...resources.ecs.backends import Backend
from ...resources.ecs.readers.egress import place as place_of
from ...resources.ecs.readers.scaling import service_of
from ...resources.load_balancing.latency import ResponseTimes
from ...resources.load_balancing.latency_readers import BEFORE_S, Series, series
from ...resources.load_balancing.model import TargetGroup
from ...resources.load_balancing.readers import hosts_lately
from ...resources.load_balancing.target_health import HostCounts
from ...resources.vpc.egress import NetworkPlacement
from ...resources.vpc.flow_logs import Flows, refused_flows
from .latency import NatTrouble, TableSpeed, slow_operation

TABLES_READ = 5


OPERATIONS = ("GetItem", "Query", "PutItem", "UpdateItem", "BatchGetItem", "Scan")


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


@reads(Permission("cloudwatch:GetMetricData"))
def tables(aws: Aws, scope: Scope) -> tuple[TableSpeed, ...]:
    """How the workload's declared tables answer in each minute against the hour before; none where none is declared."""
    declared = scope.workload.tables[:TABLES_READ] if scope.workload else ()
    if not declared:
        return ()
    asked = [q for n, table in enumerate(declared) for q in _of_table(n, table)]
    now = series(aws, scope, asked, scope.window_s)
    before = series(aws, scope, asked, BEFORE_S, after(scope.incident.opened_at, -scope.window_s))
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
    Permission("ec2:DescribeSubnets"),
    Permission("ec2:DescribeRouteTables"),
    Permission("ec2:DescribeVpcEndpoints"),
)
def place(aws: Aws, scope: Scope, backends: tuple[Backend, ...], times: ResponseTimes) -> NetworkPlacement:
    """Where the tasks run, with their routes."""
    return place_of(aws, scope, service_of(backends, times.group))


@reads(Permission("cloudwatch:GetMetricData"))
def nats(aws: Aws, scope: Scope, place: NetworkPlacement) -> tuple[NatTrouble, ...]:
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
    found = series(aws, scope, asked, scope.window_s)
    return tuple(
        NatTrouble(
            id=nat,
            ports_refused=int(sum(found.get(f"ports{n}", {}).values())),
            packets_dropped=int(sum(found.get(f"dropped{n}", {}).values())),
            packets=int(sum(sum(found.get(f"{way}{n}", {}).values()) for way in ("out", "back"))),
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


@reads(READS_STACK)
def stack(aws: Aws, scope: Scope, backends: tuple[Backend, ...], times: ResponseTimes) -> Stack:
    """The stack of the service behind the slow group."""
    del scope
    return owner_of(aws, service_of(backends, times.group).arn)
