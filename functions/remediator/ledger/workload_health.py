"""Which of the watched workloads are ill right now: one item each, `ill#<workload>`, a set of `<until> <incident>`.

Whoever died without a word is forgotten after `ILL_AT_MOST_S`. With fewer workloads than tell anything, nothing is kept.
"""

from collections.abc import Collection

from ..aws.runtime import Runtime
from ..core.model import Incident
from ..core.timestamps import epoch_s
from ..gates.wider_outage import FLEET_AT_LEAST
from .table import Table

ILL_AT_MOST_S = 4 * 3600  # longer than an execution may run
READ_AT_MOST = 100  # DynamoDB: keys of one BatchGetItem


class WorkloadHealth:
    """The watched workloads of this deployment."""

    def __init__(self, runtime: Runtime) -> None:
        self._table = Table(runtime)
        self._names = tuple(w.name for w in runtime.settings.workloads)[:READ_AT_MOST]

    @property
    def watched(self) -> int:
        """How many there are; at most a hundred are looked at."""
        return len(self._names)

    def begins(self, incident: Incident) -> None:
        """The incident's workload is ill. Repeated, it is one illness all the same."""
        if self._counts(incident):
            until = epoch_s(incident.opened_at) + ILL_AT_MOST_S
            self._table.update(
                f"ill#{incident.workload}",
                "SET purge_at = :until ADD incidents :told",
                until=until + ILL_AT_MOST_S,
                told={_entry(incident)},
            )

    def ends(self, incident: Incident) -> None:
        """The incident is over."""
        if self._counts(incident):
            self._table.update(f"ill#{incident.workload}", "DELETE incidents :told", told={_entry(incident)})

    def ill(self, now: str) -> Collection[str]:
        """Names of the workloads that have an open incident."""
        if self.watched < FLEET_AT_LEAST:
            return ()
        found = self._table.get_all(*(f"ill#{name}" for name in self._names))
        lasting = {
            key.partition("#")[2]
            for key, item in found.items()
            if any(int(str(entry).partition(" ")[0]) > epoch_s(now) for entry in item.get("incidents", ()))
        }
        return tuple(n for n in self._names if n in lasting)

    def _counts(self, incident: Incident) -> bool:
        return self.watched >= FLEET_AT_LEAST and incident.origin == "event" and incident.workload in self._names


def _entry(incident: Incident) -> str:
    return f"{epoch_s(incident.opened_at) + ILL_AT_MOST_S} {incident.id}"
