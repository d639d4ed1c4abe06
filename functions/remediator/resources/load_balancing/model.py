"""What a load balancer tells, as values."""

from collections.abc import Mapping
from dataclasses import dataclass, field

TRAFFIC_PORT = "traffic-port"  # AWS's word for: check each target on the port that it is registered with


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetState:
    """One target as DescribeTargetHealth gives it.

    Attributes:
        zone: only where it was registered with one (`all`: an address outside of the VPC).
        health_port: the port that it is checked on; empty where AWS does not say.
    """

    id: str
    port: int = 0
    state: str = ""
    reason: str = ""
    description: str = ""
    zone: str = ""
    health_port: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetGroup:
    """One target group with its health check and its targets.

    Attributes:
        port: what a target is registered with where its registration names none.
        health_port: a number, or `traffic-port`.
        matcher: HTTP codes that count as healthy, `200` or `200-299,302`.
        target_type: `ip`, `instance`, `lambda` or `alb`.
    """

    arn: str
    load_balancers: tuple[str, ...] = ()
    health_path: str = ""
    interval_s: int = 30
    timeout_s: int = 5
    unhealthy_threshold: int = 2
    healthy_threshold: int = 5
    targets: tuple[TargetState, ...] = ()
    port: int = 0
    protocol: str = ""
    health_protocol: str = ""
    health_port: str = TRAFFIC_PORT
    matcher: str = ""
    target_type: str = ""
    vpc: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def gives_up_after_s(self) -> int:
        """How long a target can fail before it is unhealthy: interval times threshold."""
        return self.interval_s * self.unhealthy_threshold

    @property
    def admits_after_s(self) -> int:
        """How long a good target takes to be healthy: interval times threshold."""
        return self.interval_s * self.healthy_threshold

    @property
    def healthy(self) -> int:
        """Targets that take traffic and pass."""
        return sum(t.state == "healthy" for t in self.targets)

    def checked_port(self, target: TargetState) -> int:
        """The port that `target` is checked on."""
        named = target.health_port or self.health_port
        return int(named) if named.isdigit() else target.port


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """Requests of a target group over a window, with those that failed; `recent` is the window's last five minutes."""

    window_s: int
    requests: int = 0
    failed: int = 0
    recent_requests: int = 0
    recent_failed: int = 0

    @property
    def failed_pct(self) -> float:
        """Share of failed requests over the window; 0 where nobody asked."""
        return _share(self.failed, self.requests)

    @property
    def recent_failed_pct(self) -> float:
        """The same for the last five minutes: how it is now, not how it has been."""
        return _share(self.recent_failed, self.recent_requests)


def _share(failed: int, requests: int) -> float:
    answered = max(requests, failed)  # what the load balancer refuses itself is no request of the target group
    return 100 * failed / answered if answered else 0.0
