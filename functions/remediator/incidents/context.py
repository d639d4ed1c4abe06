"""The background of an incident: what its application logged around it, and who changed what in the hour before. Pure."""

from collections.abc import Collection
from dataclasses import dataclass

from ..core.evidence import Reading
from ..core.timestamps import after
from ..resources.cloudtrail.history import BEFORE_S, ApiEvent, History, changes, failures, permission_changes
from ..resources.logs.digest import LogDigest

CALLS_KEPT = 12  # ours: more is read in CloudTrail itself
NOT_READ = "it was not read"


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """One call that a report tells, and why.

    Attributes:
        own: it names one of the incident's resources.
    """

    call: ApiEvent
    own: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentContext:
    """What was read once, beside the diagnosis. Nothing is decided on it.

    Attributes:
        at: when it was read.
        log: None where `log_gap` says why it could not be read.
        calls: newest first: changes of the incident's resources, failed calls on them, permission changes anywhere.
        more_calls: how many others there are.
        since: begin of what was looked at in CloudTrail, empty where nothing could be read.
        cut: what of the window was left out, empty where nothing was.
        history_gap: why it, or one region of it, could not be read.
    """

    at: str = ""
    log: LogDigest | None = None
    log_gap: str = ""
    calls: tuple[Noted, ...] = ()
    more_calls: int = 0
    since: str = ""
    cut: tuple[str, ...] = ()
    history_gap: str = ""


def incident_context(
    log: Reading[LogDigest], histories: Collection[Reading[History]], names: Collection[str], opened_at: str, at: str
) -> IncidentContext:
    """The background as reports tell it.

    Args:
        log: the digest, or why there is none.
        histories: windows of CloudTrail, one per region.
        names: what the incident's resources are called.
        opened_at: calls from the hour before that moment on are told.
        at: now.
    """
    since = after(opened_at, -BEFORE_S)
    read = tuple(h.value for h in histories if h.value is not None)
    values = {(e.id or (e.at, e.name, e.by)): e for h in read for e in _telling(h, names) if e.at >= since}
    ordered = sorted(values.values(), key=lambda e: e.at, reverse=True)
    ranked = sorted(ordered, key=lambda e: not e.concerns(names))  # what is not the incident's own is cut first
    kept = sorted(ranked[:CALLS_KEPT], key=lambda e: e.at, reverse=True)
    gaps = dict.fromkeys(h.gap or NOT_READ for h in histories if h.value is None)
    return IncidentContext(
        at=at,
        log=log.value,
        log_gap="" if log.value else log.gap or NOT_READ,
        calls=tuple(Noted(call=e, own=e.concerns(names)) for e in kept),
        more_calls=len(ordered) - len(kept),
        since=since if read else "",
        cut=tuple(dict.fromkeys(h.cut for h in read if not h.complete)),
        history_gap="; ".join(gaps),
    )


def _telling(history: History, names: Collection[str]) -> tuple[ApiEvent, ...]:
    found = (*changes(history, names), *permission_changes(history), *failures(history, names))
    return tuple(e for e in found if e.kind != "ours")
