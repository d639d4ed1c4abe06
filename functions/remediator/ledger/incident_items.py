"""Items of the ledger's incidents: keys, the claim of a slot, the record of a signal."""

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from ..core.lease import lease_of
from ..core.model import Incident, Resource, Signal
from ..core.serialization import Json, canonical, from_json
from ..core.timestamps import epoch_s
from ..events.internal import tells_of

KEPT_S = 90 * 24 * 3600  # as long as ECS keeps its deployment history


def slot_of(incident: Incident) -> str:
    """One problem on one resource; each loan has a slot of its own, and so has an incident that a person started."""
    if incident.origin == "event":
        if lease := lease_of(incident.signals):
            return f"slot#{incident.runbook}#{incident.resource.arn}#{lease.incident}"
        return f"slot#{incident.runbook}#{incident.resource.arn}"
    return f"slot#{incident.origin}#{incident.id}"


def incident_id(runbook: str, resource: Resource, now: str, key: str) -> str:
    """A short name for an incident that opens now: `[a-z0-9-]`, under 64 characters."""
    digest = sha256(canonical((runbook, resource.arn, now, key)).encode()).hexdigest()[:10]
    return f"{runbook.replace('_', '-')[:40]}-{digest}"


def claim_item(slot: str, incident: Incident) -> Json:
    """The item that claims a slot for an incident that opens now."""
    return {
        "pk": slot,
        "incident": incident.id,
        "state": "opened",
        "opened_at": incident.opened_at,
        "signal_count": 1,
        "signals": {},
    }


def record_item(slot: str, incident: Incident) -> Json:
    """The item of an incident that opens now."""
    return {
        "pk": f"incident#{incident.id}",
        "slot": slot,
        "runbook": incident.runbook,
        "resource": incident.resource.arn,
        "level": incident.level,
        "opened_at": incident.opened_at,
        "state": "opened",
        "origin": incident.origin,
        "incident": canonical(incident),
        "purge_at": epoch_s(incident.opened_at) + KEPT_S,
    }


def is_late(signal: Signal, slot: Mapping[str, Any]) -> bool:
    """Whether it tells of what the closed incident of that slot has looked at already."""
    at = tells_of(signal)
    return bool(at) and epoch_s(at) <= slot.get("covers_until", 0)


def signals_of(slot: Mapping[str, Any], otherwise: tuple[Signal, ...]) -> tuple[Signal, ...]:
    """The signals that a slot keeps, in order of time; `otherwise` where it keeps none."""
    read = [from_json(Signal, json.loads(text)) for text in slot.get("signals", {}).values()]
    return tuple(sorted(read, key=lambda s: (s.at, s.key))) or otherwise
