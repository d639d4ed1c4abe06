"""Whether a role's own policies allow an action on a resource. Pure; it says "cannot tell" rather than guess.

Source: AWS, IAM user guide, "Policy evaluation logic": an explicit Deny wins, then an Allow, else it is denied. What
is not read here (permissions boundary's content, service control policies, resource and key policies) can only deny
what these allow, except that a resource policy can allow more within one account.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Literal

Right = Literal["allowed", "denied", "cannot_tell"]
ECS_TASKS = "ecs-tasks.amazonaws.com"  # AWS, ECS developer guide: the principal of task and execution roles


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One statement of a policy; `conditional` where it holds only under a condition, which is not evaluated."""

    allow: bool
    actions: tuple[str, ...] = ()
    not_actions: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    not_resources: tuple[str, ...] = ()
    conditional: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """One role as IAM has it.

    Attributes:
        use: `execution` or `task`: what the task definition names it as.
        exists: False where IAM knows no such role.
        trusts_tasks: whether ecs-tasks.amazonaws.com may assume it; None where its trust cannot be judged.
        statements: of all its policies, attached and inline.
        inline: names of its inline policies; a new one must have another name.
        bounded: a permissions boundary limits it, whose content is not read.
        whole: False where some of its policies were not read.
    """

    use: Literal["execution", "task"]
    arn: str
    exists: bool = True
    trusts_tasks: bool | None = True
    statements: tuple[Statement, ...] = ()
    inline: tuple[str, ...] = ()
    bounded: bool = False
    whole: bool = True

    @property
    def name(self) -> str:
        """The role's name, without its path."""
        return self.arn.rsplit("/", 1)[-1]


def right(role: Role, action: str, resource: str) -> Right:
    """What the role's own policies say to `action` on `resource` (an ARN, or `*` for actions without resources)."""
    speaking = [s for s in role.statements if _of_action(s, action)]
    matched = [(s, m) for s in speaking if (m := _of_resource(s, resource)) is not False]
    denies = [(s, m) for s, m in matched if not s.allow]
    allows = [(s, m) for s, m in matched if s.allow]
    if any(m is True and not s.conditional for s, m in denies):
        return "denied"
    certain = any(m is True and not s.conditional for s, m in allows)
    if certain:
        return "cannot_tell" if denies or role.bounded or not role.whole else "allowed"
    return "cannot_tell" if allows or not role.whole else "denied"


def _of_action(statement: Statement, action: str) -> bool:
    if statement.not_actions:
        return not any(_like(pattern.lower(), action.lower()) for pattern in statement.not_actions)
    return any(_like(pattern.lower(), action.lower()) for pattern in statement.actions)


def _of_resource(statement: Statement, resource: str) -> bool | None:
    """Whether it speaks of the resource; None where a policy variable decides."""
    patterns = statement.not_resources or statement.resources
    if any(_like(p, resource) for p in patterns):
        return not statement.not_resources
    if any("${" in p for p in patterns):
        return None
    return bool(statement.not_resources)


def _like(pattern: str, text: str) -> bool:
    return bool(_pattern(pattern).fullmatch(text))


@cache
def _pattern(pattern: str) -> re.Pattern[str]:
    text = "".join(".*" if c == "*" else "." if c == "?" else re.escape(c) for c in pattern)
    return re.compile(text, re.DOTALL)


def statements_of(document: Mapping[str, Any]) -> tuple[Statement, ...]:
    """The statements of a policy document as IAM gives it.

    Raises:
        ValueError: it is no policy document.
    """
    listed = document.get("Statement")
    if isinstance(listed, Mapping):
        listed = [listed]
    if not isinstance(listed, list) or not all(isinstance(s, Mapping) for s in listed):
        raise ValueError("the policy document has no statements")
    return tuple(
        Statement(
            allow=s.get("Effect") == "Allow",
            actions=_texts(s.get("Action")),
            not_actions=_texts(s.get("NotAction")),
            resources=_texts(s.get("Resource")),
            not_resources=_texts(s.get("NotResource")),
            conditional=bool(s.get("Condition")),
        )
        for s in listed
    )


def about_services(statements: Iterable[Statement], services: frozenset[str]) -> tuple[Statement, ...]:
    """What the statements say of these services' actions; the rest is left out, as a policy may name thousands."""
    kept = []
    for found in statements:
        actions = tuple(
            a for a in found.actions if a.partition(":")[0].lower() in services or "*" in a.partition(":")[0]
        )
        if actions or found.not_actions:
            kept.append(replace(found, actions=actions))
    return tuple(kept)


def trusts_tasks(document: Mapping[str, Any]) -> bool | None:
    """Whether a trust policy lets ECS tasks assume the role; None where a condition or a Deny decides."""
    listed = document.get("Statement")
    statements = [listed] if isinstance(listed, Mapping) else list(listed or ())
    speaking = [s for s in statements if isinstance(s, Mapping) and _names_tasks(s)]
    if any(s.get("Effect") != "Allow" for s in speaking):
        return None
    if any(not s.get("Condition") for s in speaking):
        return True
    return None if speaking else False


def _names_tasks(statement: Mapping[str, Any]) -> bool:
    principal = statement.get("Principal", {})
    services = ("*",) if principal == "*" else _texts(principal.get("Service") if principal else None)
    of_action = any(_like(a.lower(), "sts:assumerole") for a in _texts(statement.get("Action")))
    return of_action and (ECS_TASKS in services or "*" in services)


def _texts(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    return tuple(str(v) for v in value) if isinstance(value, Iterable) else ()
