"""Events that the program sends itself through the intake queue, so that intake alone opens and joins incidents."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import EventNotUnderstood
from ..model import Incident, Level, Resource, Signal
from .parts import ARN_CHARACTERS, REASON_CHARACTERS, Part, bounded

SOURCE = "remediator"
HANDED_OVER = "Incident Handed Over"
SWEEP = "Alarm Sweep"
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
            "signals": detail.whole("signals") or 1,
            "chain": list(detail.texts("chain", MOST_PLACES)),
            "mode": detail.text("mode"),
            "thread": detail.text("thread"),
        },
    )
