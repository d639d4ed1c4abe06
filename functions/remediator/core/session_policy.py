"""The plan is the permission: a session policy that allows exactly its calls on exactly their ARNs."""

import json

from .errors import Defect
from .model import Call

LIMIT_CHARS = 2048  # AWS STS, AssumeRole: inline session policy in plain text


def session_policy(calls: tuple[Call, ...]) -> str:
    """An IAM policy document, as short as it can be written.

    Raises:
        Defect: it would not fit AssumeRole's limit.
    """
    granted: dict[str, set[str]] = {}
    for call in calls:
        granted.setdefault(call.arn, set()).add(call.action)
        for grant in call.also:
            granted.setdefault(grant.arn, set()).add(grant.action)
    statements = [{"Effect": "Allow", "Action": sorted(a), "Resource": arn} for arn, a in sorted(granted.items())]
    document = json.dumps({"Version": "2012-10-17", "Statement": statements}, separators=(",", ":"))
    if len(document) > LIMIT_CHARS:
        raise Defect(f"session policy has {len(document)} characters, AWS allows {LIMIT_CHARS}")
    return document
