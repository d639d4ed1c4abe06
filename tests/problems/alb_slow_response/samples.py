"""Evidence of `alb_slow_response` built by hand: a fast portfolio, to which each test does one thing."""

from typing import Any

from remediator.core.timestamps import after
from remediator.problems.alb_slow_response.evidence import Evidence
from remediator.problems.alb_slow_response.evidence import Outcome as After
from remediator.problems.alb_slow_response.latency import TableSpeed
from remediator.resources.cloudformation import Stack
from remediator.resources.ecs.backends import Backend, Behind
from remediator.resources.ecs.scaling import CountOwner, Load, TaskSize
from remediator.resources.endpoint import Endpoint
from remediator.resources.load_balancing.latency import Minute, ResponseTimes
from remediator.resources.load_balancing.model import Traffic
from remediator.resources.vpc.egress import NetworkPlacement
from remediator.resources.vpc.flow_logs import Flows
from tests.problems.alb_targets_unhealthy.samples import GROUP_ARN, gap, group, known, readings, service
from tests.samples import NOW

__all__ = ["GROUP_ARN", "evidence", "gap", "known", "load", "outcome", "table", "times", "zones"]

TABLE_ARN = "arn:aws:dynamodb:ap-northeast-1:123456789012:table/portfolio-users"
STARTS = tuple(after(NOW, -60 * n) for n in range(10, 0, -1))
FAST_MS, SLOW_MS = 45.0, 225.0


def times(slow: int = 0, *, ms: float = SLOW_MS, **changes: Any) -> ResponseTimes:
    """The newest `slow` of ten minutes took `ms`."""
    late = [FAST_MS] * (len(STARTS) - slow) + [ms] * slow
    minutes = tuple(Minute(at=at, late_ms=each, requests=1200) for at, each in zip(STARTS, late, strict=True))
    return ResponseTimes(**{"group": GROUP_ARN, "minutes": minutes, "before_ms": FAST_MS, **changes})


def load(cpu: float = 30.0, memory: float = 40.0) -> Load:
    return Load(cpu_pct=dict.fromkeys(STARTS, cpu), memory_pct=dict.fromkeys(STARTS, memory))


def table(*, slow_ms: float = 0.0, refused: int = 0, minutes: int = 4) -> TableSpeed:
    """The newest minutes had an operation that slow, or so many refused requests each."""
    at = STARTS[-minutes:]
    return TableSpeed(
        arn=TABLE_ARN,
        name="portfolio-users",
        slow_ms=dict.fromkeys(at, slow_ms) if slow_ms else {},
        refused=dict.fromkeys(at, refused) if refused else {},
        before_ms=5.0,
    )


def zones(**by_zone: float) -> dict[str, dict[str, float]]:
    """Each zone took so long in every minute."""
    return {zone: dict.fromkeys(STARTS, ms) for zone, ms in by_zone.items()}


def evidence(**changes: Any) -> Evidence:
    response: dict[str, Any] = {
        "groups": (group(),),
        "tables": (table(),),
        "backends": (Backend(group=GROUP_ARN, behind=Behind(managed=True, service=service())),),
        "times": times(),
        "load": load(),
        "owner": CountOwner(),
        "size": TaskSize(cpu_units=256, memory_mib=512),
        "place": NetworkPlacement(vpc="vpc-1", subnets=(), groups=()),
        "nats": (),
        "flows": Flows(),
        "stops": (),
        "traffic": Traffic(window_s=900, requests=18000, recent_requests=6000),
        "stack": Stack(),
        **changes,
    }
    return Evidence(**readings(response))


def outcome(**changes: Any) -> After:
    response: dict[str, Any] = {"groups": (group(),), "times": times(), "endpoint": Endpoint(), **changes}
    return After(**readings(response))
