"""Reads a template the way a test asks of it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from infra.golden import Template


@dataclass(frozen=True)
class Stack:
    template: Template

    def of(self, kind: str) -> Mapping[str, Any]:
        """Properties of each resource of that type, by logical id."""
        found = {k: r.get("Properties", {}) for k, r in self.template["Resources"].items() if r["Type"] == kind}
        assert found, f"no {kind} in the template"
        return found

    def named(self, kind: str, part: str) -> Mapping[str, Any]:
        """Properties of the one resource of that type whose logical id begins so."""
        (found,) = [p for k, p in self.of(kind).items() if k.startswith(part)]
        return found

    def id(self, kind: str, part: str) -> str:
        """Its logical id."""
        (found,) = [k for k in self.of(kind) if k.startswith(part)]
        return found

    def policy_of(self, kind: str, of: str, logical_id: str) -> list[Mapping[str, Any]]:
        """Statements of the resource policy whose property `of` names the resource."""
        named = [p for p in self.of(kind).values() if {"Ref": logical_id} in p[of]]
        return [s for p in named for s in p["PolicyDocument"]["Statement"]]


def said(value: Any) -> str:
    """Any part of a template as one text."""
    return json.dumps(value, sort_keys=True)
