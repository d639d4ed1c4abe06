"""Readers of response times: of a target group or load balancer, and by Availability Zone."""

from collections.abc import Mapping
from typing import Any

from ...core.errors import NotFound
from ...core.ports import Aws, Permission, Scope, reads
from ...core.timestamps import after, iso, moment
from ..cloudwatch import query
from .latency import TARGET_MS, Minute, ResponseTimes
from .model import TargetGroup

BEFORE_S = 3600


ZONES_READ = 6


STATISTIC = "p99"  # as in the stack's alarm: what set it off is what must end


Series = Mapping[str, Mapping[str, float]]  # id -> start of the minute -> value


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
    found = series(aws, scope, asked, scope.window_s)
    target_ms = (scope.workload.latency_target_ms if scope.workload else 0) or TARGET_MS
    worst = max(range(len(used)), key=lambda n: _slowness(found.get(f"late{n}", {}), target_ms))
    group, moments = used[worst], sorted({*found.get(f"late{worst}", {}), *found.get(f"asked{worst}", {})})
    return ResponseTimes(
        group=group.arn,
        target_ms=target_ms,
        minutes=tuple(
            Minute(
                at=at,
                late_ms=_ms(found.get(f"late{worst}", {}).get(at)),
                requests=int(found.get(f"asked{worst}", {}).get(at, 0)),
            )
            for at in moments
        ),
        before_ms=_before(aws, scope, group),
        balancer=group.load_balancers[0],
        cut_off=int(sum(found.get(f"cut{worst}", {}).values())),
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
    found = series(aws, scope, [asked], BEFORE_S, end)
    return _ms(max(found.get("before", {}).values(), default=None))


def _zones(aws: Aws, scope: Scope, group: TargetGroup) -> Mapping[str, Mapping[str, float]]:
    response = aws.call("elasticloadbalancing:DescribeLoadBalancers", LoadBalancerArns=[group.load_balancers[0]])
    zones = sorted(z["ZoneName"] for z in response["LoadBalancers"][0].get("AvailabilityZones", ()))[:ZONES_READ]
    if len(zones) < 2:
        return {}
    named = _dimensions(group)
    asked = [
        query(f"zone{n}", "AWS/ApplicationELB", "TargetResponseTime", {**named, "AvailabilityZone": zone}, STATISTIC)
        for n, zone in enumerate(zones)
    ]
    read = series(aws, scope, asked, scope.window_s)
    return {z: {at: 1000 * v for at, v in read.get(f"zone{n}", {}).items()} for n, z in enumerate(zones)}


def series(aws: Aws, scope: Scope, queries: list[Mapping[str, Any]], back_s: int, end: str = "") -> Series:
    """The metric series of `queries` by id, over `back_s` seconds up to `end` (now by default)."""
    end = end or scope.now
    found = aws.call(
        "cloudwatch:GetMetricData",
        MetricDataQueries=queries,
        StartTime=moment(after(end, -back_s)).replace(second=0, microsecond=0),
        EndTime=moment(end),
    )["MetricDataResults"]
    return {r["Id"]: {iso(at): v for at, v in zip(r["Timestamps"], r["Values"], strict=True)} for r in found}


def _ms(seconds: float | None) -> float | None:
    return None if seconds is None else round(1000 * seconds, 1)
