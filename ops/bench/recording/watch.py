"""A watch on the sandbox: each request of the product takes as long as over a network, is timed, and may be kept.

The latency is real time outside the sandbox's lock, so parallel requests wait side by side; virtual time stands still.
"""

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from aws_durable_execution_sdk_python.lambda_service import CheckpointOutput, OperationUpdate
from aws_durable_execution_sdk_python_testing.client import InMemoryServiceClient
from botocore.awsrequest import AWSPreparedRequest
from botocore.model import OperationModel

from sandbox.environment import connected_clients
from sandbox.world import READ_VERBS, WRITES

from .tape import Exchange, exchange
from .timeline import Called, Who


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One request as it was seen; `parameters` are botocore's, of a checkpoint the updates."""

    called: Called
    at: datetime
    parameters: Mapping[str, Any] = field(default_factory=dict)
    updates: Sequence[OperationUpdate] = ()
    kept: Exchange | None = None


class Watch:
    """Sees every request of the product; one for the process, because sessions keep their handlers.

    Attributes:
        call_s: seconds added to each API call.
        checkpoint_s: seconds added to each durable checkpoint.
        slow: whether the latency is added at a virtual moment.
        on_invoke: told when remediate is started.
        seen: everything since `clear`.
    """

    def __init__(self) -> None:
        self.call_s = 0.0
        self.checkpoint_s = 0.0
        self.slow: Callable[[datetime], bool] = lambda _: True
        self.on_invoke: Callable[[datetime], None] = lambda _: None
        self.now: Callable[[], datetime] = datetime.now
        self.seen: list[Seen] = []
        self._who: Who | None = None  # who runs in the main thread; None is the sandbox itself
        self._here = threading.local()
        events = connected_clients()._session.events  # noqa: SLF001  # the one session of all sandboxes
        events.register("before-parameter-build", self._about_to_build)
        events.register_first("before-send", self._about_to_send)
        events.register("before-parse", self._answered)

    @contextmanager
    def main_thread_is(self, who: Who) -> Iterator[None]:
        """While this is open, the main thread's requests are those of `who`."""
        self._who = who
        try:
            yield
        finally:
            self._who = None

    @contextmanager
    def on_checkpoints(self) -> Iterator[None]:
        """While this is open, the local runner's checkpoints are seen too; it takes no client of ours."""
        original = InMemoryServiceClient.checkpoint

        def checkpoint(client: InMemoryServiceClient, **asked: Any) -> CheckpointOutput:
            began_s = time.perf_counter()
            self._wait(self.checkpoint_s)
            updates: Sequence[OperationUpdate] = asked["updates"]
            steps = ", ".join(f"{u.name or u.operation_type.value} {u.action.value}".lower() for u in updates)
            called = Called(name=steps or "empty", began_s=began_s, ended_s=time.perf_counter(), kind="checkpoint")
            self.seen.append(Seen(called=called, at=self.now(), updates=tuple(updates)))
            return original(client, **asked)

        setattr(InMemoryServiceClient, "checkpoint", checkpoint)  # noqa: B010  # a method of another package, for mypy
        try:
            yield
        finally:
            setattr(InMemoryServiceClient, "checkpoint", original)  # noqa: B010

    def _wait(self, seconds: float) -> None:
        if seconds and self.slow(self.now()):
            time.sleep(seconds)

    def _watched(self) -> Who | None:
        return self._who if threading.current_thread() is threading.main_thread() else "remediate"

    def _about_to_build(self, params: Mapping[str, Any], model: OperationModel, **_: object) -> None:
        self._here.parameters, self._here.model = dict(params), model

    def _about_to_send(self, request: AWSPreparedRequest, **_: object) -> None:
        """Gives no answer, so the sandbox's own handler is asked next."""
        who = self._watched()
        self._here.seen = None
        if who is None:
            return
        began_s = time.perf_counter()
        self._wait(self.call_s)
        model: OperationModel = self._here.model
        service = str(model.service_model.service_name)
        called = Called(
            name=f"{service}:{model.name}",
            began_s=began_s,
            ended_s=time.perf_counter(),
            who=who,
            writes=service in WRITES and not model.name.startswith(READ_VERBS),
        )
        if called.name == "lambda:Invoke":
            self.on_invoke(self.now())
        self._here.seen = (called, self.now(), self._here.parameters, request)

    def _answered(self, response_dict: Mapping[str, Any], **_: object) -> None:
        if self._here.seen is None:
            return
        called, at, parameters, request = self._here.seen
        kept = exchange(called.who, request, response_dict)
        self.seen.append(Seen(called=called, at=at, parameters=parameters, kept=kept))
