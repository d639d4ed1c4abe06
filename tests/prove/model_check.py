"""Model check: people, faults, the switch, the tag and the clock in any order, and the rules that hold everywhere after each.

Hypothesis draws the orders, from a fixed seed; the product runs whole, on the laptop. What is checked is what reached the
fake AWS: its requests, with the session that sent each, not what the product says of itself. What was in force at a write
is known because people act only between two moments. An undo that follows `worse` is approved with its change, so
only switch and tag are asked for it. In the proof the Lambda entries are processes that may be killed at any question.
"""

import json
import os
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from remediator.core.serialization import Json
from remediator.handlers import intake
from sandbox import applications as programs
from sandbox.laptop import Laptop
from sandbox.published import lambda_context
from sandbox.wire import Request

from .flights import Flights, workload
from .forked import ForkedLaptop
from .outcome import Outcome, Task
from .stored import DiedError
from .worker import Asked, Got, Invocation, Worker, handles

FULL = bool(os.environ.get("FULL"))  # then the first order that breaks a rule is made short
NAME = "model check"
NAMES = ("model_check",)
STEP_S = 0.4  # roughly
SEED = 20_261_123
SEEDS, EXAMPLES, STEPS = 8, 8, 12
BOUNDED_EXAMPLES, BOUNDED_STEPS = 2, 3
SWITCHES = ("auto", "approve", "off", "garbage")
TAGS = ("auto", "approve", "off")
FAULTS = (programs.LEAKS, programs.WARMS_AND_BLOCKS)
OURS = frozenset(("sts", "sns", "lambda", "scheduler", "sqs", "ssm", "dynamodb"))
counts: Counter[str] = Counter()


class Broken(AssertionError):
    """A rule that holds everywhere did not hold."""


@dataclass(slots=True)
class Force:
    """What people have set until now."""

    switch: str = "auto"
    tag: str = "auto"


class Machine(RuleBasedStateMachine):
    """One world, and everybody who may act on it."""

    def __init__(self) -> None:
        super().__init__()
        self.laptop = self.opened()
        self.world = self.laptop.world
        self.world.run_service()
        self.force = Force()
        self.approved: set[str] = set()
        self._checked = 0
        counts["examples"] += 1

    def opened(self) -> Laptop:
        """The laptop that is played on."""
        return Laptop().__enter__()

    def teardown(self) -> None:
        """The trouble is over and everything runs to its end: every incident is closed, and people have been told of it.

        What nobody heals comes back after its hour, and would be open still.
        """
        try:
            self.world.recover()
            with suppress(TimeoutError):
                self._go(3 * 3600)
                self._ended()
        finally:
            self.laptop.__exit__(None, None, None)

    # -- what may happen ------------------------------------------------------------------------------------------

    @initialize(switch=st.sampled_from(("auto", "auto", "approve", "approve", "off")), fault=st.sampled_from(FAULTS))
    def begin(self, switch: str, fault: Any) -> None:
        """Each order begins with trouble, so that there is something to get wrong."""
        self.switch(switch)
        self.fall_ill(fault)

    @rule(fault=st.sampled_from(FAULTS))
    def fall_ill(self, fault: Any) -> None:
        """The program fails from now on; ECS tells of it."""
        self.world.fall_ill(fault, tasks=1 if fault is programs.WARMS_AND_BLOCKS else 100)
        self._go(180)

    @rule()
    def told_again(self) -> None:
        """The last events come once more."""
        self.laptop.deliver(self.world.events[-3:])
        self._go(0)

    @rule(seconds=st.sampled_from((1, 60, 900, 3700)))
    def time_passes(self, seconds: int) -> None:
        """Small steps and big ones."""
        self._go(seconds)

    @rule(value=st.sampled_from(SWITCHES))
    def switch(self, value: str) -> None:
        """Someone turns the kill switch."""
        self.world.switch(value)
        self.force.switch = value

    @rule(value=st.sampled_from(TAGS))
    def tag(self, value: str) -> None:
        """Someone changes the opt-in tag."""
        self.world.service.tags["auto-remediation"] = value
        self.force.tag = value

    @rule(answer=st.sampled_from(("approve", "refuse", "hold")), right=st.booleans(), times=st.sampled_from((1, 2)))
    def answer(self, answer: str, right: bool, times: int) -> None:  # hypothesis draws it
        """A person answers, perhaps twice, perhaps naming another plan."""
        asked = self._question()
        if not asked:
            return
        reference = asked if right else f"{asked[:-8]}{'0' * 8}"
        for _ in range(times):
            found = self.laptop.answer(answer, reference=reference)
            if found["accepted"] and not right:
                raise Broken(f"{reference} names another plan and was accepted")
            if answer == "approve" and right and (found["accepted"] or found.get("died")):
                self.approved.add(asked[:-9])
                counts["approvals"] += 1
        self._go(0)

    @precondition(lambda self: self._question())
    @rule()
    def approve(self) -> None:
        """A person approves what is asked: the commonest answer, and the only one that leads to a write."""
        self.answer("approve", right=True, times=1)

    @rule()
    def recover(self) -> None:
        """What made the program fail is over; nobody of ours has done it."""
        self.world.recover()
        self._go(60)

    @rule()
    def acknowledge(self) -> None:
        """A person takes the newest incident up, open or not."""
        for record in self.laptop.records()[-1:]:
            self.laptop.answer("ack", reference=str(record["pk"]).removeprefix("incident#"))
            counts["acknowledged"] += 1
        self._go(0)

    @rule(times=st.sampled_from((1, 2)))
    def undo_by_hand(self, times: int) -> None:
        """A person takes the last change back, perhaps twice at once."""
        changed = [r for r in self.laptop.records() if "change" in r and r["origin"] == "event"]
        for _ in range(times if changed else 0):
            of = str(changed[-1]["pk"]).removeprefix("incident#")
            self.laptop._call(intake.handle, {"undo": of, "by": "sato@example.com"})
        self._go(1)  # an incident is named by its moment: the next order comes later

    def _question(self) -> str:
        """The reference of the open question, empty where nothing is asked."""
        try:
            return self.laptop.question()
        except LookupError:
            return ""

    # -- time, and what must hold ---------------------------------------------------------------------------------

    def _go(self, seconds: float) -> None:
        """The world and the product go on for so long."""
        laptop = self.laptop
        end = laptop.clock.now() + timedelta(seconds=seconds)
        while True:
            laptop._settle()  # `run` goes to the end of everything
            moment = laptop._next_moment(end)
            if laptop.clock.now() >= end or moment is None or moment > end:
                break
            laptop.clock.move_to(moment)
            self.world.moment()
        laptop.clock.move_to(end)
        self._check()

    def _check(self) -> None:
        counts["steps"] += 1
        fresh = self.world.requests[self._checked :]
        records = {str(r["pk"]).removeprefix("incident#"): r for r in self.laptop.records()}
        sessions = {k: s.name for k, s in self.world.account.sessions.items()}
        undone = self._undo_keys(sessions)
        for r in fresh:
            if fault := _forbidden(r):
                raise Broken(fault)
            if r.role and r.service not in OURS:
                counts["writes"] += 1
                incident = sessions[r.access_key].removeprefix("remediator-")
                self._consented(r, incident, records[incident], undo=r.access_key in undone)
        self._checked = len(self.world.requests)
        flights = Flights(sessions, {i: workload(r) for i, r in records.items()})
        flights.follow(self.world.requests)
        if flights.violations:
            raise Broken(flights.violations[0])
        self._undone_once(sessions, records)
        for incident, record in records.items():
            plan = json.loads(record["plan"]) if "plan" in record else {}
            if plan and not (plan.get("undo") or plan.get("no_undo")):
                raise Broken(f"{incident}: its plan states no undo")

    def _consented(self, r: Request, incident: str, record: Any, *, undo: bool) -> None:
        what, force = f"{r.action} of {incident}", self.force
        if force.switch not in ("auto", "approve"):
            raise Broken(f"{what} while the switch is {force.switch}")
        if force.tag not in ("auto", "approve"):
            raise Broken(f"{what} while the tag is {force.tag}")
        if (
            not undo
            and record["origin"] == "event"
            and "approve" in (force.switch, force.tag)
            and incident not in self.approved
        ):
            raise Broken(f"{what} without an approval")

    def _undo_keys(self, sessions: dict[str, str]) -> set[str]:
        """The later sessions of an incident: its own undo."""
        seen: set[str] = set()
        later: set[str] = set()
        for key, name in sessions.items():
            (later.add if name in seen else seen.add)(key if name in seen else name)
        return later

    def _undone_once(self, sessions: dict[str, str], records: Any) -> None:
        undone: dict[str, set[str]] = {}
        later = self._undo_keys(sessions)
        for r in self.world.requests:
            if r.role and r.service not in OURS and not r.error:
                incident = sessions[r.access_key].removeprefix("remediator-")
                if records[incident]["origin"] == "undo":
                    of = json.loads(records[incident]["incident"])["of"]
                    undone.setdefault(of, set()).add(r.access_key)
                elif r.access_key in later:
                    undone.setdefault(incident, set()).add(r.access_key)
        for incident, by in undone.items():
            counts["undone"] = counts["undone"] + 1
            if len(by) > 1:
                raise Broken(f"the change of {incident} was undone {len(by)} times")

    def _ended(self) -> None:
        found = {str(r.attributes.get("incident")) for r in self.laptop.reports}
        for record in self.laptop.records():
            incident = str(record["pk"]).removeprefix("incident#")
            counts["incidents"] += 1
            if record["state"] != "closed":
                raise Broken(f"{incident} ends as {record['state']}")
            if "joined" not in record and record.get("verdict") != "opted_out" and incident not in found:
                raise Broken(f"{incident} ended and nobody was told")


def _forbidden(r: Request) -> str:
    """What no code of ours may send."""
    ledger = r.service == "dynamodb" and r.operation == "DeleteItem"
    if r.operation.startswith(("Delete", "Deregister", "Remove")) and not ledger:
        return f"{r.action} deletes"
    if r.service == "iam" and not r.operation.startswith(("Get", "List", "Simulate")):
        return f"{r.action} writes to IAM"
    if "Cidr" in json.dumps(r.parameters, default=str) and r.operation.startswith("Authorize"):
        return f"{r.action} opens addresses"
    return ""


class _Killing:
    """Kills the worker of the nth question from now."""

    nobody_dies = False

    def __init__(self) -> None:
        self.left: int | None = None

    def before(self, laptop: ForkedLaptop, worker: Invocation, asked: Asked) -> Got | None:
        """Perhaps kills."""
        del laptop, asked
        if self.left is None:
            return None
        self.left -= 1
        if self.left < 0:
            self.left = None
            counts["kills"] += 1
            assert isinstance(worker, Worker)  # whoever is to be killed has a process
            worker.kill()
        return None

    def after(self, laptop: ForkedLaptop, worker: Invocation, asked: Asked, answer: Any) -> Any:
        """The worker learns what AWS said."""
        del laptop, worker, asked
        return answer


class _Mortal(ForkedLaptop):
    """A laptop whose entries may die; whoever invoked one by hand then gives up."""

    def _call(self, entry: Callable[..., Any], event: Json) -> Any:
        try:
            return self._in_worker(handles(entry, event, lambda_context()))
        except DiedError:
            if entry is intake.handle and "Records" in event:
                raise
            return {"accepted": False, "died": True}


class MortalMachine(Machine):
    """The same, and the process that is at work may be killed."""

    def opened(self) -> Laptop:
        """Entries are processes of their own, invoked again after five seconds."""
        self.killing = _Killing()
        return _Mortal(self.killing, again_after_s=5.0).__enter__()

    @rule(questions=st.integers(0, 60))
    def the_process_dies(self, questions: int) -> None:
        """So many questions from now."""
        self.killing.left = questions


def tasks(*, bounded: bool, names: Sequence[str]) -> tuple[Task, ...]:
    """As many orders as the form allows, the same in every run, a task for each seed."""
    del names
    examples, steps = (BOUNDED_EXAMPLES, BOUNDED_STEPS) if bounded else (EXAMPLES, STEPS)
    return tuple(
        Task(
            run=partial(of_seed, SEED + n, examples=examples, steps=steps, shrink=FULL),
            about=f"{NAME}: {examples} orders of at most {steps} steps, seed {SEED + n}",
            weight=examples * STEP_S * steps,
            forks=True,
        )
        for n in range(1 if bounded else SEEDS)
    )


def outcomes(results: Sequence[Any], *, bounded: bool, names: Sequence[str]) -> tuple[Outcome, ...]:
    """All seeds together; of each, the first order that broke a rule (made short with `FULL`, which takes minutes)."""
    del names
    total: Counter[str] = Counter()
    for counted, _ in results:
        total.update(counted)
    broken = tuple(v for _, found in results for v in found)
    figures = {"seeds": ", ".join(str(SEED + n) for n in range(1 if bounded else SEEDS)), **total}
    return (Outcome(proof=NAME, runs=total["examples"], violations=broken, figures=figures),)


def of_seed(drawn_from: int, *, examples: int, steps: int, shrink: bool) -> tuple[dict[str, int], tuple[str, ...]]:
    """What was counted in the orders of one seed, and what they broke."""
    counts.clear()
    drawn = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        phases=(Phase.generate, Phase.shrink) if shrink else (Phase.generate,),
        suppress_health_check=list(HealthCheck),
        print_blob=False,
    )
    try:
        run_state_machine_as_test(seed(drawn_from)(MortalMachine), settings=drawn)
    except Broken as broken:
        return dict(counts), ("; ".join((f"seed {drawn_from}", str(broken), *getattr(broken, "__notes__", ()))),)
    return dict(counts), ()
