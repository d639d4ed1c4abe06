"""Whether trouble that a sweep found is looked after already, rests, or opens an incident.

Attributes of a slot's item, besides those of `ledger` and `joined`:
    times   how often in a row the trouble has outlived an incident and was taken up again; 0 where a new event opened it
"""

import json
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Literal

from ..aws.runtime import Runtime
from ..core.errors import NotFound
from ..core.model import Incident, Signal
from ..core.plan import Change, Plan
from ..core.serialization import Json, from_json
from ..core.timestamps import after, epoch_s, iso
from ..incidents.recurrence import ABANDONED, Persisting, began, going_on, rest_s
from .change_lock import ChangeLock
from .incident_items import slot_of
from .incidents import Ledger
from .joined_incidents import FOLLOWED, pointed
from .table import ConditionFailed, Table

# The stack gives an execution three hours, so an incident that is open for longer has none that works on it any more.
ABANDONED_S = 4 * 3600
DIED_REST_S = 900  # guide, emergency flow step 2: by then a person who was told has had a first look


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentStatus:
    """How a problem on a resource stands in the ledger.

    Attributes:
        how: `open`: an incident is at work. `resting`: its last one ended a short while ago. `new`: nothing was ever
            known of this trouble. `persists`: it has outlived its last incident. `abandoned`: its incident is open and
            nothing works on it any more.
        incident: the one at work, or the last one; empty where there was none.
        state: of that incident.
        before: what the next incident says of that one; None where it has nothing to say.
        was: the incident that holds the slot now, empty where it is free.
    """

    how: Literal["open", "resting", "new", "persists", "abandoned"]
    incident: str = ""
    state: str = ""
    before: Persisting | None = None
    was: str = ""

    @property
    def opens(self) -> bool:
        """Whether an incident is opened for it."""
        return self.how in ("new", "persists", "abandoned")


class IncidentStatuses:
    """Looks, and opens what is to be opened; conditions make it safe to race and to repeat."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._table = Table(runtime)
        self._ledger = Ledger(runtime)

    def of(self, signal: Signal, incident: Incident) -> IncidentStatus:
        """How the problem of `incident` stands, of which a sweep has just found `signal`."""
        held = self._table.get(slot_of(incident))
        if held is None:
            return IncidentStatus(how="new")
        last = self._last(held)
        if last["state"] != "closed" and not self._abandoned(last):
            return IncidentStatus(how="open", incident=last["incident"], state=last["state"])
        if last["state"] != "closed":
            return self._outlived("abandoned", held, last, iso(self._runtime.now()))
        ended = max(int(s.get("covers_until", 0)) for s in (held, last))
        if epoch_s(began(signal)) > ended:
            return IncidentStatus(how="new", incident=last["incident"], was=held["incident"])
        if self._now_s() < ended + rest_s(int(held.get("times", 0)), self._runtime.settings.limits):
            return IncidentStatus(how="resting", incident=last["incident"], state="closed")
        return self._outlived("persists", held, last, iso(datetime.fromtimestamp(ended, UTC)))

    def open(self, signal: Signal, incident: Incident, standing: IncidentStatus) -> bool:
        """Opens `incident` unless somebody was faster; whether it did."""
        found = going_on(signal, standing.before) if standing.before else signal
        times = standing.before.times if standing.before else 0
        opened = self._ledger.claim(
            found,
            replace(incident, signals=(found,)),
            "attribute_not_exists(pk) OR (incident = :was AND (#state = :closed OR opened_at < :oldest))",
            {"times": times},
            was=standing.was,
            oldest=self._oldest(),
        )
        if opened and standing.how == "abandoned":
            self._ledger.note(standing.incident, state="closed", verdict=ABANDONED, closed_at=iso(self._runtime.now()))
        return opened

    def died(self, incident: str, status: str) -> bool:
        """Closes an incident whose execution ended as `status` without doing so; whether there was one to close.

        What it holds stays held: a lock is free at its own time, since nobody knows whether its change was made. Its
        trouble rests for a moment: people have been told that nobody works on it, and whatever killed one execution
        would kill the next one too.
        """
        record = self._table.get(f"incident#{incident}")
        if record is None or record["state"] == "closed":
            return False
        now = iso(self._runtime.now())
        with suppress(ConditionFailed):  # the slot is a later incident's already
            self._table.update(
                record["slot"],
                "SET #state = :closed, covers_until = :until",
                "incident = :id",
                {"#state": "state"},
                closed="closed",
                until=self._now_s() + DIED_REST_S,
                id=incident,
            )
        self._remember(record)
        self._ledger.note(incident, state="closed", verdict=ABANDONED, closed_at=now, ended_as=status.lower())
        return True

    def _remember(self, record: Json) -> None:
        """A change whose end nobody has seen is an attempt like any other: the loop breaker must know of it.

        What a person takes back or recovers is no attempt of the program.
        """
        if record.get("change_state") not in ("intended", "applied"):
            return
        incident = from_json(Incident, json.loads(record["incident"]))
        if not incident.is_automatic:
            return
        known = json.loads(record["change"]) if "change" in record else None
        change = (
            from_json(Change, known)
            if known
            else Change(
                plan=from_json(Plan, json.loads(record["plan"])), applied_at=record["intended_at"], certain=False
            )
        )
        ChangeLock(self._runtime).remember(incident, change, ABANDONED)

    def _outlived(self, how: Literal["persists", "abandoned"], held: Json, last: Json, ended_at: str) -> IncidentStatus:
        earlier = str(last["incident"])
        before = Persisting(
            earlier=earlier,
            verdict=self._verdict(earlier) if how == "persists" else "",
            ended_at=ended_at,
            times=int(held.get("times", 0)) + 1,
        )
        return IncidentStatus(how=how, incident=earlier, state=last["state"], before=before, was=held["incident"])

    def _last(self, held: Json) -> Json:
        """The slot of the incident that went on in the end for the one that holds this slot."""
        for _ in range(FOLLOWED):
            to = pointed(held)
            if to is None:
                return held
            incident, slot = to
            found = self._table.get(slot)
            if found is None or found["incident"] != incident:
                return held  # that one is over, and its slot a later incident's or free
            held = found
        return held

    def _verdict(self, incident: str) -> str:
        try:
            return str(self._ledger.load(incident).get("verdict", ""))
        except NotFound:  # records are kept for 90 days
            return ""

    def _abandoned(self, slot: Json) -> bool:
        return str(slot["opened_at"]) < self._oldest()

    def _oldest(self) -> str:
        return after(iso(self._runtime.now()), -ABANDONED_S)

    def _now_s(self) -> int:
        return int(self._runtime.now().timestamp())
