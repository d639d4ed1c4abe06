"""How a story ended, read from what the program wrote into its ledger."""

import json
from collections.abc import Sequence
from typing import Any

from remediator.core.lease import RUNBOOK as LEASES
from remediator.core.model import Incident
from remediator.core.plan import Advise, HandOver, Plan, Watch
from remediator.core.serialization import Json, from_json
from remediator.core.settings import Settings
from remediator.gates.answers import Passed
from remediator.incidents.assessment import assess
from remediator.incidents.case import STAGES, Case
from remediator.problems import load

from .laptop import Laptop
from .scenarios import Ending


def ended(laptop: Laptop) -> Ending:
    """How the story on `laptop` ended."""
    return ending_of(laptop.records(), laptop.runtime.settings)


def ending_of(records: Sequence[Json], settings: Settings) -> Ending:
    """The end of the first trouble, and how many incidents, changes and threads there were in all.

    Of incidents that are one trouble, the one that goes on where it names a cause, else the one that noticed it.

    Args:
        records: of the ledger, oldest first.
        settings: as the program had them.
    """
    if not records:
        return Ending(incidents=0)
    leases = tuple(_look_of(r) for r in records if r["runbook"] == LEASES)
    records = [r for r in records if r["runbook"] != LEASES]
    own = [r for r in records if "joined" not in r]
    counts: dict[str, Any] = {
        "incidents": len(own),
        "fixes": sum(r.get("change_state") == "applied" for r in records),
        "threads": len({_thread(r) for r in records if last_case(r)}),
        "escalations": sum(len({r[n] for n in r if n.startswith("late_")}) for r in records),
        "leases": leases,
    }
    joined = [r for r in records if "joined" in r]
    noticed = tuple(c for r in joined if (case := _untold(r, settings)) and (c := case.diagnosis.cause))
    record = _first(own, joined, settings)
    case = last_case(record) or _untold(record, settings)
    if case is None:
        return Ending(action="unreported", verdict=str(record.get("verdict", "")), noticed=noticed, **counts)
    return Ending(
        cause=_cause(record, case),
        action=_action(case),
        undone=case.undone is not None,
        verdict=str(record.get("verdict", "")),
        refusal=_refusal(case),
        noticed=noticed,
        **counts,
    )


def _look_of(record: Json) -> str:
    """What one look at a loan found, and how it ended."""
    end = "undone" if record.get("undo_state") == "applied" else str(record.get("verdict", ""))
    case = last_case(record)
    found = case.diagnosis.cause if case else None
    return f"{found.rsplit('.', 1)[-1]}: {end}" if found else end


def _first(own: Sequence[Json], joined: Sequence[Json], settings: Settings) -> Json:
    goes_on = next((r for r in own if last_case(r)), (*own, *joined)[0])
    case = last_case(goes_on) or _untold(goes_on, settings)
    named = bool(case and _cause(goes_on, case))
    return goes_on if named or not joined else joined[0]


def _thread(record: Json) -> str:
    incident = from_json(Incident, _plain(record["incident"]))
    return incident.thread or incident.id


def last_case(record: Json) -> Case | None:
    """The incident as the newest report told it."""
    newest = next((name for stage in reversed(STAGES) if (name := f"case_{stage}") in record), None)
    return from_json(Case, _plain(record[newest])) if newest else None


def _untold(record: Json, settings: Settings) -> Case | None:
    """An incident that was handed over has no report of its own: what its stored evidence says."""
    if "handed_over_to" not in record:
        return None
    incident = from_json(Incident, _plain(record["incident"]))
    runbook = load(incident.runbook)
    evidence = from_json(runbook.evidence, _plain(record["evidence"]))
    return assess(runbook, incident, evidence, str(record["evidence_at"]), settings)


def _cause(record: Json, case: Case) -> str | None:
    if case.diagnosis.cause or "case_first" not in record:
        return case.diagnosis.cause
    return from_json(Case, _plain(record["case_first"])).diagnosis.cause


def _plain(stored: Any) -> Any:
    return json.loads(stored) if isinstance(stored, str) else stored


def _action(case: Case) -> str:
    if case.change:
        return case.change.plan.fix
    if isinstance(case.decision, Plan):
        return "held back"
    if isinstance(case.decision, Watch):
        return "watched"
    if isinstance(case.decision, HandOver):
        return "handed over"
    return "told" if isinstance(case.decision, Advise) else "nothing"


def _refusal(case: Case) -> str:
    refusal = Passed(case.answers).refusal
    if refusal:
        return refusal.gate
    answered = case.approval.answer if case.approval else None
    return answered if answered in ("refuse", "expired") else ""
