"""IAM as far as our policies need it: who may do what on which ARN, from the stack's own template.

Source: IAM User Guide, "Policy evaluation logic" (an explicit deny wins, else one allow is needed, and a session has what
role and session policy both allow) and "IAM JSON policy elements" (`*` and `?` in actions and resources).
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from sandbox import names

FUNCTIONS = ("intake", "remediate", "approve", "widget")
ROLES = {name: f"Functions{name.capitalize()}Role" for name in FUNCTIONS}
HASH = re.compile(r"[0-9A-F]{8}$")  # that the CDK adds to a logical id
FIX = "RolesFix"


@dataclass(frozen=True, slots=True)
class Ask:
    """One question to IAM.

    Attributes:
        context: condition keys that are known, `aws:ResourceTag/x` among them.
    """

    action: str
    arn: str
    context: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rule:
    """One statement, its names filled in."""

    effect: str
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    conditions: Mapping[str, Mapping[str, Any]]

    def applies(self, ask: Ask) -> bool:
        """Whether it speaks of what is asked."""
        named = any(_like(a.lower(), ask.action.lower()) for a in self.actions)
        return named and any(_like(r, ask.arn) for r in self.resources) and self._met(ask)

    def _met(self, ask: Ask) -> bool:
        for operator, wanted in self.conditions.items():
            if operator != "StringEquals":
                raise NotImplementedError(f"condition {operator}")
            if any(ask.context.get(key) not in _listed(values) for key, values in wanted.items()):
                return False
        return True


def allows(rules: Sequence[Rule], ask: Ask) -> bool:
    """Whether a policy allows it: no deny, and one allow."""
    speaking = [r for r in rules if r.applies(ask)]
    return bool(speaking) and all(r.effect == "Allow" for r in speaking)


def session_rules(policy: str | Mapping[str, Any]) -> tuple[Rule, ...]:
    """A session policy's statements."""
    document = json.loads(policy) if isinstance(policy, str) else policy
    return tuple(_rule(s, {}) for s in document["Statement"])


def roles_of(template: Mapping[str, Any], topics: Mapping[str, str]) -> dict[str, tuple[Rule, ...]]:
    """Each role of the stack with its statements: the functions' by their names, and the fix roles by their names.

    Args:
        template: the synthesised stack.
        topics: ARN by level, for the names that only a deployment gives.
    """
    short = {lid: _short(lid) for lid in template["Resources"]}
    by_role: dict[str, list[Rule]] = {}
    for logical, resource in template["Resources"].items():
        properties = resource.get("Properties", {})
        if resource["Type"] == "AWS::IAM::Role":
            documents = [(short[logical], p["PolicyDocument"]) for p in properties.get("Policies", ())]
        elif resource["Type"] == "AWS::IAM::Policy":
            documents = [(short[r["Ref"]], properties["PolicyDocument"]) for r in properties["Roles"]]
        else:
            continue
        for role, document in documents:
            by_role.setdefault(role, []).extend(_rule(s, topics) for s in document["Statement"])
    named = {name: tuple(by_role[logical]) for name, logical in ROLES.items()}
    return named | {_fix_name(role): tuple(rules) for role, rules in by_role.items() if role.startswith(FIX)}


def granted(rules: Sequence[Rule]) -> set[str]:
    """Every action that some statement allows."""
    return {a for r in rules if r.effect == "Allow" for a in r.actions}


def _fix_name(logical: str) -> str:
    words = re.findall(r"[A-Z][a-z0-9]*", logical.removeprefix(FIX))
    return f"{names.FIX_ROLE_PREFIX.rsplit('/', 1)[-1]}{'-'.join(words).lower()}"


def _rule(statement: Mapping[str, Any], topics: Mapping[str, str]) -> Rule:
    return Rule(
        statement["Effect"],
        tuple(_listed(statement["Action"])),
        tuple(_said(r, topics) for r in _listed(statement["Resource"])),
        statement.get("Condition", {}),
    )


def _said(value: Any, topics: Mapping[str, str]) -> str:
    """A value of the template with the sandbox's names in it."""
    if isinstance(value, str):
        return value
    if "Fn::Join" in value:
        between, parts = value["Fn::Join"]
        return str(between.join(_said(p, topics) for p in parts))
    name = value["Ref"] if "Ref" in value else ".".join(value["Fn::GetAtt"])
    pseudo = {"AWS::Partition": "aws", "AWS::Region": names.REGION, "AWS::AccountId": names.ACCOUNT}
    return pseudo[name] if name in pseudo else _deployed(_short(name.split(".")[0]), topics)


def _deployed(logical: str, topics: Mapping[str, str]) -> str:
    place = f"{names.REGION}:{names.ACCOUNT}"
    if logical.startswith(FIX):
        return f"arn:aws:iam::{names.ACCOUNT}:role/{_fix_name(logical)}"
    known = {
        "LedgerTable": f"arn:aws:dynamodb:{place}:table/{names.LEDGER_TABLE}",
        "LedgerSwitch": names.SWITCH_PARAMETER,
        "FunctionsIntake": names.INTAKE_FUNCTION,
        "FunctionsRemediate": names.REMEDIATE_ALIAS.removesuffix(":live"),
        "FunctionsRemediateAliaslive": names.REMEDIATE_ALIAS,
        "LeasesRole": names.LEASE_ROLE,
        "InboxIntake": f"arn:aws:sqs:{place}:{names.INTAKE_QUEUE.rsplit('/', 1)[-1]}",
        **{f"Channels{level.capitalize()}": arn for level, arn in topics.items()},
    }
    return known.get(logical, f"the stack's {logical}")


def _short(logical: str) -> str:
    return HASH.sub("", logical)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _like(pattern: str, text: str) -> bool:
    return bool(_pattern(pattern).fullmatch(text))


@cache
def _pattern(pattern: str) -> re.Pattern[str]:
    return re.compile("".join({"*": ".*", "?": "."}.get(c, re.escape(c)) for c in pattern), re.DOTALL)
