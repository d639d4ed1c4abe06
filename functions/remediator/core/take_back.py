"""The plan that takes a change back: its stored undo, with before and after the other way round."""

import json
from dataclasses import replace

from .errors import ForAPerson
from .model import Change, Plan
from .plain import Json, from_plain
from .text import Text


def undo_plan(record: Json) -> Plan:
    """The plan that takes back the change of a stored incident.

    Raises:
        ForAPerson: the incident made no change, or one without undo.
    """
    if "change" not in record:
        raise ForAPerson("that incident made no change")
    done = from_plain(Change, json.loads(record["change"])).plan
    if not done.undo:
        raise ForAPerson("that change has no undo")
    return replace(
        done,
        fix=f"undo_{done.fix}",
        title=Text(f"Undo: {done.title.en}", f"取り消し: {done.title.ja}"),
        calls=done.undo,
        undo=(),
        no_undo=Text("this is an undo itself", "これ自体が取り消しです"),
        before=done.after,
        after=done.before,
        response="auto",
        ask_because=None,
        worse=None,
        cost_per_month_usd=None,
        lease_s=0,
    )
