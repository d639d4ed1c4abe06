"""Row `lease_hand_back.decreases_spent`. DynamoDB may refuse another decrease today."""

from ...core.plan import Advise, Decision
from ...core.runbook import Cause, Finding, Holds, RuledOut, Setting, writes
from ...core.text import Text
from .evidence import Evidence
from .facts import TABLE_NOW, loan_facts, not_calm
from .loan import DECREASES_KEPT_TO, decreases_spent


def holds(e: Evidence, setting: Setting) -> Finding:
    """DynamoDB may refuse another decrease today."""
    if (against := not_calm(e, setting)) is not None:
        return against
    spent = decreases_spent(e)
    if not spent:
        return RuledOut(Text("a decrease is left today", "本日の引き下げ回数に余裕があります"))
    text = f"{spent} / {DECREASES_KEPT_TO}"
    return Holds((e.held.fact(Text("decreases today / kept to", "本日の引き下げ / 上限"), text), *loan_facts(e)))


@writes(does=Text("waits for the next day (UTC)", "翌日（UTC）まで待機"))
def wait_for_tomorrow(e: Evidence, _: Setting) -> Decision:
    """Why it is lent on until the next day."""
    spent = decreases_spent(e)
    return Advise(
        Text(
            f"Lent on until the next UTC day: the capacity went down {spent} times today, and AWS may refuse more.",
            f"翌日（UTC）まで延長します。本日は容量をすでに {spent} 回引き下げており、これ以上は AWS に拒否される可能性があります。",
        )
    )


CAUSE = Cause(
    id="decreases_spent",
    title=Text("no decrease left today", "本日の引き下げ回数の上限"),
    holds=holds,
    fixes=(wait_for_tomorrow,),
    advice=Text(
        "Nothing: AWS allows decreases again on the next UTC day.",
        "対応は不要です。引き下げは翌日（UTC）に再び可能になります。",
    ),
    confirm=Text(
        "NumberOfDecreasesToday of the table or index is four or more.",
        "テーブルまたはインデックスの NumberOfDecreasesToday が 4 以上です。",
    ),
    look=(TABLE_NOW,),
)
