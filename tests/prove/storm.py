"""Storm: thousands of events at once, eight workers, and what the account saw of it.

Real: `intake.handle` with SQS batches, the ledger, `ChangeRight`, `fix.apply` with its assumed role, on the fake AWS. Each
worker has intake's modules for itself, as a process would (its memory of repeats, its batch processor), and hands over to
another worker before and after every request, in an order that a seed draws (`turns`). Not real: the execution of an
incident is cut down to its change (claim, right, write, three looks, release, close); its write is answered and has no effect.
"""

import importlib.util
import json
import sys
from collections import Counter, defaultdict, deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from random import Random
from time import perf_counter
from types import ModuleType
from typing import Any

from remediator.aws import runtime as product
from remediator.core.errors import EventNotUnderstood
from remediator.core.model import Incident
from remediator.core.plan import Call, Change, Plan
from remediator.core.text import same
from remediator.core.timestamps import iso
from remediator.events import parse_body
from remediator.gates.answers import Permit
from remediator.ledger.change_lock import ChangeLock
from remediator.ledger.incidents import Ledger
from remediator.remediation import apply as fix
from sandbox.laptop import RECEIVED_AT_MOST, Laptop
from sandbox.published import lambda_context

from .flights import Flights, one_per_trouble, workload
from .hostile_queue import _record
from .outcome import Outcome, Task
from .storm_events import CLUSTER, Place, bodies, places, workloads
from .turns import Turns, interleaved

NAME = "storm"
NAMES = (NAME,)
EVENTS, RESOURCES = 10_000, 100
BOUNDED_EVENTS, BOUNDED_RESOURCES = 400, 10
WORKERS, BATCH, SEED = 8, 10, 20_261_123
HELD_S = 1_800
INVALIDATION = {
    "Id": "I1",
    "Status": "InProgress",
    "CreateTime": "2026-11-23T03:00:00Z",
    "InvalidationBatch": {"Paths": {"Quantity": 1, "Items": ["/*"]}, "CallerReference": "storm"},
}
STEP_S = 1  # virtual time between two jobs


def tasks(*, bounded: bool, names: Sequence[str]) -> tuple[Task, ...]:
    """One storm, the same in every run: its workers share one fake AWS."""
    del names
    events, resources = (BOUNDED_EVENTS, BOUNDED_RESOURCES) if bounded else (EVENTS, RESOURCES)
    about = f"{NAME} of {events} events, {resources} resources, {WORKERS} workers, seed {SEED}"
    return (Task(run=partial(raged, events, resources), about=about, weight=events / 25),)


def raged(events: int, resources: int) -> Outcome:
    """What one storm did."""
    with Laptop() as laptop:
        storm = Storm(laptop, places(resources))
        storm.queue.extend((body, n, 0) for n, body in enumerate(bodies(storm.where, SEED, events)))
        begun = perf_counter()
        storm.rage()
        took_s = perf_counter() - begun
        return storm.outcome(events, took_s)


def outcomes(results: Sequence[Any], *, bounded: bool, names: Sequence[str]) -> tuple[Outcome, ...]:
    """The one that there is."""
    del bounded, names
    return tuple(results)


@dataclass
class Storm:
    """The queue, the incidents that were started, and eight workers that take from both."""

    laptop: Laptop
    where: tuple[Place, ...]
    queue: deque[tuple[str, int, int]] = field(default_factory=deque)  # body, number, how often received
    started: dict[str, int] = field(default_factory=dict)  # incident -> invokes of that name
    waiting: deque[str] = field(default_factory=deque)
    dead: list[tuple[str, int]] = field(default_factory=list)
    became: dict[int, list[Mapping[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    violations: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        laptop = self.laptop
        settings = replace(laptop.runtime.settings, workloads=workloads(self.where))
        laptop.runtime = replace(laptop.runtime, settings=settings)
        product.install(laptop.runtime)
        laptop.world.fake("lambda", {"Invoke": self._invoked})
        laptop.world.fake("ecs", {"UpdateService": lambda asked: {"service": {"serviceName": asked["service"]}}})
        laptop.world.fake("elbv2", {"ModifyTargetGroup": lambda _: {"TargetGroups": []}})
        laptop.world.fake(
            "dynamodb", {"UpdateTable": lambda asked: {"TableDescription": {"TableName": asked["TableName"]}}}
        )
        laptop.world.fake("cloudfront", {"CreateInvalidation": lambda _: {"Invalidation": INVALIDATION}})
        self.turns = Turns(SEED)
        self._drawn = Random(SEED)  # noqa: S311  # it hides nothing
        self._at_work = 0

    def _invoked(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Lambda's part: an execution's name is its own, so a second invoke of it starts nothing."""
        name = asked["DurableExecutionName"]
        self.started[name] = self.started.get(name, 0) + 1
        if self.started[name] == 1:
            self.waiting.append(name)
        return {"StatusCode": 202, "ExecutedVersion": "1"}

    def rage(self) -> None:
        """All of it, to the end."""
        with interleaved(self.turns):
            self.turns.run([_Worker(self, n).work for n in range(WORKERS)])

    def next_job(self) -> str | list[tuple[str, int, int]] | None:
        """An incident's execution, a batch, or nothing for now."""
        if self.waiting and (not self.queue or self._drawn.random() < 0.5):
            return self.waiting.popleft()
        return [self.queue.popleft() for _ in range(min(BATCH, len(self.queue)))] or None

    def outcome(self, events: int, took_s: float) -> Outcome:
        """What the requests and the ledger say."""
        requests, records = self.laptop.world.requests, self._records()
        sessions = {k: s.name for k, s in self.laptop.world.account.sessions.items()}
        workload_of = {r["pk"].removeprefix("incident#"): workload(r) for r in records}
        flights = Flights(sessions, workload_of)
        flights.follow(requests)
        self.violations += flights.violations
        self.violations += self._lost()
        self.violations += self._started_once(records)
        self.violations += one_per_trouble(requests, set(workload_of))
        hows = Counter(str(b.get("how") or next(iter(b))) for found in self.became.values() for b in found)
        figures = {
            "events": events,
            "resources": len(self.where),
            "incidents": len(records),
            "joins": hows["joined"] + hows["repeated"] + hows["late"],
            "ignored": hows["ignored"],
            "told": hows["told"],
            "dead letters": len(self.dead),
            "changes": flights.changes,
            "changes refused": self.counts["refused"],
            "max in flight of one workload": flights.most_of_one,
            "max in flight": flights.most,
            "hand-overs between workers": self.turns.handed_over,
            "requests": len(requests),
            "events/s": round(events / took_s),
        }
        return Outcome(proof=NAME, runs=events, violations=tuple(self.violations[:40]), figures=figures)

    def _records(self) -> Sequence[Mapping[str, Any]]:
        with self.laptop.world.behind_the_scenes():
            return Ledger(self.laptop.runtime).recent(1_000_000)

    def _lost(self) -> Iterator[str]:
        """Each event has joined an incident that is there, was passed over for a reason, told to people, or is dead."""
        known = set(self.started)
        dead = {n for _, n in self.dead}
        yield from (f"event {n} is dead and can be understood" for body, n in self.dead if _understood(body))
        for number in range(max(self.became, default=0) + 1):
            if number in dead:
                continue
            found = self.became.get(number)
            if not found:
                yield f"event {number} is lost"
            for one in found or ():
                if not (one.get("incident") in known or one.get("ignored") or one.get("told") or one.get("died")
                        or "composite" in one or "sweep" in str(one)):  # fmt: skip
                    yield f"event {number} became {json.dumps(one)[:120]}"

    def _started_once(self, records: Sequence[Mapping[str, Any]]) -> Iterator[str]:
        opened = {str(r["pk"]).removeprefix("incident#") for r in records}
        yield from (f"{i} was opened and never started" for i in sorted(opened - set(self.started)))
        yield from (f"{i} was started and is in no ledger" for i in sorted(set(self.started) - opened))
        ran = Counter(self.counts)
        yield from (f"{i} ran {ran[i]} times" for i in sorted(opened) if ran[i] != 1)


class _Worker:
    """One process of intake, and one of `remediate`, by turns."""

    def __init__(self, storm: Storm, number: int) -> None:
        self._storm, self._intake = storm, _own_intake(number)

    def work(self) -> None:
        storm = self._storm
        while True:
            job = storm.next_job()
            if job is None:
                if storm._at_work == 0:  # what is at work may still bring something
                    return
                storm.turns.pass_on()
                continue
            storm._at_work += 1
            clock = storm.laptop.clock
            clock.move_to(clock.now() + timedelta(seconds=STEP_S))
            try:
                if isinstance(job, str):
                    self._remediate(job)
                else:
                    self._take(job)
            finally:
                storm._at_work -= 1

    def _take(self, batch: list[tuple[str, int, int]]) -> None:
        storm, intake = self._storm, self._intake
        records = [_record(body, number) for body, number, _ in batch]
        outcomes: dict[str, list[Mapping[str, Any]]] = {}

        def taken(record: Any) -> None:
            outcomes[record.message_id] = [intake._told(parsed) for parsed in parse_body(record.body)]

        intake._record = taken  # type: ignore[attr-defined]  # a tap on what became of each
        try:
            answer = intake.handle({"Records": records}, lambda_context())
            back = {f["itemIdentifier"] for f in answer["batchItemFailures"]}
        except Exception:  # noqa: BLE001  # as Lambda: whatever it is, the whole batch has failed
            back = {r["messageId"] for r in records}
        for (body, number, received), sent in zip(batch, records, strict=True):
            if sent["messageId"] not in back:
                storm.became[number] += outcomes.get(sent["messageId"], [])
            elif received + 1 >= RECEIVED_AT_MOST:
                storm.dead.append((body, number))
            else:
                storm.queue.append((body, number, received + 1))

    def _remediate(self, name: str) -> None:
        storm, runtime = self._storm, self._storm.laptop.runtime
        storm.counts[name] += 1
        ledger, right = Ledger(runtime), ChangeLock(runtime)
        incident = ledger.begin(name)
        if incident is None:
            storm.violations.append(f"{name} was over before it began")
            return
        plan = _plan(incident)
        answer = right.acquire(incident, plan, iso(runtime.now()), HELD_S)
        if isinstance(answer, Permit):
            fix.apply(runtime, incident.id, plan, plan.calls)
            for _ in range(3):
                ledger.with_signals(incident)
            right.release(incident, Change(plan=plan, applied_at=iso(runtime.now())), iso(runtime.now()))
        else:
            storm.counts["refused"] += 1
        ledger.close(ledger.with_signals(incident), "fixed", iso(runtime.now()))


def _plan(incident: Incident) -> Plan:
    arn, name = incident.resource.arn, incident.resource.arn.rsplit("/", 1)[-1]
    made: dict[str, tuple[str, dict[str, Any]]] = {
        "ecs_service": ("ecs:UpdateService", {"cluster": CLUSTER, "service": name, "desiredCount": 3}),
        "target_group": ("elasticloadbalancing:ModifyTargetGroup", {"TargetGroupArn": arn, "HealthCheckPath": "/"}),
        "table": ("dynamodb:UpdateTable", {"TableName": name, "BillingMode": "PAY_PER_REQUEST"}),
        "distribution": (
            "cloudfront:CreateInvalidation",
            {
                "DistributionId": name,
                "InvalidationBatch": {"CallerReference": "storm", "Paths": {"Quantity": 1, "Items": ["/*"]}},
            },
        ),
    }
    action, asked = made[incident.resource.kind]
    return Plan(
        runbook=incident.runbook,
        cause="storm",
        fix="storm",
        title=same("storm"),
        resource=incident.resource,
        calls=(Call(action=action, parameters=asked, arn=arn),),
        before={},
        after={},
        no_undo=same("nothing happens"),
    )


def _understood(body: str) -> bool:
    try:
        return bool(parse_body(body))
    except EventNotUnderstood:
        return False


def _own_intake(number: int) -> ModuleType:
    """Intake's modules once more, with memory of their own."""
    service = _copy("remediator.intake.service", number)
    intake = _copy("remediator.handlers.intake", number)
    intake.IntakeService = service.IntakeService  # type: ignore[attr-defined]
    return intake


def _copy(name: str, number: int) -> ModuleType:
    found = importlib.util.find_spec(name)
    assert found is not None
    assert found.origin is not None
    spec = importlib.util.spec_from_file_location(f"{name}_{number}", found.origin)
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = made
    spec.loader.exec_module(made)
    return made
