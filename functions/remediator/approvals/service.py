"""What people say: answers to open questions, checked against the plan that is asked now; that they have it; orders."""

import json
import re
from collections.abc import Mapping
from typing import Any

from ..aws.client import AwsClient
from ..aws.runtime import Runtime
from ..core.errors import ForAPerson, RemediatorError
from ..core.plan import Plan
from ..core.ports import Permission
from ..core.serialization import Json, from_json
from ..core.text import Language, Text
from ..core.timestamps import iso
from ..incidents.case import HOLDS, Approval
from ..ledger.incidents import Ledger
from ..ledger.joined_incidents import FOLLOWED
from .request import ANSWERS, ORDERS, ApprovalAnswer, who

REFERENCE = re.compile(r"^([a-z0-9-]{1,54})-([0-9a-f]{8})$")
INCIDENT = re.compile(r"[a-z0-9-]{1,63}")
HOW = (
    "say reference <incident>-<8 hex> and answer approve, refuse or hold; "
    "or reference <incident> and answer ack, undo or replay"
)


def answer_question(runtime: Runtime, approval_answer: ApprovalAnswer) -> Json:
    """What became of the answer.

    Raises:
        ForAPerson: no such incident, or the execution no longer waits.
    """
    named, answer = REFERENCE.match(approval_answer.reference), approval_answer.answer
    by = who(approval_answer, runtime.settings.chat_approvals)
    if isinstance(by, Text):
        return {"accepted": False, "why": by.in_(runtime.settings.language)}
    if answer == "ack":
        return acknowledge(runtime, approval_answer.reference, by)
    if answer in ORDERS and INCIDENT.fullmatch(approval_answer.reference):
        return order(runtime, approval_answer.reference, answer, by)
    if named is None or answer not in ANSWERS:
        return {"accepted": False, "why": HOW}
    record = Ledger(runtime).load(named[1])
    against = _against(record, named[2], answer, iso(runtime.now()))
    if against:
        return {"accepted": False, "why": against, **_asked_now(record, runtime.settings.language)}
    AwsClient(runtime.clients, [Permission("lambda:SendDurableExecutionCallbackSuccess")]).call(
        "lambda:SendDurableExecutionCallbackSuccess",
        CallbackId=record["callback_id"],
        Result=json.dumps({"answer": answer, "by": by}).encode(),
    )
    taken = {"accepted": True, "incident": named[1], "answer": answer, "by": by}
    try:
        _note(runtime, named[1], answer, by)
    except RemediatorError as error:  # the execution has the answer already, and notes it itself
        return {**taken, "why": f"taken, but not noted yet: {error}"}
    return taken


def _note(runtime: Runtime, incident: str, answer: str, by: str) -> None:
    now = iso(runtime.now())
    if answer == "hold":  # the execution may have asked again already: its question must stay open
        Ledger(runtime).note(incident, held_by=by, held_at=now)
    else:
        Ledger(runtime).note(incident, state="answered", answered_by=by, answered_at=now, answer=answer)


def acknowledge(runtime: Runtime, incident: str, by: str) -> Json:
    """Writes down that a person has taken the incident over: it escalates no more. It goes on all the same.

    The first one counts. An incident that became part of another one is acknowledged there.

    Raises:
        NotFound: there is no such incident.
    """
    ledger = Ledger(runtime)
    record = ledger.load(incident)
    for _ in range(FOLLOWED):
        if "joined" not in record:
            break
        incident = str(record["joined"])
        record = ledger.load(incident)
    values = {"incident": incident, "answer": "ack"}
    if record.get("state") == "closed":
        return {"accepted": False, "why": f"it is over: {record.get('verdict', 'closed')}", **values}
    if "acknowledged_by" in record:
        since = {"by": record["acknowledged_by"], "at": record["acknowledged_at"]}
        return {"accepted": True, **values, **since}
    at = iso(runtime.now())
    ledger.note(incident, acknowledged_by=by, acknowledged_at=at)
    return {"accepted": True, **values, "by": by, "at": at}


def order(runtime: Runtime, incident: str, what: str, by: str) -> Json:
    """Hands an order to intake, which starts an incident of its own for it: an undo through its gates, a replay that only looks.

    People need the right to invoke one function for all that they say, and this one never passes on anything but an
    incident's id: intake itself takes whole events and recoveries.

    Raises:
        ForAPerson: no such incident, or intake did not take it.
    """
    Ledger(runtime).load(incident)
    answer = AwsClient(runtime.clients, [Permission("lambda:InvokeFunction")]).call(
        "lambda:InvokeFunction",
        FunctionName=runtime.environment.intake_function,
        Payload=json.dumps({what: incident, "by": by}).encode(),
    )
    said = json.loads(answer["Payload"].read())
    if "FunctionError" in answer:
        raise ForAPerson(f"intake did not take it: {said.get('errorType', 'it failed')}; its log says why")
    values = {"of": incident, "answer": what, "by": by}
    became = said[0]
    if "incident" not in became:
        return {"accepted": False, "why": str(became.get("refused") or became.get("ignored") or became), **values}
    return {"accepted": True, "incident": became["incident"], **values}


def _against(record: Mapping[str, Any], short_hash: str, answer: str, now: str) -> str | None:
    if record.get("state") != "asking":
        return f"nothing is asked: the incident is {record.get('state', 'unknown')}"
    if not str(record["asked_plan"]).startswith(short_hash):
        return "another plan is asked now; read it before you approve"
    asked = from_json(Approval, json.loads(record["asked"]))
    if asked.expires_at <= now:
        return "the question has expired"
    if answer == "hold" and asked.holds >= HOLDS:
        return "it was held already; approve or refuse it"
    return None


def _asked_now(record: Mapping[str, Any], language: Language) -> Json:
    """The plan that is asked now, in words and by its reference; nothing where none is."""
    if record.get("state") != "asking":
        return {"asked_now": None}
    asked = from_json(Approval, json.loads(record["asked"]))
    plan = from_json(Plan, json.loads(record["plan"]))
    return {"asked_now": asked.reference, "plan_now": plan.title.in_(language), "until": asked.expires_at}
