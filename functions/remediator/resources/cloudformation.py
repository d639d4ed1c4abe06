"""The CloudFormation stack that owns a resource, and its reader."""

from collections.abc import Collection
from dataclasses import dataclass

from ..core.errors import NotFound, Rejected
from ..core.ports import Aws, Permission, Scope, reads

READS_STACK = Permission(
    "cloudformation:DescribeStackResources", "arn:{partition}:cloudformation:{region}:{account}:stack/*"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """The CloudFormation stack that owns the resource; empty name where none does."""

    name: str = ""


@reads(READS_STACK)
def stack(aws: Aws, scope: Scope) -> Stack:
    """The stack whose next deployment would overwrite a change."""
    return owner_of(aws, scope.incident.resource.arn)


def owner_of(aws: Aws, resource: str, types: Collection[str] = ()) -> Stack:
    """The stack that owns a resource, by the physical id that CloudFormation knows.

    Args:
        aws: to be read from.
        resource: its ARN or name.
        types: which a stack must have a resource of, where the name alone may be another one's.
    """
    try:
        response = aws.call("cloudformation:DescribeStackResources", PhysicalResourceId=resource)
    except (NotFound, Rejected):  # AWS says ValidationError where no stack owns it
        return Stack()
    found = next((r for r in response["StackResources"] if not types or r["ResourceType"] in types), None)
    return Stack(name=found["StackName"]) if found else Stack()
