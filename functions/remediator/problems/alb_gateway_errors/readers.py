"""Readers of a load balancer's own answers: idle timeout and 5xx counts by code, minute by minute."""

from collections.abc import Mapping, Sequence
from typing import Any

from ...core.ports import Aws, Permission, Scope, reads
from ...core.timestamps import after, iso, moment
from ...resources.cloudformation import READS_STACK, Stack, owner_of
from ...resources.cloudwatch import query
from ...resources.ecs.backends import Backend, at_zero
from ...resources.ecs.readers.backends import balancer_arn
from ...resources.load_balancing.model import TargetGroup
from .model import CODES, Gateway, GatewayAnswers, GroupAnswers, Minute

IDLE_TIMEOUT = "idle_timeout.timeout_seconds"
_CODE_IDS = {f"elb{code}": str(code) for code in CODES}


@reads(
    Permission("elasticloadbalancing:DescribeLoadBalancerAttributes"),
    Permission("elasticloadbalancing:DescribeTags"),
)
def gateway(aws: Aws, scope: Scope, groups: tuple[TargetGroup, ...]) -> Gateway:
    """The load balancer with its idle timeout and its tags."""
    arn = balancer_arn(scope, groups)
    found = aws.call("elasticloadbalancing:DescribeLoadBalancerAttributes", LoadBalancerArn=arn)["Attributes"]
    idle = {a["Key"]: a["Value"] for a in found}[IDLE_TIMEOUT]
    tagged = aws.call("elasticloadbalancing:DescribeTags", ResourceArns=[arn])["TagDescriptions"]
    tags = {t["Key"]: t.get("Value", "") for d in tagged for t in d["Tags"]}
    noticed_on = "" if scope.incident.resource.arn == arn else scope.incident.resource.arn
    return Gateway(arn=arn, idle_timeout_s=int(idle), noticed_on=noticed_on, tags=tags)


@reads(Permission("cloudwatch:GetMetricData"))
def answers(aws: Aws, scope: Scope, groups: tuple[TargetGroup, ...]) -> GatewayAnswers:
    """The load balancer's own answers by code for each minute of the window, and what its targets answered."""
    balancer = balancer_arn(scope, groups).split(":loadbalancer/", 1)[1]
    queries = [*_of_balancer(balancer), *(q for n, g in enumerate(groups) for q in _of_group(n, g, balancer))]
    found = aws.call(
        "cloudwatch:GetMetricData",
        MetricDataQueries=queries,
        StartTime=moment(after(scope.now, -scope.window_s)),
        EndTime=moment(scope.now),
    )["MetricDataResults"]
    series = {r["Id"]: {iso(at): v for at, v in zip(r["Timestamps"], r["Values"], strict=True)} for r in found}
    return GatewayAnswers(minutes=_minutes(series), groups=tuple(_group(n, g, series) for n, g in enumerate(groups)))


Series = Mapping[str, Mapping[str, float]]


def _of_balancer(balancer: str) -> list[Mapping[str, Any]]:
    named = {f"elb{code}": f"HTTPCode_ELB_{code}_Count" for code in CODES}
    counts = {**named, "elb5xx": "HTTPCode_ELB_5XX_Count", "requests": "RequestCount"}
    return [_query(id, name, {"LoadBalancer": balancer}, "Sum") for id, name in counts.items()]


def _of_group(n: int, group: TargetGroup, balancer: str) -> list[Mapping[str, Any]]:
    both = {"TargetGroup": group.arn.rsplit(":", 1)[1], "LoadBalancer": balancer}
    return [
        _query(f"target5xx{n}", "HTTPCode_Target_5XX_Count", both, "Sum"),
        _query(f"connection{n}", "TargetConnectionErrorCount", both, "Sum"),
        _query(f"late{n}", "TargetResponseTime", both, "p99"),
        _query(f"slowest{n}", "TargetResponseTime", both, "Maximum"),
    ]


def _query(id: str, name: str, dimensions: Mapping[str, str], stat: str) -> Mapping[str, Any]:
    return query(id, "AWS/ApplicationELB", name, dimensions, stat)


def _minutes(series: Series) -> tuple[Minute, ...]:
    of_balancer = {id: found for id, found in series.items() if id in ("requests", "elb5xx", *_CODE_IDS)}
    moments = sorted({at for found in of_balancer.values() for at in found})
    return tuple(
        Minute(
            at=at,
            requests=int(of_balancer["requests"][at]) if at in of_balancer.get("requests", {}) else None,
            by_code={code: int(of_balancer[id][at]) for id, code in _CODE_IDS.items() if at in of_balancer.get(id, {})},
            failed=int(of_balancer.get("elb5xx", {}).get(at, 0)),
        )
        for at in moments
    )


def _group(n: int, group: TargetGroup, series: Series) -> GroupAnswers:
    def values(id: str) -> Sequence[float]:
        return tuple(series.get(f"{id}{n}", {}).values())

    return GroupAnswers(
        group=group.arn,
        target_5xx=int(sum(values("target5xx"))),
        connection_errors=int(sum(values("connection"))),
        p99_ms=round(1000 * max(values("late"))) if values("late") else None,
        slowest_ms=round(1000 * max(values("slowest"))) if values("slowest") else None,
    )


@reads(READS_STACK)
def stack(aws: Aws, scope: Scope, groups: tuple[TargetGroup, ...], backends: tuple[Backend, ...]) -> Stack:
    """The stack of what a fix would write to: the service that runs nothing, else the load balancer."""
    empty = at_zero(backends)
    service = empty[0].service if empty else None
    return owner_of(aws, service.arn if service else balancer_arn(scope, groups))
