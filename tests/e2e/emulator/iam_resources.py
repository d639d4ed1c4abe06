"""The resource that IAM checks for a request: as the service authorization reference has it, where ministack errs."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from .patches import patch, silent

ACTIONS = "ministack.core.iam_actions"
DURABLE = "/2025-12-01/"
DURABLE_ACTIONS = {
    ("durable-executions", "POST", "checkpoint"): "CheckpointDurableExecution",
    ("durable-executions", "GET", "state"): "GetDurableExecutionState",
    ("durable-executions", "GET", "history"): "GetDurableExecutionHistory",
    ("durable-executions", "POST", "stop"): "StopDurableExecution",
    ("durable-execution-callbacks", "POST", "succeed"): "SendDurableExecutionCallbackSuccess",
    ("durable-execution-callbacks", "POST", "fail"): "SendDurableExecutionCallbackFailure",
    ("durable-execution-callbacks", "POST", "heartbeat"): "SendDurableExecutionCallbackHeartbeat",
}
# ECS: what names the resource in the request, and its kind.
OF_ECS = {
    "services": "service",
    "service": "service",
    "tasks": "task",
    "task": "task",
    "serviceDeploymentArns": "service-deployment",
    "serviceDeploymentArn": "service-deployment",
    "serviceRevisionArns": "service-revision",
    "clusters": "cluster",
    "resourceArn": "",
}
ECS_WITHOUT_RESOURCE = ("DescribeTaskDefinition", "ListTasks", "ListServices", "ListTaskDefinitions", "ListClusters")
OF_LOG_STREAMS = ("GetLogEvents", "PutLogEvents", "DeleteLogStream")


@patch(
    of=f"{ACTIONS}.SERVICE_TO_IAM_NAMESPACE",
    lacks="does not know application-autoscaling",
    still=lambda: not _namespace("application-autoscaling"),
)
def know_application_autoscaling(original: dict[str, str]) -> dict[str, str]:
    """`application-autoscaling:...` is checked like any other action."""
    original["application-autoscaling"] = "application-autoscaling"
    return original


def _namespace(service: str) -> str | None:
    from ministack.core import iam_actions

    return iam_actions.SERVICE_TO_IAM_NAMESPACE.get(service)


@patch(
    of=f"{ACTIONS}._lambda_action",
    lacks="lets every call on durable executions through unchecked",
    still=silent(f"{ACTIONS}._lambda_action", "durable"),
)
def name_durable_actions(original: Any) -> Any:
    """The calls on durable executions have IAM's names."""

    def lambda_action(method: str, path: str) -> str | None:
        parts = unquote(path).strip("/").split("/")
        if len(parts) < 3 or not path.startswith(DURABLE):
            return original(method, path)
        if parts[1] == "functions":
            return "ListDurableExecutionsByFunction"
        plain = "GetDurableExecution" if parts[1] == "durable-executions" else None
        return DURABLE_ACTIONS.get((parts[1], method, parts[-1]), plain)

    return lambda_action


@patch(
    of=f"{ACTIONS}.extract_resource_arn",
    lacks="names the cluster for every ECS call, log groups without `:*`, functions without their qualifier, no "
    "durable execution, no table by ResourceArn, no alarm of DescribeAlarms, no stack by what is in it, nothing of "
    "CloudFront but distributions, every schedule in the default group",
    still=silent(f"{ACTIONS}.extract_resource_arn", "service-deployment", "durable-execution"),
)
def name_resources(original: Any) -> Any:
    """The resource is the one that AWS's IAM would check."""

    def extract(  # noqa: PLR0917  # as it is called
        service: str,
        method: str,
        path: str,
        headers: dict[str, str],
        body: bytes,
        query_params: dict[str, Any],
        region: str,
        account_id: str,
    ) -> str:
        first = original(service, method, path, headers, body, query_params, region, account_id)
        named = _NAMED.get(service)
        if named is None:
            return str(first)
        action = headers.get("x-amz-target", "").rsplit(".", 1)[-1] or _first(query_params, "Action")
        asked = _asked(body) or {k: _first(query_params, k) for k in query_params}
        asked["."] = first
        return named(action, asked, path, f"{region}:{account_id}") or str(first)

    return extract


def _first(query_params: Mapping[str, Any], key: str) -> str:
    value = query_params.get(key, "")
    return str(value[0] if isinstance(value, list) and value else value or "")


def _asked(body: bytes) -> dict[str, Any]:
    try:
        read = json.loads(body or b"{}")
    except ValueError:
        return {}
    return read if isinstance(read, dict) else {}


def _ecs(action: str, asked: Mapping[str, Any], _path: str, where: str) -> str:
    if action in ECS_WITHOUT_RESOURCE:
        return "*"
    if action in ("RegisterTaskDefinition", "DeregisterTaskDefinition"):
        family = asked.get("family") or str(asked.get("taskDefinition", "")).rsplit("/", 1)[-1].split(":")[0]
        return f"arn:aws:ecs:{where}:task-definition/{family}:*"
    cluster = str(asked.get("cluster") or "default").rsplit("/", 1)[-1]
    if action == "CreateService":
        return f"arn:aws:ecs:{where}:service/{cluster}/{asked.get('serviceName')}"
    for key, kind in OF_ECS.items():
        named = asked.get(key)
        if named:
            name = str(named[0] if isinstance(named, list) else named)
            between = "" if kind == "cluster" else f"{cluster}/"
            return name if name.startswith("arn:") else f"arn:aws:ecs:{where}:{kind}/{between}{name}"
    return ""


def _logs(action: str, asked: Mapping[str, Any], _path: str, where: str) -> str:
    group = asked.get("logGroupName") or str(asked.get("logGroupIdentifier", "")).split(":log-group:")[-1]
    stream = asked.get("logStreamName")
    if not group:
        return ""
    if action in OF_LOG_STREAMS and stream:
        return f"arn:aws:logs:{where}:log-group:{group}:log-stream:{stream}"
    return f"arn:aws:logs:{where}:log-group:{group}:*"


def _lambda(_action: str, asked: Mapping[str, Any], path: str, _where: str) -> str:
    from ministack.services import lambda_durable

    first, qualifier, plain = str(asked["."]), asked.get("Qualifier"), unquote(path)
    if plain.startswith(f"{DURABLE}durable-execution-callbacks/"):
        found = lambda_durable._callback_index.get(plain.split("/")[3])
        return found[0] if found else ""
    if plain.startswith(f"{DURABLE}durable-executions/"):
        arn = plain.removeprefix(f"{DURABLE}durable-executions/")
        return arn.rsplit("/", 1)[0] if arn.endswith(("/checkpoint", "/state", "/history", "/stop")) else arn
    unqualified = first.count(":") == 6  # arn:aws:lambda:REGION:ACCOUNT:function:NAME
    return f"{first}:{qualifier}" if qualifier and unqualified else ""


def _dynamodb(_action: str, asked: Mapping[str, Any], _path: str, _where: str) -> str:
    return str(asked.get("ResourceArn") or "")


def _cloudwatch(action: str, asked: Mapping[str, Any], _path: str, where: str) -> str:
    if action in ("DescribeAlarms", "DescribeAlarmHistory"):
        names = asked.get("AlarmNames") or [asked.get("AlarmNames.member.1") or "*"]
        return f"arn:aws:cloudwatch:{where}:alarm:{names[0]}"
    return ""


def _cloudformation(action: str, asked: Mapping[str, Any], _path: str, where: str) -> str:
    unnamed = action == "DescribeStackResources" and not asked.get("StackName")
    return f"arn:aws:cloudformation:{where}:stack/*/*" if unnamed else ""


def _cloudfront(_action: str, asked: Mapping[str, Any], path: str, where: str) -> str:
    parts, account = unquote(path).strip("/").split("/"), where.partition(":")[2]
    for kind in ("origin-access-control", "origin-access-identity"):
        if kind in parts[:-1]:
            named = parts[len(parts) - 1 - parts[::-1].index(kind) + 1]
            return f"arn:aws:cloudfront::{account}:{kind}/{named}"
    return str(asked.get("Resource") or "")


def _application_autoscaling(action: str, _asked: Mapping[str, Any], _path: str, where: str) -> str:
    return "*" if action.startswith("Describe") else f"arn:aws:application-autoscaling:{where}:scalable-target/*"


def _without_resource_when_describing(action: str, _asked: Mapping[str, Any], _path: str, _where: str) -> str:
    return "*" if action.startswith("Describe") else ""


def _scheduler(action: str, asked: Mapping[str, Any], path: str, where: str) -> str:
    group = str(asked.get("GroupName") or "default")
    named = unquote(path).rstrip("/").rsplit("/", 1)[-1]
    return f"arn:aws:scheduler:{where}:schedule/{group}/{named}" if path.startswith("/schedules/") else ""


_NAMED = {
    "application-autoscaling": _application_autoscaling,
    "cloudformation": _cloudformation,
    "cloudfront": _cloudfront,
    "dynamodb": _dynamodb,
    "ec2": _without_resource_when_describing,
    "ecs": _ecs,
    "elasticloadbalancing": _without_resource_when_describing,
    "lambda": _lambda,
    "logs": _logs,
    "monitoring": _cloudwatch,
    "scheduler": _scheduler,
}
