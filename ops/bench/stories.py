"""The sandbox's stories under the watch: which one stands for a runbook, and what was asked of AWS in it."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from remediator.aws import runtime as product
from remediator.core.model import Signal
from remediator.core.serialization import to_json
from remediator.events import parse_body
from remediator.handlers import approve, intake
from sandbox.clock import START
from sandbox.laptop import Act, Laptop
from sandbox.scenarios import Scenario, load_all

from .recording.timeline import Called
from .recording.watch import Seen, Watch

CONTEXT = SimpleNamespace(
    function_name="remediator",
    memory_limit_in_mb=512,
    invoked_function_arn="",
    aws_request_id="",
    get_remaining_time_in_millis=lambda: 60_000,
)
NO_FIX = ("ignored", "told", "watched", "held back", "nothing", "unreported")


@dataclass(slots=True)
class Heard:
    """One story, as the watch saw it.

    Attributes:
        seen: every request of the product, to the story's end.
        batches: what intake was given, with the moment.
        environment: of the functions; settings as plain values.
    """

    seen: list[Seen] = field(default_factory=list)
    batches: list[tuple[datetime, Mapping[str, Any]]] = field(default_factory=list)
    environment: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)

    @property
    def started_at(self) -> datetime:
        """The virtual moment of the first execution."""
        return next(s.at for s in self.seen if s.called.name == "lambda:Invoke")

    @property
    def start_s(self) -> float:
        """When its invoke was answered: remediate begins here."""
        return next(s.called.ended_s for s in self.seen if s.called.name == "lambda:Invoke")

    @property
    def incident(self) -> str:
        """The first incident's id."""
        invoke = next(s for s in self.seen if s.called.name == "lambda:Invoke")
        return str(invoke.parameters["DurableExecutionName"])

    @property
    def opening(self) -> Mapping[str, Any]:
        """The SQS batch of one message that opened the incident."""
        batch = next(batch for at, batch in self.batches if at == self.started_at)
        record = next(r for r in batch["Records"] if any(isinstance(p, Signal) for p in parse_body(r["body"])))
        return {"Records": [record]}

    def first_invocation(self) -> tuple[Called, ...]:
        """Remediate's requests until its first wait: virtual time stands still during an invocation."""
        began = [s for s in self.seen if s.at == self.started_at and s.called.who == "remediate"]
        return tuple(s.called for s in began if s.called.began_s >= self.start_s)


def candidates(runbook: str) -> Sequence[Scenario]:
    """Stories in which that runbook changes something by itself and alone."""
    found = (s for s in load_all() if (s.expected.cause or "").startswith(f"{runbook}."))
    alone = (s for s in found if s.expected.incidents == 1 and not s.acts)
    return tuple(s for s in alone if s.expected.action not in NO_FIX)


def hear(watch: Watch, scenario: Scenario, acts: Sequence[Act] | None = None) -> Heard:
    """Plays the story, with other people's acts where they are given."""
    heard = Heard()
    with Laptop() as laptop, watch.on_checkpoints(), _entries(watch, heard, laptop):
        watch.now, watch.seen = laptop.clock.now, heard.seen
        heard.environment, heard.settings = _environment(), dict(to_json(laptop.runtime.settings))
        replace(scenario, acts=scenario.acts if acts is None else tuple(acts)).play(laptop)
    return heard


def told_again(tell: Heard, watch: Watch, copies: int) -> Act:
    """A second later another process of intake gets the opening signal again, in a batch of copies."""

    def again(laptop: Laptop) -> None:
        product.install(replace(laptop.runtime))  # another runtime: nothing of it is remembered
        with watch.main_thread_is("intake"):
            intake.handle(repeated(tell.opening, copies), CONTEXT)
        product.install(laptop.runtime)

    return Act(at_s=(tell.started_at - START).total_seconds() + 1, do=again)


def answers(watch: Watch, into: dict[str, Any]) -> Act:
    """A minute after the question someone approves; the event is put into `into`."""

    def answer(laptop: Laptop) -> None:
        into["event"] = {"reference": laptop.question(), "answer": "approve", "by": "sato@example.com"}
        into["at"] = laptop.clock.now()
        with watch.main_thread_is("approve"):
            approve.handle(into["event"], CONTEXT)

    return Act(after_question_s=60, do=answer)


def repeated(batch: Mapping[str, Any], copies: int) -> Mapping[str, Any]:
    """An SQS batch of `copies` messages with the first record's body."""
    first = batch["Records"][0]
    return {"Records": [{**first, "messageId": f"{first['messageId'][:-4]}{n:04d}"} for n in range(copies)]}


@contextmanager
def _entries(watch: Watch, heard: Heard, laptop: Laptop) -> Iterator[None]:
    """While this is open, the main thread's requests within intake are intake's, and its batches are kept."""
    original: Callable[..., Any] = intake.handle

    def handle(event: Mapping[str, Any], context: Any) -> Any:
        heard.batches.append((laptop.clock.now(), event))
        with watch.main_thread_is("intake"):
            return original(event, context)

    intake.handle = handle
    try:
        yield
    finally:
        intake.handle = original


def _environment() -> Mapping[str, str]:
    ours = ("AWS_", "TOPIC_", "POWERTOOLS_", "LEDGER_", "REMEDIATE_", "INTAKE_", "FIX_ROLE_")
    return {name: value for name, value in os.environ.items() if name.startswith(ours)}
