"""The driver of one durable execution: it invokes the function until the execution has ended."""

import contextvars
import json
import logging
import threading
from collections.abc import Callable, Iterator
from typing import Any

from . import clock

Record = dict[str, Any]
BACKOFF_MOST_S = 60  # of the world, between two invocations that died
log = logging.getLogger("durable")


class Driver(threading.Thread):
    """Never two invocations of one execution at once; the version is the one that the alias pointed to at the start.

    Args:
        record: ministack's record of the execution.
        function: the version's code and configuration.
        tell: hears of every change of status.
    """

    def __init__(self, record: Record, function: dict[str, Any], tell: Callable[[Record], None]) -> None:
        super().__init__(name=f"execution-{record['DurableExecutionName']}", daemon=True)
        self.record = record
        self.ended = threading.Event()
        self.invocations = 0
        self.died = 0
        self._function = function
        self._tell = tell
        self._woken = threading.Event()
        self._context = contextvars.copy_context()

    def wake(self) -> None:
        """Something happened: a callback was answered, the execution was stopped."""
        self._woken.set()

    def run(self) -> None:
        """Until the execution has ended."""
        self._context.run(self._drive)

    def _drive(self) -> None:
        self._tell(self.record)
        try:
            failures = 0
            while self._running():
                answer = self._invoke()
                failures = 0 if answer is not None else failures + 1
                if answer is None and not self._may_go_on(failures):
                    return
                if answer is None or answer.get("Status") == "PENDING":
                    self._sleep(failures)
                else:
                    self._complete(answer)
        except Exception:
            log.exception("the driver of %s broke", self.record["DurableExecutionArn"])
        finally:
            self._tell(self.record)
            self.ended.set()

    def _running(self) -> bool:
        return bool(self.record["Status"] == "RUNNING")

    # -- one invocation -------------------------------------------------------------------------------------------

    def _invoke(self) -> dict[str, Any] | None:
        """What the function answered, None where the invocation died or was throttled."""
        from ministack.services import lambda_durable, lambda_svc

        self._woken.clear()
        arn, began = self.record["DurableExecutionArn"], clock.now()
        event = self._event(lambda_durable)
        names = ("arn", arn), ("token", event["CheckpointToken"]), ("name", self.record["DurableExecutionName"])
        lambda_svc._durable_ctx.set(dict(names))
        self._last = lambda_svc._execute_function(self._function, event)
        if not self._last.get("throttle"):
            self.invocations += 1
            error = self._last.get("body") if self._last.get("error") else None
            lambda_durable.record_invocation_completed(arn, began, lambda_svc.new_uuid(), error)
        return None if self._last.get("error") or self._last.get("throttle") else self._body()

    def _event(self, lambda_durable: Any) -> dict[str, Any]:
        for operation in self.record["Operations"]:
            if operation["Type"] == "CALLBACK" and operation["Status"] != "STARTED":
                operation["CallbackDetails"]["_replayed"] = True
        self.record["CheckpointToken"] = lambda_durable.new_checkpoint_token()
        operations = lambda_durable._serialize_operations(self.record["Operations"], for_event=True)
        return {
            "DurableExecutionArn": self.record["DurableExecutionArn"],
            "CheckpointToken": self.record["CheckpointToken"],
            "InitialExecutionState": {"Operations": operations, "NextMarker": ""},
        }

    def _body(self) -> dict[str, Any]:
        body = self._last.get("body")
        read = json.loads(body) if isinstance(body, str | bytes) else body
        return read if isinstance(read, dict) else {"Status": "FAILED", "Error": {"ErrorMessage": f"answered {body!r}"}}

    def _complete(self, answer: dict[str, Any]) -> None:
        from ministack.services import lambda_durable

        error = answer.get("Error") or {"ErrorMessage": "no error told"} if answer.get("Status") == "FAILED" else None
        lambda_durable.mark_execution_completed(self.record["DurableExecutionArn"], answer.get("Result"), error)

    def _may_go_on(self, failures: int) -> bool:
        """An event that could not even begin within its age ends in the function's dead-letter queue."""
        from ministack.services import lambda_svc

        age_s = float(self._function["event_invoke_config"].get("MaximumEventAgeInSeconds") or 21600)
        if self.invocations or not self._running() or clock.now() - self.record["StartTimestamp"] < age_s:
            self.died += 0 if self._last.get("throttle") else 1
            if failures & (failures - 1) == 0:  # the first, second, fourth, eighth ...
                log.warning("%s: invocation failed (%s in a row): %s", self.name, failures, self._last.get("body"))
            return True
        dead = (self._function["config"].get("DeadLetterConfig") or {}).get("TargetArn")
        if dead:
            event = json.loads(self.record["InputPayload"])
            name = self._function["config"]["FunctionName"]
            lambda_svc._route_async_failure(dead, name, event, self._last)
        self.record.update(Status="FAILED", EndTimestamp=clock.now(), Error=self._last.get("body"))
        return False

    # -- between two invocations ----------------------------------------------------------------------------------

    def _sleep(self, failures: int) -> None:
        """Until something elapsed, was answered, or it is time to try again after a death."""
        again_at = clock.now() + min(2**failures, BACKOFF_MOST_S) if failures else None
        while self._running():
            now = clock.now()
            if self.record.get("_TimeoutDeadline", now + 1) <= now:
                from ministack.services import lambda_durable

                lambda_durable._time_out_execution(self.record)
                return
            if self._settle(now) or (again_at and again_at <= now):
                return
            moments = [m for m in (*self._expiries(), self.record.get("_TimeoutDeadline"), again_at) if m]
            self._woken.wait(clock.real_s(min(moments) - now) if moments else None)
            self._woken.clear()

    def _expiries(self) -> Iterator[float | None]:
        for operation in self.record["Operations"]:
            if operation["Status"] in ("STARTED", "PENDING"):
                yield from _moments(operation)

    def _settle(self, now: float) -> bool:
        """Whether anything elapsed or was answered since the last invocation began."""
        due = False
        for operation in self.record["Operations"]:
            if operation["Status"] in ("STARTED", "PENDING") and any(m and m <= now for m in _moments(operation)):
                _elapse(self.record, operation, now)
                due = True
            details = operation.get("CallbackDetails") or {}
            answered = operation["Type"] == "CALLBACK" and operation["Status"] != "STARTED"
            due = due or (answered and not details.get("_replayed"))
        return due


def _moments(operation: Record) -> tuple[float | None, ...]:
    if operation["Type"] == "WAIT":
        return ((operation.get("WaitDetails") or {}).get("ScheduledEndTimestamp"),)
    if operation["Type"] == "STEP" and operation["Status"] == "PENDING":
        return (operation["StepDetails"].get("NextAttemptTimestamp"),)
    if operation["Type"] == "CALLBACK":
        details = operation.get("CallbackDetails") or {}
        return details.get("TimeoutDeadline"), details.get("HeartbeatDeadline")
    return ()


def _elapse(record: Record, operation: Record, now: float) -> None:
    from ministack.services.lambda_durable import _emit_history_event

    values = {"event_id": operation["Id"], "name": operation.get("Name")}
    if operation["Type"] == "STEP":
        operation["Status"] = "READY"
    elif operation["Type"] == "WAIT":
        operation.update(Status="SUCCEEDED", EndTimestamp=now)
        _emit_history_event(record, "WaitSucceeded", "WaitSucceededDetails", {"Duration": 0}, **values)
    else:
        error = {"ErrorType": "Callback.Timeout", "ErrorMessage": "Callback timed out", "StackTrace": []}
        operation.update(Status="TIMED_OUT", EndTimestamp=now)
        operation["CallbackDetails"]["Error"] = error
        details = {"Error": {"Payload": error, "Truncated": False}}
        _emit_history_event(record, "CallbackTimedOut", "CallbackTimedOutDetails", details, **values)


drivers: dict[str, Driver] = {}
