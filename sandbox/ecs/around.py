"""What stands around the tasks: targets, table, autoscaling, metrics and alarms, and what happens there each minute."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from ..autoscaling.scaling import Scaling
from ..cloudfront.api import CloudFrontApi
from ..cloudfront.site import Site
from ..cloudwatch.alarms import Alarm, Alarms
from ..cloudwatch.metrics import Metrics
from ..cloudwatch.traffic import Traffic
from ..dynamodb.api import DynamoDbApi
from ..dynamodb.backups_api import CopiesApi
from ..dynamodb.user_table import UserTable
from ..eventbridge.events import Event
from ..load_balancing.balancer import Balancer
from ..load_balancing.targets import Targets
from ..portfolio import Portfolio
from ..vpc.interfaces import Interfaces
from ..wire import Fake, Request
from .fleet import Fleet

MINUTE_S = 60
SET_BY = ("elbv2", "ec2")  # services whose writes may change what a health check meets


class Around:
    """The parts of the world beside its tasks, each a function of time and of what was set.

    Args:
        place: the portfolio as it was built.
        activities: the account's scaling activities, to which the scaler adds.
        tell: gets the alarms' events.
    """

    def __init__(
        self,
        fleet: Fleet,
        place: Portfolio,
        activities: list[dict[str, Any]],
        now: Callable[[], datetime],
        tell: Callable[[Event, datetime], None],
    ) -> None:
        self._fleet = fleet
        self._now = now
        self._seen = now()
        self.targets = Targets(fleet, place.network, place.target_group, now)
        self.interfaces = Interfaces(fleet, self.targets, place.network, place.load_balancer_suffix)
        self.table = UserTable(now)
        self.scaling = Scaling(self.table, activities, now)
        self.site = Site(now)
        self.balancer = Balancer(place.load_balancer, now)
        self.traffic = Traffic(fleet, self.targets, self.balancer)
        self.traffic.table_wait_s = self.table.wait_s
        self.scaling.run_at_least = self._run_at_least
        self.metrics = Metrics((self.traffic.source, self.table.source, self.site.source), now)
        self.alarms = Alarms(self.metrics, tell)
        self._dynamodb = DynamoDbApi(self.table, now)
        self._cloudfront = CloudFrontApi(self.site, now)
        self._copies = CopiesApi(self.table.life)

    def fakes(self) -> Mapping[tuple[str, str], Fake]:
        """Answers by service and operation."""
        by_service = {
            "cloudwatch": {**self.metrics.fakes(), **self.alarms.fakes()},
            "elbv2": self.targets.fakes(),
            "ec2": self.interfaces.fakes(),
            "dynamodb": {**self._dynamodb.fakes(), **self._copies.fakes()},
            "cloudfront": self._cloudfront.fakes(),
            "application-autoscaling": self.scaling.fakes(),
        }
        return {(s, operation): fake for s, fakes in by_service.items() for operation, fake in fakes.items()}

    def watch(self, *alarms: Alarm) -> None:
        """These alarms exist from now on."""
        self.alarms.put(alarms, self._now())

    def answered(self, request: Request) -> None:
        """What was asked of moto is done: checks may meet something else from now on."""
        if request.service in SET_BY and not request.operation.startswith("Describe"):
            self.targets.look_again()
            self.balancer.look_again()

    def _run_at_least(self, name: str, count: int, at: datetime) -> None:
        service = self._fleet.services.get(name)
        if service is not None and service.desired < count:
            self._fleet.scale(service, count, at)

    def next_moment(self) -> datetime | None:
        """When something happens here next, None where nothing will."""
        turn = _next_minute(self._now()) if self.alarms.alarms or self.scaling.targets else None
        return min((m for m in (turn, self.targets.next_moment()) if m), default=None)

    def catch_up(self, to: datetime) -> None:
        """Lets every minute that has ended be looked at, in order; deployments go on where targets got healthy."""
        while (turn := _next_minute(self._seen)) <= to:
            self._seen = turn
            self.scaling.look(turn)
            self.site.look(turn)
            self.alarms.look(turn)
        for service in self._fleet.services.values():
            if service.primary.rollout == "IN_PROGRESS":
                self._fleet.reconcile(service, to)


def _next_minute(moment: datetime) -> datetime:
    return moment + timedelta(seconds=MINUTE_S - moment.timestamp() % MINUTE_S)
