"""The ledger as figures: what is open, what the last seven days were, how fast it went. Pure.

A record that says not even when it was opened is counted as unread; of any other, what can be read is told (`lines`).
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

from ...core.model import HEALING, OVER, Verdict
from ...core.timestamps import after, is_moment, seconds_between
from ...incidents.response_clocks import LIMITS_S
from .incident_row import IncidentRow, earlier, is_named, latest_case, line_of

WINDOW_S = 7 * 86400


@dataclass(frozen=True, slots=True)
class Spread:
    """Durations in seconds: how many, and which half and which 95 of a hundred did not pass."""

    count: int
    p50_s: float
    p95_s: float


@dataclass(frozen=True, slots=True)
class ClockTally:
    """One of the four clocks: how often it was met, and how often it was missed."""

    clock: str
    met: int
    missed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """Everything that the board shows.

    Attributes:
        at: when the ledger was read, ISO 8601.
        open: whatever its age, what asks first, then the worst, then the oldest.
        ended: of the window, the newest first.
        incidents: how many of the account were opened within the window.
        verdicts, changes, refusals: how many of each in the window, the most first.
        first_report, recovery: seconds from the opening; None where there is nothing to measure.
        unread: records that do not say what they are of.
        whole: False where the ledger is longer than what was read.
    """

    at: str
    open: tuple[IncidentRow, ...] = ()
    ended: tuple[IncidentRow, ...] = ()
    incidents: int = 0
    verdicts: tuple[tuple[str, int], ...] = ()
    changes: tuple[tuple[str, int], ...] = ()
    refusals: tuple[tuple[str, int], ...] = ()
    clocks: tuple[ClockTally, ...] = ()
    first_report: Spread | None = None
    recovery: Spread | None = None
    unread: int = 0
    whole: bool = True


def since(now: str) -> str:
    """From when on the board counts."""
    return after(now, -WINDOW_S)


def board_of(records: Iterable[Mapping[str, Any]], now: str, *, whole: bool = True) -> Board:
    """The board at `now`.

    Args:
        records: of the ledger with their `ATTRIBUTES`; those from before the window and closed are passed over.
        now: ISO 8601.
        whole: whether none can be missing.
    """
    everything = tuple(records)
    named = [r for r in everything if is_named(r)]
    taken_back = {earlier(r) for r in named if r.get("origin") == "undo" and r.get("verdict") == Verdict.FIXED}
    found = [(r, line_of(r, now, taken_back=taken_back)) for r in named if "joined" not in r]
    recent = [(r, line) for r, line in found if line.opened_at >= since(now)]
    ours = [
        (r, line) for r, line in recent if line.origin in HEALING
    ]  # what a person asks for is no incident of the account
    return Board(
        at=now,
        open=tuple(sorted((line for _, line in found if line.open), key=_urgent)),
        ended=tuple(sorted((line for _, line in recent if not line.open), key=lambda i: i.opened_at, reverse=True)),
        incidents=len(ours),
        verdicts=_counted(line.verdict for _, line in ours if not line.open),
        changes=_counted(line.runbook for _, line in ours if line.change is not None),
        refusals=_counted(gate for r, _ in ours if (gate := _refused_by(r))),
        clocks=_clocks([r for r, _ in ours]),
        first_report=spread(_until_told(r) for r, _ in ours),
        recovery=spread(_until_recovered(r) for r, _ in ours),
        unread=len(everything) - len(named),
        whole=whole,
    )


def spread(durations_s: Iterable[float | None]) -> Spread | None:
    """The durations that there are; of a few, the 95th of a hundred is the longest (nearest rank)."""
    known = sorted(d for d in durations_s if d is not None and d >= 0)
    if not known:
        return None
    return Spread(len(known), _rank(known, 50), _rank(known, 95))


def _rank(ordered: Sequence[float], percent: int) -> float:
    return ordered[max(1, ceil(percent * len(ordered) / 100)) - 1]


def _urgent(line: IncidentRow) -> tuple[bool, int, str]:
    levels = ("high", "medium", "low")
    worst = levels.index(line.level) if line.level in levels else len(levels)
    return line.question is None, worst, line.opened_at


def _counted(words: Iterable[str]) -> tuple[tuple[str, int], ...]:
    found = Counter(word for word in words if word)
    return tuple(sorted(found.items(), key=lambda pair: (-pair[1], pair[0])))


def _refused_by(record: Mapping[str, Any]) -> str:
    """The gate that refused the plan of this incident; empty where none did."""
    answers = latest_case(record).get("answers")
    listed = [a for a in answers if isinstance(a, Mapping)] if isinstance(answers, list) else []
    return next((str(a.get("gate", "")) for a in listed if a.get("type") == "Refusal"), "")


def _clock_rows(record: Mapping[str, Any]) -> tuple[Mapping[str, Any], ...]:
    try:
        rows = json.loads(str(record.get("clocks", "")))
    except (ValueError, RecursionError):
        return ()
    return tuple(r for r in rows if isinstance(r, Mapping)) if isinstance(rows, list) else ()


def _clocks(records: Sequence[Mapping[str, Any]]) -> tuple[ClockTally, ...]:
    stood = Counter((str(c.get("name")), str(c.get("state"))) for r in records for c in _clock_rows(r))
    return tuple(ClockTally(name, stood[name, "met"], stood[name, "missed"]) for name, _ in LIMITS_S)


def _seconds(start: Any, end: Any) -> float | None:
    return seconds_between(str(start), str(end)) if is_moment(start) and is_moment(end) else None


def _until_told(record: Mapping[str, Any]) -> float | None:
    """Seconds until people were told first, whatever that report was."""
    found = [str(record[n]) for n in record if n.startswith("told_") and n.endswith("_at") and is_moment(record[n])]
    return _seconds(record.get("opened_at"), min(found, default=None))


def _until_recovered(record: Mapping[str, Any]) -> float | None:
    """Seconds until it was proved to be over."""
    proved = next((c.get("at") for c in _clock_rows(record) if c.get("name") == "recovery"), None)
    over = record.get("verdict") in OVER
    return _seconds(record.get("opened_at"), proved or (record.get("closed_at") if over else None))
