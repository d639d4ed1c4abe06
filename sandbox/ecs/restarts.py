"""How long ECS waits before it starts a task again."""

from .service import Service

RESTART_S = 5  # ECS starts the replacement of a stopped task


RESTART_AT_MOST_S = 60  # ECS waits longer the oftener starts fail in a row; in the sandbox no longer than this


def restart_s(service: Service) -> int:
    """Seconds until the next start; twice as long after each round of failed starts."""
    doubled = RESTART_S << min(service.starts_failed // max(1, service.desired), 6)
    return min(doubled, RESTART_AT_MOST_S)
