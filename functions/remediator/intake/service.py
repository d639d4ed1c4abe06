"""What intake does with one parsed event: opens or joins an incident and starts its execution, or tells people."""

import json
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any

from ..aws.client import AwsClient
from ..aws.runtime import Runtime
from ..core.errors import EventNotUnderstood, ForAPerson, Retryable
from ..core.model import Ignored, Incident, Notice, Origin, Signal
from ..core.ports import Permission
from ..core.serialization import Json, from_json
from ..core.text import Text
from ..core.timestamps import iso
from ..events import parse, without_secrets
from ..events.alarms import Composite, from_description
from ..events.durable_executions import Died
from ..events.internal import KIND as HANDED_OVER
from ..events.internal import Sweep
from ..events.manual_requests import Request
from ..events.recovery_requests import Asked, signal_of
from ..incidents.apply_result import undo_plan
from ..ledger.incident_items import incident_id
from ..ledger.incident_status import IncidentStatuses
from ..ledger.incidents import Ledger
from ..ledger.joined_incidents import Joining
from ..notifications import publish as notify
from ..recovery.procedures import runbook_of
from ..resources.kinds import workload_of
from .alarm_sweep import AlarmSweep

TAKEN = 202  # Lambda: an asynchronous invoke was queued
REMEMBERED = 4096  # signals one process has seen: repeats cost no call at all

_seen: OrderedDict[str, Json] = OrderedDict()


class IntakeService:
    """Takes parsed events; `route` gives the id of the problem that a signal starts."""

    def __init__(self, runtime: Runtime, route: Callable[[Signal], str | None]) -> None:
        self._runtime = runtime
        self._route = route
        self._ledger = Ledger(runtime)
        self._joining = Joining(runtime)

    def take(self, parsed: Signal | Ignored | Notice | Composite | Request | Sweep | Died) -> Json:
        """What became of it, as plain values for the log and for a person who invoked by hand.

        Raises:
            RemediatorError: the ledger or Lambda could not be reached; the queue brings the event again.
        """
        if isinstance(parsed, Ignored):
            return {"ignored": parsed.reason}
        if isinstance(parsed, Notice):
            notify.notice(self._runtime, parsed)
            return {"told": parsed.about}
        if isinstance(parsed, Composite):
            return {"composite": parsed.name, "children": [self.take(c) for c in self._children(parsed)]}
        if isinstance(parsed, Request):
            return self._request(parsed)
        if isinstance(parsed, Died):
            return self._died(parsed)
        if isinstance(parsed, Sweep):
            return AlarmSweep(self._runtime, self._route, self._to_be_opened, self._start).take()
        return self._signal(parsed)

    def _signal(self, signal: Signal) -> Json:
        own = self._runtime.environment.account
        if own and signal.resource.account != own:
            return self._ignored(signal, f"{signal.resource.arn} is of another account; nothing is looked into there")
        problem = self._route(signal)
        if problem is None:
            return self._ignored(signal, f"no runbook looks into {signal.kind} of {signal.resource.kind}")
        remembered = f"{problem} {signal.resource.arn} {signal.key}"
        if remembered in _seen and _runtime_of_seen is self._runtime:
            return {**_seen[remembered], "how": "repeated"}
        found = self._ledger.tell(signal, self._new(problem, signal, "event"))
        if found.state == "opened":
            self._start(found.incident)
        goes_on = self._joined(signal, found.incident) if signal.kind == HANDED_OVER else found.incident
        outcome = {"incident": goes_on, "how": found.how}
        _remember(self._runtime, remembered, outcome)
        return outcome

    def _joined(self, signal: Signal, text: str) -> str:
        """Makes the incident that handed over part of the one that took it; gives the one that goes on."""
        noticing, goes_on = str(signal.facts["incident"]), self._joining.end_of(text)
        if goes_on == noticing:  # two have handed over to each other at the same time
            self._joining.send_back(noticing, "it came back: the other incident has become part of this one")
        else:
            self._joining.join(noticing, goes_on)
        return goes_on

    def _ignored(self, signal: Signal, why: str) -> Json:
        """Nothing is started; an incident that wanted to hand over learns of it, and tells people itself."""
        if signal.kind == HANDED_OVER:
            self._joining.send_back(str(signal.facts["incident"]), why)
        return {"ignored": why}

    def _new(
        self, runbook: str, signal: Signal, origin: Origin, of: str | None = None, by: str | None = None
    ) -> Incident:
        now = iso(self._runtime.now())
        workload = workload_of(self._runtime.settings, signal.resource)
        key = signal.key if origin == "event" else f"{origin} {signal.key}"
        return Incident(
            id=incident_id(runbook, signal.resource, now, key),
            runbook=runbook,
            resource=signal.resource,
            level=signal.level if origin == "event" else "low",
            opened_at=now,
            signals=(signal,),
            workload=workload.name if workload else None,
            origin=origin,
            of=of,
            requested_by=by,
            thread=str(signal.facts.get("thread", "")) if signal.kind == HANDED_OVER and origin == "event" else "",
        )

    def _died(self, died: Died) -> Json:
        """An execution that ended without closing its incident: its place is free again for what is signalled next."""
        if not self._runtime.environment.remediate_alias.startswith(f"{died.function}:"):
            return {"ignored": f"{died.function} is not ours"}
        return {"died": died.incident, "closed": IncidentStatuses(self._runtime).died(died.incident, died.status)}

    def _to_be_opened(self, runbook: str, signal: Signal) -> Incident:
        return self._new(runbook, signal, "event")

    def _request(self, request: Request) -> Json:
        if request.asked is not None:
            return self._recover(request.asked, request.by)
        if request.kind == "undo":
            try:
                undo_plan(self._ledger.load(request.incident or ""))
            except ForAPerson as error:
                return {"refused": str(error)}
        signal, of = self._what_to_replay(request)
        problem = self._route(signal)
        if problem is None:
            return {"ignored": f"no runbook looks into {signal.kind} of {signal.resource.kind}"}
        origin: Origin = "undo" if request.kind == "undo" else "replay_apply" if request.apply else "replay"
        incident = self._new(problem, signal, origin, of=of, by=request.by or None)
        self._ledger.open_by_hand(incident)
        self._start(incident.id)
        return {"incident": incident.id, "how": origin}

    def _recover(self, asked: Asked, by: str) -> Json:
        """An incident of its own for what a person asks for; its execution looks, and refuses what it must."""
        alias = self._runtime.environment.remediate_alias.split(":")
        there, here = asked.resource, ":".join(alias[3:5])
        if here and f"{there.region}:{there.account}" != here:
            return {"refused": f"{there.arn} is not of this deployment's region and account ({here})"}
        runbook = runbook_of(asked)
        signal = signal_of(asked, runbook, iso(self._runtime.now()))
        incident = self._new(runbook, signal, "recover", by=by or None)
        self._ledger.open_by_hand(incident)
        self._start(incident.id)
        return {"incident": incident.id, "how": "recover"}

    def _what_to_replay(self, request: Request) -> tuple[Signal, str | None]:
        if request.incident is not None:
            stored = json.loads(self._ledger.load(request.incident)["incident"])
            return from_json(Incident, stored).signals[0], request.incident
        parsed = parse(request.event or {})
        signal = next((p for p in parsed if isinstance(p, Signal)), None)
        if signal is None:
            raise EventNotUnderstood(f"nothing to replay in this event: {parsed}")
        return signal, None

    def _children(self, composite: Composite) -> list[Signal | Ignored | Notice]:
        if not composite.children:
            return [_untold(composite)]
        door = AwsClient(self._runtime.clients, [Permission("cloudwatch:DescribeAlarms")])
        names = [arn.split(":alarm:", 1)[1] for arn in composite.children]
        result = door.call("cloudwatch:DescribeAlarms", AlarmNames=names[:100])["MetricAlarms"]
        region, account = composite.alarm_arn.split(":")[3:5]
        found = [without_secrets(from_description(alarm, region, account, composite.at)) for alarm in result]
        return found if any(isinstance(f, Signal) for f in found) else [_untold(composite)]

    def _start(self, incident: str) -> None:
        response = AwsClient(self._runtime.clients, [Permission("lambda:InvokeFunction")]).call(
            "lambda:InvokeFunction",
            FunctionName=self._runtime.environment.remediate_alias,
            InvocationType="Event",
            DurableExecutionName=incident,
            Payload=json.dumps({"incident": incident}),
        )
        if response.get("StatusCode") != TAKEN:
            raise Retryable(f"{incident} was not started: Lambda answered {response.get('StatusCode')}")


def _untold(composite: Composite) -> Notice:
    return Notice(
        composite.level,
        composite.name,
        Text(
            f"Composite alarm {composite.name} is in ALARM and none of its children tells of a known resource.",
            f"複合アラーム {composite.name} が ALARM ですが、子アラームから対象リソースを特定できません。",
        ),
    )


_runtime_of_seen: Runtime | None = None


def _remember(runtime: Runtime, signal: str, outcome: Mapping[str, Any]) -> None:
    global _runtime_of_seen  # noqa: PLW0603  # one memory for one process's runtime
    if _runtime_of_seen is not runtime:
        _seen.clear()
        _runtime_of_seen = runtime
    _seen[signal] = dict(outcome)
    if len(_seen) > REMEMBERED:
        _seen.popitem(last=False)
