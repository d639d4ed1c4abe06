"""The sweep: alarms that are in ALARM and that no incident looks after become signals.

Nobody tells of trouble twice: an event may be lost, an incident may end while its alarm goes on, an execution may die.
What is found goes the way of every other signal; `_seen` and the ledger's late signals do not hold it back (`standing`).
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from ..aws.client import AwsClient
from ..aws.emf import count
from ..aws.runtime import Runtime
from ..core.errors import RemediatorError, Retryable
from ..core.model import Incident, Signal
from ..core.ports import GLOBAL_REGION, Permission
from ..core.serialization import Json
from ..core.timestamps import iso
from ..events.alarms import from_description
from ..incidents.metrics import SWEPT_ALARMS, Point
from ..incidents.recurrence import swept
from ..ledger.incident_status import IncidentStatuses
from ..notifications.storm_control import Storms
from ..resources.kinds import workload_of

LOOKED_AT = 1000  # alarms in ALARM in one region and sweep: what intake can look up within its half minute


class AlarmSweep:
    """One sweep over the deployment's region, and over us-east-1 where a distribution is declared.

    Args:
        runtime: settings, clients, clock.
        route: gives the id of the problem that a signal starts.
        new: the incident of a runbook to be opened for a signal.
        start: starts an incident's execution; the same one twice is started once.
    """

    def __init__(
        self,
        runtime: Runtime,
        route: Callable[[Signal], str | None],
        new: Callable[[str, Signal], Incident],
        start: Callable[[str], None],
    ) -> None:
        self._runtime = runtime
        self._route = route
        self._new = new
        self._start = start
        self._standings = IncidentStatuses(runtime)
        self._failed: list[str] = []

    def take(self) -> Json:
        """How many alarms were found and what became of them; who was opened, by id.

        Raises:
            Retryable: some of it could not be done. The rest is done; the queue brings the order again, and what was
                opened is then found open.
        """
        counted: Counter[str] = Counter()
        opened: list[str] = []
        for region in self._regions():
            for found in self._found(region):
                how, incident = self._tried(found, region)
                counted[how] += 1
                opened += [incident] if how in ("new", "persists", "abandoned") else []
        count(self._runtime, *(Point(SWEPT_ALARMS, (how,), n) for how, n in counted.items()))
        storms = self._storms()
        if self._failed:
            raise Retryable(f"alarm sweep: {len(self._failed)} failed: {'; '.join(self._failed[:5])}")
        return {"swept": dict(counted), "opened": opened, **({"storms": dict(storms)} if storms else {})}

    def _storms(self) -> Mapping[str, str]:
        """What was told of storms: they end without an event of their own."""
        try:
            return Storms(self._runtime).look()
        except RemediatorError as error:
            self._failed.append(f"storms: {type(error).__name__}: {error}")
            return {}

    def _regions(self) -> tuple[str, ...]:
        """Empty is the deployment's own; CloudFront has its alarms in us-east-1 only."""
        home = "".join(self._runtime.environment.remediate_alias.split(":")[3:4])
        elsewhere = home != GLOBAL_REGION and any(w.distribution for w in self._runtime.settings.workloads)
        return ("", GLOBAL_REGION) if elsewhere else ("",)

    def _found(self, region: str) -> Iterator[Signal]:
        """The signals of alarms in ALARM, the worst first, so that it speaks for the others of its problem."""
        try:
            alarms = self._in_alarm(region)
        except RemediatorError as error:
            self._failed.append(f"{region or 'here'}: {error}")
            return
        if len(alarms) > LOOKED_AT:
            self._failed.append(
                f"{region or 'here'}: more than {LOOKED_AT} alarms are in ALARM, the rest is not looked at"
            )
        found = (self._signal(alarm, region) for alarm in alarms[:LOOKED_AT])
        yield from sorted((s for s in found if s), key=lambda s: (("high", "medium", "low").index(s.level), s.key))

    def _in_alarm(self, region: str) -> Sequence[Mapping[str, Any]]:
        door = AwsClient(self._runtime.clients, [Permission("cloudwatch:DescribeAlarms", region=region)])
        asked = {"StateValue": "ALARM", "AlarmTypes": ["MetricAlarm"]}  # of composite ones, the children tell
        return door.pages("cloudwatch:DescribeAlarms", "MetricAlarms", LOOKED_AT + 1, **asked)

    def _signal(self, alarm: Mapping[str, Any], region: str) -> Signal | None:
        """None of an alarm that no runbook looks into: its own event has told people."""
        own = self._runtime.environment.account
        try:
            read = from_description(alarm, region, own, iso(self._runtime.now()))
        except RemediatorError as error:
            self._failed.append(f"{alarm.get('AlarmName', '')}: {error}")
            return None
        if not isinstance(read, Signal) or (own and read.resource.account != own):
            return None
        return read if not region or workload_of(self._runtime.settings, read.resource) else None

    def _tried(self, found: Signal, region: str) -> tuple[str, str]:
        try:
            return self._told(found, region)
        except RemediatorError as error:
            self._failed.append(f"{found.facts['alarm']}: {type(error).__name__}: {error}")
            return "failed", ""

    def _told(self, found: Signal, region: str) -> tuple[str, str]:
        problem = self._route(found)
        if problem is None:
            return "foreign", ""
        signal = swept(found, iso(self._runtime.now()))
        incident = self._new(problem, signal)
        standing = self._standings.of(signal, incident)
        if standing.state == "opened":  # written and not started: whoever did it has died in between
            self._start(standing.incident)
        if not standing.opens:
            return standing.how, standing.incident
        if self._muted(str(found.facts["alarm"]), region):
            return "muted", ""
        if not self._standings.open(signal, incident, standing):
            return "open", ""
        self._start(incident.id)
        return standing.how, incident.id

    def _muted(self, alarm: str, region: str) -> bool:
        """Whether a mute rule is active for the alarm: DescribeAlarms does not tell, as its events do."""
        door = AwsClient(self._runtime.clients, [Permission("cloudwatch:ListAlarmMuteRules", region=region)])
        asked = {"AlarmName": alarm, "Statuses": ["ACTIVE"]}
        return bool(door.pages("cloudwatch:ListAlarmMuteRules", "AlarmMuteRuleSummaries", 1, **asked))
