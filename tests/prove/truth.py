"""What must be true at the end of every story, whoever died and whatever failed; read from the fake AWS's request log."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from remediator.core.serialization import canonical
from remediator.ledger.table import from_item
from remediator.remediation.steps import NOT_READ

from .forked import ForkedLaptop, ledger_items

SILENT = ("handed_over", "opted_out")  # people are told by another incident, or asked not to be


@dataclass(frozen=True, slots=True)
class Reference:
    """How the story goes where nothing fails.

    Attributes:
        writes: how often each change was made.
        digests: every situation that it passes through.
        asked: questions of its workers, all and those that change something.
    """

    writes: Counter[str]
    digests: frozenset[str]
    asked: int = 0
    changing: int = 0
    dead_letters: int = 0


def writes_of(laptop: ForkedLaptop) -> Counter[str]:
    """Each change that AWS made for the program, by its call."""
    made = (r for r in laptop.world.writes if not r.error and r.role)
    return Counter(f"{r.service}:{r.operation} {canonical(dict(r.parameters))}" for r in made)


def wrong_writes(laptop: ForkedLaptop, reference: Reference) -> Iterator[str]:
    """Changes that were made twice, or that no undisturbed run makes."""
    for write, times in writes_of(laptop).items():
        if times > max(1, reference.writes[write]):
            yield f"made {times} times: {write[:200]}"
        if write not in reference.writes and not _undoes(laptop, write):
            yield f"no undisturbed run makes this change: {write[:200]}"


def untruths(laptop: ForkedLaptop, reference: Reference) -> Iterator[str]:
    """Everything that is wrong at the end."""
    yield from wrong_writes(laptop, reference)
    for name, status in laptop.durable.statuses().items():
        if status != "SUCCEEDED":
            yield f"execution {name} ended as {status}"
    if len(laptop.dead_letters) > reference.dead_letters:
        yield f"{len(laptop.dead_letters)} messages are dead letters"
    items = {pk: from_item(item) for pk, item in ledger_items().items()}
    found = [r.parameters for r in laptop.world.requests if r.operation == "Publish" and not r.error]
    texts = [str(p.get("Message", "")) for p in found]
    made = writes_of(laptop)
    for pk, record in items.items():
        if pk.startswith("incident#"):
            yield from _untrue(pk.removeprefix("incident#"), record, made, texts)
        elif pk.startswith("lock#"):
            yield f"{pk} is still held by {record.get('incident')}"


def _untrue(incident: str, record: Mapping[str, Any], made: Counter[str], texts: list[str]) -> Iterator[str]:
    if record["state"] != "closed":
        yield f"{incident} is still {record['state']}"
        return
    if "joined" not in record and record["verdict"] not in SILENT and not any(incident in t for t in texts):
        yield f"{incident} ended as {record['verdict']} and nobody was told"
    yield from _misstated(incident, record, made)


def _misstated(incident: str, record: Mapping[str, Any], made: Counter[str]) -> Iterator[str]:
    state = record.get("change_state")
    if state is None or "plan" not in record:
        return
    last = json.loads(record.get("case_final", "{}"))
    unread = [f for f in last.get("proof", ()) if f["label"]["en"] == NOT_READ.en]
    if record["verdict"] == "fixed" and unread:
        yield f"{incident} is called fixed although its outcome could not be read: {unread[0]['value'][:100]}"
    calls = json.loads(record["plan"])["calls"]
    actions = {c["action"].partition(":")[2] for c in calls}
    done = {m.partition(" ")[0].partition(":")[2] for m in made}
    if state == "applied" and not actions & done:
        yield f"{incident}: the ledger says applied, and no {sorted(actions)} was made"
    if state == "intended" and not json.loads(record.get("case_final", "{}")).get("note"):
        yield f"{incident}: closed with a change that is only intended, and the report does not say so"


def _undoes(laptop: ForkedLaptop, write: str) -> bool:
    """Whether it is an undo or another plan that the ledger holds in exactly these words."""
    named = write.partition(" ")[0].partition(":")[2]
    for pk, item in ledger_items().items():
        if pk.startswith("incident#") and "plan" in item:
            plan = json.loads(item["plan"]["S"])
            if any(c["action"].partition(":")[2] == named for c in (*plan["calls"], *plan["undo"])):
                return True
    return False
