"""Plan parts: register a copy of a task definition, and move the service to it."""

from collections.abc import Mapping
from typing import Any

from ....core.plan import Call, Copy, Grant
from ..model import Service, TaskDefinition


def register_copy(old: TaskDefinition, changes: Mapping[str, Any]) -> Call:
    """A new revision that is `old` but for `changes`; its environment is never read."""
    roles = sorted({r for r in (old.task_role, old.execution_role) if r})
    return Call(
        action="ecs:RegisterTaskDefinition",
        parameters=changes,
        arn=f"{old.arn.rsplit(':', 1)[0]}:*",
        also=tuple(Grant("iam:PassRole", role) for role in roles),
        copy=Copy(
            action="ecs:DescribeTaskDefinition",
            parameters={"taskDefinition": old.arn},
            at="taskDefinition",
            keep=REGISTRABLE,
        ),
    )


def move_to_copy(service: Service) -> Call:
    """The service moved to the revision that the plan's first call has registered."""
    where = {"cluster": service.cluster, "service": service.name}
    new = {**where, "taskDefinition": "${0.taskDefinition.taskDefinitionArn}"}
    return Call(action="ecs:UpdateService", parameters=new, arn=service.arn)


# What RegisterTaskDefinition takes of what DescribeTaskDefinition gives. Source: AWS, ECS API reference.
REGISTRABLE = (
    "family", "taskRoleArn", "executionRoleArn", "networkMode", "containerDefinitions", "volumes",
    "placementConstraints", "requiresCompatibilities", "cpu", "memory", "pidMode", "ipcMode", "proxyConfiguration",
    "inferenceAccelerators", "ephemeralStorage", "runtimePlatform", "enableFaultInjection",
)  # fmt: skip
