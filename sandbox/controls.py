"""What a scenario says about the workload, and which faults it makes."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, Literal

from . import names, portfolio
from .account import Account
from .applications import HEALTHY, Application
from .clock import VirtualClock
from .ecs.around import Around
from .ecs.fleet import Fleet
from .ecs.service import Service
from .ecs.starting import Starting
from .ecs.tasks import Definition, Task
from .eventbridge.events import Delivery, Event
from .portfolio import Clients, Portfolio

DELIVERY_S = 2  # from the stop to the queue
AUTO = {"auto-remediation": "auto"}


class Controls:
    """The part of the world that scenarios speak to."""

    clock: VirtualClock
    portfolio: Portfolio
    fleet: Fleet
    around: Around
    account: Account
    starting: Starting
    queue: list[Delivery]
    events: list[Event]
    _clients: Clients
    _applications: dict[str, Application]
    _denied: set[str]
    _throttled: dict[str, int]
    _lost: set[str]
    _staging: int

    def run_service(  # noqa: PLR0913  # a scenario names what differs
        self,
        version: str = "1.4.2",
        *,
        name: str = names.SERVICE,
        memory_mib: int = 512,
        launch_type: Literal["FARGATE", "EC2"] = "FARGATE",
        desired: int = 2,
        grace_s: int = 0,
        breaker_rolls_back: bool = False,
        tags: Mapping[str, str] | None = None,
        port: int = names.PORT,
        balanced: bool = True,
    ) -> Service:
        """A service that has run `version` since yesterday, healthily where it can be; tagged for repair unless told."""
        definition = self.register(version, memory_mib=memory_mib, launch_type=launch_type)
        place = self.portfolio.network
        vpc = {"subnets": [place.task_subnet], "securityGroups": [place.task_group]}
        service = Service(
            name=name,
            desired=desired,
            created_at=self.clock.now() - timedelta(days=30),
            grace_s=grace_s,
            launch_type=launch_type,
            breaker_rolls_back=breaker_rolls_back,
            target_group=self.portfolio.target_group if balanced else "",
            container=definition.container,
            port=port,
            tags=dict(AUTO if tags is None else tags),
            network={"awsvpcConfiguration": {**vpc, "assignPublicIp": "DISABLED"}},
        )
        self.fleet.add(service, definition, self.clock.now() - timedelta(days=1, hours=2))
        return service

    def register(
        self,
        version: str,
        *,
        memory_mib: int = 512,
        launch_type: str = "FARGATE",
        pushed: bool = True,
        **more: Any,
    ) -> Definition:
        """A revision for a version of the API, whose image is in the registry where it was pushed."""
        image = names.image(version)
        if pushed:
            self.push(version)
        with self.behind_the_scenes():
            arn = portfolio.register(self._clients, image, memory_mib=memory_mib, launch_type=launch_type, **more)
        return self.definition(arn)

    def push(self, version: str) -> None:
        """The image of that version is in the registry from now on."""
        image = names.image(version)
        self.account.images.add(names.digest(image))
        self.account.tags[image.rsplit(":", 1)[1]] = names.digest(image)

    def deploy(
        self, version: str, application: Application, *, name: str = names.SERVICE, **revision: Any
    ) -> Definition:
        """Someone deploys `version` now; its program is `application`; `revision` as for `register`."""
        definition = self.register(version, **revision)
        self.behave(version, application)
        self.fleet.deploy(self.fleet.services[name], definition, self.clock.now())
        return definition

    def behave(self, version: str, application: Application) -> None:
        """Tasks that start from now on run `version` like that."""
        self._applications[names.image(version)] = application

    def recover(self, version: str = "1.4.2") -> None:
        """What made the program of `version` fail is over, for running tasks too."""
        self.behave(version, HEALTHY)
        for task in self.fleet.tasks:
            if task.live and task.definition.image == names.image(version):
                task.program, task.sick_at = HEALTHY, None

    def fall_ill(self, application: Application, version: str = "1.4.2", *, tasks: int = 100) -> None:
        """The program of `version` changes for the worse, and the first `tasks` tasks meet that from their start."""
        self.behave(version, application)
        self.fleet.break_down(self.service, application, self.clock.now(), tasks)

    def misbehave(self, application: Application, version: str = "1.4.2") -> None:
        """The program of `version` changes for the worse from now on, in tasks that go on running."""
        self.behave(version, application)
        for task in self.fleet.tasks_of(self.service):
            if task.live:
                task.program, task.well_until = application, self.clock.now()

    def run_one_off(self, version: str, application: Application) -> Task:
        """A task of the family that no service started."""
        definition = self.register(version)
        self.behave(version, application)
        task_id = names.hexadecimal("one-off", version)
        return self.fleet.run_one_off(definition, task_id, "events-rule/nightly-report", self.clock.now())

    def vanish(self, name: str = names.SERVICE) -> None:
        """The service is gone, with its tasks."""
        service = self.fleet.services.pop(name)
        self.fleet.tasks = [t for t in self.fleet.tasks if t.group != service.group or not t.live]

    def someone(self, service: str, operation: str, **parameters: Any) -> None:
        """Someone changes the account: one operation by boto3's name of it."""
        with self.behind_the_scenes():
            getattr(self._clients(service), operation)(**parameters)

    def switch(self, value: str) -> None:
        """Someone turns the kill switch."""
        named = {"Name": names.SWITCH_PARAMETER, "Type": "String", "Overwrite": True}
        self.someone("ssm", "put_parameter", Value=value, **named)

    def deny(self, action: str) -> None:
        """IAM refuses the action from now on, `logs:GetLogEvents`."""
        self._denied.add(action)

    def allow(self, action: str) -> None:
        """IAM no longer refuses the action."""
        self._denied.discard(action)

    def throttle(self, action: str, times: int) -> None:
        """The next `times` requests of the action are throttled."""
        self._throttled[action] = times

    def lose(self, detail_type: str, *, lost: bool = True) -> None:
        """Events of that kind reach nobody from now on, or do again."""
        (self._lost.add if lost else self._lost.discard)(detail_type)

    def announce(self, event: Event) -> None:
        """An event that reaches the signals queue if a rule lets it through."""
        self._tell(event, self.clock.now())

    @property
    def service(self) -> Service:
        """The portfolio's service."""
        return self.fleet.services[names.SERVICE]

    @staticmethod
    def definition(name: str) -> Definition:
        """What of a task definition decides; `family`, `family:revision` or an ARN.

        Raises:
            AwsError: there is none of that name.
        """
        return portfolio.definition(name)

    @contextmanager
    def behind_the_scenes(self) -> Iterator[None]:
        """Requests of the sandbox itself: not logged, never refused."""
        self._staging += 1
        try:
            yield
        finally:
            self._staging -= 1

    def _tell(self, event: Event, at: datetime) -> None:
        self.events.append(event)
        if event["detail-type"] in self._lost:
            return
        self.queue.append(Delivery(at + timedelta(seconds=DELIVERY_S), event))
