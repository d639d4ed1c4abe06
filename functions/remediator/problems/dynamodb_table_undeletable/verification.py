"""Whether the table can be deleted now, or is gone."""

from typing import Any

from ...core.model import Verdict
from ...core.runbook import Judgement, VerificationContext
from ...core.text import Text
from ...core.timestamps import seconds_between
from .evidence import Outcome
from .facts import said
from .model import Candidate

UNSEEN_S = 600  # ours: what DescribeTable does not show (tags, policy, stream) takes seconds to minutes
HELD_BY = Text("deletion is still held by", "削除を妨げている要因")
POSSIBLE = Text("the table can be deleted now", "テーブルは削除可能な状態")
UNHELD = Text("DescribeTable shows nothing that holds the table", "DescribeTable 上の阻害要因なし")


def judge(after: Outcome, context: VerificationContext[Any]) -> Judgement:
    """Over when the table is gone or goes, or when what held it is seen to hold it no more: deletion is possible then.

    What DescribeTable never shows (a change of tags, policy or stream; a replica's source region) cannot be seen to
    end: after ten minutes without a sign of it, nobody can tell but whoever tries.
    """
    table = after.table.get()
    status = after.table.fact(Text("table", "テーブル"), table.status)
    if table.over:
        return Judgement(Verdict.RECOVERED_WITHOUT_US, (status,))
    if table.held:
        return Judgement(None, (status, after.table.fact(HELD_BY, ", ".join(_holders(table)))), persists=True)
    before, means = context.before.table.or_none(), said(context.before)
    if (before and before.held) or (means and means.shows):
        return Judgement(Verdict.RECOVERED_WITHOUT_US, (after.table.fact(POSSIBLE, table.status),))
    long_enough = seconds_between(context.since, context.now) >= UNSEEN_S
    return Judgement(Verdict.CANNOT_TELL if long_enough else None, (after.table.fact(UNHELD, table.status),))


def _holders(table: Candidate) -> tuple[str, ...]:
    return (
        *(("DeletionProtectionEnabled",) if table.protected else ()),
        *((f"TableStatus {table.status}",) if table.busy else ()),
        *(("RestoreInProgress",) if table.restoring else ()),
        *(f"{i.name} {i.status}" for i in table.changing_indexes),
        *(f"{r.region} {r.status}" for r in table.changing_replicas),
    )
