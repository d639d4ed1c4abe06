"""Readers of a service that is asked to run nothing: who owns its count, what ran before, and who set it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ...core.model import Resource
from ...core.ports import Aws, Permission, Scope, reads
from ...redaction.redact import outside
from ...resources.cloudtrail.history import ApiEvent
from ...resources.cloudtrail.readers import history as window
from ...resources.ecs.backends import Backend, at_zero, services
from ...resources.ecs.model import Service
from ...resources.load_balancing.model import TargetGroup
from ...resources.load_balancing.readers import hosts_of_the_day
from ...resources.load_balancing.target_health import HostCounts
from .model import CountBounds, CountSchedule, CountSet, CountSets

NAME_CHARS = 120


@reads(Permission("application-autoscaling:DescribeScalableTargets"))
def bounds(aws: Aws, scope: Scope, backends: tuple[Backend, ...]) -> tuple[CountBounds, ...]:
    """For each service at zero: whether autoscaling owns its count, between which bounds, and what of it is suspended."""
    del scope
    named = {_resource_id(b): b for b in at_zero(backends)}
    if not named:
        return ()
    result = aws.call(
        "application-autoscaling:DescribeScalableTargets",
        ServiceNamespace="ecs",
        ResourceIds=list(named),
        ScalableDimension="ecs:service:DesiredCount",
    )["ScalableTargets"]
    found = {t["ResourceId"]: t for t in result}
    return tuple(_bounds(b, found.get(id)) for id, b in named.items())


def _bounds(backend: Backend, response: Mapping[str, Any] | None) -> CountBounds:
    if response is None:
        return CountBounds(service=_arn(backend))
    suspended = tuple(sorted(name for name, on in response.get("SuspendedState", {}).items() if on))
    return CountBounds(
        service=_arn(backend),
        owned=True,
        minimum=response["MinCapacity"],
        maximum=response["MaxCapacity"],
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
def count_sets(aws: Aws, scope: Scope, backends: tuple[Backend, ...]) -> CountSets:
    """Who set the count of a service at zero, from the hour before the incident until now."""
    empty = services(at_zero(backends))
    if not empty:
        return CountSets()
    of = replace(scope.incident, resource=Resource("ecs_service", empty[0].arn))
    history = window(aws, replace(scope, incident=of))
    return CountSets(
        calls=tuple(_count_set(e, s) for s in empty for e in history.events if _sets(e, s)),
        since=history.since,
        settled_until=history.settled_until,
        complete=history.complete,
    )


def _sets(event: ApiEvent, service: Service) -> bool:
    named = event.concerns((service.name, service.arn)) and "desiredCount" in event.parameters
    return event.name == "UpdateService" and not event.error_code and named


def _count_set(event: ApiEvent, service: Service) -> CountSet:
    return CountSet(
        service=service.arn,
        at=event.at,
        count=int(event.parameters["desiredCount"]),
        by=event.by,
        of_nobody=event.kind in ("service", "ours"),
    )


def _arn(backend: Backend) -> str:
    return backend.service.arn if backend.service else ""


def _resource_id(backend: Backend) -> str:
    service = backend.service
    return f"service/{service.cluster}/{service.name}" if service else ""
