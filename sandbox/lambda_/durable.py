"""Lambda in the sandbox: an asynchronous invoke starts the durable function, callbacks reach it."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import datetime
from types import TracebackType
from typing import Any, Protocol, Self

from aws_durable_execution_sdk_python import state
from aws_durable_execution_sdk_python.lambda_service import ErrorObject
from aws_durable_execution_sdk_python_testing.exceptions import ResourceNotFoundException
from aws_durable_execution_sdk_python_testing.runner import DurableFunctionTestResult, DurableFunctionTestRunner

from ..clock import VirtualClock, VirtualScheduler, installed
from ..names import REGION
from ..wire import AwsError, Fake, Parameters

PROMPT_S = 0.003
EXECUTION_TIMEOUT_S = 3 * 3600  # as the stack sets it, in virtual time


class Executions(Protocol):
    """What a laptop asks of whatever runs the durable function."""

    def __enter__(self) -> Self:
        """Ready to start executions."""

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Frees what it holds."""

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all executions that were started, in order."""

    def fakes(self) -> Mapping[str, Fake]:
        """Lambda's operations."""

    def running(self) -> bool:
        """Whether an execution has not ended."""

    def newly_failed(self) -> tuple[tuple[str, str], ...]:
        """Names of executions that have failed or run out of time since this was asked last, with their status."""

    def next_due(self) -> datetime | None:
        """When the next wait, retry or timeout ends."""

    def work(self) -> None:
        """Does all that is due now."""


class DurableFunction:
    """The one durable function of the product, under the SDK's local runner in virtual time."""

    def __init__(self, handler: Callable[..., Any], clock: VirtualClock) -> None:
        self._open = ExitStack()
        with installed(clock) as made:
            self._runner = DurableFunctionTestRunner(handler=handler, poll_interval=0.02, region=REGION)
        self._scheduler: VirtualScheduler = made[0]
        self._started: dict[str, tuple[str, str]] = {}  # name -> ARN, payload
        self._looked_at: set[str] = set()
        self._results: dict[str, DurableFunctionTestResult] = {}

    def __enter__(self) -> Self:
        self._open.enter_context(prompt())
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._runner.close()  # type: ignore[no-untyped-call]  # the package leaves it so
        self._scheduler.close_loop()
        self._open.close()

    def fakes(self) -> Mapping[str, Fake]:
        """Lambda's operations."""
        return {
            "Invoke": self.invoke,
            "SendDurableExecutionCallbackSuccess": self.callback_success,
            "SendDurableExecutionCallbackFailure": self.callback_failure,
        }

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all executions that were started, in order."""
        return tuple(self._started)

    def running(self) -> bool:
        """Whether an execution has not ended."""
        store = self._runner._store  # noqa: SLF001  # the runner offers no look at an execution without waiting
        return any(not store.load(arn).is_complete for arn, _ in self._started.values())

    def result(self, name: str) -> DurableFunctionTestResult:
        """How the execution of that name ended."""
        if name not in self._results:  # the runner tells each only once
            self._results[name] = self._runner.wait_for_result(self._started[name][0], timeout=5)
        return self._results[name]

    def newly_failed(self) -> tuple[tuple[str, str], ...]:
        """Names of executions that have failed or run out of time since this was asked last, with their status."""
        ended = [n for n in self._started if n not in self._looked_at and self._complete(n)]
        self._looked_at.update(ended)
        found = ((name, self.result(name).status.value) for name in ended)
        return tuple((name, status) for name, status in found if status != "SUCCEEDED")

    def _complete(self, name: str) -> bool:
        return bool(self._runner._store.load(self._started[name][0]).is_complete)  # noqa: SLF001

    def next_due(self) -> datetime | None:
        """When the next wait, retry or timeout ends."""
        return self._scheduler.next_due()

    def work(self) -> None:
        """Does all that is due now, and returns when nothing is left to do at this moment."""
        self._scheduler.wait_idle()
        self._scheduler.fire_due()
        self._scheduler.wait_idle()

    def invoke(self, asked: Parameters) -> dict[str, Any]:
        """Starts an execution; the same name and payload again is the same execution."""
        if asked.get("InvocationType") != "Event":
            raise NotImplementedError("the sandbox invokes asynchronously only")
        name, payload = asked["DurableExecutionName"], as_text(asked["Payload"])
        known = self._started.get(name)
        if known and known[1] != payload:
            raise AwsError("DurableExecutionAlreadyStartedException", f"{name} was started with another payload.", 409)
        if known is None:
            arn = self._runner.run_async(
                input=payload, execution_timeout=EXECUTION_TIMEOUT_S, execution_name=name, function_name="remediate"
            )
            self._started[name] = (arn, payload)
        return {"StatusCode": 202, "ExecutedVersion": "1"}

    def callback_success(self, asked: Parameters) -> dict[str, Any]:
        """Hands a result to whoever waits for the callback."""
        result = as_text(asked.get("Result", b"")).encode()
        return self._call_back(lambda: self._runner.send_callback_success(asked["CallbackId"], result))

    def callback_failure(self, asked: Parameters) -> dict[str, Any]:
        """Hands an error to whoever waits for the callback."""
        found = asked.get("Error", {})
        error = ErrorObject.from_message(str(found.get("ErrorMessage", json.dumps(found))))
        return self._call_back(lambda: self._runner.send_callback_failure(asked["CallbackId"], error))

    @staticmethod
    def _call_back(send: Callable[[], None]) -> dict[str, Any]:
        try:
            send()
        except ResourceNotFoundException as gone:
            raise AwsError("ResourceNotFoundException", str(gone), 404) from gone
        return {}


@contextmanager
def prompt() -> Iterator[None]:
    """The SDK looks ten times a second whether an invocation is over; on a laptop that is most of a run's time."""
    kept = state._STOP_SIGNAL_POLL_SECONDS  # noqa: SLF001  # a constant of the SDK without another way to it
    state._STOP_SIGNAL_POLL_SECONDS = PROMPT_S  # noqa: SLF001
    try:
        yield
    finally:
        state._STOP_SIGNAL_POLL_SECONDS = kept  # noqa: SLF001


def as_text(payload: Any) -> str:
    """What was sent as text, bytes or a stream."""
    raw = payload.read() if hasattr(payload, "read") else payload
    return raw.decode() if isinstance(raw, bytes | bytearray) else str(raw)
