"""What a call of a plan takes from elsewhere: from an earlier answer (`${0.taskDefinition.arn}`), or from a copy."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from .errors import Defect

REFERENCE = re.compile(r"\$\{(\d+)\.([A-Za-z0-9.]+)\}")


def filled(parameters: Any, answers: Sequence[Mapping[str, Any]]) -> Any:
    """`parameters` with every reference replaced.

    Raises:
        Defect: a reference to an answer or a part that there is not.
    """
    if isinstance(parameters, Mapping):
        return {k: filled(v, answers) for k, v in parameters.items()}
    if isinstance(parameters, list | tuple):
        return [filled(v, answers) for v in parameters]
    named = REFERENCE.fullmatch(parameters) if isinstance(parameters, str) else None
    return _part(named, answers) if named else parameters


def _part(named: re.Match[str], answers: Sequence[Mapping[str, Any]]) -> Any:
    try:
        found: Any = answers[int(named[1])]
        for name in named[2].split("."):
            found = found[name]
    except (IndexError, KeyError, TypeError) as error:
        raise Defect(f"{named[0]} is not in the answers before it") from error
    return found


def referenced(parameters: Any) -> tuple[tuple[int, str], ...]:
    """Every reference in `parameters`, as (call, path of names): a ledger keeps those parts of an answer only."""
    if isinstance(parameters, Mapping):
        return tuple(r for v in parameters.values() for r in referenced(v))
    if isinstance(parameters, list | tuple):
        return tuple(r for v in parameters for r in referenced(v))
    named = REFERENCE.fullmatch(parameters) if isinstance(parameters, str) else None
    return ((int(named[1]), named[2]),) if named else ()


def merged(base: Any, changes: Any) -> Any:
    """`base` with `changes` put over it: objects by key, lists of named things by their `name`, all else replaced."""
    if isinstance(base, Mapping) and isinstance(changes, Mapping):
        return {
            k: merged(base[k], changes[k]) if k in base and k in changes else {**base, **changes}[k]
            for k in {**base, **changes}
        }
    if _named(base) and _named(changes):
        by_name = {c["name"]: c for c in changes}
        return [merged(b, by_name[b["name"]]) if b["name"] in by_name else b for b in base]
    return changes


def _named(value: Any) -> bool:
    listed = isinstance(value, list | tuple)
    return listed and bool(value) and all(isinstance(v, Mapping) and "name" in v for v in value)
