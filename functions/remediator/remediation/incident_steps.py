"""What every step of an incident works with: its runbook, its ledger, the change lock, now."""

from functools import cached_property

from ..aws.runtime import Runtime
from ..core.model import Incident
from ..core.ports import Scope
from ..core.runbook import AnyRunbook
from ..core.timestamps import iso
from ..ledger.change_lock import ChangeLock
from ..ledger.incidents import Ledger
from ..problems import load
from ..resources.kinds import workload_of


class IncidentSteps:
    """The incident on a runtime."""

    def __init__(self, runtime: Runtime, incident: Incident) -> None:
        self.runtime = runtime
        self.incident = incident
        self.settings = runtime.settings

    @cached_property
    def runbook(self) -> AnyRunbook:
        """The incident's runbook; of a recovery by hand, bound to the one action that was asked for."""
        runbook = load(self.incident.runbook)
        if self.incident.origin != "recover":
            return runbook
        from ..recovery.runbook import of_incident  # noqa: PLC0415  # most incidents need none of it

        return of_incident(runbook, self.incident)

    @cached_property
    def ledger(self) -> Ledger:
        """The ledger of this runtime."""
        return Ledger(self.runtime)

    @cached_property
    def right(self) -> ChangeLock:
        """The right to change, in the same table."""
        return ChangeLock(self.runtime)

    def now(self) -> str:
        """This moment; only within a step."""
        return iso(self.runtime.now())

    def _scope(self, incident: Incident, at: str) -> Scope:
        workload = workload_of(self.settings, incident.resource)
        return Scope(incident=incident, now=at, settings=self.settings, workload=workload)
