"""Applying a plan: with the fix role of its runbook, narrowed to exactly its calls, each request sent once."""

from collections.abc import Mapping, Sequence
from typing import Any

from ..aws.client import AwsClient
from ..aws.runtime import Runtime
from ..core.errors import ForAPerson, Retryable
from ..core.plan import Call, Change, Plan, filled, merged, referenced
from ..core.ports import Permission
from ..core.timestamps import iso
from ..resources.iam.session_policy import session_policy
from ..resources.vpc.ingress_guard import refuse_addresses

SESSION_S = 900  # the least that AssumeRole takes


def apply(runtime: Runtime, incident: str, plan: Plan, calls: tuple[Call, ...]) -> Change:
    """Makes `calls` (the plan's own or its undo) and gives the Change; where AWS refuses in the middle, its beginning.

    Raises:
        Unknown: a request was sent and its answer is lost: look again, never repeat.
        Defect: a call would let addresses into a security group.
        ForAPerson, Retryable: AWS refused before anything was changed; what only prepares a later call changes nothing.
    """
    refuse_addresses(calls)
    door = _door(runtime, incident, plan, calls)
    used = referenced([c.parameters for c in calls])
    prepares = {n for n, _ in used}
    answers: list[Mapping[str, Any]] = []
    requests: list[str] = []
    refused = ""
    for call in calls:
        try:
            answer = door.call(call.action, **filled(_parameters(runtime, call), answers))
        except (ForAPerson, Retryable) as error:
            if prepares.issuperset(range(len(answers))):
                raise
            refused = str(error)
            break
        requests.append(f"{call.action} {answer.get('ResponseMetadata', {}).get('RequestId', '')}".strip())
        answers.append(answer)
    return Change(
        plan=plan,
        applied_at=iso(runtime.now()),
        requests=tuple(requests),
        answers=tuple(_kept(a, [p for n, p in used if n == i]) for i, a in enumerate(answers)),
        refused=refused,
    )


def _door(runtime: Runtime, incident: str, plan: Plan, calls: tuple[Call, ...]) -> AwsClient:
    role = f"{runtime.environment.fix_role_prefix}{plan.runbook.replace('_', '-')}"
    assumed = AwsClient(runtime.clients, [Permission("sts:AssumeRole")]).call(
        "sts:AssumeRole",
        RoleArn=role,
        RoleSessionName=f"remediator-{incident}"[:64],
        DurationSeconds=SESSION_S,
        Policy=session_policy(calls),
    )
    credentials = assumed["Credentials"]
    return AwsClient(
        lambda service, _: runtime.clients.as_role(service, credentials),
        [Permission(c.action) for c in calls],
        writes=True,
    )


def _parameters(runtime: Runtime, call: Call) -> Mapping[str, Any]:
    if call.copy is None:
        return call.parameters
    response = AwsClient(runtime.clients, [Permission(call.copy.action)]).call(call.copy.action, **call.copy.parameters)
    base = {name: response[call.copy.at][name] for name in call.copy.keep if name in response[call.copy.at]}
    whole: Mapping[str, Any] = merged(base, call.parameters)
    return whole


def _kept(answer: Mapping[str, Any], paths: Sequence[str]) -> Mapping[str, Any]:
    """Only what another call refers to: answers are large and hold environment variables."""
    kept: dict[str, Any] = {}
    for path in paths:
        value: Any = answer
        for name in path.split("."):
            value = value[name]
        kept[path] = value
    return kept
