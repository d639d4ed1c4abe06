"""Target health: reason codes, failing targets, host counts. Source: ELBv2 API reference, TargetHealth."""

import re
from dataclasses import dataclass
from typing import Literal

from .model import TargetGroup, TargetState

# Codes of a server that is there and does not know the path, or sends the caller elsewhere. Source: guide row, RFC 9110.
MISPLACED_CODES = frozenset((301, 302, 303, 307, 308, 403, 404))


LEAVING = ("draining", "unhealthy.draining", "unused")


CODES = re.compile(r"\[([^\]]*)\]")


CODE = re.compile(r"\b[1-5]\d\d\b")


Failure = Literal[
    "misplaced", "refused_success", "server_error", "other_answer", "silent", "not_connected", "unknown"
]  # fmt: skip


def in_use(group: TargetGroup) -> tuple[TargetState, ...]:
    """Targets that take traffic or are about to; those that leave or are not used are no trouble."""
    return tuple(t for t in group.targets if t.state not in LEAVING)


def failing(group: TargetGroup) -> tuple[TargetState, ...]:
    """Targets that are unhealthy; one that is still `initial` or cannot be checked is neither bad nor good."""
    return tuple(t for t in group.targets if t.state == "unhealthy")


def codes(target: TargetState) -> tuple[int, ...]:
    """The HTTP codes that the description names: `Health checks failed with these codes: [404]`."""
    return tuple(int(code) for part in CODES.findall(target.description) for code in CODE.findall(part))


def failure(target: TargetState) -> Failure:
    """What an unhealthy target's reason and description say; a reason that AWS does not document is `unknown`."""
    if target.reason == "Target.Timeout":
        return "silent"
    if target.reason == "Target.FailedHealthChecks":
        return "not_connected"
    if target.reason == "Target.ResponseCodeMismatch":
        return _answered(codes(target))
    return "unknown"


def _answered(answered: tuple[int, ...]) -> Failure:
    if not answered:
        return "unknown"
    if any(code >= 500 for code in answered):
        return "server_error"
    if all(code in MISPLACED_CODES for code in answered):
        return "misplaced"
    return "refused_success" if all(200 <= code < 300 for code in answered) else "other_answer"


def failing_as(group: TargetGroup, *failures: Failure) -> tuple[TargetState, ...]:
    """Unhealthy targets of these sorts."""
    return tuple(t for t in failing(group) if failure(t) in failures)


def named(target: TargetState) -> str:
    """`10.0.0.1:8000`."""
    return f"{target.id}:{target.port}"


def registered(group: TargetGroup) -> str:
    """Every registration that stands, as one text that is equal for equal registrations."""
    return ", ".join(sorted(named(t) for t in group.targets if "draining" not in t.state))


def reasons(group: TargetGroup) -> dict[str, int]:
    """How many targets are unhealthy for each reason, with AWS's own words."""
    counted: dict[str, int] = {}
    for target in failing(group):
        text = f"{target.reason}: {target.description}" if target.description else target.reason
        counted[text or "no reason"] = counted.get(text or "no reason", 0) + 1
    return counted


@dataclass(frozen=True, slots=True, kw_only=True)
class HostCount:
    """One datapoint of HealthyHostCount or UnHealthyHostCount; `at` is the start of its period."""

    at: str
    hosts: float


@dataclass(frozen=True, slots=True, kw_only=True)
class HostCounts:
    """Healthy and unhealthy targets over time, oldest first; a minute without data has no entry."""

    healthy: tuple[HostCount, ...] = ()
    unhealthy: tuple[HostCount, ...] = ()

    @property
    def unhealthy_since(self) -> str:
        """When the newest run of unhealthy targets began; empty where the newest datapoint shows none."""
        since = ""
        for count in reversed(self.unhealthy):
            if count.hosts < 1:
                break
            since = count.at
        return since

    @property
    def healthy_before(self) -> bool:
        """Whether a target passed before the trouble began; no data is no."""
        since = self.unhealthy_since
        return any(c.hosts >= 1 and (not since or c.at < since) for c in self.healthy)


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthProbeResult:
    """What targets answered over the last minutes; `slowest_ms` is None where nothing was answered."""

    target_5xx: int = 0
    balancer_5xx: int = 0
    connection_errors: int = 0
    slowest_ms: int | None = None
