"""Fault matrix: each call of each step fails in each way; nothing wrong is written, nothing is lost, the gap is named.

At the beginning of each step the fake AWS is copied, for each call that the step makes and each way to fail: in the copy a
new worker takes the step up and meets the fault. That an action on the workload is denied lasts to the end of the story, as a
missing permission does; everything else lasts for one attempt of the step, however often botocore repeats the request.
Without `FULL`, each write to the workload fails in every way once in the stories of a runbook; each sort of read does so in
one way, by turns, in every second runbook, each of the program's own calls in every third. Which ones those are follows from
the names, so every run is the same.
"""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from zlib import crc32

from aws_durable_execution_sdk_python.lambda_service import OperationAction

from sandbox.wire import IAM_ACTION, IAM_PREFIX

from .forked import ForkedLaptop, changes_state, ledger_items
from .questions import step_of
from .truth import Reference, untruths
from .universes import Way
from .worker import Asked, Got, Invocation, operation_model

NAME = "fault matrix"
BEGINNING = "the beginning"
LOOKED_AT = (
    4  # times that a step of one name is looked at, in the stories of one runbook; it is the same code each time
)
READ_PARTS, OWN_PARTS = 2, 3
DENIED = "denied"
PASSING = ("throttled", "error 500", "timeout", "reset", "malformed", "empty")
EVERY = (DENIED, *PASSING)
EMPTY = ("malformed", "empty")
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


@dataclass(slots=True, kw_only=True)
class Faults:
    """Which faults are new.

    Attributes:
        played: how often each sort of call was, in the stories of one runbook.
        only: just these calls failing in these ways; empty for all.
        brief: each sort of call once; of reads and of the program's own calls some only, in one way each, by turns.
        part: which of them: the number of the runbook's stories among all.
        parts: among how many runbooks they are shared out; 0: as usual.
        step: the last that has ended.
        calls: what the step that goes on has called so far.
    """

    only: tuple[tuple[str, str], ...] = ()
    brief: bool = True
    part: int = 0
    parts: int = 0
    played: Counter[str] = field(default_factory=Counter)
    step: str = BEGINNING
    calls: set[str] = field(default_factory=set)
    _ended: Counter[str] = field(default_factory=Counter)
    _turn: Iterator[int] = field(default_factory=count)

    def begin(self) -> None:
        """Another story begins."""
        self.step, self.calls = BEGINNING, set()

    def may_be_new(self) -> bool:
        """Whether the step that begins now may make a call that it has not made before."""
        return not self.brief or self._ended[self.step] < LOOKED_AT

    def ended(self, asked: Asked) -> tuple[Way, ...]:
        """The faults of the step that this checkpoint ends, for a copy that was made at its beginning."""
        ways = tuple(self._ways(self.calls)) if self.may_be_new() else ()
        self._ended[self.step] += 1
        self.calls, self.step = set(), step_of(asked)
        return ways

    def _ways(self, calls: set[str]) -> Iterator[Way]:
        for name in sorted(calls):
            sort = f"{name} after {self.step}"
            self.played[sort] += 1
            for how in self._hows(name, first=self.played[sort] == 1):
                if not self.only or (name, how) in self.only:
                    yield Way(NAME, f"{name} {how} after {self.step}", (name, how), how != DENIED or is_ours(name))

    def _hows(self, name: str, *, first: bool) -> tuple[str, ...]:
        every = EVERY if answers_something(name) else tuple(how for how in EVERY if how not in EMPTY)
        if not self.brief:
            return (*every, AFTERWARDS) if writes_workload(name) else every
        if not first:
            return ()
        if writes_workload(name):
            return (*every, AFTERWARDS)
        parts = self.parts or (OWN_PARTS if is_ours(name) else READ_PARTS)
        mine = crc32(f"{name} after {self.step}".encode()) % parts == self.part % parts
        return (every[(next(self._turn) + self.part) % len(every)],) if mine else ()


@dataclass(slots=True)
class Fault:
    """A fault in a copy: which call fails how, who has met it, and whether it is over."""

    name: str
    how: str
    fired: int = 0
    met_by: Invocation | None = None
    over: bool = False

    @property
    def lasts(self) -> bool:
        """Whether it is there until the story ends."""
        return self.how == DENIED and not is_ours(self.name)

    def before(self, worker: Invocation, asked: Asked) -> Got | None:
        """What comes back instead of an answer, if anything."""
        if not self.lasts and self.met_by not in (None, worker):
            self.over = True  # the next attempt has begun
        if self.over or asked.name != self.name:
            return None
        self.fired, self.met_by = self.fired + 1, worker
        return None if self.how == AFTERWARDS else failed(asked, self.how)

    def after(self, asked: Asked, answer: Any) -> Any:
        """What the worker learns."""
        if not self.over and asked.name == self.name and self.how == AFTERWARDS:
            return failed(asked, "timeout")
        if ends_step(asked) and not self.lasts:
            self.over = True
        return answer


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


def answers_something(name: str) -> bool:
    """Whether AWS's answer says anything; where it does not (S3's PutBucketPolicy), an empty one is success."""
    shape = operation_model(name).output_shape
    return bool(shape and shape.members)


def writes_workload(name: str) -> bool:
    """Whether the call changes what is looked after."""
    return changes_state(Asked("aws", name)) and not is_ours(name)


def is_ours(name: str) -> bool:
    """Whether the program keeps itself with the call: ledger, topics, queue, its own functions and roles."""
    return name.startswith(OURS) and name not in OF_TABLES


def ends_step(asked: Asked) -> bool:
    """Whether a checkpoint ends one attempt of a step."""
    return asked.kind == "checkpoint" and any(u.action in ENDS for u in asked.body[1])


def wrong(laptop: ForkedLaptop, reference: Reference, fault: Fault | None) -> Iterator[str]:
    """Everything that is wrong at the end of a copy."""
    yield from untruths(laptop, reference)
    if (
        fault
        and not fault.over
        and fault.fired
        and not is_ours(fault.name)
        and not _named(laptop, iam_action(fault.name))
    ):
        yield f"nothing names {iam_action(fault.name)}"


def _named(laptop: ForkedLaptop, action: str) -> bool:
    """Whether ledger or reports say that this could not be done; the program's own tools need not be named."""
    found = [str(r.parameters.get("Message", "")) for r in laptop.world.requests if r.operation == "Publish"]
    kept = [json.dumps(item) for pk, item in ledger_items().items() if pk.startswith(("incident#", "shared#"))]
    return any(action in text for text in (*found, *kept))
