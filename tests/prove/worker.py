"""A worker process: it has the product's code and nothing of AWS, is forked for one invocation, and can be killed.

Whatever it asks of AWS (requests, checkpoints, a GET) goes through one pipe to the process that holds the fake AWS.
"""

import os
import pickle
import signal
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import Any, Literal, NoReturn

import boto3
from aws_durable_execution_sdk_python.execution import DurableExecutionInvocationInput
from aws_durable_execution_sdk_python.lambda_service import CheckpointOutput, DurableServiceClient, StateOutput
from aws_durable_execution_sdk_python_testing.invoker import InProcessInvoker, InvokeResponse
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.exceptions import ConnectionClosedError, ConnectTimeoutError, ReadTimeoutError
from botocore.model import OperationModel
from moto.core.botocore_stubber import MockRawResponse

from remediator.aws.runtime import current, install
from remediator.core.ports import HttpAnswer
from remediator.ledger import shared_readings as shared
from remediator.remediation import check_gates as gating
from remediator.remediation import gather
from remediator.remediation import steps as work
from remediator.remediation import workflow as remediate
from sandbox.wire import WIRE, Parameters

from .stored import DiedError

Kind = Literal["aws", "checkpoint", "state", "http", "done", "failed"]


@dataclass(frozen=True, slots=True)
class Asked:
    """One message of a worker.

    Attributes:
        kind: what is asked.
        name: `service:Operation` of a request to AWS, else empty.
        body: what the kind needs.
        parameters: of a request to AWS.
    """

    kind: Kind
    name: str = ""
    body: Any = None
    parameters: Parameters | None = None


@dataclass(frozen=True, slots=True)
class Sent:
    """An HTTP request as it would have gone out."""

    method: str
    url: str
    headers: Mapping[str, Any]
    body: Any

    def prepared(self) -> AWSPreparedRequest:
        """As botocore has it."""
        return AWSPreparedRequest(self.method, self.url, self.headers, self.body, stream_output=False)


@dataclass(frozen=True, slots=True)
class Got:
    """An HTTP answer, or what happened to the connection instead."""

    url: str
    status: int = 200
    headers: Mapping[str, str] | None = None
    body: bytes = b""
    lost: Literal["", "timeout", "reset", "refused"] = ""


def got(answer: AWSResponse) -> Got:
    """An answer of the fake AWS, ready to be sent."""
    return Got(answer.url, answer.status_code, dict(answer.headers), answer.content)


class _Line:
    """The worker's end of the pipe; one question at a time."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self._lock = threading.Lock()

    def ask(self, asked: Asked) -> Any:
        with self._lock:
            try:
                self._pipe.send(asked)
                return self._pipe.recv()
            except (EOFError, OSError):
                os._exit(1)  # AWS is gone, and this process with it

    def tell(self, asked: Asked) -> None:
        with self._lock:
            self._pipe.send(asked)


class _Checkpoints(DurableServiceClient):
    """The durable service as the SDK in the worker sees it."""

    def __init__(self, line: "_Line | Here") -> None:
        self._line = line

    def checkpoint(
        self, durable_execution_arn: str, checkpoint_token: str, updates: list[Any], client_token: str | None
    ) -> CheckpointOutput:
        del durable_execution_arn
        checkpoint_output: CheckpointOutput = self._line.ask(
            Asked("checkpoint", body=(checkpoint_token, updates, client_token))
        )
        return checkpoint_output

    def get_execution_state(
        self, durable_execution_arn: str, checkpoint_token: str, next_marker: str, max_items: int = 1000
    ) -> StateOutput:
        del durable_execution_arn, max_items
        state_output: StateOutput = self._line.ask(Asked("state", body=(checkpoint_token, next_marker)))
        return state_output


def remediates(asked: DurableExecutionInvocationInput) -> Callable[["_Line | Here"], InvokeResponse]:
    """One invocation of the durable function, to be run in a worker."""
    return lambda line: InProcessInvoker(remediate.handle, _Checkpoints(line)).invoke("remediate", asked)  # type: ignore[arg-type]  # any service client will do


def handles(entry: Callable[..., Any], event: Any, context: Any) -> Callable[["_Line | Here"], Any]:
    """One invocation of a plain entry, to be run in a worker."""
    return lambda _: entry(event, context)


class Worker:
    """One invocation in a process of its own; the fake AWS answers it until it is done or dead."""

    def __init__(self, run: Callable[[_Line], Any]) -> None:
        self._pipe, theirs = Pipe()
        self._pid = os.fork()
        if self._pid == 0:
            self._pipe.close()
            _live(run, _Line(theirs))
        theirs.close()

    def serve(self, answer: Callable[[Asked], Any]) -> Any:
        """What the entry gave.

        Args:
            answer: answers one question; may raise `DiedError`, after which the worker is of no use any more.

        Raises:
            DiedError: it died.
            Exception: the entry's own.
        """
        while (asked := self.asks()).kind not in ("done", "failed"):
            self.learns(answer(asked))
        return self.outcome(asked)

    def asks(self) -> Asked:
        """Its next question, or how it ended.

        Raises:
            DiedError: it died.
        """
        try:
            asked: Asked = self._pipe.recv()
        except EOFError:
            self._bury()
            raise DiedError from None
        return asked

    def learns(self, answer: Any) -> None:
        """The answer to its question."""
        self._pipe.send(answer)

    def outcome(self, ended: Asked) -> Any:
        """What the entry gave; raises the entry's own error."""
        self._bury()
        if ended.kind == "failed":
            raise ended.body
        return ended.body

    def kill(self) -> NoReturn:
        """The process dies at once, wherever it is.

        Raises:
            DiedError: always.
        """
        os.kill(self._pid, signal.SIGKILL)
        self._bury()
        raise DiedError

    def forsake(self) -> NoReturn:
        """In a forked universe: the worker lives on in the other one, and is dead in this one.

        Raises:
            DiedError: always.
        """
        self._pipe.close()
        raise DiedError

    def _bury(self) -> None:
        self._pipe.close()
        os.waitpid(self._pid, 0)


class Here:
    """An invocation in this very process: in a copy where nobody dies any more, a process costs more than what it does.

    Args:
        answer: answers one question; it may begin another invocation, and may end this process.
    """

    def __init__(self, answer: Callable[["Here", Asked], Any]) -> None:
        self._answer = answer
        self._lock = threading.RLock()
        self._call = threading.local()

    def ask(self, asked: Asked) -> Any:
        """The answer, one at a time."""
        with self._lock:
            self._call.answering = True
            try:
                return self._answer(self, asked)
            finally:
                self._call.answering = False

    def run(self, run: Callable[[Any], Any]) -> Any:
        """What the entry gives; its error as that of a process is told."""
        elsewhere, runtime = WIRE.elsewhere, current()
        WIRE.elsewhere = self._sends
        install(replace(runtime, http_get=lambda url: _get(self, url)))
        try:
            return run(self)
        except Exception as error:
            raise _sendable(error) from error
        finally:
            WIRE.elsewhere = elsewhere
            install(runtime)

    def _sends(self, service: str, name: str, parameters: Parameters, request: AWSPreparedRequest) -> AWSResponse:
        if getattr(self._call, "answering", False):  # the fake AWS itself asks
            return WIRE.answer(operation_model(f"{service}:{name}"), parameters, request)
        return _through(self, service, name, parameters, request)


Invocation = Worker | Here


def _live(run: Callable[[_Line], Any], line: _Line) -> NoReturn:
    try:
        as_new()
        WIRE.elsewhere = lambda service, name, parameters, request: _through(line, service, name, parameters, request)
        install(replace(current(), http_get=lambda url: _get(line, url)))
        last = Asked("done", body=run(line))
    except BaseException as error:  # noqa: BLE001  # it is told as Lambda tells it, and the process ends
        last = Asked("failed", body=_sendable(error))
    try:
        line.tell(last)
    finally:  # nobody may be listening any more; what lies below on the stack is not this process's
        os._exit(0)


def as_new() -> None:
    """What a process that has just begun has, and no real time.

    A worker stands still while its universe is copied: what waits in real time would see hours pass in a moment.
    """
    gating.WITHIN_S = work.WITHIN_S = None  # type: ignore[assignment]  # waits for all
    shared.WAITS_S = ()
    gather._pool = ThreadPoolExecutor(gather.SIDE_BY_SIDE)  # threads do not survive a fork


def _sendable(error: BaseException) -> Exception:
    return RuntimeError(f"{type(error).__name__}: {error}")


def _through(
    line: _Line | Here, service: str, name: str, parameters: Parameters, request: AWSPreparedRequest
) -> AWSResponse:
    sent = Sent(request.method, request.url, dict(request.headers), request.body)
    answer: Got = line.ask(Asked("aws", f"{service}:{name}", sent, _picklable(parameters)))
    if answer.lost == "timeout":
        raise ReadTimeoutError(endpoint_url=answer.url)
    if answer.lost == "refused":
        raise ConnectTimeoutError(endpoint_url=answer.url)
    if answer.lost == "reset":
        raise ConnectionClosedError(endpoint_url=answer.url)
    return AWSResponse(answer.url, answer.status, answer.headers, MockRawResponse(answer.body))


def _picklable(parameters: Parameters) -> Parameters:
    pickle.dumps(parameters)  # a stream would be read up by whoever looks at it first
    return parameters


def _get(line: _Line | Here, url: str) -> HttpAnswer:
    found = line.ask(Asked("http", body=url))
    if isinstance(found, Exception):
        raise found
    answer: HttpAnswer = found
    return answer


_models: dict[str, Any] = {}


def operation_model(name: str) -> OperationModel:
    """The botocore model of `service:Operation`."""
    service, operation = name.split(":")
    if service not in _models:
        session = boto3.DEFAULT_SESSION or boto3.Session()
        _models[service] = session._session.get_service_model(service)  # boto3 offers no other way
    model: OperationModel = _models[service].operation_model(operation)
    return model
