"""Row `dynamodb_table_undeletable.in_use`.

The table itself is being created or changed; or DynamoDB gives no detail and nothing that can be read does.
"""

from ...core.plan import Advise, Decision
from ...core.runbook import Cause, Finding, Holds, RuledOut, Setting, writes
from ...core.text import Text
from .evidence import Evidence
from .facts import (
    DESCRIBE,
    SHOW,
    VAGUE,
    advise_if_over,
    finding,
    said,
    status_facts,
    table_name,
    unexplained,
    users,
    words,
)

LOOKUP = (
    "aws cloudtrail lookup-events --lookup-attributes AttributeKey=ResourceName,AttributeValue={name} --max-results 50"
)
WAIT = "aws dynamodb wait table-exists --table-name {name}"  # AWS CLI: it waits until the table is ACTIVE


def holds(e: Evidence, _: Setting) -> Finding:
    """The table itself is being created or changed; or DynamoDB gives no detail and nothing that can be read does."""
    otherwise = Text(
        "no change of the table itself is under way, and DynamoDB named none",
        "テーブル自体の変更は進行しておらず、DynamoDB もそれを示していません",
    )
    found = finding(e, "in_use", lambda: status_facts(e), otherwise)
    if isinstance(found, RuledOut):
        if not unexplained(e):
            return found
        found = Holds(words(e), VAGUE)
    return Holds((*found.facts, *users(e)), found.weight)


@writes(does=Text("tells who uses the table and what it waits for", "利用者と待機理由を通知"))
def tell_who_uses_it(e: Evidence, _: Setting) -> Decision:
    """What holds it, and how to see who uses it."""
    if (over := advise_if_over(e)) is not None:
        return over
    means, name = said(e), table_name(e)
    why = means.means if means else Text("the table is being changed", "テーブルは変更中です")
    then = Text(
        ": let that end, make sure that nobody needs the table, then repeat the deletion",
        "。完了を待ち、利用者がいないことを確認してから削除を再実行してください",
    )
    return Advise(why + then, (DESCRIBE.format(name=name), WAIT.format(name=name), LOOKUP.format(name=name)))


CAUSE = Cause(
    id="in_use",
    title=Text("table in use", "テーブルが使用中"),
    holds=holds,
    fixes=(tell_who_uses_it,),
    advice=Text(
        "Let the change that is under way end, make sure that nothing reads or writes the table any more, then repeat "
        "the deletion. Reads and writes alone do not stop a deletion: whoever still makes them fails afterwards.",
        "進行中の変更の完了を待ち、読み書きするものがないことを確認してから削除を再実行してください。"
        "読み書きだけでは削除は拒否されず、利用中のアプリケーションは削除後にエラーとなります。",
    ),
    confirm=Text(
        "The table's status is CREATING or UPDATING, or the refusal says what is being changed; every index and replica "
        "is ACTIVE and deletion protection is off.",
        "テーブルの状態が CREATING か UPDATING、または応答に変更中の項目が示されており、"
        "インデックスとレプリカはすべて ACTIVE で削除保護は無効です。",
    ),
    look=(SHOW, LOOKUP.format(name="<table>")),
)
