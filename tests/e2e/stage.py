"""The stage of one story: an emulator with the portfolio and the product on it, and people who read and answer."""

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property
from types import TracebackType
from typing import Any, Self

import boto3

from ops.commands.look import declared_settings
from remediator.aws.runtime import Clients, Environment, Runtime
from remediator.core.serialization import Json
from remediator.core.settings import Settings
from remediator.ledger.incidents import Ledger

from .deployment import deploy_product
from .emulator_process import ACCOUNT, REGION, Emulator
from .portfolio import deploy_portfolio
from .stacks import Change

TOPICS = ("high", "medium", "low", "pager")
LOOK_EVERY_S = 15  # of the world
PAST_H = 26
USUAL_READS_PER_S = 2.0
LIMIT_S = 4 * 3600  # of the world: no incident is open for longer


class NeverHappenedError(AssertionError):
    """What a story waits for did not happen in time."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message as a reader of the topic got it.

    Attributes:
        level: the topic: high, medium, low or pager.
        text: a report as JSON, what is no report as an e-mail shows it.
    """

    level: str
    subject: str
    text: str


class Stage:
    """Everything of one story; a context manager.

    Args:
        mode: the opt-in tag's value on everything of the portfolio.
        change: changes the product's template before it is deployed, as the proof of the grants does.
        parameters: of the portfolio's template, as the story needs it.
    """

    def __init__(
        self,
        *,
        mode: str = "auto",
        change: Change | None = None,
        parameters: Mapping[str, str] | None = None,
    ) -> None:
        self.emulator = Emulator()
        self._mode, self._change, self._parameters = mode, change, parameters or {}
        self._open = ExitStack()
        self._messages: list[Message] = []

    def __enter__(self) -> Self:
        with ExitStack() as opening:
            opening.enter_context(self.emulator)
            self.portfolio = deploy_portfolio(self.emulator, mode=self._mode, **self._parameters)
            self.product = deploy_product(self.emulator, self.portfolio, change=self._change)
            self._readers = {level: self._reader(level) for level in TOPICS}
            self._settle()
            self._open = opening.pop_all()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._open.close()

    @property
    def settings(self) -> Settings:
        """The settings that the deployed product works with."""
        names = {"load_balancer": "LoadBalancerSuffix", "target_group": "TargetGroupSuffix"}
        given = {k: self.portfolio[o] for k, o in names.items()}
        return declared_settings().with_given({"portfolio": {**given, **self.portfolio.site}})

    def client(self, service: str) -> Any:
        """A client with an administrator's credentials."""
        return self.emulator.client(service)

    def world(self, *, do: str, **what: Any) -> Any:
        """Makes something happen outside the product's reach."""
        return self.emulator.world(do=do, **what)

    def visit(self, path: str) -> int:
        """The status that a person's browser gets from the distribution."""
        return self.emulator.visit(self.portfolio["DistributionDomain"], path)

    def switch(self, value: str) -> None:
        """A person turns the kill switch."""
        self.client("ssm").put_parameter(Name=self.product.outputs["Switch"], Value=value, Overwrite=True)

    # -- what people see and do ------------------------------------------------------------------------------------

    def messages(self) -> Sequence[Message]:
        """Every message that reached a queue subscribed to a topic, in the order of arrival."""
        for level, queue in self._readers.items():
            self._messages.extend(self._arrived(level, queue))
        return tuple(self._messages)

    def records(self) -> Sequence[Json]:
        """The ledger's records of incidents, oldest first."""
        return list(reversed(self._ledger.recent(100)))

    def question(self) -> str:
        """The reference of the open question, empty where nothing is asked."""
        asking = [r for r in self.records() if r["state"] == "asking"]
        return str(json.loads(asking[-1]["asked"])["reference"]) if asking else ""

    def answer(self, answer: str, reference: str = "") -> Json:
        """A person answers the open question; gives what the approve function said."""
        event = {"reference": reference or self.question(), "answer": answer, "by": "sato@example.com"}
        found: Json = self.invoke(self.product.outputs["ApproveFunction"], event)
        return found

    def invoke(self, function: str, event: Mapping[str, Any]) -> Any:
        """What a function says to a person who invokes it.

        Raises:
            NeverHappenedError: it failed.
        """
        response = self.client("lambda").invoke(FunctionName=function, Payload=json.dumps(event))
        said = json.loads(response["Payload"].read())
        if "FunctionError" in response:
            raise NeverHappenedError(f"{function} failed: {said}")
        return said

    # -- waiting ---------------------------------------------------------------------------------------------------

    def until(self, what: str, happened: Callable[[], Any]) -> Any:
        """Lets the world's time go by until `happened` gives something true, and gives it.

        Args:
            what: what is waited for, for the reader of a failure.

        Raises:
            NeverHappenedError: it did not in time; the message ends with the emulator's last words on it.
        """
        for _ in range(LIMIT_S // LOOK_EVERY_S):
            if found := happened():
                return found
            self.let_pass(LOOK_EVERY_S)
        raise NeverHappenedError(f"{what}: not within {LIMIT_S} s of the world\n{self.emulator.log_tail(30)}")

    def let_pass(self, world_s: float) -> None:
        """Lets so many seconds of the world go by, and all that is due in them be done."""
        self.emulator.let_pass(world_s)

    def all_closed(self) -> bool:
        """Whether there are incidents and every one is closed."""
        return _closed(self.records())

    def first_closed(self) -> bool:
        """Whether there are incidents and every one of the first trouble is closed."""
        return _closed(first_trouble(self.records()))

    # -- inside ----------------------------------------------------------------------------------------------------

    def _settle(self) -> None:
        """Lets the service come up, and everything be more than a day old and well."""
        self.world(do="warm_workers", functions=["remediator-intake", "Remediate"])
        self.until("the service stands", self._stands)
        self.world(do="past", hours=PAST_H, reads_per_s=USUAL_READS_PER_S)

    def _stands(self) -> bool:
        response = self.client("ecs").describe_services(cluster="portfolio-cluster", services=["portfolio-api-service"])
        return bool(response["services"][0]["deployments"][0]["rolloutState"] == "COMPLETED")

    @cached_property
    def _ledger(self) -> Ledger:
        environment = Environment(ledger_table=self.product.outputs["LedgerTable"])
        return Ledger(Runtime(settings=self.settings, environment=environment, clients=_Reached(self.emulator)))

    def _reader(self, level: str) -> str:
        """A queue subscribed to the topic, as that of a program would be."""
        sqs, topic = self.client("sqs"), self.product.outputs[f"Topic{level.capitalize()}"]
        queue = str(sqs.create_queue(QueueName=f"reader-of-{level}")["QueueUrl"])
        arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:reader-of-{level}"
        lets_in = {
            "Effect": "Allow",
            "Principal": {"Service": "sns.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": arn,
            "Condition": {"ArnEquals": {"aws:SourceArn": topic}},
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [lets_in]})
        sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": policy})
        self.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
        return queue

    def _arrived(self, level: str, queue: str) -> list[Message]:
        sqs, found = self.client("sqs"), []
        while batch := sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages"):
            for message in batch:
                parsed = json.loads(message["Body"])
                found.append(Message(level, parsed.get("Subject") or "", parsed["Message"]))
                sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
        return found


class _Reached(Clients):
    """The product's own clients, pointed at the emulator."""

    def __init__(self, emulator: Emulator) -> None:
        super().__init__(boto3.Session(region_name=REGION))
        self._emulator = emulator

    def __call__(self, service: str, region: str = "") -> Any:
        return (self._emulator.in_region(region) if region else self._emulator).client(service)


def _closed(records: Sequence[Json]) -> bool:
    return bool(records) and all(r["state"] == "closed" for r in records)


def first_trouble(records: Sequence[Json]) -> Sequence[Json]:
    """The incidents before the first moment at which none was open: what nobody heals comes back after its hour.

    Args:
        records: of the ledger, oldest first.
    """
    for n, opened in enumerate(records):
        before = records[:n]
        if _closed(before) and all(r["closed_at"] < opened["opened_at"] for r in before):
            return before
    return records
