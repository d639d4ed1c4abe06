"""Readers of a service that is asked to run nothing: who owns its count, what ran before, and who set it."""

import json
from collections.abc import Mapping
from typing import Any

from ...core.clocks import after, iso, moment
from ...core.edge import Aws, Permission, Scope, reads
from ...core.errors import Rejected
from ...core.gateway import Backend, CountBounds, CountSchedule, CountSet, at_zero
from ...core.load_balancing import TargetGroup
from ...core.redact import outside
from ...core.target_health import HostCounts
from .load_balancing import hosts_of_the_day

DAY_S = 24 * 3600
CALLS_READ = 100  # two pages: LookupEvents allows two calls a second
NAME_CHARS = 120
# Whom CloudTrail names where Application Auto Scaling sets a count. Source: AWS, its guide on service-linked roles.
AUTOSCALING = ("application-autoscaling.amazonaws.com", "AWSServiceRoleForApplicationAutoScaling")


@reads(Permission("application-autoscaling:DescribeScalableTargets"))
def bounds(aws: Aws, scope: Scope, backends: tuple[Backend, ...]) -> tuple[CountBounds, ...]:
    """For each service at zero: whether autoscaling owns its count, between which bounds, and what of it is suspended."""
    del scope
    named = {_resource_id(b): b for b in at_zero(backends)}
    if not named:
        return ()
    told = aws.call(
        "application-autoscaling:DescribeScalableTargets",
        ServiceNamespace="ecs",
        ResourceIds=list(named),
        ScalableDimension="ecs:service:DesiredCount",
    )["ScalableTargets"]
    found = {t["ResourceId"]: t for t in told}
    return tuple(_bounds(b, found.get(id)) for id, b in named.items())


def _bounds(backend: Backend, told: Mapping[str, Any] | None) -> CountBounds:
    if told is None:
        return CountBounds(service=_arn(backend))
    suspended = tuple(sorted(name for name, on in told.get("SuspendedState", {}).items() if on))
    return CountBounds(
        service=_arn(backend),
        owned=True,
        minimum=told["MinCapacity"],
        maximum=told["MaxCapacity"],
        suspended=suspended,
    )


@reads(Permission("application-autoscaling:DescribeScheduledActions"))
def schedules(aws: Aws, scope: Scope, backends: tuple[Backend, ...]) -> tuple[CountSchedule, ...]:
    """Every scheduled action on the count of a service at zero."""
    del scope
    return tuple(
        CountSchedule(
            service=_arn(b),
            name=outside(a["ScheduledActionName"], NAME_CHARS),
            when=outside(a.get("Schedule", ""), NAME_CHARS),
            minimum=a.get("ScalableTargetAction", {}).get("MinCapacity"),
            maximum=a.get("ScalableTargetAction", {}).get("MaxCapacity"),
        )
        for b in at_zero(backends)
        for a in aws.call(
            "application-autoscaling:DescribeScheduledActions",
            ServiceNamespace="ecs",
            ResourceId=_resource_id(b),
            ScalableDimension="ecs:service:DesiredCount",
        )["ScheduledActions"]
    )


@reads(Permission("cloudwatch:GetMetricData"))
def hosts_before_zero(
    aws: Aws, scope: Scope, groups: tuple[TargetGroup, ...], backends: tuple[Backend, ...]
) -> HostCounts:
    """Healthy targets of the last day of the group whose service runs nothing; none where there is no such service."""
    empty = {b.group for b in at_zero(backends)}
    group = next((g for g in groups if g.arn in empty), None)
    return hosts_of_the_day(aws, scope, group) if group else HostCounts()


@reads(Permission("cloudtrail:LookupEvents"))
def count_sets(aws: Aws, scope: Scope, backends: tuple[Backend, ...]) -> tuple[CountSet, ...]:
    """Who set the count of a service at zero within the last day, newest first.

    CloudTrail's history has an event some minutes after the call, and names no service among its resources, so all
    UpdateService calls are looked through.

    Raises:
        Rejected: there were more than are read, and none of them set a count to zero.
    """
    empty = at_zero(backends)
    if not empty:
        return ()
    told = aws.pages(
        "cloudtrail:LookupEvents",
        "Events",
        CALLS_READ,
        LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "UpdateService"}],
        StartTime=moment(after(scope.now, -DAY_S)),
        EndTime=moment(scope.now),
    )
    found = [s for e in told for b in empty if (s := _count_set(e, b))]
    if len(told) >= CALLS_READ and not any(s.count == 0 for s in found):
        raise Rejected("cloudtrail:LookupEvents", "TooMany", f"more than {CALLS_READ} UpdateService calls in a day")
    return tuple(sorted(found, key=lambda s: s.at, reverse=True))


def _count_set(event: Mapping[str, Any], backend: Backend) -> CountSet | None:
    if event.get("EventName") != "UpdateService":
        return None
    record = json.loads(event.get("CloudTrailEvent", "{}"))
    asked, service = record.get("requestParameters") or {}, backend.service
    named = str(asked.get("service", "")).rsplit("/", 1)[-1]
    cluster = str(asked.get("cluster", "default")).rsplit("/", 1)[-1]
    if service is None or "desiredCount" not in asked or (cluster, named) != (service.cluster, service.name):
        return None
    if record.get("errorCode"):
        return None
    who = record.get("userIdentity", {})
    said = " ".join(str(who.get(name, "")) for name in ("arn", "invokedBy"))
    return CountSet(
        service=service.arn,
        at=iso(event["EventTime"]),
        count=int(asked["desiredCount"]),
        by=outside(event.get("Username") or str(who.get("arn", "")), NAME_CHARS),
        by_autoscaling=any(name in said for name in AUTOSCALING),
    )


def _arn(backend: Backend) -> str:
    return backend.service.arn if backend.service else ""


def _resource_id(backend: Backend) -> str:
    service = backend.service
    return f"service/{service.cluster}/{service.name}" if service else ""
