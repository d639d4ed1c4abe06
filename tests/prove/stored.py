"""Durable executions that only their checkpoints keep alive: single-threaded, so that their process can be forked.

The checkpoint rules are those of the SDK's testing package; what is ours is when an execution is invoked.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any, Self

from aws_durable_execution_sdk_python.execution import (
    DurableExecutionInvocationInput,
    InitialExecutionState,
    InvocationStatus,
)
from aws_durable_execution_sdk_python.lambda_service import (
    CheckpointOutput,
    ErrorObject,
    OperationAction,
    OperationStatus,
    OperationType,
    OperationUpdate,
    StateOutput,
    StepOptions,
)
from aws_durable_execution_sdk_python_testing.checkpoint.processor import CheckpointProcessor
from aws_durable_execution_sdk_python_testing.execution import Execution
from aws_durable_execution_sdk_python_testing.invoker import InvokeResponse
from aws_durable_execution_sdk_python_testing.model import StartDurableExecutionInput
from aws_durable_execution_sdk_python_testing.stores.memory import InMemoryExecutionStore

from sandbox.clock import VirtualClock
from sandbox.lambda_.durable import EXECUTION_TIMEOUT_S, as_text, prompt
from sandbox.wire import AwsError, Fake, Parameters

GIVES_UP_AFTER = 5  # as the testing package: invocations that fail in a row


class DiedError(Exception):
    """The process of an invocation is gone, without an answer."""


@dataclass(slots=True)
class _Kept:
    execution: Execution
    payload: str
    ends_at: datetime
    invoked: bool = False
    running: bool = False
    seen_seq: int = 0
    died: int = 0
    again_at: datetime | None = None


class StoredExecutions:
    """Executions by name; `invoke` runs one invocation in another process and raises `DiedError` where that dies."""

    def __init__(
        self,
        clock: VirtualClock,
        invoke: Callable[[DurableExecutionInvocationInput], InvokeResponse],
        again_after_s: float,
    ) -> None:
        self._clock = clock
        self._invoke = invoke
        self._again_after = timedelta(seconds=again_after_s)
        self._store = InMemoryExecutionStore()
        self._processor = CheckpointProcessor(self._store, None, clock)  # type: ignore[arg-type]  # takes it, uses none
        self._kept: dict[str, _Kept] = {}
        self._told: set[str] = set()
        self._open = ExitStack()

    def __enter__(self) -> Self:
        self._open.enter_context(prompt())
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._open.close()

    def fakes(self) -> Mapping[str, Fake]:
        """Lambda's operations."""
        return {
            "Invoke": self._start,
            "SendDurableExecutionCallbackSuccess": self._callback_success,
        }

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all executions that were started, in order."""
        return tuple(self._kept)

    def running(self) -> bool:
        """Whether an execution has not ended."""
        return any(not k.execution.is_complete for k in self._kept.values())

    def statuses(self) -> Mapping[str, str]:
        """How each execution stands, by its name."""
        return {name: k.execution.current_status().value for name, k in self._kept.items()}

    def newly_failed(self) -> tuple[tuple[str, str], ...]:
        """Names of executions that have failed since this was asked last, with their status."""
        ended = [n for n, k in self._kept.items() if k.execution.is_complete and n not in self._told]
        self._told.update(ended)
        found = ((n, self._kept[n].execution.current_status().value) for n in ended)
        return tuple((n, status) for n, status in found if status != "SUCCEEDED")

    def next_due(self) -> datetime | None:
        """When the next wait, retry or timeout ends."""
        going = [k for k in self._kept.values() if not k.execution.is_complete]
        moments = [m for k in going for m in (*_timers(k.execution), k.ends_at, *([k.again_at] if k.again_at else []))]
        return min(moments, default=None)

    def work(self) -> None:
        """Does all that is due now."""
        while ready := next((k for k in self._kept.values() if self._is_ready(k)), None):
            self._run(ready)

    def state(self) -> Mapping[str, Any]:
        """What is stored, without what names one attempt: for comparing two universes."""
        return {name: _state(k.execution) for name, k in self._kept.items()}

    def checkpoint(self, token: str, updates: list[Any], client_token: str | None) -> CheckpointOutput:
        """One checkpoint of a running invocation."""
        if not self._again_after:
            updates = [_at_once(u) for u in updates]
        return self._processor.process_checkpoint(token, updates, client_token)

    def read_state(self, token: str, marker: str) -> StateOutput:
        """What a running invocation asks of its state."""
        return self._processor.get_execution_state(token, marker)

    def _is_ready(self, kept: _Kept) -> bool:
        execution, now = kept.execution, self._clock.now()
        if execution.is_complete:
            return False
        if now >= kept.ends_at:
            execution.complete_timeout(ErrorObject.from_message("timed out"), now)
            return False
        if kept.again_at is not None:
            return now >= kept.again_at
        execution.complete_due_operations(now)
        if any(o.status is OperationStatus.READY for o in execution.operations):
            return True  # its next attempt was due before the last one's process had ended
        return not kept.invoked or execution.has_changes_after(max(kept.seen_seq, execution.handler_seen_seq))

    def _run(self, kept: _Kept) -> None:
        try:
            response = self._invoke(self._begin(kept))
        except DiedError:
            self._end(kept, None)
        else:
            self._end(kept, response)

    def begin(self) -> tuple[str, DurableExecutionInvocationInput] | None:
        """An execution that is to be invoked now, by its name; None where there is none. `end` tells how it went."""
        ready = next(((n, k) for n, k in self._kept.items() if not k.running and self._is_ready(k)), None)
        return (ready[0], self._begin(ready[1])) if ready else None

    def end(self, name: str, response: InvokeResponse | None) -> None:
        """One invocation has ended; None where its process died."""
        self._end(self._kept[name], response)

    def _begin(self, kept: _Kept) -> DurableExecutionInvocationInput:
        execution, now = kept.execution, self._clock.now()
        execution.complete_due_operations(now)
        kept.invoked, kept.running, kept.again_at, kept.seen_seq = True, True, None, execution.seq_counter
        execution.begin_new_invocation()
        asked = DurableExecutionInvocationInput(
            durable_execution_arn=execution.durable_execution_arn,
            checkpoint_token=execution.get_new_checkpoint_token(),
            initial_execution_state=InitialExecutionState(operations=list(execution.operations), next_marker=""),
            updated_operation_ids=list(execution.updated_operation_ids),
        )
        execution.mark_state_delivered()
        return asked

    def _end(self, kept: _Kept, response: InvokeResponse | None) -> None:
        execution, now, kept.running = kept.execution, self._clock.now(), False
        if response is None:
            kept.died += 1
            kept.again_at = now + self._again_after
            if kept.died >= GIVES_UP_AFTER:
                execution.complete_fail(ErrorObject.from_message("died again and again"), now)
            return
        kept.died, found = 0, response.invocation_output
        if found.status is InvocationStatus.SUCCEEDED:
            execution.complete_success(found.result, now)
        elif found.status is InvocationStatus.FAILED:
            execution.complete_fail(found.error or ErrorObject.from_message("failed"), now)

    def _start(self, asked: Parameters) -> dict[str, Any]:
        name, payload = asked["DurableExecutionName"], as_text(asked["Payload"])
        known = self._kept.get(name)
        if known and known.payload != payload:
            raise AwsError("DurableExecutionAlreadyStartedException", f"{name} was started with another payload.", 409)
        if known is None:
            self._kept[name] = self._made(name, payload)
        return {"StatusCode": 202, "ExecutedVersion": "1"}

    def _made(self, name: str, payload: str) -> _Kept:
        execution = Execution.new(
            StartDurableExecutionInput(
                account_id="123456789012",
                function_name="remediate",
                function_qualifier="$LATEST",
                execution_name=name,
                execution_timeout_seconds=EXECUTION_TIMEOUT_S,
                execution_retention_period_days=7,
                invocation_id=f"inv-{name}",
                input=payload,
            )
        )
        execution.durable_execution_arn = f"execution/inv-{name}"  # the same in every universe
        execution.start(now=self._clock.now())
        self._store.save(execution)
        return _Kept(execution, payload, self._clock.now() + timedelta(seconds=EXECUTION_TIMEOUT_S))

    def _callback_success(self, asked: Parameters) -> dict[str, Any]:
        for kept in self._kept.values():
            if any(o.callback_details and o.callback_details.callback_id == asked["CallbackId"] for o in _open(kept)):
                kept.execution.complete_callback_success(
                    asked["CallbackId"], as_text(asked.get("Result", b"")).encode(), self._clock.now()
                )
                return {}
        raise AwsError("ResourceNotFoundException", f"no callback {asked['CallbackId']}", 404)


def _open(kept: _Kept) -> Iterator[Any]:
    if not kept.execution.is_complete:
        yield from (o for o in kept.execution.operations if o.status is OperationStatus.STARTED)


def _timers(execution: Execution) -> Iterator[datetime]:
    for o in execution.operations:
        if o.operation_type is OperationType.WAIT and o.status is OperationStatus.STARTED and o.wait_details:
            ends = o.wait_details.scheduled_end_timestamp
        elif o.operation_type is OperationType.STEP and o.status is OperationStatus.PENDING and o.step_details:
            ends = o.step_details.next_attempt_timestamp
        else:
            ends = None
        if ends:
            yield ends


def _at_once(update: OperationUpdate) -> OperationUpdate:
    """The next attempt begins in the same moment, so that nothing but what failed is different."""
    return replace(update, step_options=StepOptions(0)) if update.action is OperationAction.RETRY else update


UNLIKE = ("StartTimestamp", "Attempt", "CallbackId")  # differ between two attempts at the same


def _state(execution: Execution) -> Any:
    found = [_plain(o.to_dict()) for o in execution.operations]
    return {"operations": found, "done": execution.is_complete}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items() if k not in UNLIKE}
    if isinstance(value, list):
        return [_plain(v) for v in value]
    return json.loads(json.dumps(value, default=str))
