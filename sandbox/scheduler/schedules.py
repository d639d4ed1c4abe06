"""EventBridge Scheduler in virtual time: moto keeps the schedules and fires none, so those that are due are fired here."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from .. import names
from ..eventbridge.events import Delivery
from ..wire import Request


class Account(Protocol):
    """What is asked of the world."""

    requests: list[Request]
    queue: list[Delivery]

    def client(self, service: str) -> Any:
        """A boto3 client of the account."""

    def behind_the_scenes(self) -> Any:
        """While this is open, requests are the sandbox's own."""


@dataclass(frozen=True, slots=True)
class Due:
    """One schedule and its moment."""

    at: datetime
    name: str


class Schedules:
    """The one-off schedules of the leases' group; each sends its message to the signals queue once and is deleted then.

    Attributes:
        until: schedules behind this moment are not waited for; None fires none, so that a story ends with its incident.
    """

    def __init__(self, world: Account, now: Callable[[], datetime]) -> None:
        self._world = world
        self._now = now
        self._seen = 0
        self._waiting: list[Due] = []
        self.until: datetime | None = None

    def next_moment(self) -> datetime | None:
        """When the next one fires, None where none is waited for."""
        return min((d.at for d in self._awaited()), default=None)

    def fire(self) -> None:
        """Sends what is due by now."""
        for due in sorted((d for d in self._awaited() if d.at <= self._now()), key=lambda d: d.at):
            with self._world.behind_the_scenes():
                scheduler = self._world.client("scheduler")
                response = scheduler.get_schedule(GroupName=names.LEASE_GROUP, Name=due.name)
                scheduler.delete_schedule(GroupName=names.LEASE_GROUP, Name=due.name)
            self._world.queue.append(Delivery(self._now(), json.loads(response["Target"]["Input"]), by_rule=False))
            self._waiting.remove(due)

    def waiting(self) -> tuple[str, ...]:
        """Names of those that have not fired, whether anybody waits for them or not."""
        self._look()
        return tuple(d.name for d in self._waiting)

    def _awaited(self) -> Iterator[Due]:
        if self.until is None:
            return
        self._look()
        yield from (d for d in self._waiting if d.at <= self.until)

    def _look(self) -> None:
        """Takes note of what was created since it was last looked."""
        fresh = self._world.requests[self._seen :]
        self._seen = len(self._world.requests)
        for request in fresh:
            if request.operation == "CreateSchedule" and not request.error:
                due = Due(_moment(request.parameters["ScheduleExpression"]), request.parameters["Name"])
                if due.name not in [d.name for d in self._waiting]:
                    self._waiting.append(due)


def _moment(expression: str) -> datetime:
    return datetime.fromisoformat(expression.removeprefix("at(").removesuffix(")")).replace(tzinfo=UTC)
