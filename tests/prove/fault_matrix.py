"""Fault matrix: each call of each step fails in each way; nothing wrong is written, nothing is lost, the gap is named.

At the beginning of each step the fake AWS forks for each call that the undisturbed step makes and each way to fail: in the
copy a new worker takes the step up and meets the fault. That an action on the workload is denied lasts to the end of the
story, as a missing permission does; everything else lasts for one attempt of the step, however often botocore repeats
the request. Copies end as those of the crash matrix do. Without `FULL`, each sort of call fails once in the stories of a
runbook, reads and the program's own calls in one way by turns, writes to the workload in every way.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from typing import Any

from aws_durable_execution_sdk_python.lambda_service import OperationAction

from ops.sandbox.scenarios import Scenario, by_name
from ops.sandbox.wire import IAM_ACTION, IAM_PREFIX

from .crash_matrix import FULL, Crashed, groups, over, step_of
from .forked import ForkedLaptop, changes_state, ledger_items
from .outcome import Outcome, Say
from .truth import Reference, untruths, writes_of
from .universes import Universes
from .worker import Asked, Got, Worker

NAME = "fault matrix"
DENIED = "denied"
PASSING = ("throttled", "error 500", "timeout", "reset", "malformed", "empty")
EVERY = (DENIED, *PASSING)
AFTERWARDS = "made, and the answer lost"
OURS = (
    "dynamodb:",
    "scheduler:",
    "sns:",
    "sqs:",
    "lambda:",
    "sts:",
)  # what the program keeps itself with; tables are changed by UpdateTable
OF_TABLES = ("dynamodb:UpdateTable", "dynamodb:DescribeTable", "dynamodb:DescribeContinuousBackups")
ENDS = (OperationAction.SUCCEED, OperationAction.FAIL, OperationAction.RETRY)


@dataclass(slots=True)
class Steps:
    """Notes which calls each step makes, and every situation."""

    digests: set[str] = field(default_factory=set)
    calls: list[set[str]] = field(default_factory=lambda: [set()])

    def before(self, laptop: ForkedLaptop, worker: Worker, asked: Asked) -> Got | None:
        """Nothing fails."""
        del laptop, worker
        if asked.kind == "aws":
            self.calls[-1].add(asked.name)

    def after(self, laptop: ForkedLaptop, worker: Worker, asked: Asked, answer: Any) -> Any:
        """Notes where the story stands."""
        del worker
        if asked.kind == "checkpoint":
            self.digests.add(laptop.digest())
        if ends_step(asked):
            self.calls.append(set())
        return answer


@dataclass(slots=True, kw_only=True)
class Failing(Universes):
    """A universe for each fault."""

    calls: list[set[str]]
    played: Counter[str]
    turn: Iterator[int]
    only: tuple[tuple[str, str], ...] = ()
    brief: bool = False
    fault: tuple[str, str] | None = None  # the call, and how it fails
    fired: int = 0
    met_by: Worker | None = None
    fresh: bool = True
    place: int = 0
    step: str = "the beginning"

    def before(self, laptop: ForkedLaptop, worker: Worker, asked: Asked) -> Got | None:
        """At the first question of a step: a copy for each of its faults. In a copy: the fault."""
        del laptop
        if not self.copied and self.fresh:
            self.fresh = False
            for fault in self._faults():
                if not self.only or fault in self.only:
                    self._fail(fault, worker)
        if self.fault and not self._lasts() and self.met_by not in (None, worker):
            self.fault = None  # the next attempt has begun
        if self.fault and asked.name == self.fault[0]:
            self.fired, self.met_by = self.fired + 1, worker
            if self.fault[1] != AFTERWARDS:
                return failed(asked, self.fault[1])
        return None

    def _fail(self, fault: tuple[str, str], worker: Worker) -> None:
        name, how = fault

        def arm() -> None:
            self.fault = fault

        self.copy(f"{name} {how} after {self.step}", worker, arm, trusted=how != DENIED or is_ours(name))

    def _lasts(self) -> bool:
        return self.fault is not None and self.fault[1] == DENIED and not is_ours(self.fault[0])

    def after(self, laptop: ForkedLaptop, worker: Worker, asked: Asked, answer: Any) -> Any:
        """In a copy: ends the fault with the step's attempt, and the copy where it is one again with what went well."""
        del worker
        if self.fault and asked.name == self.fault[0] and self.fault[1] == AFTERWARDS:
            return failed(asked, "timeout")
        if ends_step(asked):
            self.place, self.fresh, self.step = self.place + 1, True, step_of(asked)
            if self.copied and not self._lasts():
                self.fault = None
        if self.fault is None:
            self.look(laptop, asked)
        return answer

    def _faults(self) -> Iterator[tuple[str, str]]:
        for name in sorted(self.calls[self.place] if self.place < len(self.calls) else ()):
            self.played[f"{name} after {self.step}"] += 1
            if self.brief and self.played[f"{name} after {self.step}"] > 1:
                continue
            if writes_workload(name):
                ways: tuple[str, ...] = (*EVERY, AFTERWARDS)
            else:
                ways = (EVERY[next(self.turn) % len(EVERY)],) if self.brief else EVERY
            yield from ((name, how) for how in ways)


def failed(asked: Asked, how: str) -> Got:
    """What comes back instead of an answer."""
    url = asked.body.url
    action = iam_action(asked.name)
    if how in ("timeout", "reset"):
        return Got(url, lost="timeout" if how == "timeout" else "reset")
    json_error = {"x-amzn-requestid": "fault", "content-type": "application/x-amz-json-1.1"}
    if how == "empty":
        return Got(url, 200, json_error, b"")
    if how == "malformed":
        return Got(url, 200, json_error, b'{"half": [<an answ')
    code, status, words = {
        DENIED: ("AccessDeniedException", 400, f"User is not authorized to perform: {action}"),
        "throttled": ("ThrottlingException", 400, "Rate exceeded"),
        "error 500": ("InternalServerError", 500, "Internal error"),
    }[how]
    both = json.dumps({"__type": code, "message": words})
    if asked.name.split(":")[0] in ("elbv2", "sns", "sts", "cloudformation", "ec2", "iam", "s3", "cloudfront"):
        both = f"<ErrorResponse><Error><Code>{code}</Code><Message>{words}</Message></Error></ErrorResponse>"
    if asked.name.startswith("s3:"):
        both = f"<Error><Code>{code}</Code><Message>{words}</Message></Error>"
    if asked.name.startswith("ec2:"):
        both = f"<Response><Errors><Error><Code>{code}</Code><Message>{words}</Message></Error></Errors></Response>"
    return Got(
        url, status, {**json_error, "x-amzn-errortype": code, "x-amzn-query-error": f"{code};Sender"}, both.encode()
    )


def iam_action(name: str) -> str:
    """IAM's name of `service:Operation`."""
    service, _, operation = name.partition(":")
    named = f"{IAM_PREFIX.get(service, service)}:{operation}"
    return IAM_ACTION.get(named, named)


def writes_workload(name: str) -> bool:
    """Whether the call changes what is looked after."""
    return changes_state(Asked("aws", name)) and not is_ours(name)


def is_ours(name: str) -> bool:
    """Whether the program keeps itself with the call: ledger, topics, queue, its own functions and roles."""
    return name.startswith(OURS) and name not in OF_TABLES


def ends_step(asked: Asked) -> bool:
    """Whether a checkpoint ends one attempt of a step."""
    return asked.kind == "checkpoint" and any(u.action in ENDS for u in asked.body[1])


def of_stories(
    names: tuple[str, ...], only: tuple[tuple[str, str], ...] = (), *, brief: bool = False
) -> tuple[Crashed, ...]:
    """The faults of the stories of one runbook.

    Args:
        names: of the stories.
        only: just these calls failing in these ways; empty for all.
        brief: reads and the program's own calls fail in one way each, by turns.
    """
    played: Counter[str] = Counter()
    turn = count()
    return tuple(_of_story(name, partial(Failing, played=played, turn=turn, only=only, brief=brief)) for name in names)


def _of_story(name: str, failing: Callable[..., Failing]) -> Crashed:
    scenario = by_name(name)
    reference, calls = _undisturbed(scenario)
    watch = failing(reference=reference, calls=calls)
    watch.play(scenario.play, lambda laptop: _wrong(laptop, watch))
    wrong = [f"{name}, {t['where']}: {w}" for t in watch.told for w in t["wrong"]]
    whole = sum(t["whole"] for t in watch.told)
    return Crashed(name, reference.asked, sum(map(len, calls)), len(watch.told), whole, 0, tuple(wrong))


def _undisturbed(scenario: Scenario) -> tuple[Reference, list[set[str]]]:
    watch = Steps()
    with ForkedLaptop(watch) as laptop:
        scenario.play(laptop)
        lost = len(laptop.dead_letters)
        return Reference(writes_of(laptop), frozenset(watch.digests), laptop.asked, 0, lost), watch.calls


def _wrong(laptop: ForkedLaptop, watch: Failing) -> Iterator[str]:
    yield from untruths(laptop, watch.reference)
    if watch.fault and watch.fired and not is_ours(watch.fault[0]) and not _named(laptop, iam_action(watch.fault[0])):
        yield f"nothing names {iam_action(watch.fault[0])}"


def _named(laptop: ForkedLaptop, action: str) -> bool:
    """Whether ledger or reports say that this could not be done; the program's own tools need not be named."""
    told = [str(r.parameters.get("Message", "")) for r in laptop.world.requests if r.operation == "Publish"]
    kept = [json.dumps(item) for pk, item in ledger_items().items() if pk.startswith(("incident#", "shared#"))]
    return any(action in text for text in (*told, *kept))


def prove(*, bounded: bool, jobs: int, say: Say) -> Outcome:
    """Plays the faults of every story."""
    named = (("out-of-memory",),) if bounded else groups(bounded=False)
    outcome = over(NAME, partial(of_stories, brief=not FULL), named, jobs, say)
    kept = ("stories", "situations played, by fork", "of those to the end")
    told = {"stories": "stories", "situations played, by fork": "faults", "of those to the end": "played to the end"}
    return Outcome(
        proof=NAME,
        runs=int(outcome.figures["situations played, by fork"]),
        violations=outcome.violations,
        figures={told[k]: outcome.figures[k] for k in kept},
    )
