"""What a load balancer tells, as values."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetState:
    """One target as DescribeTargetHealth gives it."""

    id: str
    port: int = 0
    state: str = ""
    reason: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetGroup:
    """One target group with its health check and its targets."""

    arn: str
    load_balancers: tuple[str, ...] = ()
    health_path: str = ""
    interval_s: int = 30
    timeout_s: int = 5
    unhealthy_threshold: int = 2
    healthy_threshold: int = 5
    targets: tuple[TargetState, ...] = ()

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
