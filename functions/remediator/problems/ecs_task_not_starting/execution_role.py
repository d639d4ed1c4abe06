"""What a task's execution role must be allowed before its containers run, and the least statement that is missing.

Source of the needs: AWS, ECS developer guide, "Amazon ECS task execution IAM role". Keys of KMS are not looked at.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ...core.model import Resource
from ...resources.ecs.task_setup import TaskSetup, ecr_name
from ...resources.iam.role_rights import ECS_TASKS, Right, Role, right

ECR_PULL = ("ecr:BatchCheckLayerAvailability", "ecr:GetDownloadUrlForLayer", "ecr:BatchGetImage")
LOG_WRITE = ("logs:CreateLogStream", "logs:PutLogEvents")

POLICY_NAME = "ecs-task-start"
SECRET_ARN_PARTS = 7  # what follows names a JSON key, a stage and a version


@dataclass(frozen=True, slots=True)
class Need:
    """One action on one resource that a start of the task asks of its execution role."""

    action: str
    resource: str


@dataclass(frozen=True, slots=True)
class Lack:
    """What a role's policies say to a need, where that is not `allowed`."""

    need: Need
    right: Right


def needs(setup: TaskSetup, place: Resource) -> tuple[Need, ...]:
    """All that ECS does with the execution role before the containers of this revision run.

    Args:
        setup: the revision.
        place: any resource of the same account and region.
    """
    found = [
        *_for_images(setup, place),
        *_for_secrets(setup, place),
        *_for_logs(setup, place),
        *(Need("s3:GetObject", arn) for arn in setup.env_files),
    ]
    return tuple(dict.fromkeys(found))


def _for_images(setup: TaskSetup, place: Resource) -> Iterable[Need]:
    named = [n for image in setup.images if (n := ecr_name(image))]
    if named:
        yield Need("ecr:GetAuthorizationToken", "*")
    for n in named:
        arn = f"arn:{place.partition}:ecr:{n.region}:{n.registry}:repository/{n.repository}"
        yield from (Need(action, arn) for action in ECR_PULL)


def _for_secrets(setup: TaskSetup, place: Resource) -> Iterable[Need]:
    yield from (Need("secretsmanager:GetSecretValue", arn) for arn in setup.registry_secrets)
    for secret in setup.secrets:
        if secret.of_secrets_manager:
            arn = ":".join(secret.source.split(":")[:SECRET_ARN_PARTS])
            yield Need("secretsmanager:GetSecretValue", arn)
        else:
            yield Need("ssm:GetParameters", parameter_arn(secret.source, place))


def parameter_arn(source: str, place: Resource) -> str:
    """The ARN of a parameter that a task definition names by ARN or by its plain name."""
    if source.startswith("arn:"):
        return source
    return f"arn:{place.partition}:ssm:{place.region}:{place.account}:parameter/{source.removeprefix('/')}"


def _for_logs(setup: TaskSetup, place: Resource) -> Iterable[Need]:
    for log in setup.logs:
        arn = f"arn:{place.partition}:logs:{log.region or place.region}:{place.account}:log-group:{log.group}:*"
        yield from (Need(action, arn) for action in LOG_WRITE)
        if log.creates_group:
            yield Need("logs:CreateLogGroup", arn)


def lacks(role: Role, wanted: Sequence[Need]) -> tuple[Lack, ...]:
    """The needs that the role's policies do not allow for certain."""
    found = ((need, right(role, need.action, need.resource)) for need in wanted)
    return tuple(Lack(need, said) for need, said in found if said != "allowed")


def of_action(wanted: Sequence[Need], action: str, resource: str = "") -> tuple[Need, ...]:
    """The needs of the service that refused: a start asks for them one after the other, and stops at the first.

    Where the revision has no need of that action, it is what AWS's words say.
    """
    if not action:
        return ()
    if not any(n.action.lower() == action.lower() for n in wanted):
        return (Need(action, resource or "*"),)
    service = action.partition(":")[0].lower()
    return tuple(n for n in wanted if n.action.partition(":")[0].lower() == service)


def statement(missing: Sequence[Need]) -> str:
    """The least policy document that allows the needs, as one line of JSON."""
    by_resource: dict[str, list[str]] = {}
    for need in missing:
        by_resource.setdefault(need.resource, []).append(need.action)
    listed = [
        {"Effect": "Allow", "Action": sorted(set(actions)), "Resource": resource}
        for resource, actions in sorted(by_resource.items())
    ]
    return json.dumps({"Version": "2012-10-17", "Statement": listed}, separators=(", ", ": "))


def trust_statement() -> str:
    """The trust policy that lets ECS tasks assume a role, as one line of JSON."""
    allow = {"Effect": "Allow", "Principal": {"Service": ECS_TASKS}, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": [allow]}, separators=(", ", ": "))


def free_policy_name(role: Role) -> str | None:
    """A name that no inline policy of the role has, so that PutRolePolicy overwrites none; None where they are unknown."""
    if not role.whole:
        return None
    taken = set(role.inline)
    numbered = (f"{POLICY_NAME}-{n}" for n in range(2, len(taken) + 3))
    return next(name for name in (POLICY_NAME, *numbered) if name not in taken)
