"""The driver of one durable execution: it invokes the function until the execution has ended."""

import contextvars
import json
import logging
import threading
from collections.abc import Callable, Iterator
from typing import Any

from . import agenda, clock

Record = dict[str, Any]
BACKOFF_MOST_S = 60  # between two invocations that died
log = logging.getLogger("durable")


class Driver:
    """Never two invocations of one execution at once; the version is the one that the alias pointed to at the start.

    It does nothing by itself: whatever wakes it has it looked at on the world's thread.

    Args:
        record: ministack's record of the execution.
        function: the version's code and configuration.
        tell: hears of every change of status.
    """

    def __init__(self, record: Record, function: dict[str, Any], tell: Callable[[Record], None]) -> None:
        self.record = record
        self.name = f"execution-{record['DurableExecutionName']}"
        self.ended = threading.Event()
        self.invocations = 0
        self.died = 0
        self._function = function
        self._tell = tell
        self._failures = 0
        self._again_at: float | None = clock.now()  # when to invoke, whatever happens
        self._wakes_at = 0.0
        self._late = False
        self._context = contextvars.copy_context()

    def start(self) -> None:
        """The execution begins."""
        self._tell(self.record)
        self.wake()

    def wake(self) -> None:
        """Something happened: a wait is over, a callback was answered, the execution was stopped."""
        agenda.tell(lambda: self._context.run(self._go_on))

    def _go_on(self) -> None:
        if self.ended.is_set():
            return
        try:
            if self._running() and self._is_due(clock.now()) and not self._put_off():
                self._invoke_once()
            if self._running():
                self._sleep()
        except Exception:
            log.exception("the driver of %s broke", self.record["DurableExecutionArn"])
            self._end()
        if not self._running():
            self._end()

    def _put_off(self) -> bool:
        """Whether an invocation that is due begins later, as on a Lambda that is short of workers."""
        late_s = next((s for start, s in lags.items() if self.record["DurableExecutionName"].startswith(start)), 0.0)
        self._late = bool(late_s) and not self._late
        if self._late:
            self._again_at = clock.now() + late_s
        return self._late

    def _end(self) -> None:
        if not self.ended.is_set():
            self._tell(self.record)
            self.ended.set()

    def _invoke_once(self) -> None:
        answer = self._invoke()
        self._failures = 0 if answer is not None else self._failures + 1
        self._again_at = None
        if answer is None:
            if self._may_go_on(self._failures):
                self._again_at = clock.now() + min(2**self._failures, BACKOFF_MOST_S)
        elif answer.get("Status") != "PENDING":
            self._complete(answer)

    def _running(self) -> bool:
        return bool(self.record["Status"] == "RUNNING")

    # -- one invocation -------------------------------------------------------------------------------------------

    def _invoke(self) -> dict[str, Any] | None:
        """What the function answered, None where the invocation died or was throttled."""
        from ministack.services import lambda_durable, lambda_svc

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

    def _is_due(self, now: float) -> bool:
        """Whether something elapsed, was answered, or it is time to try again after a death."""
        if self.record.get("_TimeoutDeadline", now + 1) <= now:
            from ministack.services import lambda_durable

            lambda_durable._time_out_execution(self.record)
            return False
        return self._settle(now) or (self._again_at is not None and self._again_at <= now)

    def _sleep(self) -> None:
        """Wakes when the first of what it waits for is over; an answer wakes it before."""
        moments = [m for m in (*self._expiries(), self.record.get("_TimeoutDeadline"), self._again_at) if m]
        first = min(moments, default=None)
        if first is not None and (first != self._wakes_at or first <= clock.now()):  # else that is on the agenda
            self._wakes_at = first
            agenda.at(first, self.wake)

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
lags: dict[str, float] = {}
