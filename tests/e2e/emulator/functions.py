"""Lambda functions as CloudFormation declares them, and the queues that feed them."""

import hashlib
import json
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from .admin import act
from .patches import patch, silent, speaks
from .rights import role_may

CLOUDFORMATION = "ministack.services.cloudformation.provisioners"
DROPPED = ("DurableConfig", "DeadLetterConfig", "VpcConfig", "KMSKeyArn")


@patch(
    of=f"{CLOUDFORMATION}._RESOURCE_HANDLERS",
    at=("AWS::Lambda::Function", "create"),
    lacks="drops DurableConfig, DeadLetterConfig, VpcConfig, KMSKeyArn and ReservedConcurrentExecutions of a template",
    still=silent(f"{CLOUDFORMATION}._lambda_create", "DeadLetterConfig", "ReservedConcurrentExecutions"),
)
def keep_what_the_template_says(original: Any) -> Any:
    """The function has every property that the template gives it."""

    def create(logical_id: str, props: dict[str, Any], stack_name: str) -> Any:
        from ministack.services import lambda_svc

        made = original(logical_id, props, stack_name)
        function = lambda_svc._functions[made[0]]
        dead = (props.get("DeadLetterConfig") or {}).get("TargetArn")
        if dead and not role_may(function["config"]["Role"], "sqs:SendMessage", dead):
            raise ValueError("The provided execution role does not have permissions to call SendMessage on SQS")
        function["config"].update({name: props[name] for name in DROPPED if props.get(name)})
        if props.get("ReservedConcurrentExecutions") is not None:
            function["concurrency"] = int(props["ReservedConcurrentExecutions"])
        return made

    return create


@patch(
    of=f"{CLOUDFORMATION}._RESOURCE_HANDLERS",
    at=("AWS::Lambda::EventSourceMapping", "create"),
    lacks="maps a queue to a function whose role may not read it",
    still=silent(f"{CLOUDFORMATION}._lambda_esm_create", "ReceiveMessage"),
)
def map_only_what_the_role_may_read(original: Any) -> Any:
    """The function's role must be allowed to receive from the queue and to delete from it."""

    def create(logical_id: str, props: dict[str, Any], stack_name: str) -> Any:
        from ministack.services import lambda_svc

        function = lambda_svc._functions.get(lambda_svc._resolve_name(props["FunctionName"])) or {"config": {}}
        for verb in ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes"):
            if not role_may(function["config"].get("Role", ""), f"sqs:{verb}", props["EventSourceArn"]):
                raise ValueError(f"The provided execution role does not have permissions to call {verb} on SQS")
        return original(logical_id, props, stack_name)

    return create


@patch(
    of="ministack.core.lambda_runtime.zipfile.ZipFile",
    lacks="unpacks a function's code anew for every worker, which costs seconds",
    still=speaks("ministack.core.lambda_runtime.Worker._spawn", "zf.extractall(code_dir)"),
)
def unpack_once(original: Any) -> Any:
    """Workers of one code share one unpacked folder; on AWS they may not write there either."""
    unpacked: dict[str, Path] = {}
    lock = threading.Lock()

    class UnpackedOnce(original):  # type: ignore[misc]
        """A function's zip, which becomes a link to where it was unpacked before."""

        def extractall(self, path: Any = None, members: Any = None, pwd: Any = None) -> None:
            if Path(path).name != "code" or members:
                super().extractall(path, members, pwd)
                return
            digest = hashlib.sha256(Path(self.filename).read_bytes()).hexdigest()
            with lock:
                if digest not in unpacked:
                    unpacked[digest] = Path(tempfile.mkdtemp(prefix="code-"))
                    super().extractall(unpacked[digest])
            Path(path).rmdir()
            Path(path).symlink_to(unpacked[digest])

    return UnpackedOnce


@patch(
    of="ministack.services.lambda_svc._route_async_failure",
    lacks="sends a destination's record to a dead-letter queue, which gets the event itself on AWS",
    still=silent("ministack.services.lambda_svc._route_async_failure", "ErrorCode"),
)
def send_events_to_dead_letters(original: Any) -> Any:
    """A dead-letter queue gets the event, with the error in the message's attributes."""

    def route(target_arn: str, func_name: str, event: Any, result: dict[str, Any]) -> None:
        from ministack.services import lambda_svc, sqs

        original(target_arn, func_name, event, result)
        config = (lambda_svc._functions.get(func_name) or {}).get("config", {})
        queue = sqs._queue_by_arn(target_arn)
        if queue and (config.get("DeadLetterConfig") or {}).get("TargetArn") == target_arn:
            body = json.dumps(event)
            values = result.get("body") if isinstance(result.get("body"), dict) else {}
            message = str(values.get("errorMessage") or values.get("message") or "")
            queue["messages"][-1].update(
                body=body,
                md5_body=hashlib.md5(body.encode(), usedforsecurity=False).hexdigest(),
                message_attributes={
                    "ErrorCode": {"DataType": "Number", "StringValue": "429" if result.get("throttle") else "200"},
                    "ErrorMessage": {"DataType": "String", "StringValue": message[:1024]},
                },
            )

    return route


@act("warm_workers")
def warm_workers(functions: list[str]) -> dict[str, Any]:
    """Starts a worker for each function, all at once, so that nobody waits for its code later.

    Args:
        functions: parts of the functions' names: `["remediator-intake", "Remediate"]`.
    """
    from ministack.services import lambda_svc

    meant = [f for name, f in lambda_svc._functions.items() if any(part in name for part in functions)]
    records = [record for f in meant for record in (list(f["versions"].values()) or [f])]
    with ThreadPoolExecutor() as pool:
        return {"warm": list(pool.map(_warm, records))}


def _warm(record: dict[str, Any]) -> str:
    from ministack.core import lambda_runtime

    config = record["config"]
    name = str(config["FunctionName"])
    worker, _ = lambda_runtime.acquire_worker(name, config, record["code_zip"], qualifier=config["Version"])
    try:
        lambda_runtime.ensure_spawned(worker)
    finally:
        lambda_runtime.release_worker(worker)
    return name
