"""Rights that nobody asks for by a request of its own: services that deliver, and roles that functions come with."""

from typing import Any

from .admin import ACCOUNT, REGION
from .iam import note_denial

DELIVERS_BY = {"sqs": "sqs:SendMessage", "sns": "sns:Publish"}
KEY_NEEDS = ("kms:GenerateDataKey", "kms:Decrypt")


def service_may_deliver(principal: str, target_arn: str, source_arn: str) -> bool:
    """Whether the target's policy, and its key's, let an AWS service deliver; a refusal is written down.

    Args:
        principal: the service: `events.amazonaws.com`, `cloudwatch.amazonaws.com`.
        target_arn: of a queue or a topic; every other target may be delivered to.
        source_arn: of the rule or alarm that delivers.
    """
    service = target_arn.split(":")[2]
    action = DELIVERS_BY.get(service)
    if action is None:
        return True
    needs = [(action, target_arn)]
    key = _key_of(service, target_arn)
    if key:
        needs += [(need, key) for need in KEY_NEEDS]
    for need, arn in needs:
        if not _policy_allows(principal, need, arn, source_arn):
            note_denial(principal, need, arn, f"ResourcePolicy, from {source_arn}")
            return False
    return True


def _key_of(service: str, target_arn: str) -> str:
    from ministack.services import sns, sqs

    if service == "sns":
        return str((sns._topics.get(target_arn) or {}).get("attributes", {}).get("KmsMasterKeyId") or "")
    queue = sqs._queue_by_arn(target_arn) or {}
    return str(queue.get("attributes", {}).get("KmsMasterKeyId") or "")


def _policy_allows(principal: str, action: str, arn: str, source_arn: str) -> bool:
    from ministack.core import iam_evaluator

    found = iam_evaluator._resource_policy(action.partition(":")[0], arn)
    context = iam_evaluator.EvalContext(
        principal_arn="*",
        principal_type="Service",
        principal_account="",
        action=action,
        resource_arn=arn,
        region=REGION,
        secure_transport=True,
        service_context={"aws:sourcearn": source_arn, "aws:sourceaccount": ACCOUNT},
    )
    result = iam_evaluator.evaluate_resource_policy(found[0] if found else "", context, service=principal)
    return bool(result.decision == "Allow")


def role_may(role_arn: str, action: str, arn: str) -> bool:
    """Whether a role's own policies allow an action; a refusal is written down."""
    from ministack.core import iam_evaluator

    policies: Any = iam_evaluator._gather_role_policies(role_arn.rsplit("/", 1)[-1], ACCOUNT)
    context = iam_evaluator.EvalContext(
        principal_arn=role_arn,
        principal_type="AssumedRole",
        principal_account=ACCOUNT,
        action=action,
        resource_arn=arn,
        region=REGION,
        secure_transport=True,
    )
    allowed = bool(iam_evaluator.evaluate(context, policies).decision == "Allow")
    if not allowed:
        note_denial(role_arn, action, arn, "ImplicitDeny")
    return allowed
