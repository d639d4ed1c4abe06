"""Readers for the gates that look at others: who changed these resources lately, what AWS itself is doing with them."""

from collections.abc import Mapping
from typing import Any

from ...core.clocks import after, iso
from ...core.edge import GLOBAL_REGION, Aws, Permission, Scope, reads
from ...core.errors import NotFound, RemediatorError
from ...core.history import BEFORE_S, History, changes
from ...core.others import HEALTH_SERVICES, AwsHealth, OpenIssue, RecentCalls, Rollout
from ...core.redact import outside
from ...core.text import Text
from .history import names_of, window

ROLLS_BACK = "rolling back"  # AWS, ECS, circuit breaker: the rolloutStateReason of the deployment that it goes back to
GOING = ("Pending", "InProgress")  # AWS, Application Auto Scaling: a scaling activity that has not ended
BEFORE_A_SERVICE = ("target_group", "load_balancer")
SAID_CHARS = 120
ISSUES_READ = 20


@reads(Permission("cloudtrail:LookupEvents"))
def recent_calls(aws: Aws, scope: Scope) -> RecentCalls:
    """Changes of the written resource and its workload in its own region."""
    return _recent(window(aws, scope, scope.incident.resource.region or "home"), scope)


@reads(Permission("cloudtrail:LookupEvents", region=GLOBAL_REGION))
def recent_global_calls(aws: Aws, scope: Scope) -> RecentCalls:
    """The same of a distribution, whose calls are recorded in us-east-1; nothing of anything else."""
    if scope.incident.resource.kind != "distribution":
        return RecentCalls()
    return _recent(window(aws, scope, GLOBAL_REGION), scope)


def _recent(read: History, scope: Scope) -> RecentCalls:
    begins = read.since or after(scope.incident.opened_at, -BEFORE_S)
    if read.cut and read.events:  # the newest ones are there: nothing is known before the oldest of them
        begins = max(begins, read.events[-1].at)
    return RecentCalls(calls=changes(read, names_of(scope)), since=begins)


@reads(Permission("ecs:DescribeServices"))
def rollouts(aws: Aws, scope: Scope) -> tuple[Rollout, ...]:
    """Deployments of the service that is written to, or that stands behind the target group or load balancer."""
    resource, workload = scope.incident.resource, scope.workload
    if resource.kind == "ecs_service":
        cluster, name = resource.cluster, resource.name
    elif resource.kind in BEFORE_A_SERVICE and workload and workload.service:
        cluster, name = workload.cluster, workload.service
    else:
        return ()
    found = aws.call("ecs:DescribeServices", cluster=cluster, services=[name])["services"]
    if not found:
        raise NotFound(f"ecs:DescribeServices: no service {name} in {cluster}")
    rolls_back = _rolls_back(found[0].get("deploymentConfiguration", {}))
    return tuple(_rollout(told, rolls_back=rolls_back) for told in found[0].get("deployments", ()))


def _rolls_back(configuration: Mapping[str, Any]) -> bool:
    both = (configuration.get("deploymentCircuitBreaker", {}), configuration.get("alarms", {}))
    return any(one.get("enable") and one.get("rollback") for one in both)


def _rollout(told: Mapping[str, Any], *, rolls_back: bool) -> Rollout:
    made = told.get("createdAt")
    going_on = told.get("rolloutState") == "IN_PROGRESS"
    back = going_on and ROLLS_BACK in str(told.get("rolloutStateReason", ""))
    return Rollout(created_at=iso(made) if made else "", going_on=going_on, rolls_back=rolls_back, rolling_back=back)


@reads(Permission("application-autoscaling:DescribeScalingActivities"))
def scaling(aws: Aws, scope: Scope) -> str:
    """What autoscaling is doing right now with the service or table that is written to; empty where nothing."""
    resource = scope.incident.resource
    if resource.kind == "ecs_service":
        space, id = "ecs", f"service/{resource.cluster}/{resource.name}"
    elif resource.kind == "table":
        space, id = "dynamodb", resource.path  # with its index, if it is one: as autoscaling names them
    else:
        return ""
    told = aws.call(
        "application-autoscaling:DescribeScalingActivities", ServiceNamespace=space, ResourceId=id, MaxResults=5
    )
    going = next((a for a in told["ScalingActivities"] if a["StatusCode"] in GOING), None)
    return outside(str(going.get("Description") or "scaling"), SAID_CHARS) if going else ""


@reads(Permission("health:DescribeEvents", region=GLOBAL_REGION))
def aws_health(aws: Aws, scope: Scope) -> AwsHealth:
    """Open issues of AWS in the written resource's region; a gap with its name is no failure here.

    Source: AWS Health, DescribeEvents; its endpoint is in us-east-1.
    """
    if not scope.settings.aws_health:
        return AwsHealth(
            not_asked=Text("AWS Health is not asked (aws_health)", "AWS Health は参照しません（aws_health）")
        )
    resource = scope.incident.resource
    services = HEALTH_SERVICES.get(resource.kind, ())
    wanted: dict[str, Any] = {"eventTypeCategories": ["issue"], "eventStatusCodes": ["open"]}
    wanted |= {"services": list(services)} if services else {}
    wanted |= {"regions": [resource.region, "global"]} if resource.region else {}
    try:
        told = aws.call("health:DescribeEvents", filter=wanted, maxResults=ISSUES_READ)["events"]
        return AwsHealth(issues=tuple(map(_issue, told)))
    except (RemediatorError, KeyError, TypeError) as error:
        why = outside(str(error), SAID_CHARS)
        return AwsHealth(not_asked=Text(f"AWS Health gave no answer: {why}", f"AWS Health から回答がありません: {why}"))


def _issue(told: Mapping[str, Any]) -> OpenIssue:
    return OpenIssue(
        code=outside(str(told.get("eventTypeCode", "")), SAID_CHARS),
        service=str(told.get("service", "")),
        region=str(told.get("region", "")),
        since=iso(told["startTime"]) if told.get("startTime") else "",
    )
