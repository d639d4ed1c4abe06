"""The laptop whose Lambda entries live in worker processes, while this process is AWS: it survives whoever dies."""

import gc
import json
from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any, Protocol, Self

from aws_durable_execution_sdk_python.execution import DurableExecutionInvocationInput
from aws_durable_execution_sdk_python_testing.invoker import InvokeResponse
from moto.dynamodb.models import dynamodb_backends

from remediator.core.errors import RemediatorError
from remediator.core.ports import GLOBAL_REGION
from remediator.core.serialization import Json
from remediator.handlers import approve
from sandbox import names
from sandbox.lambda_.durable import Executions
from sandbox.laptop import Laptop
from sandbox.published import lambda_context
from sandbox.wire import WIRE

from .stored import DiedError, StoredExecutions
from .worker import Asked, Got, Here, Invocation, Worker, got, handles, operation_model, remediates

CLIENTS = (
    ("application-autoscaling", ""), ("cloudformation", ""), ("cloudfront", ""), ("cloudtrail", ""),
    ("cloudtrail", GLOBAL_REGION), ("cloudwatch", ""), ("cloudwatch", GLOBAL_REGION), ("dynamodb", ""), ("ec2", ""),
    ("ecr", ""), ("ecs", ""), ("elbv2", ""), ("iam", ""), ("lambda", ""), ("logs", ""), ("s3", ""),
    ("scheduler", ""), ("sns", ""), ("sqs", ""), ("ssm", ""), ("sts", ""),
)  # fmt: skip
MISSING_RIGHT = "is not allowed: "  # as `Denied` says it
UNLIKE = ("claimed_by",)  # drawn anew by every process
READS = ("Describe", "List", "Get", "Batch", "Lookup", "Head", "Query", "Scan", "Assume", "Filter", "Start", "Simulate")


class Watch(Protocol):
    """Who looks on while a worker asks; where `nobody_dies` any more and no copy is made, workers need no process."""

    nobody_dies: bool

    def before(self, laptop: "ForkedLaptop", worker: Invocation, asked: Asked) -> Got | None:
        """Called before AWS has taken it; what is given is answered in AWS's place."""

    def after(self, laptop: "ForkedLaptop", worker: Invocation, asked: Asked, answer: Any) -> Any:
        """Called when AWS has taken it and the worker has not learned of it; gives what it learns."""


class ForkedLaptop(Laptop):
    """As the laptop; `watch` sees every question of every worker."""

    durable: StoredExecutions

    def __init__(self, watch: Watch, again_after_s: float = 0) -> None:
        super().__init__()
        self._watch = watch
        self._again_after_s = again_after_s
        if not again_after_s:
            self.visibility_s = 0  # a message comes again at once too, so that nothing but the death is different
        self.asked = 0

    def __enter__(self) -> Self:
        super().__enter__()
        for service, region in CLIENTS:  # made once here, found by every worker
            self.runtime.clients(service, region)
        gc.collect()
        gc.freeze()  # forked processes share what is never looked at again
        return self

    def _durable_function(self) -> Executions:
        return StoredExecutions(self.clock, self._remediate, self._again_after_s)

    def _call(self, entry: Callable[..., Any], event: Json) -> Any:
        run = handles(entry, event, lambda_context())
        try:
            found = self._in_worker(run)
        except DiedError:
            if entry is not approve.handle:
                raise
        else:
            if entry is not approve.handle or not (found.get("again") or MISSING_RIGHT in str(found.get("why"))):
                return found  # else whoever is told so says it again, with the right given back
        return {**self._in_worker(run), "accepted": True}  # who got no answer tries again, and may be told "answered"

    def _is_waited_for(self) -> bool:
        """In a copy the question may never come that an act was to follow."""
        if self._watch.nobody_dies:
            return any(at is not None for at, _ in self._acts)
        return super()._is_waited_for()

    def _remediate(self, asked: DurableExecutionInvocationInput) -> InvokeResponse:
        answer: InvokeResponse = self._in_worker(remediates(asked))
        return answer

    def _in_worker(self, run: Callable[..., Any]) -> Any:
        if self._watch.nobody_dies:
            return Here(self._answered).run(run)
        worker = Worker(run)
        return worker.serve(lambda asked: self._answered(worker, asked))

    def _answered(self, worker: Invocation, asked: Asked) -> Any:
        self.asked += 1
        instead = self._watch.before(self, worker, asked)
        answer = instead if instead is not None else self._answer(asked)
        return self._watch.after(self, worker, asked, answer)

    def _answer(self, asked: Asked) -> Any:
        if asked.kind == "checkpoint":
            return self.durable.checkpoint(*asked.body)
        if asked.kind == "state":
            return self.durable.read_state(*asked.body)
        if asked.kind == "http":
            try:
                return self.world.http_get(asked.body)
            except RemediatorError as error:
                return error
        return got(WIRE.answer(operation_model(asked.name), asked.parameters or {}, asked.body.prepared()))

    def digest(self) -> str:
        """All that the future depends on, in short: ledger, checkpoints, changes made, what is on its way, the hour."""
        values = {
            "ledger": ledger_items(),
            "executions": self.durable.state(),
            "writes": [(r.operation, r.parameters, r.error) for r in self.world.writes],
            "queue": sorted(f"{d.at} {json.dumps(d.event, sort_keys=True, default=str)}" for d in self.world.queue),
            "lost": len(self.dead_letters),
            "now": str(self.clock.now()),
        }
        return sha256(json.dumps(values, sort_keys=True, default=str).encode()).hexdigest()


def changes_state(asked: Asked) -> bool:
    """Whether AWS is another one afterwards; a process that dies between two of these dies in the same situation."""
    if asked.kind == "aws":
        return not asked.name.partition(":")[2].startswith(READS)
    return asked.kind == "checkpoint"


def ledger_items() -> Mapping[str, Any]:
    """Every item of the ledger as DynamoDB holds it, by key."""
    (backend,) = (b[names.REGION] for b in dynamodb_backends.values())
    table = backend.tables[names.LEDGER_TABLE]
    items = (item.to_json()["Attributes"] for item in table.all_items())
    return {i["pk"]["S"]: {k: _sorted(v) for k, v in i.items() if k not in UNLIKE} for i in items}


def _sorted(value: Any) -> Any:
    return {"SS": sorted(value["SS"])} if isinstance(value, dict) and "SS" in value else value
