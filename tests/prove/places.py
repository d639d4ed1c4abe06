"""A text from outside in every place of a case where outside text may stand: facts, reasons, names, quotes, answers."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

from remediator.core.model import Resource, Signal
from remediator.core.text import Text, same
from remediator.incidents.case import Case

# Fields that hold what AWS, a log or a person wrote, as they are or within a sentence of ours.
OUTSIDE = frozenset((
    "value", "label", "by", "requested_by", "why", "because", "quote", "note", "stack", "refused", "ask_because", "no_undo", "title", "advice", "passed_over",
    "handed_over", "symptom", "worse", "keep", "sample", "trace", "words", "who", "error", "message", "reason", "log_gap", "history_gap", "cut",
))  # fmt: skip
MAPPINGS = frozenset(("before", "after", "gaps"))


def filled(case: Case, text: str, name: str) -> Case:
    """`case` with `text` wherever somebody outside could have written, and `name` in the name of its resource.

    What follows a name within an ARN is part of the name: a sender tells no secret of ours with it.
    """
    named = _named(case.incident.resource, name)
    whole: Case = _filled(case, text)
    return replace(whole, incident=replace(whole.incident, resource=named))


def _named(resource: Resource, text: str) -> Resource:
    """A resource whose name is hostile; AWS takes no such names, an event may hold them."""
    return Resource(resource.kind, f"{resource.arn}-{text[:300]}")


def _filled(value: Any, text: str) -> Any:
    if not is_dataclass(value) or isinstance(value, type | Signal | Resource):
        return value
    changed = {}
    for f in fields(value):
        found = getattr(value, f.name)
        if f.name in MAPPINGS and isinstance(found, Mapping):
            changed[f.name] = dict.fromkeys(found, text) | ({text[:200]: text} if f.name == "gaps" else {})
        else:
            changed[f.name] = _put(found, text) if f.name in OUTSIDE else _deeper(found, text)
    return replace(value, **{name: new for name, new in changed.items() if new is not getattr(value, name)})


def _put(found: Any, text: str) -> Any:
    if isinstance(found, Text):
        return same(text)
    if isinstance(found, str) and found:
        return text
    if isinstance(found, tuple) and found and all(isinstance(t, str | Text) for t in found):
        return tuple(_put(t, text) for t in found)
    return _deeper(found, text)


def _deeper(found: Any, text: str) -> Any:
    if isinstance(found, tuple):
        return tuple(_filled(t, text) for t in found)
    return _filled(found, text)
