"""Every API request: written down, checked for the rights beside its own action, and perhaps the last of its caller."""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from . import clock, crashes
from .admin import view
from .iam import refused_message
from .patches import patch, silent

ECS_TASKS = "ecs-tasks.amazonaws.com"
NOBODY_LISTENS_S = 0.2  # a killed worker's connection must be gone before its answer is written

_calls: list[dict[str, Any]] = []


@dataclass(frozen=True, slots=True)
class Beside:
    """A right that a request needs beside the one that its action names."""

    action: str
    resource: str
    context: dict[str, str]


@view("calls")
def calls() -> list[dict[str, Any]]:
    """Every API request since the start, in the order of their answers."""
    return _calls


@patch(
    of="ministack.app._dispatch_service_request",
    lacks="never asks for iam:PassRole, nor for the key of an encrypted topic; keeps no list of what was called",
    still=silent("ministack.app._dispatch_service_request", "PassRole", "PassedToService"),
)
def see_requests(original: Any) -> Any:
    """Requests are written down, and refused where a right beside the action is missing."""

    async def dispatch(
        method: str, path: str, headers: dict[str, str], body: bytes, query_params: dict[str, Any], request_id: str
    ) -> Any:
        from ministack import app

        params = app._routing_params(method, path, headers, body, query_params)
        service = app.detect_service(method, path, headers, params)
        action = _action(service, method, path, headers, body, params)
        if crashes.at("before_call", action):
            await asyncio.sleep(NOBODY_LISTENS_S)
            return 500, {}, b""
        request = (method, path, headers, body, query_params, request_id)
        answer = _refused_beside(action, headers, body, params, query_params, request_id)
        answer = answer or await original(*request)
        _write_down(service, action, request, params, answer[0])
        if crashes.at("after_call", action):
            await asyncio.sleep(NOBODY_LISTENS_S)
        return answer

    return dispatch


def _action(service: str, method: str, path: str, headers: Any, body: bytes, params: Any) -> str:
    from ministack.core import iam_actions

    return iam_actions.extract_iam_action(service, method, path, headers, body, params) or f"{service}:{method} {path}"


def _write_down(service: str, action: str, request: Any, params: Any, status: int) -> None:
    from ministack.core import iam_actions, iam_evaluator
    from ministack.core.responses import get_account_id, get_region

    method, path, headers, body, query_params, _ = request
    resource = iam_actions.extract_resource_arn(
        service, method, path, headers, body, params, get_region(), get_account_id()
    )
    _calls.append(
        {
            "at": clock.iso(),
            "principal": iam_evaluator.request_caller_arn(headers, query_params),
            "service": service,
            "action": action,
            "resource": resource,
            "status": status,
        }
    )


def _refused_beside(action: str, headers: Any, body: bytes, params: Any, query_params: Any, request_id: str) -> Any:
    """The refusal of a right beside the action, None where all are there."""
    from ministack.core import iam_actions, iam_evaluator
    from ministack.core.responses import get_region
    from ministack.core.router import extract_access_key_id

    service = action.split(":", maxsplit=1)[0]
    for right in _beside(action, body, params):
        refused = iam_evaluator.enforce(
            extract_access_key_id(headers, query_params),
            right.action,
            right.action.partition(":")[0],
            get_region(),
            resource_arn=right.resource,
            service_context=right.context,
        )
        if isinstance(refused, iam_evaluator.EvalResult):
            message = refused_message(right.action, refused, right.resource)
            return iam_actions.access_denied_response(
                service, right.action, refused.principal_arn, request_id, headers=headers, message=message
            )
    return None


def _beside(action: str, body: bytes, params: Any) -> Iterator[Beside]:
    if action in ("ecs:RegisterTaskDefinition", "ecs:RunTask"):
        yield from _roles_passed(body)
    if action == "sns:Publish":
        yield from _key_used(params)


def _roles_passed(body: bytes) -> Iterator[Beside]:
    asked = json.loads(body or b"{}")
    overrides = asked.get("overrides") or {}
    for role in ("taskRoleArn", "executionRoleArn"):
        arn = asked.get(role) or overrides.get(role)
        if arn:
            yield Beside("iam:PassRole", arn, {"iam:PassedToService": ECS_TASKS})


def _key_used(params: Any) -> Iterator[Beside]:
    from ministack.services import sns

    named = params.get("TopicArn") or params.get("TargetArn") or ""
    topic = sns._topics.get(named[0] if isinstance(named, list) else named) or {}
    key = (topic.get("attributes") or {}).get("KmsMasterKeyId")
    if key:
        for need in ("kms:GenerateDataKey", "kms:Decrypt"):
            yield Beside(need, key, {})
