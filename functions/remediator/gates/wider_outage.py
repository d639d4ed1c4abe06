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
from .answers import SAID_CHARS, TOLD, GateAnswer, Permit, Refusal
from .gate import FIXES, Check, Gate, GateFacts, Given, resting_on

NAME = "wider_outage"
FLEET_AT_LEAST = 4  # ours: "more than half" of fewer says nothing
ISSUES_READ = 20
_TITLE = Text("wider outage", "広範囲の障害")


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


@dataclass(frozen=True, slots=True)
class UnhealthyWorkloads:
    """Watched workloads that have an open incident, and how many workloads are watched."""

    names: tuple[str, ...]
    watched: int


UNHEALTHY: Given[UnhealthyWorkloads] = Given("unhealthy workloads", "ledger (dynamodb:BatchGetItem)")


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
            NAME,
            Text(
                f"{len(ill)} of {watched} watched workloads are ill ({listed}): the cause is hardly in this one",
                f"監視対象 {watched} 件のうち {len(ill)} 件で障害が発生中（{listed}）。個別の原因とは考えにくい状況です",
            ),
        )
    concerned = [i for i in health.issues if i.service in services]
    if concerned:
        text = "; ".join(f"{i.code} {i.region} {i.since[:16]}" for i in concerned[:TOLD])
        return Refusal(NAME, Text("AWS has an open issue: ", "AWS 側で障害が発生中です: ") + same(text))
    return Permit(NAME, health.not_asked)


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


def _judge(facts: GateFacts) -> tuple[GateAnswer, ...]:
    workloads, health = facts.get(UNHEALTHY), facts.get(aws_health)
    services = kind_of(facts.plan.resource).health_services
    share = Text("watched workloads with an open incident", "未解決のインシデントがある監視対象ワークロード")
    counted = facts.reading(UNHEALTHY).fact(share, f"{len(workloads.names)} / {workloads.watched}")
    issues = facts.reading(aws_health).fact(
        Text("open issues of AWS Health", "AWS Health の未解決の問題"), _shown(health)
    )
    answer = wider_outage(health, workloads.names, workloads.watched, services)
    return (resting_on(answer, counted, issues),)


def _shown(health: AwsHealth) -> str:
    if health.not_asked:
        return "-"
    return "; ".join(f"{i.code} {i.region}" for i in health.issues[:TOLD]) or "0"


GATE = Gate(
    name=NAME,
    title=_TITLE,
    judge=_judge,
    asked_of=FIXES,
    escalates=True,
    checks=(
        Check(
            title=_TITLE,
            permits=Text(
                "AWS Health has no open issue of the plan's services; at most half of the watched workloads are ill",
                "計画で扱うサービスについて AWS Health に未解決の問題がなく、監視対象のワークロードのうち異常なものが半数以下",
            ),
            asks=Text("the ledger cannot be read", "台帳を読めない"),
            refuses=Text("otherwise; told on the high topic", "それ以外（トピック `high` に知らせる）"),
            read_from=(aws_health.source, UNHEALTHY.source),
        ),
    ),
)
