"""Evidence of `alb_slow_response` built by hand: a fast portfolio, to which each test does one thing."""

from typing import Any

from remediator.core.clocks import after
from remediator.core.flow_logs import Flows
from remediator.core.gateway import Backend
from remediator.core.service_view import Endpoint, Stack
from remediator.core.slowness import CountOwner, Load, Minute, ResponseTimes, TableSpeed, TaskSize
from remediator.core.target_health import Behind
from remediator.core.ways_out import Place
from remediator.runbooks.alb_slow_response import After, Evidence
from tests.runbooks.evidence_of_targets import GROUP_ARN, gap, group, known, readings, service
from tests.samples import NOW

__all__ = ["GROUP_ARN", "evidence", "gap", "known", "load", "outcome", "table", "times"]

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


def table(**changes: Any) -> TableSpeed:
    told = {"arn": TABLE_ARN, "name": "portfolio-users", "now_ms": 5.0, "before_ms": 5.0, **changes}
    return TableSpeed(**told)


def evidence(**changes: Any) -> Evidence:
    told: dict[str, Any] = {
        "groups": (group(),),
        "tables": (table(),),
        "backends": (Backend(group=GROUP_ARN, behind=Behind(managed=True, service=service())),),
        "times": times(),
        "load": load(),
        "owner": CountOwner(),
        "size": TaskSize(cpu_units=256, memory_mib=512),
        "place": Place(vpc="vpc-1", subnets=(), groups=()),
        "nats": (),
        "flows": Flows(accepted=100),
        "stack": Stack(),
        **changes,
    }
    return Evidence(**readings(told))


def outcome(**changes: Any) -> After:
    told: dict[str, Any] = {"groups": (group(),), "times": times(), "endpoint": Endpoint(), **changes}
    return After(**readings(told))
