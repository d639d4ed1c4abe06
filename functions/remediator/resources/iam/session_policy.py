"""The plan is the permission: a session policy that allows exactly its calls on exactly their ARNs."""

import json

from ...core.errors import Defect
from ...core.plan import Advise, Call, Decision, Plan
from ...core.text import Text

LIMIT_CHARS = 2048  # AWS STS, AssumeRole: inline session policy in plain text


def session_policy(calls: tuple[Call, ...]) -> str:
    """An IAM policy document, as short as it can be written.

    Raises:
        Defect: it would not fit AssumeRole's limit.
    """
    document = _document(calls)
    if len(document) > LIMIT_CHARS:
        raise Defect(f"session policy has {len(document)} characters, AWS allows {LIMIT_CHARS}")
    return document


def narrow(decision: Decision) -> Decision:
    """`decision`, or why a plan is for a person: where names are so long that no session policy could hold its rights.

    Two roles with a path of 512 characters each are enough for that; the plan must not come as far as its gates.
    """
    if not isinstance(decision, Plan):
        return decision
    longest = max(len(_document(calls)) for calls in (decision.calls, decision.undo))
    if longest <= LIMIT_CHARS:
        return decision
    return Advise(
        Text(
            f"{decision.title.en}: not made by the program, since the names in it are too long for its rights to be "
            f"narrowed to it ({longest} characters, AWS takes {LIMIT_CHARS}); make it by hand",
            f"{decision.title.ja}: リソース名が長く、権限をこの変更だけに限定できないため（{longest} 文字、AWS の上限は "
            f"{LIMIT_CHARS} 文字）、プログラムでは変更しません。手動で変更してください",
        )
    )


def _document(calls: tuple[Call, ...]) -> str:
    granted: dict[str, set[str]] = {}
    for call in calls:
        granted.setdefault(call.arn, set()).add(call.action)
        for grant in call.also:
            granted.setdefault(grant.arn, set()).add(grant.action)
    statements = [{"Effect": "Allow", "Action": sorted(a), "Resource": arn} for arn, a in sorted(granted.items())]
    return json.dumps({"Version": "2012-10-17", "Statement": statements}, separators=(",", ":"))
