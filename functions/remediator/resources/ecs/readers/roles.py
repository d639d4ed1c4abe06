"""Readers of the roles that a task definition names: trust, policies."""

import json
from collections.abc import Mapping
from typing import Any, Literal
from urllib.parse import unquote

from ....core.errors import NotFound
from ....core.ports import Aws, Permission, Scope, reads
from ...iam.role_rights import Role, Statement, about_services, statements_of, trusts_tasks
from ..model import TaskDefinition

START_SERVICES = frozenset(
    ("ecr", "ecr-public", "logs", "secretsmanager", "ssm", "ssmmessages", "kms", "s3", "elasticfilesystem")
)


ROLE = "arn:{partition}:iam::{account}:role/*"

POLICY = "arn:{partition}:iam::*:policy/*"  # the account's own, and AWS's, whose account is called `aws`

POLICIES_READ = 10  # AWS's default quota of policies attached to a role

INLINE_READ = 10

NAMES_READ = 100


@reads(
    Permission("iam:GetRole", ROLE),
    Permission("iam:ListAttachedRolePolicies", ROLE),
    Permission("iam:ListRolePolicies", ROLE),
    Permission("iam:GetRolePolicy", ROLE),
    Permission("iam:GetPolicy", POLICY),
    Permission("iam:GetPolicyVersion", POLICY),
)
def roles(aws: Aws, scope: Scope, definition: TaskDefinition) -> tuple[Role, ...]:
    """The execution role and the task role of the revision, as far as it names them; at most 20 policies each.

    Of the policies is kept what they say of the services that a start calls.
    """
    del scope
    named: tuple[tuple[Literal["execution", "task"], str], ...] = (
        ("execution", definition.execution_role),
        ("task", definition.task_role),
    )
    return tuple(_role(aws, use, arn) for use, arn in named if arn)


def _role(aws: Aws, use: Literal["execution", "task"], arn: str) -> Role:
    name = arn.rsplit("/", 1)[-1]
    try:
        found = aws.call("iam:GetRole", RoleName=name)["Role"]
    except NotFound:
        return Role(use=use, arn=arn, exists=False, trusts_tasks=None)
    attached = aws.pages("iam:ListAttachedRolePolicies", "AttachedPolicies", NAMES_READ, RoleName=name)
    inline = tuple(aws.pages("iam:ListRolePolicies", "PolicyNames", NAMES_READ, RoleName=name))
    statements = [
        *(s for p in attached[:POLICIES_READ] for s in _managed(aws, p["PolicyArn"])),
        *(s for policy in inline[:INLINE_READ] for s in _inline(aws, name, policy)),
    ]
    return Role(
        use=use,
        arn=arn,
        trusts_tasks=trusts_tasks(_document(found["AssumeRolePolicyDocument"])),
        statements=about_services(statements, START_SERVICES),
        inline=inline,
        bounded="PermissionsBoundary" in found,
        whole=len(attached) <= POLICIES_READ and len(inline) <= INLINE_READ,
    )


def _managed(aws: Aws, arn: str) -> tuple[Statement, ...]:
    version = aws.call("iam:GetPolicy", PolicyArn=arn)["Policy"]["DefaultVersionId"]
    response = aws.call("iam:GetPolicyVersion", PolicyArn=arn, VersionId=version)
    return statements_of(_document(response["PolicyVersion"]["Document"]))


def _inline(aws: Aws, role: str, name: str) -> tuple[Statement, ...]:
    response = aws.call("iam:GetRolePolicy", RoleName=role, PolicyName=name)
    return statements_of(_document(response["PolicyDocument"]))


def _document(found: Any) -> Mapping[str, Any]:
    """A policy document: IAM sends it as URL-encoded JSON, and botocore has usually decoded it already.

    Raises:
        ValueError: it is none.
    """
    read = json.loads(unquote(found)) if isinstance(found, str) else found
    if not isinstance(read, Mapping):
        raise ValueError("the policy document is no object")  # noqa: TRY004  # half an answer, as gather knows it
    return read
