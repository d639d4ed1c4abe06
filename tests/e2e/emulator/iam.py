"""IAM: who calls, what tags its policies see, and what was refused."""

from collections.abc import Iterator
from typing import Any

from . import clock
from .admin import view
from .patches import patch, silent, speaks

EVALUATOR = "ministack.core.iam_evaluator"
TAGS = "ministack.services.tagging"
Tagged = Iterator[tuple[str, list[dict[str, str]]]]

_denials: list[dict[str, Any]] = []


@view("denials")
def denials() -> list[dict[str, Any]]:
    """Every refusal of IAM since the start, trust policies' too."""
    return _denials


def note_denial(principal: str, action: str, resource: str, why: str) -> None:
    """Writes a refusal down for `/_world/denials`."""
    values = {"at": clock.iso(), "principal": principal, "action": action, "resource": resource, "why": why}
    _denials.append(values)


@patch(
    of=f"{EVALUATOR}.enforce",
    lacks="tells nobody what it refused",
    still=silent("ministack.app._handle_post_body_shortcuts", "denials"),
)
def write_refusals_down(original: Any) -> Any:
    """Each refusal can be seen at `/_world/denials`."""

    def enforce(
        access_key_id: str, iam_action: str, service: str, region: str, resource_arn: str = "*", **rest: Any
    ) -> Any:
        refused = original(access_key_id, iam_action, service, region, resource_arn=resource_arn, **rest)
        if refused is not None:
            principal = getattr(refused, "principal_arn", "") or access_key_id
            why = getattr(refused, "decision", "") or getattr(refused, "code", "")
            note_denial(principal, iam_action, resource_arn, why)
        return refused

    return enforce


@patch(
    of=f"{EVALUATOR}.evaluate_trust_policy",
    lacks="tells nobody what it refused",
    still=silent(f"{EVALUATOR}.evaluate_trust_policy", "logger", "denials"),
)
def write_mistrust_down(original: Any) -> Any:
    """A role that may not be assumed can be seen at `/_world/denials`."""

    def evaluate(trust_doc: Any, caller_arn: str, ctx: Any = None) -> bool:
        trusted = bool(original(trust_doc, caller_arn, ctx))
        if not trusted and ctx is not None:
            note_denial(caller_arn, ctx.action, ctx.resource_arn, "TrustPolicy")
        return trusted

    return evaluate


@patch(
    of=f"{EVALUATOR}._resolve_condition_key",
    lacks="takes the session for aws:PrincipalArn where AWS takes the role",
    still=speaks(f"{EVALUATOR}._resolve_condition_key", 'aws:principalarn":\n        return ctx.principal_arn'),
)
def see_the_role_behind_a_session(original: Any) -> Any:
    """`aws:PrincipalArn` of an assumed role is the role's ARN."""

    def resolve(key: str, ctx: Any) -> Any:
        if key.lower() == "aws:principalarn" and ":assumed-role/" in ctx.principal_arn:
            return _role_of(ctx.principal_arn)
        return original(key, ctx)

    return resolve


@patch(
    of="ministack.app.pin_request_origin",
    lacks="sees plain HTTP, which every policy that asks for TLS denies",
    still=speaks("ministack.app.app", "pin_request_origin(", '== "https")'),
)
def take_loopback_for_tls(original: Any) -> Any:
    """`aws:SecureTransport` is true: there is no wire between the emulator and its callers."""

    def pin(source_ip: str, _secure_transport: object) -> None:
        secure = True
        original(source_ip, secure)

    return pin


def _role_of(session_arn: str) -> str:
    from ministack.services import iam

    account, name = session_arn.split(":")[4], session_arn.split("/")[1]
    role = iam._roles.get_scoped(account, None, name) or {}
    return str(role.get("Arn") or f"arn:aws:iam::{account}:role/{name}")


@patch(
    of=f"{TAGS}._RESOURCE_TAG_COLLECTORS",
    lacks="has no tags of ECS, EC2, load balancing, CloudFront and S3 for aws:ResourceTag",
    still=lambda: not _knows_tags_of("ecs"),
)
def see_tags(original: dict[str, Any]) -> dict[str, Any]:
    """`aws:ResourceTag/...` is what the resource really carries here: it proves the wiring, not IAM's own reading."""
    from ministack.services import tagging

    return {
        **original,
        "cloudfront": tagging._collect_cloudfront,
        "ec2": _tags_of_ec2,
        "ecs": tagging._collect_ecs,
        "elasticloadbalancing": _tags_of_load_balancing,
        "s3": tagging._collect_s3,
    }


def _knows_tags_of(service: str) -> bool:
    from ministack.services import tagging

    return service in tagging._RESOURCE_TAG_COLLECTORS


def _tags_of_ec2() -> Tagged:
    from ministack.core.responses import get_account_id, get_region
    from ministack.services import ec2

    kinds = {"sg": "security-group", "acl": "network-acl", "subnet": "subnet", "vpc": "vpc", "i": "instance"}
    for resource_id, tags in ec2._tags.items():
        kind = kinds.get(resource_id.split("-")[0])
        if kind:
            yield f"arn:aws:ec2:{get_region()}:{get_account_id()}:{kind}/{resource_id}", list(tags)


def _tags_of_load_balancing() -> Tagged:
    from ministack.services import alb

    for arn, tags in alb._tags.items():
        yield arn, list(tags)


def refused_message(action: str, refused: Any, resource: str) -> str:
    """AWS's sentence for a refusal."""
    from ministack.core.iam_actions import identity_denial_message

    return str(identity_denial_message(action, refused.principal_arn, resource, refused.decision == "Deny"))
