"""Gate: other automation is changing the resource (a deployment, autoscaling); and its readers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..core.errors import NotFound
from ..core.ports import Aws, Permission, Scope, reads
from ..core.text import Text, same
from ..core.timestamps import iso
from ..redaction.redact import outside
from ..resources.ecs.kind import deployed_service
from ..resources.kinds import kind_of
from .answers import SAID_CHARS, GateAnswer, Permit, Refusal, same_moment
from .gate import FIXES_AND_RECOVERIES, Check, Gate, GateFacts, resting_on

NAME = "automation_in_progress"
ROLLS_BACK = "rolling back"  # AWS, ECS, circuit breaker: the rolloutStateReason of the deployment that it goes back to
GOING = ("Pending", "InProgress")  # AWS, Application Auto Scaling: a scaling activity that has not ended
_TITLE = Text("other automation", "他の自動処理")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rollout:
    """A deployment of the service that is written to, or that stands beside what is written to.

    Attributes:
        going_on: not yet completed or failed.
        rolls_back: a circuit breaker or an alarm takes it back by itself.
        rolling_back: that is what it is doing.
    """

    created_at: str
    going_on: bool = False
    rolls_back: bool = False
    rolling_back: bool = False


def automation_in_progress(rollouts: tuple[Rollout, ...], scaling: str, named_at: str = "") -> GateAnswer:
    """Whether AWS is changing the written resource itself right now: then it is watched, not helped.

    Args:
        rollouts: of the service, where one is written to.
        scaling: what autoscaling is doing with it, empty where nothing.
        named_at: when the deployment began that the cause names: that one is the trouble itself.
    """
    if scaling:
        return _in_progress(Text("autoscaling is changing it: ", "Auto Scaling が変更中です: ") + same(scaling))
    if any(r.rolling_back for r in rollouts):
        return _in_progress(Text("ECS is rolling a deployment back", "ECS がデプロイをロールバック中です"))
    if any(r.going_on and r.rolls_back and not same_moment(r.created_at, (named_at,)) for r in rollouts):
        return _in_progress(
            Text(
                "a deployment is going on that takes itself back if it fails",
                "失敗時に自動でロールバックするデプロイが進行中です",
            )
        )
    return Permit(NAME)


def _in_progress(why: Text) -> Refusal:
    return Refusal(NAME, why)


@reads(Permission("ecs:DescribeServices"))
def rollouts(aws: Aws, scope: Scope) -> tuple[Rollout, ...]:
    """Deployments of the service that is written to, or that stands behind the target group or load balancer."""
    service = deployed_service(scope.incident.resource, scope.workload)
    if service is None:
        return ()
    cluster, name = service.cluster, service.name
    found = aws.call("ecs:DescribeServices", cluster=cluster, services=[name])["services"]
    if not found:
        raise NotFound(f"ecs:DescribeServices: no service {name} in {cluster}")
    rolls_back = _rolls_back(found[0].get("deploymentConfiguration", {}))
    return tuple(_rollout(result, rolls_back=rolls_back) for result in found[0].get("deployments", ()))


def _rolls_back(configuration: Mapping[str, Any]) -> bool:
    both = (configuration.get("deploymentCircuitBreaker", {}), configuration.get("alarms", {}))
    return any(one.get("enable") and one.get("rollback") for one in both)


def _rollout(response: Mapping[str, Any], *, rolls_back: bool) -> Rollout:
    made = response.get("createdAt")
    going_on = response.get("rolloutState") == "IN_PROGRESS"
    back = going_on and ROLLS_BACK in str(response.get("rolloutStateReason", ""))
    return Rollout(created_at=iso(made) if made else "", going_on=going_on, rolls_back=rolls_back, rolling_back=back)


@reads(Permission("application-autoscaling:DescribeScalingActivities"))
def scaling(aws: Aws, scope: Scope) -> str:
    """What autoscaling is doing right now with the service or table that is written to; empty where nothing."""
    resource = scope.incident.resource
    target = kind_of(resource).scalable_target
    if target is None:
        return ""
    space, id = target(resource)
    response = aws.call(
        "application-autoscaling:DescribeScalingActivities", ServiceNamespace=space, ResourceId=id, MaxResults=5
    )
    going = next((a for a in response["ScalingActivities"] if a["StatusCode"] in GOING), None)
    return outside(str(going.get("Description") or "scaling"), SAID_CHARS) if going else ""


def _judge(facts: GateFacts) -> tuple[GateAnswer, ...]:
    of_service = kind_of(facts.plan.resource).deployments == "own"
    deployments = facts.get(rollouts) if of_service else ()
    activity = facts.get(scaling)
    going = sum(r.going_on for r in deployments)
    label = Text("deployments in progress", "進行中のデプロイ")
    seen = (facts.reading(rollouts).fact(label, f"{going} / {len(deployments)}"),) if of_service else ()
    label = Text("autoscaling activity", "Auto Scaling の動作")
    answer = automation_in_progress(deployments, activity, facts.plan.named_at)
    return (resting_on(answer, *seen, facts.reading(scaling).fact(label, activity or "-")),)


GATE = Gate(
    name=NAME,
    title=_TITLE,
    judge=_judge,
    asked_of=FIXES_AND_RECOVERIES,
    checks=(
        Check(
            title=_TITLE,
            permits=Text("autoscaling and rollbacks are at rest", "Auto Scaling もロールバックも動作していない"),
            asks=Text("unreadable", "読めない"),
            refuses=Text("one is at work: the program watches", "動作中（プログラムは監視を続ける）"),
            read_from=(rollouts.source, scaling.source),
        ),
    ),
)
