"""What the runbooks declare, as IAM statements. Pure; the only place that knows how IAM sees an action."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from remediator.core.model import OPT_IN_TAG
from remediator.core.ports import Permission
from remediator.core.runbook import AnyRunbook
from remediator.resources.kinds import kinds

OPTED_IN = ("auto", "approve")
PASS_ROLE = "iam:PassRole"  # noqa: S105  # an action's name
REGION_CHARS = 14  # the longest region names: ap-northeast-1, us-gov-west-1 and their like
ROLE_NAME_CHARS = 64  # AWS IAM, quotas

READ_VERBS = ("BatchGet", "Check", "Describe", "Filter", "Get", "Head", "List", "Lookup", "Query", "Scan", "Search")
READS_BY_OTHER_NAMES = frozenset(("dynamodb:ConditionCheckItem", "logs:StartQuery", "logs:StopQuery", "kms:Decrypt"))
DESTROYING_VERBS = ("Delete", "Terminate", "Purge", "Remove")
TAG_VERBS = ("TagResource", "UntagResource", "AddTags", "CreateTags", "PutBucketTagging", "TagResources")

# Services that the program touches and that have no kind of resource of the guide.
_BESIDE = ("cloudwatch", "ecr", "kms", "lambda", "logs", "secretsmanager", "sns", "sqs", "ssm")
_DESTROYING_BESIDE = ("kms:ScheduleKeyDeletion", "sqs:PurgeQueue", *(f"{service}:Delete*" for service in _BESIDE))
_IAM_WRITES = tuple(
    f"iam:{verb}*"
    for verb in (
        "Add",
        "Attach",
        "Change",
        "Create",
        "Deactivate",
        "Delete",
        "Detach",
        "Enable",
        "Put",
        "Remove",
        "Set",
        "Tag",
        "Untag",
        "Update",
        "Upload",
    )
)
_TAGGING_ANYTHING = ("tag:TagResources", "tag:UntagResources")


def opt_in_tag_writes() -> frozenset[str]:
    """Writes whose resource carries the opt-in tag: IAM itself refuses them on what has not opted in."""
    return frozenset(action for kind in kinds() for action in kind.write_condition.opt_in_tag)


def exact_arn_writes() -> Mapping[str, str]:
    """Writes whose resource cannot carry the owner's opt-in, with why: the exact ARN in the session policy stands in."""
    told = {action: why for kind in kinds() for action, why in kind.write_condition.exact_arn.items()}
    return {**told, PASS_ROLE: "limited by service and by the roles in cdk.json instead"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One IAM statement; resources may hold `{partition}`, `{region}` and `{account}`."""

    actions: tuple[str, ...]
    resources: tuple[str, ...] = ("*",)
    effect: Literal["Allow", "Deny"] = "Allow"
    conditions: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def is_write(action: str) -> bool:
    """Whether `service:Action` may change something; a verb that is not known to read counts as a write."""
    return action not in READS_BY_OTHER_NAMES and not action.split(":")[1].startswith(READ_VERBS)


class Reads(Protocol):
    """Whatever declares what it reads: a runbook, or a recovery procedure."""

    def reads(self) -> tuple[Permission, ...]:
        """Every permission that its readers declare."""


# Reads that IAM narrows further. Source: AWS, DynamoDB, "Using IAM policy conditions for fine-grained access control".
READ_CONDITION: Mapping[str, Mapping[str, Mapping[str, Any]]] = {
    "dynamodb:Scan": {"StringEquals": {"dynamodb:Select": ["COUNT"]}},  # counts items and returns none
}


def read_statements(*readers: Iterable[Reads]) -> tuple[Statement, ...]:
    """What `remediate` may read: the readers' declarations, one statement per form of resource.

    Args:
        readers: runbooks, and recovery procedures.

    Raises:
        ValueError: a reader declares what is not a read.
    """
    declared = {p for those in readers for one in those for p in one.reads()}
    written = sorted(p.action for p in declared if is_write(p.action))
    if written:
        raise ValueError(f"readers declare what is not a read: {', '.join(written)}")
    narrowed = [_by_resource((p for p in declared if p.action == a), c) for a, c in sorted(READ_CONDITION.items())]
    return (*_by_resource(p for p in declared if p.action not in READ_CONDITION), *(s for n in narrowed for s in n))


def write_statements(runbook: AnyRunbook, pass_roles: tuple[str, ...]) -> tuple[Statement, ...]:
    """What the fix role of `runbook` may do at most, before a session policy narrows it to one plan.

    Args:
        runbook: whose planners' declarations count.
        pass_roles: roles that a new task definition may name, as paths behind the account: `role/portfolio-*`.

    Raises:
        ValueError: a planner declares what no fix may do, or what this module does not know.
    """
    declared = runbook.writes()
    for permission in declared:
        _refuse(runbook.id, permission)
    tagged = _by_resource((p for p in declared if p.action in opt_in_tag_writes()), _opted_in())
    exact = _by_resource(p for p in declared if p.action in exact_arn_writes() and p.action != PASS_ROLE)
    passes = any(p.action == PASS_ROLE for p in declared) and pass_roles
    return (*tagged, *exact, *((_pass(pass_roles),) if passes else ()), *denials())


def denials() -> tuple[Statement, ...]:
    """What no fix role may ever do, whatever else it is given by mistake."""
    destroying = {f"{k.arn.service}:{verb}" for k in kinds() for verb in k.write_condition.destroying}
    tagging = {f"{k.arn.service}:{verb}" for k in kinds() for verb in k.write_condition.tagging}
    return (
        Statement(effect="Deny", actions=_deletions_first({*destroying, *_DESTROYING_BESIDE})),
        Statement(effect="Deny", actions=_IAM_WRITES),
        Statement(effect="Deny", actions=tuple(sorted({*tagging, *_TAGGING_ANYTHING}))),
    )


def _deletions_first(actions: Collection[str]) -> tuple[str, ...]:
    return tuple(sorted(actions, key=lambda action: (not action.endswith(":Delete*"), action)))


def fix_role_suffix(runbook_id: str) -> str:
    """The runbook's part of its fix role's name.

    Raises:
        ValueError: the name would be longer than IAM takes in some region.
    """
    suffix = runbook_id.replace("_", "-")
    if len("remediator-") + REGION_CHARS + len("-fix-") + len(suffix) > ROLE_NAME_CHARS:
        raise ValueError(f"{runbook_id}: its fix role's name would exceed {ROLE_NAME_CHARS} characters")
    return suffix


def _opted_in() -> Mapping[str, Mapping[str, Any]]:
    return {"StringEquals": {f"aws:ResourceTag/{OPT_IN_TAG}": list(OPTED_IN)}}


def _pass(pass_roles: tuple[str, ...]) -> Statement:
    return Statement(
        actions=(PASS_ROLE,),
        resources=tuple(r if r.startswith("arn:") else f"arn:{{partition}}:iam::{{account}}:{r}" for r in pass_roles),
        conditions={"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}},
    )


def _refuse(runbook_id: str, permission: Permission) -> None:
    service, verb = permission.action.split(":")
    if verb.startswith(DESTROYING_VERBS) or verb in TAG_VERBS or (service == "iam" and permission.action != PASS_ROLE):
        raise ValueError(f"{runbook_id}: no fix may do {permission.action}")
    if permission.action not in opt_in_tag_writes() and permission.action not in exact_arn_writes():
        raise ValueError(
            f"{runbook_id}: say in the write_condition of its resource kind whether IAM can see the opt-in tag for {permission.action}"
        )


def _by_resource(
    permissions: Iterable[Permission], conditions: Mapping[str, Mapping[str, Any]] | None = None
) -> tuple[Statement, ...]:
    grouped: dict[str, set[str]] = {}
    for permission in permissions:
        grouped.setdefault(permission.on, set()).add(permission.action)
    return tuple(
        Statement(actions=tuple(sorted(actions)), resources=(on,), conditions=conditions or {})
        for on, actions in sorted(grouped.items())
    )
