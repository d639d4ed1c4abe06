"""All that the ledger holds of one incident, as values: what a page about it is made from. Pure."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..core.model import Incident, Signal
from ..core.serialization import from_json
from ..core.timestamps import is_moment
from .case import STAGES, Case, Stage
from .response_clocks import LIMITS_S, Clock

_BESIDE = {
    "held_at": "held_by",
    "answered_at": "answer",
    "acknowledged_at": "acknowledged_by",
    "handed_over_at": "handed_over_to",
    "closed_at": "verdict",
}
_NOTES = ("state", "change_state", "undo_state", "not_applied", "plan_hash", "told", "joined", "noticed_by", "ended_as")


@dataclass(frozen=True, slots=True)
class SentReport:
    """One report that people were sent: its case, and when."""

    case: Case
    at: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the ledger's trail: the item's own name for it, when (ISO 8601, UTC), and its value."""

    name: str
    at: str
    value: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentRecord:
    """One incident as the ledger has it.

    Attributes:
        reports: the reports, in the order in which they were sent.
        signals: that have joined, oldest first; at most the first 20 are kept.
        trail: what the ledger noted with a moment, oldest first.
        notes: what it noted without one: states, the plan's hash.
        unread: names of stored values that could not be understood; they are left out.
    """

    incident: Incident
    state: str
    reports: tuple[SentReport, ...] = ()
    signals: tuple[Signal, ...] = ()
    signal_count: int = 1
    clocks: tuple[Clock, ...] = ()
    verdict: str = ""
    closed_at: str = ""
    trail: tuple[Entry, ...] = ()
    notes: tuple[Entry, ...] = ()
    unread: tuple[str, ...] = ()

    @property
    def case(self) -> Case | None:
        """The incident as the newest report told it; None where no report has been sent."""
        newest = {t.case.stage: t.case for t in self.reports}
        return next((newest[s] for s in reversed(STAGES) if s in newest), None)

    @property
    def until(self) -> str:
        """When it ended, else the last moment that is known of it."""
        moments = [e.at for e in self.trail if e.name != "lease"]
        return self.closed_at or max(moments, default=self.incident.opened_at)


_MOMENTS = (
    "opened_at", "evidence_at", "intended_at", "handed_over_at", "held_at", "answered_at", "acknowledged_at", "closed_at",
    *(f"told_{stage}_at" for stage in STAGES), *(f"late_{name}_at" for name, _ in LIMITS_S),
)  # fmt: skip


def record_of(record: Mapping[str, Any]) -> IncidentRecord:
    """The ledger's item of an incident as values.

    Args:
        record: as `Ledger.load` and `Ledger.recent` give it; nested values may be JSON texts.

    Raises:
        KeyError, TypeError, ValueError: it is no record of an incident.
    """
    incident = from_json(Incident, _plain(record["incident"]))
    reader = _Reader(record)
    found = [SentReport(case, str(record.get(f"told_{s}_at", case.at))) for s in STAGES if (case := reader.case(s))]
    signals = reader.many("signals", Signal) or incident.signals
    return IncidentRecord(
        incident=incident,
        state=str(record.get("state", incident.state)),
        reports=tuple(sorted(found, key=lambda t: (t.at, STAGES.index(_stage(t.case))))),
        signals=tuple(sorted(signals, key=lambda s: s.at)),
        signal_count=int(record.get("signal_count", len(signals) or 1)),
        clocks=reader.many("clocks", Clock),
        verdict=str(record.get("verdict", "")),
        closed_at=str(record.get("closed_at", "")),
        trail=tuple(sorted(_trail(record), key=lambda e: e.at)),
        notes=tuple(Entry(n, "", _text(record[n])) for n in _NOTES if record.get(n)),
        unread=tuple(reader.unread),
    )


def _stage(case: Case) -> Stage:
    return case.stage if case.stage in STAGES else "update"


class _Reader:
    """Reads nested values and remembers which it could not: an older version may have written them."""

    def __init__(self, record: Mapping[str, Any]) -> None:
        self._record = record
        self.unread: list[str] = []

    def case(self, stage: Stage) -> Case | None:
        name = f"case_{stage}"
        if name not in self._record:
            return None
        try:
            return from_json(Case, _plain(self._record[name]))
        except (KeyError, TypeError, ValueError):
            self.unread.append(name)
            return None

    def many(self, name: str, kind: Any) -> tuple[Any, ...]:
        try:
            found = _plain(self._record.get(name, "[]"))
            return tuple(from_json(kind, one) for one in found)
        except (KeyError, TypeError, ValueError):
            self.unread.append(name)
            return ()


def _trail(record: Mapping[str, Any]) -> list[Entry]:
    found = [Entry(n, str(record[n]), _text(record.get(_BESIDE.get(n, ""), ""))) for n in _MOMENTS if n in record]
    for name in ("change", "undone"):
        change = _object(record.get(name))
        if change.get("applied_at"):
            calls = ", ".join(str(c.get("action", "")) for c in _object(change.get("plan")).get("calls", ()))
            found.append(Entry(name, str(change["applied_at"]), calls))
    lease = _object(record.get("lease"))
    if lease.get("until"):
        found.append(Entry("lease", str(lease["until"]), f"extension {lease.get('extension', 0)}"))
    return [e for e in found if is_moment(e.at)]


def _object(stored: Any) -> Mapping[str, Any]:
    try:
        value = _plain(stored)
    except ValueError:
        return {}
    return value if isinstance(value, Mapping) else {}


def _plain(stored: Any) -> Any:
    return json.loads(stored) if isinstance(stored, str) else stored


def _text(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple | set) else str(value)
