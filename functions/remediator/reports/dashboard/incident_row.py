"""One ledger record as one row of an incident list."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ...core.text import Text, same
from ...core.timestamps import is_moment
from ...incidents.case import HOLDS, STAGES
from ..channels.storm_summary import VERDICT_WORDS

# What is read of a record; the rest (evidence, signals, background) is long and is in no list and no figure.
ATTRIBUTES = (
    "pk", "runbook", "resource", "level", "opened_at", "state", "origin", "incident", "joined", "verdict", "closed_at",
    "asked", "plan", "change", "undone", "clocks", "acknowledged_by",
    "told_first_at", "told_ask_at", "told_update_at", "told_escalation_at", "told_final_at",
    "case_first", "case_ask", "case_update", "case_final",
)  # fmt: skip
UNTIL, TAKEN_BY = Text("answer until", "回答期限"), Text("taken over by", "対応者")
STATES = {
    "opened": Text("not begun yet", "開始前"),
    "running": Text("being looked after", "対応中"),
    "asking": Text("waits for a person", "承認待ち"),
    "answered": Text("answered", "回答済み"),
}
ENDINGS = VERDICT_WORDS | {
    "abandoned": Text("ABANDONED", "中断"),
    "extended": Text("LENT ON", "延長"),
    "let_go": Text("LET GO", "返却不要"),
    "refused": Text("REFUSED", "実施不可"),
    "replayed": Text("REPLAYED", "再現のみ"),
}
ORIGINS = {
    "undo": Text("undo, by a person", "取り消し（担当者による）"),
    "recover": Text("recovery, by a person", "復旧操作（担当者による）"),
    "replay": Text("replay", "再現"),
    "replay_apply": Text("replay that may change", "再実行"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A plan that waits for a person.

    Attributes:
        reference: `<incident>-<8 hex of the plan hash>`.
        until: when it can no longer be answered, ISO 8601.
        held: it was put off already and cannot be once more.
    """

    reference: str
    plan: Text
    until: str
    held: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentRow:
    """One incident in a list.

    Attributes:
        resource: its name; `arn` says which exactly.
        change: what was done; None where nothing was.
        question: what can be answered now; None where nothing is asked.
        verdict: how it ended; empty while it is open.
        taken_by: who has taken it over; empty where nobody has.
        undoable: its change stands and has an undo.
    """

    id: str
    runbook: str
    title: Text
    arn: str
    resource: str
    level: str
    opened_at: str
    state: str
    origin: str = "event"
    closed_at: str = ""
    verdict: str = ""
    change: Text | None = None
    question: Question | None = None
    taken_by: str = ""
    undoable: bool = False

    @property
    def open(self) -> bool:
        """Whether it has not ended."""
        return self.state != "closed"


def line_of(record: Mapping[str, Any], now: str, *, taken_back: Iterable[str] = ()) -> IncidentRow:
    """One record as a line.

    Args:
        record: that names itself and when it was opened.
        now: ISO 8601; a question is open until its time is up.
        taken_back: incidents whose changes another incident has undone.
    """
    id, arn = str(record["pk"]).removeprefix("incident#"), str(record.get("resource", ""))
    change = _plan_of(read(record, "change"))
    undone = "undone" in record or id in taken_back
    return IncidentRow(
        id=id,
        runbook=str(record.get("runbook", "")),
        title=_title(record),
        arn=arn,
        resource=_resource_name(arn),
        level=str(record.get("level", "")),
        opened_at=str(record["opened_at"]),
        state=str(record.get("state", "")),
        origin=str(record.get("origin", "event")),
        closed_at=str(record.get("closed_at", "")),
        verdict=str(record.get("verdict", "")),
        change=_text(change.get("title")) or same("?") if change else None,
        question=_question(record, now),
        taken_by=str(record.get("acknowledged_by", "")),
        undoable=bool(change.get("undo")) and not undone,
    )


def is_named(record: Mapping[str, Any]) -> bool:
    """Whether it says what it is of and when it was opened."""
    return str(record.get("pk", "")).startswith("incident#") and is_moment(record.get("opened_at"))


def read(record: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """An attribute that holds a JSON object; an empty one where it holds none."""
    try:
        value = json.loads(str(record.get(name, "")))
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, Mapping) else {}


def _text(value: Any) -> Text | None:
    if not isinstance(value, Mapping) or not all(isinstance(value.get(w), str) for w in ("en", "ja")):
        return None
    return Text(value["en"], value["ja"])


def latest_case(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """What the latest report was made of; an empty object where there is none."""
    return next((case for stage in reversed(STAGES) if (case := read(record, f"case_{stage}"))), {})


def _title(record: Mapping[str, Any]) -> Text:
    """What broke, in words where a report has told it; else the runbook's id."""
    return _text(latest_case(record).get("title")) or same(str(record.get("runbook", "?")).replace("_", " "))


def _resource_name(arn: str) -> str:
    parts = arn.split(":", 5)[-1].split("/")
    return parts[-2] if len(parts) > 2 and parts[0] in ("targetgroup", "loadbalancer") else parts[-1]


def earlier(record: Mapping[str, Any]) -> str:
    """The incident that this one takes back or looks at again; empty for any other."""
    return str(read(record, "incident").get("of", ""))


def _plan_of(change: Mapping[str, Any]) -> Mapping[str, Any]:
    plan = change.get("plan")
    return plan if isinstance(plan, Mapping) else {}


def _question(record: Mapping[str, Any], now: str) -> Question | None:
    asked = read(record, "asked")
    reference, until = str(asked.get("reference", "")), asked.get("expires_at")
    if record.get("state") != "asking" or not reference or not is_moment(until) or str(until) <= now:
        return None
    plan = _text(read(record, "plan").get("title")) or same("?")
    return Question(reference=reference, plan=plan, until=str(until), held=asked.get("holds", 0) >= HOLDS)


def standing(line: IncidentRow) -> Text:
    """How it ended, or what it is at; a word that nobody knows as it is in the ledger."""
    return STATES.get(line.state, same(line.state)) if line.open else ending(line.verdict)


def ending(verdict: str) -> Text:
    """The word for how an incident ended."""
    return ENDINGS.get(verdict, same(verdict or "-"))
