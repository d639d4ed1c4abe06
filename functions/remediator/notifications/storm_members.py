"""The incidents of a storm, as the ledger has them now."""

import json
from typing import Any

from ..core.errors import NotFound
from ..core.model import Incident
from ..core.serialization import Json, from_json
from ..core.text import Text
from ..incidents.storm import (
    AT_WORK,
    OPEN_QUESTION,
    SHARDS,
    Entry,
    Member,
    members_of,
)
from ..ledger.table import Table


def members_in(table: Table, storm: str, head: Json) -> tuple[Member, ...]:
    """The incidents of a storm: those reported by themselves, then those of its summaries."""
    entries = [
        from_json(Entry, json.loads(text))
        for shard in range(SHARDS)
        for text in (table.get(f"storm#{storm}#{shard}") or {}).get("entries", ())
    ]
    alone = tuple(m for id in head.get("first", ()) if (m := _alone(table, str(id))))
    return (*alone, *members_of(entries))


def record_in(table: Table, incident: str) -> Json:
    """The ledger's record of an incident, empty where there is none."""
    return table.get(f"incident#{incident}") or {}


def _alone(table: Table, incident: str) -> Member | None:
    """One whose first report was sent by itself, as the ledger has it now."""
    try:
        record = record_in(table, incident)
        stored = from_json(Incident, json.loads(record["incident"]))
    except (NotFound, KeyError):
        return None
    case = json.loads(record.get("case_first") or record.get("case_final") or "{}")
    change = json.loads(record["change"]) if "change" in record else {}
    return Member(
        incident=incident,
        runbook=stored.runbook,
        title=_text(case.get("title")),
        workload=stored.workload or "",
        resource=stored.resource.name,
        state=str(record.get("verdict") or (OPEN_QUESTION if record["state"] == "asking" else AT_WORK)),
        changed=(_text(change["plan"]["title"]),) if change else (),
        alone=True,
    )


def _text(plain: Any) -> Text:
    return from_json(Text, plain) if plain else Text("", "")
