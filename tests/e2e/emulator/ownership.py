"""Which CloudFormation stack owns a resource: DescribeStackResources by what the resource is called."""

from typing import Any

from ministack.services import cloudformation
from ministack.services.cloudformation import handlers

from .patches import patch, silent

HANDLERS = "ministack.services.cloudformation.handlers"


@patch(
    of=f"{HANDLERS}._ACTION_HANDLERS",
    at=("DescribeStackResources",),
    lacks="finds no stack by a resource's physical id",
    still=silent(f"{HANDLERS}._describe_stack_resources", '"PhysicalResourceId")'),
)
def find_by_resource(original: Any) -> Any:
    """All resources of the stack that the named one belongs to; a ValidationError where it belongs to none."""

    def describe(params: dict[str, Any]) -> Any:
        named = handlers._p(params, "PhysicalResourceId")
        if not named:
            return original(params)
        owner = _owner(named)
        if owner is None:
            return handlers._error("ValidationError", f"Stack for {named} does not exist")
        kept = {k: v for k, v in params.items() if k != "PhysicalResourceId"}
        return original({**kept, "StackName": [owner]})

    return describe


def _owner(physical: str) -> str | None:
    for stack in list(cloudformation._stacks.values()):
        held = stack.get("_resources", {}).values()
        stands = not stack.get("StackStatus", "").startswith("DELETE")
        if stands and any(r.get("PhysicalResourceId") == physical for r in held):
            return str(stack["StackName"])
    return None
