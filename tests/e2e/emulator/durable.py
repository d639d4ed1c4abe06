"""Durable executions as Lambda runs them: one driver per execution invokes, waits on the world's clock, invokes again.

ministack keeps the operations and answers the checkpoint API; it starts none for a template's DurableConfig, forgets
names and versions, counts no retry, and resumes them one after the other.
"""

import asyncio
import json
from typing import Any

from . import agenda, clock
from .admin import act, view
from .durable_driver import Driver, drivers, lags
from .events import emit
from .patches import patch, silent, speaks

DURABLE = "ministack.services.lambda_durable"
ENDED_BADLY = ("FAILED", "TIMED_OUT", "STOPPED")


@patch(
    of=f"{DURABLE}.time",
    lacks="times waits by the machine's clock",
    still=speaks(f"{DURABLE}._now", "return time.time()"),
)
def wait_on_the_worlds_clock(_original: Any) -> Any:
    """A wait of 60 s lasts 60 s of the world."""
    return clock.WorldTime()


@patch(
    of="ministack.services.lambda_svc._invoke",
    lacks="starts a durable execution only for a property that AWS does not have, and never by name",
    still=speaks("ministack.services.lambda_svc._invoke", '.get("DurableConfig", {}).get("Enabled")'),
)
def start_executions(original: Any) -> Any:
    """An invocation of a function with DurableConfig starts an execution, or finds the one of its name."""

    async def invoke(
        name: str,
        event: Any,
        headers: dict[str, str],
        path_qualifier: str | None = None,
        query_params: dict[str, Any] | None = None,
    ) -> Any:
        from ministack.services import lambda_svc

        function = lambda_svc._functions.get(name)
        kind = headers.get("x-amz-invocation-type", "RequestResponse")
        if function is None or not function["config"].get("DurableConfig") or kind == "DryRun":
            return await original(name, event, headers, path_qualifier, query_params)
        qualifier = path_qualifier or lambda_svc._qp_first(query_params or {}, "Qualifier")
        execution_name = headers.get("x-amz-durable-execution-name")
        return await asyncio.to_thread(_start, name, function, qualifier, execution_name, event, kind)

    return invoke


@patch(
    of=f"{DURABLE}.build_durable_execution_arn",
    lacks="names executions by chance instead of by their name",
    still=silent(f"{DURABLE}.build_durable_execution_arn", "/durable-execution/{name"),
)
def name_executions(original: Any) -> Any:
    """The ARN holds the execution's name."""

    def build(function_arn: str, version: str = "$LATEST", name: str | None = None) -> tuple[str, str, str]:
        arn, given, token = original(function_arn, version, name)
        start, rest = arn.split("/durable-execution/")
        return f"{start}/durable-execution/{given}/{rest.split('/')[1]}", given, token

    return build


@patch(
    of=f"{DURABLE}._apply_update",
    lacks="takes a timeout of 0 s as one, leaves a step that will be tried again as started, counts no attempt",
    still=silent(f"{DURABLE}._apply_update", '"PENDING"'),
)
def count_attempts(original: Any) -> Any:
    """0 s is no timeout; a step that failed and will be tried again is PENDING, with one attempt more."""

    def apply_update(record: dict[str, Any], update: dict[str, Any]) -> None:
        if update.get("CallbackOptions"):
            update = {**update, "CallbackOptions": {k: v for k, v in update["CallbackOptions"].items() if v}}
        original(record, update)
        if update.get("Type") == "STEP" and update.get("Action") == "RETRY":
            step = next(o for o in record["Operations"] if o["Id"] == update["Id"])
            step["Status"] = "PENDING"
            step["StepDetails"]["Attempt"] += 1

    return apply_update


@patch(
    of=f"{DURABLE}.schedule_resume",
    lacks="resumes all executions one after the other, and may do so twice at once",
    still=speaks(f"{DURABLE}._resume_loop", "            _resume_execution(arn, account_id, region)"),
)
def wake_the_driver(_original: Any) -> Any:
    """Whatever happens to an execution wakes its own driver."""

    def schedule_resume(arn: str, account_id: str | None = None, region: str | None = None) -> bool:
        driver = drivers.get(arn)
        if driver:
            driver.wake()
        return driver is not None

    return schedule_resume


@patch(
    of=f"{DURABLE}.handle_stop",
    lacks="lets a stopped execution be driven on",
    still=silent(f"{DURABLE}.handle_stop", "schedule_resume"),
)
def wake_what_was_stopped(original: Any) -> Any:
    """The driver of a stopped execution sees it at once."""

    def handle_stop(arn_path: str, body: bytes) -> Any:
        from ministack.services import lambda_durable

        answered = original(arn_path, body)
        lambda_durable.schedule_resume(lambda_durable._parse_execution_arn(arn_path))
        return answered

    return handle_stop


@act("lag")
def lag(executions: str, seconds: float) -> dict[str, Any]:
    """From now on every invocation of the executions whose names begin so comes that much later.

    Args:
        executions: `alb-gateway-errors`.
        seconds: 0 takes it back.
    """
    lags[executions] = seconds
    return dict(lags)


@view("executions")
def executions() -> list[dict[str, Any]]:
    """Every durable execution: name, status, operations in order, how often it was invoked."""
    return [
        {
            "name": driver.record["DurableExecutionName"],
            "arn": arn,
            "status": driver.record["Status"],
            "version": driver.record["Version"],
            "invocations": driver.invocations,
            "died": driver.died,
            "result": driver.record["Result"],
            "error": driver.record["Error"],
            "operations": [
                {"type": o["Type"], "name": o.get("Name"), "status": o["Status"]} for o in driver.record["Operations"]
            ],
        }
        for arn, driver in drivers.items()
    ]


def _start(name: str, function: Any, qualifier: str, execution_name: str | None, event: Any, kind: str) -> Any:
    from ministack.core.responses import error_response_json
    from ministack.services import lambda_durable, lambda_svc

    if not qualifier:
        return error_response_json("InvalidParameterValueException", "A durable function needs a qualified name.", 400)
    code, config = lambda_svc._get_func_record_for_qualifier(name, qualifier)
    if code is None:
        return error_response_json("ResourceNotFoundException", f"Function not found: {name}:{qualifier}", 404)
    payload = json.dumps(event)
    function_arn = function["config"]["FunctionArn"]
    known = _of_name(function_arn, execution_name)
    if known is not None and known.record["InputPayload"] != payload:
        text = f"{execution_name} was started with another payload."
        return error_response_json("DurableExecutionAlreadyStartedException", text, 409)
    driver = known
    if driver is None:
        timeout_s = function["config"]["DurableConfig"].get("ExecutionTimeout")
        record = lambda_durable.create_execution_for_invoke(
            function_arn, config["Version"], payload, execution_name, None, int(timeout_s) if timeout_s else None
        )
        record["InvokedArn"] = f"{function_arn}:{qualifier}"
        driver = Driver(record, _to_execute(function, code, qualifier, record), tell_status)
        drivers[record["DurableExecutionArn"]] = driver
        driver.start()
    return _answered(driver, kind)


def _of_name(function_arn: str, execution_name: str | None) -> Driver | None:
    if execution_name is None:
        return None
    named = (d for d in drivers.values() if d.record["DurableExecutionName"] == execution_name)
    return next((d for d in named if d.record["FunctionArn"] == function_arn), None)


def _to_execute(function: Any, code: Any, qualifier: str, record: Any) -> dict[str, Any]:
    """The version's code as it is invoked; concurrency and what happens to undeliverable events are the function's."""
    configs = function.get("event_invoke_configs") or {}
    return {
        **code,
        "config": {**code["config"], "FunctionArn": record["InvokedArn"]},
        "concurrency": function.get("concurrency"),
        "event_invoke_config": configs.get(qualifier) or {},
    }


def _answered(driver: Driver, kind: str) -> Any:
    headers = {
        "X-Amz-Executed-Version": driver.record["Version"],
        "X-Amz-Durable-Execution-Arn": driver.record["DurableExecutionArn"],
    }
    if kind == "Event":
        return 202, headers, b""
    driver.ended.wait()
    if driver.record["Status"] != "SUCCEEDED":
        headers["X-Amz-Function-Error"] = "Unhandled"
        return 200, headers, json.dumps(driver.record["Error"] or {}).encode()
    return 200, headers, (driver.record["Result"] or "null").encode()


def tell_status(record: dict[str, Any]) -> None:
    """EventBridge's event of an execution that began or ended."""
    detail = {
        "durableExecutionArn": record["DurableExecutionArn"],
        "durableExecutionName": record["DurableExecutionName"],
        "functionArn": f"{record['FunctionArn']}:{record['Version']}",
        "status": record["Status"],
        "startTimestamp": clock.iso(record["StartTimestamp"]),
    }
    if record["EndTimestamp"]:
        detail["endTimestamp"] = clock.iso(record["EndTimestamp"])
    agenda.tell(lambda: emit("aws.lambda", "Durable Execution Status Change", detail))
