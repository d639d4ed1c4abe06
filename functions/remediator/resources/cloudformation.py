"""The CloudFormation stack that owns a resource, and its reader."""

from dataclasses import dataclass

from ..core.errors import NotFound, Rejected
from ..core.ports import Aws, Permission, Scope, reads


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """The CloudFormation stack that owns the resource; empty name where none does."""

    name: str = ""


@reads(Permission("cloudformation:DescribeStackResources", "arn:{partition}:cloudformation:{region}:{account}:stack/*"))
def stack(aws: Aws, scope: Scope) -> Stack:
    """The stack whose next deployment would overwrite a change."""
    try:
        response = aws.call("cloudformation:DescribeStackResources", PhysicalResourceId=scope.incident.resource.arn)
    except (NotFound, Rejected):  # AWS says ValidationError where no stack owns it
        return Stack()
    found = next(iter(response["StackResources"]), None)
    return Stack(name=found["StackName"]) if found else Stack()
