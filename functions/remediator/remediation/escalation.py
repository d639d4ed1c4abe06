"""The four clocks of one incident as the ledger has them: what was in time, and what is told to the high topic."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..aws.runtime import Runtime
from ..core.timestamps import iso
from ..incidents.case import Case, at_high_level
from ..incidents.response_clocks import Acknowledged, ClockName, Moments, Timed, first, four_clocks, to_be_told
from ..ledger.incidents import Ledger


def timed(runtime: Runtime, case: Case, cause_at: str | None) -> Timed:
    """How the clocks of `case` stand now; `cause_at` says when a row of the guide was named first."""
    record = Ledger(runtime).load(case.incident.id)
    moments = _moments(case, record, cause_at)
    clocks = four_clocks(case.incident.opened_at, moments, iso(runtime.now()))
    clock_names: tuple[ClockName, ...] = tuple(c.name for c in clocks if f"late_{c.name}_at" in record)
    return Timed(clocks=clocks, acknowledged=acknowledged(record), reported=clock_names)


def with_clocks(case: Case, now: Timed) -> Case:
    """The case with its clocks, for its last report; one that was missed and that nobody was told of goes to the high topic."""
    case = replace(case, clocks=now.clocks, acknowledged=now.acknowledged)
    names: Sequence[ClockName] = [c.name for c in now.clocks if c.name not in now.reported]
    late = to_be_told(now.clocks, names, case.incident.level)
    if late is None or now.acknowledged or case.over:
        return case
    return replace(at_high_level(case), late=late)


def escalation(case: Case, now: Timed, names: Sequence[ClockName]) -> Case | str:
    """The report that tells of a missed clock, with everything found so far; a word where there is none to send."""
    if now.acknowledged:
        return "acknowledged"
    if not any(c.state == "missed" for c in now.clocks if c.name in names):
        return "met"
    late = to_be_told(now.clocks, [n for n in names if n not in now.reported], case.incident.level)
    if late is None:
        return "low" if case.incident.level == "low" else "told"
    return replace(at_high_level(case), stage="escalation", clocks=now.clocks, late=late)


def acknowledged(record: Mapping[str, Any]) -> Acknowledged | None:
    """Who has taken the incident over, if anybody has."""
    if "acknowledged_by" not in record:
        return None
    return Acknowledged(by=str(record["acknowledged_by"]), at=str(record["acknowledged_at"]))


def _moments(case: Case, record: Mapping[str, Any], cause_at: str | None) -> Moments:
    over = case.at if case.over else None
    found = (_text(record, name) for name in record if name.startswith("told_") and name.endswith("_at"))
    answers = (_text(record, name) for name in ("acknowledged_at", "answered_at", "held_at"))
    return Moments(
        situation=first(*found),
        response=first(case.change.applied_at if case.change else None, over, *answers),
        cause=cause_at,
        recovery=over,
    )


def _text(record: Mapping[str, Any], name: str) -> str | None:
    return str(record[name]) if name in record else None
