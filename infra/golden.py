"""Every IAM permission of the stack, one line each: `python -m infra.golden` rewrites the list that is reviewed."""

import json
import re
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from aws_cdk import App

from infra import ROOT
from remediator.core.runbook import AnyRunbook
from remediator.problems import load_all

from .bundle.build import Bundle
from .declared import Declared, cdk_context, declared_from
from .stack import RemediatorStack

GOLDEN = ROOT / "tests" / "infra" / "permissions.golden.json"
Template = Mapping[str, Any]


def synthesised(runbooks: tuple[AnyRunbook, ...], declared: Declared) -> Template:
    """The stack's template, with an empty bundle: what is derived from runbooks and `cdk.json`."""
    with TemporaryDirectory() as scratch:
        code = Path(scratch) / "code"
        code.mkdir()
        app = App(outdir=f"{scratch}/out", context=dict(cdk_context()))
        RemediatorStack(app, "Remediator", runbooks=runbooks, declared=declared, bundle=Bundle(code, "0" * 64))
        template: Template = app.synth().get_stack_by_name("Remediator").template
        return template


def permissions_held(template: Template) -> Mapping[str, list[str]]:
    """Each role, queue, topic and key with what its policies say, as sorted lines for people."""
    held: dict[str, list[str]] = {}
    for logical_id, resource in template["Resources"].items():
        for name, lines in _policies(logical_id, resource):
            held.setdefault(name, []).extend(lines)
    return {name: sorted(set(held[name])) for name in sorted(held)}


def write(held: Mapping[str, list[str]]) -> None:
    """Writes the list that is reviewed."""
    GOLDEN.write_text(json.dumps(held, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def main() -> None:
    """Writes the list anew and says where."""
    write(permissions_held(synthesised(load_all(), declared_from(cdk_context().get))))
    sys.stdout.write(f"wrote {GOLDEN}; read its diff: it is the security review\n")


def _policies(logical_id: str, resource: Mapping[str, Any]) -> Iterable[tuple[str, list[str]]]:
    properties, kind = resource.get("Properties", {}), resource["Type"]
    if kind == "AWS::IAM::Role":
        yield _short(logical_id), _lines(properties["AssumeRolePolicyDocument"])
        yield _short(logical_id), [f"managed policy {_text(arn)}" for arn in properties.get("ManagedPolicyArns", ())]
        for policy in properties.get("Policies", ()):
            yield _short(logical_id), _lines(policy["PolicyDocument"])
    elif kind == "AWS::IAM::ManagedPolicy" and not properties.get("Roles"):
        yield _short(logical_id), _lines(properties["PolicyDocument"])
    elif kind in ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"):
        for role in properties.get("Roles", ()):
            yield _short(role["Ref"]), _lines(properties["PolicyDocument"])
    elif kind == "AWS::KMS::Key":
        yield _short(logical_id), _lines(properties["KeyPolicy"])
    elif "PolicyDocument" in properties:
        yield _short(logical_id), _lines(properties["PolicyDocument"])


def _lines(document: Mapping[str, Any]) -> list[str]:
    return [line for statement in document["Statement"] for line in _statement(statement)]


def _statement(statement: Mapping[str, Any]) -> Iterable[str]:
    who = f"{_text(statement['Principal'])}: " if "Principal" in statement else ""
    conditions = _text(statement["Condition"]) if "Condition" in statement else ""
    for action in _listed(statement["Action"]):
        for resource in _listed(statement.get("Resource", "this role")):
            text = f"{who}{statement['Effect'].lower()} {action} on {_text(resource)}"
            yield f"{text} if {conditions}" if conditions else text


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _text(value: Any) -> str:
    """A value of the template as people write it: `${LedgerTable.Arn}`, `arn:${AWS::Partition}:ecs:...`."""
    resolved = _resolved(value)
    return resolved if isinstance(resolved, str) else json.dumps(resolved, sort_keys=True, ensure_ascii=False)


def _resolved(value: Any) -> Any:
    if isinstance(value, list):
        return [_resolved(v) for v in value]
    if not isinstance(value, Mapping):
        return value
    if "Ref" in value:
        return f"${{{_short(value['Ref'])}}}"
    if "Fn::GetAtt" in value:
        return f"${{{_short(value['Fn::GetAtt'][0])}.{value['Fn::GetAtt'][1]}}}"
    if "Fn::Join" in value:
        between, parts = value["Fn::Join"]
        return between.join(str(_resolved(p)) for p in parts)
    return {k: _resolved(v) for k, v in value.items()}


def _short(logical_id: str) -> str:
    """A logical id without the hash that the CDK adds."""
    return re.sub(r"[0-9A-F]{8}$", "", logical_id)


if __name__ == "__main__":
    main()
