"""Events that the program sends itself through the intake queue, so that intake alone opens and joins incidents."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..core.errors import EventNotUnderstood
from ..core.event_fields import ARN_CHARACTERS, REASON_CHARACTERS, Part, bounded, place_of
from ..core.lease import EXTENSIONS, RUNBOOK, Lease
from ..core.lease import KIND as LEASE_KIND
from ..core.model import Incident, Level, Resource, Signal
from ..resources.kinds import kinds
from .manual_requests import INCIDENT

SOURCE = "remediator"
HANDED_OVER = "Incident Handed Over"
SWEEP = "Alarm Sweep"
LEASE_DUE = "Lease Due"
LEVELS: tuple[Level, ...] = ("high", "medium", "low")
KIND = "handed_over"


MOST_PLACES = 10


@dataclass(frozen=True, slots=True)
class Sweep:
    """The order to look at every alarm that is in ALARM; `at` is when the schedule meant it, empty where it does not say."""

    at: str = ""


def sweep_event(at: str) -> Mapping[str, Any]:
    """The event that the schedule sends every quarter of an hour."""
    return {"source": SOURCE, "detail-type": SWEEP, "time": at, "detail": {}}


def sweep(event: Part) -> Sweep:
    """The order that the event gives; nothing else is read of it."""
    return Sweep(event.time("time"))


def place(runbook: str, resource: Resource) -> str:
    """One problem on one resource, as a hand-over's chain names it."""
    return f"{runbook} {resource.arn}"


def hand_over_event(  # noqa: PLR0913  # what the other incident must know of this one
    incident: Incident, runbook: str, resource: Resource, why: str, at: str, *, mode: str = "", thread: str = ""
) -> Mapping[str, Any]:
    """The event by which `incident` hands over to `runbook` on `resource`.

    Args:
        incident: which noticed it.
        runbook: which goes on.
        resource: what that one looks into.
        why: what was noticed.
        at: ISO 8601.
        mode: the opt-in tag of the incident's own resource, empty where it has none.
        thread: where people were told of it already, empty where nobody was.
    """
    chain = [p for s in incident.signals if s.kind == KIND for p in s.facts.get("chain", ())]
    return {
        "source": SOURCE,
        "detail-type": HANDED_OVER,
        "time": at,
        "detail": {
            "incident": incident.id,
            "from": incident.runbook,
            "runbook": runbook,
            "resource": {"kind": resource.kind, "arn": resource.arn},
            "level": incident.level,
            "why": bounded(why, REASON_CHARACTERS),
            "noticed": {"kind": incident.resource.kind, "arn": incident.resource.arn},
            "since": min((s.at for s in incident.signals), default=incident.opened_at),
            "seen": _last_signalled(incident, at),
            "signals": incident.signal_count,
            "chain": [*dict.fromkeys((*chain, place(incident.runbook, incident.resource)))],
            "mode": mode,
            "thread": thread,
        },
    }


def handed_over(event: Part) -> Signal:
    """A signal for exactly the runbook that the event names."""
    detail = event.needed_part("detail")
    named = detail.needed_part("resource")
    level = next((known for known in LEVELS if known == detail.text("level")), None)
    if level is None:
        raise EventNotUnderstood(f"{detail.where('level')} is none of {', '.join(LEVELS)}")
    incident = detail.needed("incident")
    return Signal(
        kind=KIND,
        resource=Resource(named.needed("kind"), named.needed("arn", ARN_CHARACTERS)),
        level=level,
        at=event.time("time") or event.needed("time"),
        key=f"handed over by {incident}",
        facts={
            "incident": incident,
            "from": detail.needed("from"),
            "runbook": detail.needed("runbook"),
            "why": detail.text("why", REASON_CHARACTERS),
            "noticed_on": detail.part("noticed").text("arn", ARN_CHARACTERS),
            "since": detail.time("since"),
            "seen": detail.time("seen"),
            "signals": detail.whole("signals") or 1,
            "chain": list(detail.texts("chain", MOST_PLACES)),
            "mode": detail.text("mode"),
            "thread": detail.text("thread"),
        },
    )


def tells_of(signal: Signal) -> str:
    """The newest moment that a signal tells of: of a hand-over, when its trouble was signalled last.

    Empty for a hand-over that says no such moment, and for one whose thread people know: that needs an end.
    """
    if signal.kind != KIND:
        return signal.at
    return "" if signal.facts.get("thread") else str(signal.facts.get("seen", ""))


def _last_signalled(incident: Incident, now: str) -> str:
    """`now` where not every signal is kept."""
    if incident.signal_count > len(incident.signals):
        return now
    return max((str(s.facts.get("seen") or s.at) if s.kind == KIND else s.at for s in incident.signals), default=now)


def lease_event(lease: Lease) -> Mapping[str, Any]:
    """The event that a loan's schedule sends when its time is up."""
    return {
        "source": SOURCE,
        "detail-type": LEASE_DUE,
        "time": lease.at,
        "detail": {
            "incident": lease.incident,
            "step": lease.step,
            "runbook": lease.runbook,
            "resource": {"kind": lease.resource.kind, "arn": lease.resource.arn},
            "extension": lease.extension,
        },
    }


def lease_due(event: Part) -> Signal:
    """A signal for the hand-back of that loan; which runbook that is, the event does not say."""
    detail = event.needed_part("detail")
    named = detail.needed_part("resource")
    kind, arn = named.needed("kind"), named.needed("arn", ARN_CHARACTERS)
    lent_of = {k.name: k.arn.service for k in kinds() if k.scalable_target}
    if kind not in lent_of:
        raise EventNotUnderstood(f"{named.where('kind')} is none of {', '.join(lent_of)}")
    place_of(arn, lent_of[kind], named.where("arn"))
    extension = detail.whole("extension")
    if extension is None or not 0 <= extension <= EXTENSIONS:
        raise EventNotUnderstood(f"{detail.where('extension')} is no number of 0 to {EXTENSIONS}")
    incident, step = _incident(detail, "incident"), _incident(detail, "step")
    return Signal(
        kind=LEASE_KIND,
        resource=Resource(kind, arn),
        level="low",
        at=event.time("time") or event.needed("time"),
        key=f"lease of {incident} since {step} put off {extension}",
        facts={
            "lent_by": incident,
            "step": step,
            "lender": detail.needed("runbook"),
            "extension": extension,
            "runbook": RUNBOOK,
        },
    )


def _incident(detail: Part, name: str) -> str:
    found = detail.needed(name)
    if not INCIDENT.fullmatch(found):
        raise EventNotUnderstood(f"{detail.where(name)} names no incident: 1 to 63 of a-z, 0-9 and -")
    return found
