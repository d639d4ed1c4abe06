"""Answers to open questions: checked against the plan that is asked now, then handed to the waiting execution."""

import json
import re
from collections.abc import Mapping
from typing import Any

from ..core.answering import Answer, who
from ..core.case import HOLDS, Approval
from ..core.clocks import iso
from ..core.edge import Permission
from ..core.model import Plan
from ..core.plain import Json, from_plain
from ..core.text import Language, Text
from .door import Door
from .ledger import Ledger
from .runtime import Runtime

REFERENCE = re.compile(r"^([a-z0-9-]{1,54})-([0-9a-f]{8})$")
ANSWERS = ("approve", "refuse", "hold")


def answer_question(runtime: Runtime, told: Answer) -> Json:
    """What became of the answer.

    Raises:
        ForAPerson: no such incident, or the execution no longer waits.
    """
    named, answer = REFERENCE.match(told.reference), told.answer
    if named is None or answer not in ANSWERS:
        return {"accepted": False, "why": "say reference <incident>-<8 hex> and answer approve, refuse or hold"}
    by = who(told, runtime.settings.chat_approvals)
    if isinstance(by, Text):
        return {"accepted": False, "why": by.in_(runtime.settings.language)}
    record = Ledger(runtime).load(named[1])
    against = _against(record, named[2], answer, iso(runtime.now()))
    if against:
        return {"accepted": False, "why": against, **_asked_now(record, runtime.settings.language)}
    Door(runtime.clients, [Permission("lambda:SendDurableExecutionCallbackSuccess")]).call(
        "lambda:SendDurableExecutionCallbackSuccess",
        CallbackId=record["callback_id"],
        Result=json.dumps({"answer": answer, "by": by}).encode(),
    )
    if answer == "hold":  # the execution may have asked again already: its question must stay open
        Ledger(runtime).note(named[1], held_by=by)
    else:
        Ledger(runtime).note(named[1], state="answered", answered_by=by, answer=answer)
    return {"accepted": True, "incident": named[1], "answer": answer, "by": by}


def _against(record: Mapping[str, Any], short_hash: str, answer: str, now: str) -> str | None:
    if record.get("state") != "asking":
        return f"nothing is asked: the incident is {record.get('state', 'unknown')}"
    if not str(record["asked_plan"]).startswith(short_hash):
        return "another plan is asked now; read it before you approve"
    asked = from_plain(Approval, json.loads(record["asked"]))
    if asked.expires_at <= now:
        return "the question has expired"
    if answer == "hold" and asked.holds >= HOLDS:
        return "it was held already; approve or refuse it"
    return None


def _asked_now(record: Mapping[str, Any], language: Language) -> Json:
    """The plan that is asked now, in words and by its reference; nothing where none is."""
    if record.get("state") != "asking":
        return {"asked_now": None}
    asked = from_plain(Approval, json.loads(record["asked"]))
    plan = from_plain(Plan, json.loads(record["plan"]))
    return {"asked_now": asked.reference, "plan_now": plan.title.in_(language), "until": asked.expires_at}
