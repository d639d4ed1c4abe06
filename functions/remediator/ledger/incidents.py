"""The ledger: which incident is open on which resource, and everything that was done. One DynamoDB table.

Items, by `pk`:
    slot#<runbook>#<arn>   the open incident of that problem on that resource, claimed by one conditional write
    incident#<id>          everything known of one incident; kept 90 days
    lock# rest# budget#    the right to change, see `change_right`
    shared#<key>           what several executions read together, see `shared`; kept a day
"""

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Literal

from ..aws.runtime import Runtime
from ..core.errors import NotFound, Retryable
from ..core.model import SIGNALS_KEPT, Incident, Signal, State
from ..core.serialization import Json, canonical, from_json
from ..core.timestamps import epoch_s
from ..events.internal import KIND as HANDED_OVER
from ..events.internal import tells_of
from .incident_items import KEPT_S, claim_item, is_late, record_item, signals_of, slot_of
from .joined_incidents import FOLLOWED, pointed
from .table import Cancelled, ConditionFailed, Table, put_step

_STATE = {"#state": "state"}  # a reserved word
_IS_RECENT = "begins_with(pk, :incidents) AND (opened_at >= :since OR #state <> :closed)"
RECENT_PAGES = 100  # ours: 100 MB, some thousand incidents, are read within the widget's 30 seconds


@dataclass(frozen=True, slots=True)
class SignalOutcome:
    """What became of a signal: it opened an incident, joined one, repeated one, or came late for a closed one."""

    how: Literal["opened", "joined", "repeated", "late"]
    incident: str
    state: State


class Ledger:
    """Incidents; a condition on each write makes it safe to race.

    Every method raises errors of `core.errors`; a ledger that cannot be reached therefore stops a change.
    """

    def __init__(self, runtime: Runtime) -> None:
        self._table = Table(runtime)

    def tell(self, signal: Signal, incident: Incident) -> SignalOutcome:
        """Joins `signal` to the open incident of its slot, else opens `incident`; told twice, it counts once.

        Where the slot's incident has become part of another one that is still open, the signal joins that one. A
        hand-over is late where its trouble was signalled last before the end of the closed incident.
        """
        slot = slot_of(incident)
        held = self._join(slot, signal)
        if isinstance(held, SignalOutcome):
            return held
        if held and (elsewhere := self._follow(held, signal)):
            return elsewhere
        if held and held["state"] == "closed" and is_late(signal, held):
            return SignalOutcome("late", held["incident"], "closed")
        if held and held["state"] != "closed":
            self._table.update(slot, "ADD signal_count :one", one=1)
            return SignalOutcome("joined", held["incident"], held["state"])
        if self._open(signal, incident):
            return SignalOutcome("opened", incident.id, "opened")
        joined = self._join(slot, signal)
        if isinstance(joined, SignalOutcome):
            return joined
        raise Retryable(f"{slot}: lost two races for one slot; the queue brings the signal again")

    def _follow(self, held: Json, signal: Signal) -> SignalOutcome | None:
        """Joins `signal` to what the slot's incident has become part of; None where that is over or nowhere."""
        for _ in range(FOLLOWED):
            to = pointed(held)
            if to is None:
                return None
            incident, slot = to
            found = self._join(slot, signal, of=incident)
            if isinstance(found, SignalOutcome):
                return found
            if found.get("incident") != incident:
                return None  # it is over, and its slot a later incident's
            if pointed(found) is None:
                return self._beside(slot, found, signal)
            held = found
        return None

    def _beside(self, slot: str, found: Json, signal: Signal) -> SignalOutcome | None:
        """Of an incident that did not take the signal: because it has enough of them, or because it is over."""
        if found["state"] != "closed":
            self._table.update(slot, "ADD signal_count :one", one=1)
            return SignalOutcome("joined", found["incident"], found["state"])
        return SignalOutcome("late", found["incident"], "closed") if is_late(signal, found) else None

    def _join(self, slot: str, signal: Signal, of: str = "") -> SignalOutcome | Json:
        """The signal taken, or the slot's item as it stands.

        Args:
            slot: of the incident.
            signal: what is told.
            of: only where the slot is still this incident's; what then comes from elsewhere has its own count, so that
                a storm never crowds it out.
        """
        foreign = bool(of) or signal.kind == HANDED_OVER
        room = "(attribute_not_exists(noticed_count) OR noticed_count < :kept)" if foreign else "signal_count < :kept"
        names = {**_STATE, "#key": signal.key}
        response: dict[str, Any] = {"signal": canonical(signal), "at": signal.at, "one": 1, "closed": "closed"}
        try:
            joined = self._table.update(
                slot,
                "SET signals.#key = :signal, last_signal_at = :at ADD signal_count :one"
                + (", noticed_count :one" if foreign else ""),
                "attribute_exists(pk) AND #state <> :closed AND attribute_not_exists(joined) AND "
                "attribute_not_exists(signals.#key) AND " + room + (" AND incident = :of" if of else ""),
                names,
                **response,
                kept=SIGNALS_KEPT,
                **({"of": of} if of else {}),
            )
        except ConditionFailed as failed:
            held = failed.item
            if held and held["state"] != "closed" and signal.key in held["signals"] and of in ("", held["incident"]):
                return SignalOutcome("repeated", held["incident"], held["state"])
            return held
        return SignalOutcome("joined", joined["incident"], joined["state"])

    def _open(self, signal: Signal, incident: Incident) -> bool:
        free: str = "attribute_not_exists(pk) OR #state = :closed"
        response: dict[str, Any] = {}
        if at := tells_of(signal):
            free += " AND covers_until < :at"  # AND binds more closely than OR
            response = {"at": epoch_s(at)}
        return self.claim(signal, incident, free, {}, **response)

    def claim(self, signal: Signal, incident: Incident, free: str, also: Json, /, **told: Any) -> bool:
        """Opens `incident` with its first signal where the condition holds of its slot; whether it did.

        Args:
            signal: of which it begins.
            incident: to be opened.
            free: the condition, on `#state` and `:closed` and what `told` names.
            also: what else the slot keeps as long as it is this incident's.
            told: further values of the condition.
        """
        slot = slot_of(incident)
        first = {"signals": {signal.key: canonical(signal)}, "last_signal_at": signal.at}
        claim = {**claim_item(slot, incident), **first, **also}
        try:
            self._table.transact(
                put_step(claim, free, _STATE, closed="closed", **told),
                put_step(record_item(slot, incident)),
            )
        except Cancelled:
            return False
        return True

    def open_by_hand(self, incident: Incident) -> None:
        """Opens a replay or an undo: own id, own slot, so that it never joins or hides the real one."""
        slot = slot_of(incident)
        claim = {**claim_item(slot, incident), "purge_at": epoch_s(incident.opened_at) + KEPT_S}
        self._table.transact(put_step(claim), put_step(record_item(slot, incident)))

    def load(self, incident: str) -> Json:
        """The stored record of an incident.

        Raises:
            NotFound: there is none of that id.
        """
        record = self._table.get(f"incident#{incident}")
        if record is None:
            raise NotFound(f"no incident {incident} in the ledger")
        return record

    def begin(self, incident: str) -> Incident | None:
        """Moves `opened` to `running`; None where the incident is closed already. Signals are as of now."""
        record = self.load(incident)
        try:
            slot = self._table.update(
                record["slot"],
                "SET #state = :running",
                "incident = :id AND #state IN (:opened, :running)",
                _STATE,
                running="running",
                opened="opened",
                id=incident,
            )
        except ConditionFailed:
            return None
        stored = from_json(Incident, json.loads(record["incident"]))
        return replace(
            stored, state="running", signal_count=slot["signal_count"], signals=signals_of(slot, stored.signals)
        )

    def with_signals(self, incident: Incident) -> Incident:
        """`incident` with the signals that have joined until now, the first 20, and their count."""
        slot = self._table.get(slot_of(incident)) or {}
        if slot.get("incident") != incident.id:
            return incident
        return replace(incident, signal_count=slot["signal_count"], signals=signals_of(slot, incident.signals))

    def note(self, incident: str, **values: Any) -> None:
        """Writes `values` into the record; what is neither text nor whole number, as JSON."""
        stored = {n: v if isinstance(v, str | int) else canonical(v) for n, v in values.items()}
        change = "SET " + ", ".join(f"#{n} = :{n}" for n in values)
        self._table.update(f"incident#{incident}", change, "", {f"#{n}": n for n in values}, **stored)

    def close(self, incident: Incident, verdict: str, covers_until: str) -> None:
        """Closes the incident; signals from before `covers_until` are late from now on."""
        slot = slot_of(incident)
        until = epoch_s(covers_until)
        with suppress(
            ConditionFailed
        ):  # the slot belongs to a later incident already; the record is closed all the same
            self._table.update(
                slot,
                "SET #state = :closed, covers_until = :until, purge_at = :purge",
                "incident = :id",
                _STATE,
                closed="closed",
                until=until,
                id=incident.id,
                purge=until + KEPT_S,
            )
        self.note(
            incident.id,
            state="closed",
            verdict=verdict,
            closed_at=covers_until,
            signals=incident.signals,
            signal_count=incident.signal_count,
        )

    def recent(self, limit: int) -> Sequence[Json]:
        """The newest records first, at most `limit`; those that became part of another incident are among them."""
        found = self._table.beginning_with("incident#")
        return sorted(found, key=lambda r: str(r["opened_at"]), reverse=True)[:limit]

    def troubles(self, limit: int) -> Sequence[Json]:
        """The newest incidents first, at most `limit`, each trouble once; `noticed_by` names what became part of it."""
        found = (r for r in self._table.beginning_with("incident#") if "joined" not in r)
        return sorted(found, key=lambda r: str(r["opened_at"]), reverse=True)[:limit]

    def since(self, at: str, attributes: Sequence[str]) -> tuple[Sequence[Json], bool]:
        """The records opened since `at` and all that are open, with these attributes, and whether none can be missing.

        Reads the table, for people only; what is long of a record (evidence, signals) is best left out of `attributes`.
        """
        return self._table.scanned(
            _IS_RECENT, attributes, RECENT_PAGES, _STATE, incidents="incident#", since=at, closed="closed"
        )
