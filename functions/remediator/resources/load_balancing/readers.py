"""Readers of a target group: targets, their health, host counts and traffic."""

from collections.abc import Mapping
from typing import Any

from ...core.errors import NotFound
from ...core.ports import Aws, Permission, Scope, reads
from ...core.timestamps import after, iso, moment
from ...redaction.redact import outside
from ..cloudwatch import query
from .model import TRAFFIC_PORT, TargetGroup, TargetState, Traffic
from .target_health import HealthProbeResult, HostCount, HostCounts

DAY_S = 24 * 3600  # how far back "healthy before" looks


DESCRIPTION_CHARS = 300
RECENT_S = 300


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


def group_of(response: Mapping[str, Any], targets: tuple[TargetState, ...], tags: Mapping[str, str]) -> TargetGroup:
    """A target group as DescribeTargetGroups gives it, with its targets and tags."""
    return TargetGroup(
        arn=response["TargetGroupArn"],
        load_balancers=tuple(response.get("LoadBalancerArns", ())),
        health_path=response.get("HealthCheckPath", ""),
        interval_s=response.get("HealthCheckIntervalSeconds", 30),
        timeout_s=response.get("HealthCheckTimeoutSeconds", 5),
        unhealthy_threshold=response.get("UnhealthyThresholdCount", 2),
        healthy_threshold=response.get("HealthyThresholdCount", 5),
        targets=targets,
        port=response.get("Port", 0),
        protocol=response.get("Protocol", ""),
        health_protocol=response.get("HealthCheckProtocol", ""),
        health_port=response.get("HealthCheckPort", TRAFFIC_PORT),
        matcher=response.get("Matcher", {}).get("HttpCode", ""),
        target_type=response.get("TargetType", ""),
        vpc=response.get("VpcId", ""),
        tags=tags,
    )


def target_of(response: Mapping[str, Any]) -> TargetState:
    """A target as DescribeTargetHealth gives it, its description redacted."""
    target, health = response["Target"], response["TargetHealth"]
    return TargetState(
        id=target["Id"],
        port=target.get("Port", 0),
        state=health["State"],
        reason=health.get("Reason", ""),
        description=outside(health.get("Description", ""), DESCRIPTION_CHARS),
        zone=target.get("AvailabilityZone", ""),
        health_port=response.get("HealthCheckPort", ""),
    )


@reads(Permission("cloudwatch:GetMetricData"))
def hosts_of_the_day(aws: Aws, scope: Scope, group: TargetGroup) -> HostCounts:
    """Healthy and unhealthy targets over the last 24 hours, to five minutes: where they changed, and the newest."""
    host_counts = _hosts(aws, scope, group, DAY_S, 300)
    return HostCounts(healthy=_changes(host_counts.healthy), unhealthy=_changes(host_counts.unhealthy))


def _changes(counts: tuple[HostCount, ...]) -> tuple[HostCount, ...]:
    """A whole day would fill the ledger's item."""
    began = (c for n, c in enumerate(counts) if n == 0 or counts[n - 1].hosts != c.hosts or n == len(counts) - 1)
    return tuple(began)


@reads(Permission("cloudwatch:GetMetricData"))
def hosts_lately(aws: Aws, scope: Scope, group: TargetGroup) -> HostCounts:
    """Healthy and unhealthy targets over the scope's window, every minute."""
    return _hosts(aws, scope, group, scope.window_s, 60)


def _hosts(aws: Aws, scope: Scope, group: TargetGroup, back_s: int, period_s: int) -> HostCounts:
    response = _metrics(
        aws,
        scope,
        back_s,
        [
            _metric("healthy", "HealthyHostCount", group, "Maximum", period_s),
            _metric("unhealthy", "UnHealthyHostCount", group, "Maximum", period_s),
        ],
    )
    return HostCounts(healthy=_counts(response.get("healthy", {})), unhealthy=_counts(response.get("unhealthy", {})))


def _counts(series: Mapping[str, Any]) -> tuple[HostCount, ...]:
    points = zip(series.get("Timestamps", ()), series.get("Values", ()), strict=True)
    return tuple(sorted((HostCount(at=iso(at), hosts=value) for at, value in points), key=lambda c: c.at))


@reads(Permission("cloudwatch:GetMetricData"))
def answers(aws: Aws, scope: Scope, group: TargetGroup) -> HealthProbeResult:
    """Who answered with 5xx, how many connections failed and how slow the slowest answer was, over the window."""
    response = _metrics(
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
    values = {id: series.get("Values", ()) for id, series in response.items()}
    slowest = values.get("slowest", ())
    return HealthProbeResult(
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
def group_traffic(aws: Aws, scope: Scope, group: TargetGroup) -> Traffic:
    """Requests and failures of the target group: 15 minutes before a change, the time since it afterwards."""
    return service_traffic(aws, scope, (group,))


@reads(Permission("cloudwatch:GetMetricData"))
def service_traffic(aws: Aws, scope: Scope, target_groups: tuple[TargetGroup, ...]) -> Traffic:
    """Requests and failures of the first target group: 15 minutes before a change, the time since it afterwards."""
    group = next((g for g in target_groups if g.load_balancers), None)
    if group is None:
        return Traffic(window_s=scope.window_s)
    balancer = {"LoadBalancer": group.load_balancers[0].split(":loadbalancer/", 1)[1]}
    both = {"TargetGroup": group.arn.rsplit(":", 1)[1], **balancer}
    answer = aws.call(
        "cloudwatch:GetMetricData",
        MetricDataQueries=[
            query("requests", "AWS/ApplicationELB", "RequestCount", both, "Sum"),
            query("target5xx", "AWS/ApplicationELB", "HTTPCode_Target_5XX_Count", both, "Sum"),
            query("elb5xx", "AWS/ApplicationELB", "HTTPCode_ELB_5XX_Count", balancer, "Sum"),
        ],
        StartTime=moment(after(scope.now, -scope.window_s)),
        EndTime=moment(scope.now),
    )
    recent_from = after(scope.now, -RECENT_S)
    whole, recent = _sums(answer, ""), _sums(answer, recent_from)
    return Traffic(
        window_s=scope.window_s,
        requests=whole.get("requests", 0),
        failed=whole.get("target5xx", 0) + whole.get("elb5xx", 0),
        recent_requests=recent.get("requests", 0),
        recent_failed=recent.get("target5xx", 0) + recent.get("elb5xx", 0),
    )


def _sums(answer: Mapping[str, Any], since: str) -> Mapping[str, int]:
    """The sum of each metric's datapoints from `since` on; a count that AWS does not emit is zero."""
    return {
        r["Id"]: int(sum(v for at, v in zip(r["Timestamps"], r["Values"], strict=True) if iso(at) >= since))
        for r in answer["MetricDataResults"]
    }
