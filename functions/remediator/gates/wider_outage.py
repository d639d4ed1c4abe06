"""Gate: AWS Health has an open issue, or most of the watched workloads are unhealthy; and its reader."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from ..core.errors import RemediatorError
from ..core.ports import GLOBAL_REGION, Aws, Permission, Scope, reads
from ..core.text import Text, same
from ..core.timestamps import iso
from ..redaction.redact import outside
from ..resources.kinds import kind_of
from .answers import NOT_ONLY_US, SAID_CHARS, TOLD, GateAnswer, Permit, Refusal

FLEET_AT_LEAST = 4  # ours: "more than half" of fewer says nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenIssue:
    """One open issue of AWS Health, as DescribeEvents tells it."""

    code: str
    service: str
    region: str
    since: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AwsHealth:
    """Open issues of the services in use; where it was not asked, `not_asked` says why."""

    issues: tuple[OpenIssue, ...] = ()
    not_asked: Text | None = None


def wider_outage(health: AwsHealth, ill: Collection[str], watched: int, services: Collection[str]) -> GateAnswer:
    """Whether the trouble is AWS's, or everybody's: then nothing is changed and people are called.

    Args:
        health: what AWS Health tells. Where it cannot be asked, the gate says so and lets the change through.
        ill: watched workloads with an open incident.
        watched: how many there are.
        services: AWS Health's names of the services that the plan is about.
    """
    if watched >= FLEET_AT_LEAST and 2 * len(ill) > watched:
        listed = ", ".join(sorted(ill)[:TOLD])
        return Refusal(
            NOT_ONLY_US,
            Text(
                f"{len(ill)} of {watched} watched workloads are ill ({listed}): the cause is hardly in this one",
                f"監視対象 {watched} 件のうち {len(ill)} 件で障害が発生中（{listed}）。個別の原因とは考えにくい状況です",
            ),
        )
    concerned = [i for i in health.issues if i.service in services]
    if concerned:
        text = "; ".join(f"{i.code} {i.region} {i.since[:16]}" for i in concerned[:TOLD])
        return Refusal(NOT_ONLY_US, Text("AWS has an open issue: ", "AWS 側で障害が発生中です: ") + same(text))
    return Permit(NOT_ONLY_US, health.not_asked)


ISSUES_READ = 20


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
    services = kind_of(resource).health_services
    wanted: dict[str, Any] = {"eventTypeCategories": ["issue"], "eventStatusCodes": ["open"]}
    wanted |= {"services": list(services)} if services else {}
    wanted |= {"regions": [resource.region, "global"]} if resource.region else {}
    try:
        found = aws.call("health:DescribeEvents", filter=wanted, maxResults=ISSUES_READ)["events"]
        return AwsHealth(issues=tuple(map(_issue, found)))
    except (RemediatorError, KeyError, TypeError) as error:
        why = outside(str(error), SAID_CHARS)
        return AwsHealth(not_asked=Text(f"AWS Health gave no answer: {why}", f"AWS Health から回答がありません: {why}"))


def _issue(response: Mapping[str, Any]) -> OpenIssue:
    return OpenIssue(
        code=outside(str(response.get("eventTypeCode", "")), SAID_CHARS),
        service=str(response.get("service", "")),
        region=str(response.get("region", "")),
        since=iso(response["startTime"]) if response.get("startTime") else "",
    )
