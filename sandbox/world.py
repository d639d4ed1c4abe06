"""The sandbox's AWS account: the guide's portfolio under moto, tasks that live and die, faults on demand.

Open one at a time; everything is undone when it closes. What is faked and how is told in docs/sandbox.md.
"""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from datetime import datetime
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from moto import mock_aws
from moto.moto_api._internal import mock_random

from remediator.core.errors import Retryable
from remediator.core.ports import HttpAnswer

from . import names, portfolio
from .account import Account, denied, fix_role
from .applications import HEALTHY, Application
from .clock import VirtualClock
from .cloudwatch.logs import Logs
from .controls import Controls
from .dynamodb.transactions import cheap_transactions
from .ecs import shapes as ecs_shapes
from .ecs.api import EcsApi
from .ecs.around import Around
from .ecs.fleet import Fleet
from .ecs.service import Service
from .ecs.starting import Starting
from .ecs.tasks import Definition, Ending, Task
from .environment import retries_do_not_sleep
from .eventbridge.events import Delivery, Event, service_action, task_state_change
from .portfolio import Clients, Portfolio
from .wire import WIRE, AwsError, Fake, Request

SEED = 2026  # moto draws ids of load balancers and messages
WRITES = ("ecs", "elbv2", "application-autoscaling", "s3", "cloudfront", "ec2")  # services that hold the workload
TABLE_WRITES = ("UpdateTable", "UpdateContributorInsights")  # the ledger is in DynamoDB too
READ_VERBS = ("Describe", "List", "Get", "Batch", "Lookup", "Head")


class World(Controls):
    """An account at a virtual moment; it catches up whenever an API is called.

    Attributes:
        fakes: the sandbox's own answers, by service and operation; all others are moto's.
        requests: every API request since the portfolio stood, in order.
        events: every event of the account, in order, whether a rule lets it through or not.
        queue: messages on their way to the signals queue, in order.
        account: the smaller parts: images, stacks, trail, scaling activities, roles.
        around: targets, table, autoscaling, metrics and alarms.
        starting: what a task needs before it runs.
    """

    def __init__(
        self, clients: Clients, clock: VirtualClock, runbooks: tuple[str, ...] = ("ecs_task_restarting",)
    ) -> None:
        self._clients = clients
        self.clock = clock
        self.fleet = Fleet(self.application_of, self._on_change, self._on_words)
        self.account = Account(clock.now, roles={fix_role(r) for r in runbooks})
        self.logs = Logs(clock.now)
        self.requests: list[Request] = []
        self.queue: list[Delivery] = []
        self.events: list[Event] = []
        self._applications: dict[str, Application] = {}
        self._denied: set[str] = set()
        self._throttled: dict[str, int] = {}
        self._lost: set[str] = set()
        self.fakes: dict[tuple[str, str], Fake] = {}
        self._staging = 0
        self._open = ExitStack()
        self.portfolio = Portfolio("", "", "")
        self.around = self._around()
        self.starting = self._starting()

    def __enter__(self) -> Self:
        with ExitStack() as opening:
            opening.enter_context(mock_aws())
            mock_random.seed(SEED)
            opening.enter_context(retries_do_not_sleep())
            opening.enter_context(cheap_transactions())
            opening.enter_context(WIRE.serving(self))
            self.portfolio = portfolio.build(self._clients)
            self.around = self._around()
            self.starting = self._starting()
            self.around.site.build(self._clients)
            self.logs.make_group(names.LOG_GROUP)
            self._open = opening.pop_all()
        self.fakes = self._all_fakes()
        self.fleet.now = self.clock.now()
        self.fleet.reach_of = self.around.targets.reach_of
        self.fleet.start_fault = self._start_fault
        self.fleet.unplaced = self._unplaced
        self.requests.clear()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._open.close()

    def client(self, service: str) -> Any:
        """A boto3 client of the account; use it behind the scenes."""
        return self._clients(service)

    # What a test or a report reads

    @property
    def writes(self) -> tuple[Request, ...]:
        """Requests that changed the workload, or tried to."""
        return tuple(r for r in self.requests if _changes_workload(r))

    def inbox(self, level: str) -> Iterator[Mapping[str, Any]]:
        """What the topic of that level delivered to its reader, once."""
        sqs, url = self._clients("sqs"), self.portfolio.inboxes[level]
        with self.behind_the_scenes():
            while found := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", ()):
                for message in found:
                    sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
                    yield message

    def application_of(self, image: str) -> Application:
        """The program in an image."""
        return self._applications.get(image, HEALTHY)

    def http_get(self, url: str) -> HttpAnswer:
        """The load balancer's answer: 200 from a target that answers, else 503; the distribution's is its edge's.

        Raises:
            Retryable: nothing listens under that name.
        """
        if urlsplit(url).hostname == names.DISTRIBUTION_DOMAIN:
            return self.around.site.answer(urlsplit(url).path, self.clock.now())
        if urlsplit(url).hostname != self.portfolio.dns_name:
            raise Retryable(f"GET {url}: NameResolutionError")
        served = self.around.targets.serving(self.clock.now())
        return HttpAnswer(200, 45) if served else HttpAnswer(503, 3)

    def next_moment(self) -> datetime | None:
        """When something happens next, None where nothing will."""
        return min((m for m in (self.fleet.next_moment(), self.around.next_moment()) if m), default=None)

    # What the wire asks

    def moment(self) -> datetime:
        """The virtual now; all has happened that happens until then."""
        now = self.clock.now()
        self.fleet.catch_up(now)
        self.around.catch_up(now)
        return now

    def role_of(self, access_key: str) -> str:
        """The assumed role behind temporary credentials."""
        session = self.account.sessions.get(access_key)
        return session.role if session else ""

    def refuse(self, request: Request) -> AwsError | None:
        """Denied and throttled actions, and what a session policy does not allow."""
        self.around.alarms.asked_in = request.region
        if self._staging:
            return None
        if request.action in self._denied:
            return denied(request.action, request.role or f"arn:aws:sts::{names.ACCOUNT}:assumed-role/remediator/fn")
        if self._throttled.get(request.action, 0) > 0:
            self._throttled[request.action] -= 1
            return AwsError("ThrottlingException", "Rate exceeded")
        return self.account.refusal(request)

    def fake_of(self, service: str, operation: str) -> Fake | None:
        """The sandbox's own answer to an operation."""
        return self.fakes.get((service, operation))

    def fake(self, service: str, fakes: Mapping[str, Fake]) -> None:
        """Adds answers for a service's operations."""
        self.fakes |= {(service, operation): fake for operation, fake in fakes.items()}

    def saw(self, request: Request) -> None:
        """Takes a request into the log."""
        if not self._staging:
            self.requests.append(request)

    def answered(self, request: Request) -> None:
        """What was asked of moto is done."""
        if self.fakes:
            self.around.answered(request)

    def _all_fakes(self) -> dict[tuple[str, str], Fake]:
        ecs = EcsApi(self.fleet, self.definition, self.clock.now)
        by_service = {"ecs": ecs.fakes(), "logs": self.logs.fakes()}
        flat = {(s, operation): fake for s, fakes in by_service.items() for operation, fake in fakes.items()}
        return flat | dict(self.account.fakes()) | dict(self.around.fakes()) | dict(self.starting.fakes())

    def _around(self) -> Around:
        return Around(self.fleet, self.portfolio, self.account.scaling_activities, self.clock.now, self._tell)

    def _starting(self) -> Starting:
        return Starting(self.account, self.portfolio.network)

    def _start_fault(self, task: Task) -> Ending | None:
        return self.starting.fault(task)

    def _unplaced(self, service: Service, definition: Definition, at: datetime) -> bool:
        """Whether ECS cannot make a task; it says so in the service's messages and by an event."""
        why = self.starting.unplaced(service, definition, at)
        if why is None:
            return False
        service.say(at, why.words)
        self._tell(service_action(service.arn, why.event, why.reason, at), at)
        return True

    def _on_change(self, task: Task, at: datetime) -> None:
        self._tell(task_state_change(ecs_shapes.task(task, self.fleet.service_of(task)), at), at)

    def _on_words(self, task: Task, at: datetime, words: str) -> None:
        definition = task.definition
        stream = f"{definition.log_prefix}/{definition.container}/{task.id}"
        self.logs.write(
            definition.log_group, stream, at, f"{at:%Y-%m-%d %H:%M:%S} {words}" if words[:4].isupper() else words
        )


def _changes_workload(request: Request) -> bool:
    by_name = request.service == "dynamodb" and request.operation in TABLE_WRITES
    return by_name or (request.service in WRITES and not request.operation.startswith(READ_VERBS))
