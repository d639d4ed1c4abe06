"""The product on a laptop: its real handlers on the sandbox's world, in virtual time, until every incident has ended."""

import json
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import md5
from types import TracebackType
from typing import Any, Self

from remediator.aws import runtime as product
from remediator.core.serialization import Json
from remediator.core.settings import Settings, Workload
from remediator.core.text import Language
from remediator.events.internal import sweep_event
from remediator.handlers import approve, intake
from remediator.ledger.incidents import Ledger
from remediator.problems import load_all
from remediator.remediation import workflow as remediate

from . import names
from .clock import VirtualClock
from .environment import connected_clients, environment, quiet
from .eventbridge.events import Delivery, Rules, execution_status_change, iso, sqs_batch
from .lambda_.durable import DurableFunction, Executions, as_text
from .names import uuid
from .published import Report, lambda_context, report_of
from .scheduler.schedules import Schedules
from .world import World

BATCH = 10
VISIBILITY_S = 60
RECEIVED_AT_MOST = 3  # then the dead-letter queue has it
GIVE_UP_AFTER = timedelta(hours=4)
SWEEP_EVERY = timedelta(minutes=15)  # as the stack's schedule


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """Something that someone does at a moment of the world.

    Attributes:
        at_s: seconds after the start; or
        after_question_s: seconds after the program has asked a person.
    """

    do: Callable[["Laptop"], None]
    at_s: float | None = None
    after_question_s: float | None = None


class Laptop:
    """Everything wired: queue to intake, intake to the durable function, people to approve. A context manager."""

    def __init__(self, language: Language = "en") -> None:
        self._language = language
        self._acts: list[tuple[datetime | None, Act]] = []  # when it is its turn, None until the program has asked
        self._open = ExitStack()
        self.clock = VirtualClock()
        self.visibility_s: float = VISIBILITY_S
        self._start = self.clock.now()
        self.dead_letters: list[Delivery] = []
        self._sweep_at: datetime | None = None

    def __enter__(self) -> Self:
        with ExitStack() as opening:
            opening.enter_context(environment())
            opening.enter_context(quiet())
            clients = connected_clients()
            self.runbooks = load_all()
            ids = tuple(r.id for r in self.runbooks)
            self.world = opening.enter_context(World(clients, self.clock, ids))
            os.environ.update({f"TOPIC_{level.upper()}": arn for level, arn in self.world.portfolio.topics.items()})
            self.schedules = Schedules(self.world, self.clock.now)
            self.durable = opening.enter_context(self._durable_function())
            self.world.fake("lambda", {**self.durable.fakes(), "Invoke": self._invoked})
            self.world.fake("sqs", {"SendMessage": self._sent_to_intake})
            self._rules = Rules(t.pattern for r in self.runbooks for t in r.triggers)
            self.runtime = self._runtime(clients)
            product.install(self.runtime)
            opening.callback(product.install, None)
            self._open = opening.pop_all()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._open.close()

    def run(self, acts: Sequence[Act] = (), lasts_s: float = 0) -> None:
        """Lets the world go on until everything that was started has ended and everyone has done their part.

        Args:
            acts: what people and outside causes do.
            lasts_s: go on at least so long, in virtual seconds.

        Raises:
            TimeoutError: something still runs after four virtual hours, or nothing will ever happen again.
        """
        self._acts = [(None if a.at_s is None else self._start + timedelta(seconds=a.at_s), a) for a in acts]
        until = self._start + timedelta(seconds=lasts_s)
        end = max(self.schedules.until or self._start, self._start) + GIVE_UP_AFTER
        while True:
            self._settle()
            begun = self.durable.names or lasts_s > 0
            quiet = not self._is_waited_for() and not self.durable.running() and self.schedules.next_moment() is None
            if begun and quiet and self.clock.now() >= until:
                return
            moment = self._next_moment(until)
            if moment is None or moment > end:
                raise TimeoutError(f"not over at {self.clock.now()}: acts left {self._acts}")
            self.clock.move_to(moment)
            self.world.moment()

    def _is_waited_for(self) -> bool:
        """Whether somebody has not done their part."""
        return bool(self._acts)

    def sweep(self) -> None:
        """From now on the schedule sends its order every quarter of an hour, as long as something goes on."""
        self._sweep_at = self.clock.now() + SWEEP_EVERY

    def await_leases(self, for_s: float) -> None:
        """From now on what was lent comes due in its time, as long as that is within so many seconds."""
        self.schedules.until = self.clock.now() + timedelta(seconds=for_s)

    @property
    def reports(self) -> tuple[Report, ...]:
        """Every publish, in order."""
        return tuple(report_of(r) for r in self.world.requests if r.operation == "Publish" and not r.error)

    def records(self) -> Sequence[Json]:
        """The ledger's records of incidents, oldest first."""
        with self.world.behind_the_scenes():
            return list(reversed(Ledger(self.runtime).recent(100)))

    def answer(self, answer: str = "approve", by: str = "sato@example.com", reference: str | None = None) -> Json:
        """A person answers the open question; gives what the approve function said."""
        event = {"reference": reference or self.question(), "answer": answer, "by": by}
        return dict(self._call(approve.handle, event))

    def question(self) -> str:
        """The reference of the open question.

        Raises:
            LookupError: nothing is asked.
        """
        asking = [r for r in self.records() if r["state"] == "asking"]
        if not asking:
            raise LookupError("nothing is asked")
        return str(json.loads(asking[-1]["asked"])["reference"])

    def deliver(self, events: Iterable[Mapping[str, Any]]) -> None:
        """Hands events to intake now, through the rules and in batches, as the queue would."""
        let = [Delivery(self.clock.now(), dict(e)) for e in events if self._rules.let_through(dict(e))]
        for first in range(0, len(let), BATCH):
            self._to_intake(let[first : first + BATCH])

    def _durable_function(self) -> Executions:
        return DurableFunction(remediate.handle, self.clock)

    def _call(self, entry: Callable[..., Any], event: Json) -> Any:
        """One invoke of a Lambda entry."""
        return entry(event, lambda_context())

    def _runtime(self, clients: product.Clients) -> product.Runtime:
        place = self.world.portfolio
        workload = Workload(
            name="portfolio",
            cluster=names.CLUSTER,
            service=names.SERVICE,
            load_balancer=place.load_balancer_suffix,
            target_group=place.target_group_suffix,
            tables=(names.TABLE,),
            bucket=names.BUCKET,
            distribution=names.DISTRIBUTION,
            health_path=names.HEALTH_PATH,
            port=names.PORT,
            latency_target_ms=100,
            task_ceiling=6,
            endpoint=f"http://{place.dns_name}",
        )
        return product.Runtime(
            settings=Settings(workloads=(workload,), language=self._language, switch_parameter=names.SWITCH_PARAMETER),
            environment=product.Environment.from_environment(),
            clients=clients,
            now=self.clock.now,
            http_get=self.world.http_get,
        )

    def _invoked(self, asked: Mapping[str, Any]) -> Json:
        """A synchronous invoke reaches intake, an asynchronous one the durable function."""
        if asked["FunctionName"] != names.INTAKE_FUNCTION:
            return dict(self.durable.fakes()["Invoke"](asked))
        response = self._call(intake.handle, json.loads(as_text(asked["Payload"])))
        return {"StatusCode": 200, "Payload": json.dumps(response).encode()}

    def _sent_to_intake(self, asked: Mapping[str, Any]) -> Json:
        """A message that the program sends itself; there is no other queue that it sends to."""
        body = str(asked["MessageBody"])
        self.world.queue.append(Delivery(self.clock.now(), json.loads(body), by_rule=False))
        return {
            "MessageId": uuid("sent", body),
            "MD5OfMessageBody": md5(body.encode(), usedforsecurity=False).hexdigest(),
        }

    def _settle(self) -> None:
        """Does everything that is due at this moment: people first, then the queue, then the program's own work."""
        self._schedule()
        while True:
            self._act()
            due = [d for d in self.world.queue if d.at <= self.clock.now()]
            self.world.queue = [d for d in self.world.queue if d.at > self.clock.now()]
            due = [d for d in due if not d.by_rule or self._rules.let_through(d.event)]
            for first in range(0, len(due), BATCH):
                self._to_intake(due[first : first + BATCH])
            self.durable.work()
            self._tell_of_failures()
            if not self._due_acts() and not any(d.at <= self.clock.now() for d in self.world.queue):
                return

    def _schedule(self) -> None:
        self.schedules.fire()
        if self._sweep_at is not None and self._sweep_at <= self.clock.now():
            event = dict(sweep_event(iso(self._sweep_at)))
            self.world.queue.append(Delivery(self.clock.now(), event, by_rule=False))
            self._sweep_at += SWEEP_EVERY

    def _tell_of_failures(self) -> None:
        """Lambda's event of an execution that failed, as the rule on it sends it to intake; the notice to people is AWS's."""
        now = self.clock.now()
        for name, status in self.durable.newly_failed():
            event = execution_status_change(names.REMEDIATE_ALIAS.rsplit(":", 1)[0], name, status, now)
            self.world.events.append(event)
            self.world.queue.append(Delivery(now, event, by_rule=False))

    def _next_moment(self, until: datetime) -> datetime | None:
        acts = [at for at, _ in self._acts if at is not None]
        queued = [d.at for d in self.world.queue]
        moments = (self.world.next_moment(), self.durable.next_due(), self.schedules.next_moment())
        own = [m for m in moments if m is not None]
        last = [until] if until > self.clock.now() else []
        if self._sweep_at is not None:
            own.append(self._sweep_at)
        return min((*acts, *queued, *own, *last), default=None)

    def _act(self) -> None:
        self._place_answers()
        for due in self._due_acts():
            self._acts.remove(due)
            due[1].do(self)

    def _due_acts(self) -> list[tuple[datetime | None, Act]]:
        return [(at, act) for at, act in self._acts if at is not None and at <= self.clock.now()]

    def _place_answers(self) -> None:
        """Once the program asks, acts that follow the question get their moment."""
        unplaced = any(at is None for at, _ in self._acts)
        if unplaced and any(r["state"] == "asking" for r in self.records()):
            now = self.clock.now()
            self._acts = [(at or now + timedelta(seconds=a.after_question_s or 0), a) for at, a in self._acts]

    def _to_intake(self, batch: Sequence[Delivery]) -> None:
        """One invoke; what fails comes again later, and after three times lies in the dead-letter queue."""
        event = sqs_batch(batch)
        try:
            failed = self._call(intake.handle, event)["batchItemFailures"]
            ids = {f["itemIdentifier"] for f in failed}
        except Exception:  # noqa: BLE001  # as Lambda: whatever it is, the whole batch has failed
            ids = {r["messageId"] for r in event["Records"]}
        for delivery, record in zip(batch, event["Records"], strict=True):
            if record["messageId"] in ids:
                self._again(delivery)

    def _again(self, delivery: Delivery) -> None:
        if delivery.received + 1 >= RECEIVED_AT_MOST:
            self.dead_letters.append(delivery)
            return
        later = self.clock.now() + timedelta(seconds=self.visibility_s)
        self.world.queue.append(replace(delivery, at=later, received=delivery.received + 1))
