"""Events that the program sends itself through the intake queue, so that intake alone opens and joins incidents."""

from collections.abc import Mapping
from typing import Any

from ..errors import EventNotUnderstood
from ..model import Incident, Level, Resource, Signal
from .parts import ARN_CHARACTERS, REASON_CHARACTERS, Part, bounded

SOURCE = "remediator"
HANDED_OVER = "Incident Handed Over"
LEVELS: tuple[Level, ...] = ("high", "medium", "low")
KIND = "handed_over"


def hand_over_event(incident: Incident, runbook: str, resource: Resource, why: str, at: str) -> Mapping[str, Any]:
    """The event by which `incident` hands over to `runbook` on `resource`."""
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
        },
    )
