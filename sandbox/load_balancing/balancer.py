"""The portfolio's load balancer: how long it waits for its targets, over time. The setting itself is moto's."""

from collections.abc import Callable
from datetime import datetime

from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.elbv2.models import elbv2_backends

from .. import names
from ..history import History

IDLE_TIMEOUT = "idle_timeout.timeout_seconds"
IDLE_TIMEOUT_S = 60  # AWS's default; moto tells an attribute only once it was set


class Balancer:
    """What it does with a request that no target answers in time."""

    def __init__(self, arn: str, now: Callable[[], datetime]) -> None:
        self._arn = arn
        self._now = now
        self._idle_s: History[int] = History(IDLE_TIMEOUT_S)

    def idle_s(self, at: datetime) -> int:
        """How long it waited at that moment, in seconds."""
        return self._idle_s.at(at)

    def look_again(self) -> None:
        """Something may have been set: it holds from now on."""
        found = elbv2_backends[DEFAULT_ACCOUNT_ID][names.REGION].load_balancers.get(self._arn)
        if found is not None:
            now = self._now()
            self._idle_s.set(int(found.attrs.get(IDLE_TIMEOUT, IDLE_TIMEOUT_S)), at=now, now=now)
