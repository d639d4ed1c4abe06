"""Evidence of `alb_gateway_errors` built by hand: a load balancer that serves, to which each test does one thing."""

from dataclasses import replace
from typing import Any

from remediator.core.timestamps import after
from remediator.problems.alb_gateway_errors.evidence import Evidence
from remediator.problems.alb_gateway_errors.evidence import Outcome as After
from remediator.problems.alb_gateway_errors.model import (
    CountBounds,
    CountSet,
    CountSets,
    Gateway,
    GatewayAnswers,
    GroupAnswers,
    Minute,
)
from remediator.resources.cloudformation import Stack
from remediator.resources.ecs.backends import Backend, Behind
from remediator.resources.ecs.model import Deployment, TaskStop
from remediator.resources.endpoint import Endpoint
from remediator.resources.load_balancing.target_health import HostCount, HostCounts
from tests.problems.alb_targets_unhealthy.samples import BALANCER_ARN, GROUP_ARN, gap, group, known, readings, service
from tests.samples import NOW, SERVICE_ARN

__all__ = ["BALANCER_ARN", "GROUP_ARN", "gap", "known"]


def minute(back: int, requests: int | None = 1200, **codes: int) -> Minute:
    """The minute that began so many minutes ago; `c502=12` for twelve answers of 502."""
    by_code = {name[1:]: n for name, n in codes.items()}
    return Minute(at=after(NOW, -60 * back), requests=requests, by_code=by_code, failed=sum(by_code.values()))


def answers(*, ago: int = 0, target_5xx: int = 0, p99_ms: int | None = 45, **codes: int) -> GatewayAnswers:
    """Ten minutes, each with so many answers of each code, the newest of them `ago` minutes ago."""
    minutes = tuple(minute(back, **(codes if back > ago else {})) for back in range(15, 0, -1))
    group_answers = GroupAnswers(group=GROUP_ARN, target_5xx=target_5xx, p99_ms=p99_ms, slowest_ms=p99_ms)
    return GatewayAnswers(minutes=minutes, groups=(group_answers,))


def backend(**changes: Any) -> Backend:
    tags = {"auto-remediation": "auto"}
    return Backend(group=GROUP_ARN, behind=Behind(managed=True, service=service(tags=tags, **changes)))


def release(minutes_ago: int, rollout: str = "IN_PROGRESS") -> tuple[Deployment, ...]:
    began = after(NOW, -60 * minutes_ago)
    return (Deployment(id="ecs-svc/2", status="PRIMARY", task_definition="x:2", rollout=rollout, created_at=began),)


def stop(minutes_ago: float = 1, **changes: Any) -> TaskStop:
    at = after(NOW, -60 * minutes_ago)
    ended = TaskStop(
        task_arn=f"arn:aws:ecs:ap-northeast-1:123456789012:task/portfolio-cluster/{minutes_ago}",
        group="service:portfolio-api-service",
        stop_code="EssentialContainerExited",
        reason="OutOfMemoryError: container killed",
        started_at=after(at, -60),
        stopped_at=at,
    )
    return replace(ended, **changes)


def hosts(*counts: float, newest_minutes_ago: float = 5) -> HostCounts:
    """Healthy targets every five minutes, the newest so many minutes ago."""
    newest = -60 * newest_minutes_ago
    back = range(len(counts) - 1, -1, -1)
    points = zip(back, counts, strict=True)
    return HostCounts(healthy=tuple(HostCount(at=after(NOW, newest - 300 * n), hosts=c) for n, c in points))


def bounds(minimum: int = 2, maximum: int = 6, **changes: Any) -> CountBounds:
    return replace(CountBounds(service=SERVICE_ARN, owned=True, minimum=minimum, maximum=maximum), **changes)


def sets(*calls: CountSet) -> CountSets:
    """Who set counts in the hour before; of the newest 15 minutes nothing is settled."""
    return CountSets(calls=calls, since=after(NOW, -3600), settled_until=after(NOW, -900), complete=True)


def evidence(**changes: Any) -> Evidence:
    whole = Evidence(
        groups=known((group(),)),
        gateway=known(Gateway(arn=BALANCER_ARN, tags={"auto-remediation": "auto"})),
        backends=known((backend(),)),
        answers=known(answers()),
        stops=known(()),
        bounds=known(()),
        schedules=known(()),
        hosts=known(HostCounts()),
        count_sets=known(CountSets()),
        stack=known(Stack()),
    )
    return replace(whole, **readings(changes))


def at_zero(**changes: Any) -> Evidence:
    """The service runs nothing, autoscaling's minimum is two, and it is long known that nobody wanted it."""
    nothing = {
        "answers": answers(c503=1200),
        "groups": (group(targets=()),),
        "backends": (backend(desired=0, running=0),),
        "bounds": (bounds(),),
        "hosts": hosts(3, 3, 3, 3, 1, newest_minutes_ago=30),
        "count_sets": sets(),
    }
    return evidence(**{**nothing, **changes})


def outcome(*minutes: Minute, **changes: Any) -> After:
    found = minutes or (minute(3), minute(2), minute(1))
    whole = After(
        groups=known((group(),)),
        answers=known(GatewayAnswers(minutes=found)),
        endpoint=known(Endpoint(url="http://alb/health", status=200)),
    )
    return replace(whole, **readings(changes))
