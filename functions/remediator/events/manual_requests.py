"""What a person asks for by invoking the function: look again, take a change back, or follow a recovery procedure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ..core.errors import EventNotUnderstood
from ..core.event_fields import Part, bounded
from . import recovery_requests as recover
from .recovery_requests import Asked

INCIDENT = re.compile(r"[a-z0-9-]{1,63}")
ASKED_BY_CHARACTERS = 128
MEMBERS = {"replay": {"replay", "apply", "by"}, "undo": {"undo", "by"}, "recover": {"recover", "by"}}
Kind = Literal["replay", "undo", "recover"]
KINDS: tuple[Kind, ...] = ("undo", "recover", "replay")


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request by hand.

    Attributes:
        event: the raw event to replay, None where an incident is named.
        incident: id of the incident to replay or to undo, None where an event is given.
        apply: whether a replay may change anything, through every gate.
        by: who asks, as they name themselves; empty where they do not.
        asked: the action of a recovery procedure, None for any other request.
    """

    kind: Kind
    event: Mapping[str, Any] | None = None
    incident: str | None = None
    apply: bool = False
    by: str = ""
    asked: Asked | None = None


def asks(raw: Mapping[str, Any]) -> bool:
    """Whether `raw` is a request and no event of AWS's."""
    return any(name in raw for name in MEMBERS)


def request(raw: Mapping[str, Any]) -> Request:
    """The request that `raw` makes.

    Raises:
        EventNotUnderstood: a member is unknown or of another kind, so that a misspelt `apply` is never overlooked.
    """
    kind = next(k for k in KINDS if k in raw)
    unknown = sorted(bounded(str(name), 40) for name in set(raw) - MEMBERS[kind])
    if unknown:
        raise EventNotUnderstood(f"a request to {kind} has no {', '.join(unknown[:5])}")
    found, of = Part(raw), raw[kind]
    apply = raw.get("apply", False)
    if not isinstance(apply, bool):
        raise EventNotUnderstood("apply is neither true nor false")
    by = found.text("by", ASKED_BY_CHARACTERS)
    if kind == "recover":
        return Request(kind=kind, asked=recover.asked(found.needed_part("recover")), by=by)
    if kind == "replay" and isinstance(of, Mapping):
        return Request(kind=kind, event=dict(found.needed_part("replay").values), apply=apply, by=by)
    if not isinstance(of, str) or not INCIDENT.fullmatch(of):
        raise EventNotUnderstood(f"{kind} names no incident: 1 to 63 of a-z, 0-9 and -")
    return Request(kind=kind, incident=of, apply=apply, by=by)
