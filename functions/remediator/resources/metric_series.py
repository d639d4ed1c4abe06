"""Which metrics an incident's page draws, and their values. Pure.

The alarm's own metric comes first, then what shows the health of the resource it is about: its kind says which.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ..core.model import Incident
from ..core.settings import Workload
from .kind import Wanted
from .kinds import kind_of, known_metrics

MOST = 4  # plots of a page; more are not looked at


@dataclass(frozen=True, slots=True)
class Series:
    """The values of one metric: moments (ISO 8601, UTC) and values, oldest first; `gap` says why there are none."""

    wanted: Wanted
    points: tuple[tuple[str, float], ...] = ()
    gap: str = ""


def wanted(incident: Incident, workload: Workload | None) -> tuple[Wanted, ...]:
    """The metrics to draw, the most telling first; none for a resource that has none that is known."""
    resource = incident.resource
    found: list[Wanted] = []
    for one in (*_of_alarms(incident), *kind_of(resource).plotted_metrics(resource, workload)):
        if all((one.namespace, one.name) != (w.namespace, w.name) for w in found):
            found.append(one)
    return tuple(found[:MOST])


def _of_alarms(incident: Incident) -> Iterator[Wanted]:
    for signal in incident.signals:
        facts = signal.facts
        key = (str(facts.get("namespace", "")), str(facts.get("metric", "")))
        dimensions = facts.get("dimensions")
        if (metric := known_metrics().get(key)) and isinstance(dimensions, Mapping):
            yield metric.of({str(n): str(v) for n, v in dimensions.items()})
