"""Gates that look at others: AWS itself, the rest of what is watched, robots, and people at work. Pure."""

from collections.abc import Collection
from dataclasses import dataclass

from .callers import CallerKind
from .clocks import after, seconds_between
from .gates import ANOTHER_ROBOT, NOT_ONLY_US, PERSON_AT_WORK, Answer, Ask, Permit, Refusal
from .history import LAG_S, ApiEvent
from .text import Text, same

SAME_MOMENT_S = 120  # ours: a call, the deployment that it starts and its record are that far apart at most
FLEET_AT_LEAST = 4  # ours: "more than half" of fewer says nothing
COUNTED: Collection[CallerKind] = ("person", "pipeline", "unknown")  # services and our own roles never count
TOLD = 3  # ours: more than so many calls or names make no message clearer


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


@dataclass(frozen=True, slots=True, kw_only=True)
class RecentCalls:
    """Changes of the incident's resources as CloudTrail has them, newest first; nothing before `since` is known."""

    calls: tuple[ApiEvent, ...] = ()
    since: str = ""


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


def person_at_work(  # each is one fact of the gate
    recent: RecentCalls,
    rollouts: tuple[Rollout, ...],
    now: str,
    window_s: int,
    named_at: str = "",
    ours_at: Collection[str] = (),
) -> Answer:
    """Whether somebody has changed these resources lately: then a person is asked, and nothing is refused.

    CloudTrail is up to a quarter of an hour late, so a younger deployment counts although nobody knows whose it is.

    Args:
        recent: CloudTrail's calls.
        rollouts: of the service.
        now: ISO 8601.
        window_s: how long "lately" is.
        named_at: when the change began that the cause names and the plan takes back; empty where there is none.
        ours_at: moments of this program's own changes.
    """
    since = after(now, -window_s)
    if recent.since > since:
        return Ask(
            PERSON_AT_WORK,
            Text(
                f"who changed what is known from {recent.since} on only",
                f"変更履歴は {recent.since} 以降しか読めません",
            ),
        )
    known = [m for m in (named_at, *ours_at) if m]
    calls = [c for c in recent.calls if c.at >= since and c.kind in COUNTED and not _same_moment(c.at, (named_at,))]
    if calls:
        told = "; ".join(f"{c.name} {c.at[11:16]} UTC {c.by}" for c in calls[:TOLD])
        return Ask(PERSON_AT_WORK, Text("changed lately by others: ", "直近に他者による変更があります: ") + same(told))
    young = [r for r in rollouts if r.created_at >= after(now, -min(LAG_S, window_s))]
    whose = [r for r in young if not r.rolling_back and not _same_moment(r.created_at, known)]
    if whose:
        at = whose[0].created_at[11:16]
        return Ask(
            PERSON_AT_WORK,
            Text(
                f"a deployment began at {at} UTC and nobody knows yet whose it is",
                f"{at} UTC に開始したデプロイの実行者がまだ分かりません",
            ),
        )
    return Permit(PERSON_AT_WORK)


def another_robot(rollouts: tuple[Rollout, ...], scaling: str, named_at: str = "") -> Answer:
    """Whether AWS is changing the written resource itself right now: then it is watched, not helped.

    Args:
        rollouts: of the service, where one is written to.
        scaling: what autoscaling is doing with it, empty where nothing.
        named_at: when the deployment began that the cause names: that one is the trouble, not a robot.
    """
    if scaling:
        return _robot(Text("autoscaling is changing it: ", "Auto Scaling が変更中です: ") + same(scaling))
    if any(r.rolling_back for r in rollouts):
        return _robot(Text("ECS is rolling a deployment back", "ECS がデプロイをロールバック中です"))
    if any(r.going_on and r.rolls_back and not _same_moment(r.created_at, (named_at,)) for r in rollouts):
        return _robot(
            Text(
                "a deployment is going on that takes itself back if it fails",
                "失敗時に自動でロールバックするデプロイが進行中です",
            )
        )
    return Permit(ANOTHER_ROBOT)


def not_only_us(health: AwsHealth, ill: Collection[str], watched: int, services: Collection[str]) -> Answer:
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
        told = "; ".join(f"{i.code} {i.region} {i.since[:16]}" for i in concerned[:TOLD])
        return Refusal(NOT_ONLY_US, Text("AWS has an open issue: ", "AWS 側で障害が発生中です: ") + same(told))
    return Permit(NOT_ONLY_US, health.not_asked)


HEALTH_SERVICES = {
    "ecs_service": ("ECS", "FARGATE", "EC2", "ELASTICLOADBALANCING", "ECR"),
    "target_group": ("ELASTICLOADBALANCING", "EC2", "ECS", "FARGATE"),
    "load_balancer": ("ELASTICLOADBALANCING", "EC2"),
    "table": ("DYNAMODB",),
    "distribution": ("CLOUDFRONT", "S3"),
    "bucket": ("S3", "CLOUDFRONT"),
}  # AWS Health, DescribeEventTypes: its services' names


def _robot(why: Text) -> Refusal:
    return Refusal(ANOTHER_ROBOT, why)


def _same_moment(at: str, moments: Collection[str]) -> bool:
    return any(m and abs(seconds_between(m, at)) <= SAME_MOMENT_S for m in moments)
