"""What the readings say of a table that cannot be deleted: the refusal, users, copies, indexes."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any

from ...core.evidence import Unchecked
from ...core.model import Fact
from ...core.plan import Advise
from ...core.runbook import Finding, Holds, RuledOut
from ...core.text import Text
from ...resources.cloudtrail.history import callers, changes, in_words, reach
from ...resources.dynamodb.delete_refusals import Refusal, Row
from .evidence import Evidence

SAID, SEEN, VAGUE = 3.0, 2.0, 1.0  # DynamoDB named it; DescribeTable shows it; nothing else explains "in use"


TRAIL = "EventBridge: AWS API Call via CloudTrail"


NAMED_AT_MOST = 5
DESCRIBE = (
    "aws dynamodb describe-table --table-name {name} --query 'Table.[TableStatus,DeletionProtectionEnabled,"
    "RestoreSummary.RestoreInProgress,GlobalSecondaryIndexes[].[IndexName,IndexStatus,Backfilling],"
    "Replicas[].[RegionName,ReplicaStatus]]'"
)
OVER = Text(
    "the table is gone or on its way: nothing is left to do",
    "テーブルは削除済み、または削除中です。対応は不要です",
)
POSSIBLE = Text(
    "nothing that can be read holds the table any more: repeat the deletion",
    "削除を妨げる要因は確認できません。削除を再実行してください",
)
SHOW = DESCRIBE.format(name="<table>")


def said(e: Evidence) -> Refusal | None:
    """What DynamoDB's words mean; None where they could not be read."""
    found = e.refused.or_none()
    return found.means if found else None


def finding(e: Evidence, row: Row, seen: Callable[[], tuple[Fact, ...]], otherwise: Text) -> Finding:
    """Whether a row holds: DynamoDB named it, or it is seen on the table now.

    Args:
        e: what was read.
        row: of the guide.
        seen: what shows it now; a gap only leaves these facts out where DynamoDB named the row itself.
        otherwise: why it is ruled out where neither does.
    """
    if named(e) == row:
        facts: tuple[Fact, ...] = ()
        with suppress(Unchecked):
            facts = seen()
        return Holds((*words(e), *facts), SAID)
    facts = seen()
    return Holds((*facts, *words(e)), SEEN) if facts else RuledOut(otherwise)


def named(e: Evidence) -> Row | None:
    """The row that DynamoDB itself named; None where it gave no detail or its words could not be read.

    A table that is being restored is CREATING, and DynamoDB says just that of it: the restore is the reason.
    """
    means, table = said(e), e.table.or_none()
    if means is None or not means.certain:
        return None
    return "backup_enabled" if means.row == "in_use" and table and table.restoring else means.row


def unexplained(e: Evidence) -> bool:
    """Whether DynamoDB said "in use" without detail, and nothing that can be read explains it."""
    means = said(e)
    if means is None or means.certain:
        return False
    return not (copies_under_way(e) or index_facts(e) or e.table.get().protected)


def words(e: Evidence) -> tuple[Fact, ...]:
    """What DynamoDB said, as a fact; none where it could not be read."""
    found = e.refused.or_none()
    if found is None:
        return ()
    label = Text("DynamoDB said", "DynamoDB の応答")
    return (Fact(label, f"{found.error_code}: {found.said}", TRAIL, found.at),)


def status_facts(e: Evidence) -> tuple[Fact, ...]:
    """The table's status, where it is being created, changed for a reason of its own, or deleted."""
    table = e.table.get()
    if not (table.busy or table.status == "DELETING"):
        return ()
    return (e.table.fact(Text("table status", "テーブルの状態"), table.status),)


def protection_facts(e: Evidence) -> tuple[Fact, ...]:
    """Deletion protection, where it is on."""
    if not e.table.get().protected:
        return ()
    return (e.table.fact(Text("deletion protection", "削除保護"), "on"),)


def copies_under_way(e: Evidence) -> tuple[Fact, ...]:
    """Restore, changing replicas, and backups, exports and imports that are being made."""
    table, copies, transfers = e.table.get(), e.copies.get(), e.transfers.get()
    facts = []
    if table.restoring:
        facts.append(e.table.fact(Text("being restored", "復元中"), "RestoreInProgress"))
    if changing := table.changing_replicas:
        text = ", ".join(f"{r.region}: {r.status}" for r in changing)
        facts.append(e.table.fact(Text("replicas", "レプリカ"), text))
    if copies.under_way:
        facts.append(e.copies.fact(Text("backups under way", "作成中のバックアップ"), _some(copies.under_way)))
    if ids := (*transfers.exports, *transfers.imports):
        facts.append(
            e.transfers.fact(Text("exports, imports under way", "進行中のエクスポート・インポート"), _some(ids))
        )
    return tuple(facts)


def index_facts(e: Evidence) -> tuple[Fact, ...]:
    """Each index that is being created or deleted, with how far it is."""
    progress = e.index_progress_pct.or_none() or {}
    facts = []
    for index in e.table.get().building_indexes:
        phase = ", backfilling" if index.backfilling else ""
        done = f", {progress[index.name]:.0f} %" if index.name in progress else ""
        label = Text(f"index {index.name}", f"インデックス {index.name}")
        facts.append(e.table.fact(label, f"{index.status}{phase}{done}"))
    return tuple(facts)


def users(e: Evidence) -> tuple[Fact, ...]:
    """Who would lose the table: who declares it, and what it serves."""
    facts: list[Fact] = []
    if declared := e.declared_users.or_none():
        facts.append(Fact(Text("declared users", "設定上の利用者"), _some(declared), "cdk.json", e.table.read_at))
    for load in e.use.or_none() or ():
        if load.datapoints and not load.index:
            way = {"read": Text("read", "読み取り"), "write": Text("written", "書き込み")}[load.direction]
            label = way + Text(" units a second, peak / median of the hour", "（毎秒）1 時間の最大 / 中央値")
            facts.append(e.use.fact(label, f"{load.peak_per_s:.1f} / {load.median_per_s:.1f}"))
    return tuple(facts)


def calls(e: Evidence) -> tuple[Fact, ...]:
    """Who called something on it, and who changed what; reads and writes of items are not in CloudTrail's history."""
    history, table = e.history.or_none(), e.table.or_none()
    if history is None or table is None:
        return ()
    facts, names = [], (table.name,)
    if found := [f"{who} ({kind})" for who, kind in callers(history, names)]:
        label = Text(
            "callers, by CloudTrail (no item reads or writes)", "CloudTrail 上の呼び出し元（項目の読み書きは対象外）"
        )
        facts.append(e.history.fact(label, _some(found)))
    if changed := [in_words(c) for c in changes(history, names)]:
        label = Text("changes, ", "変更（") + reach(history) + Text("", "）")
        facts.append(e.history.fact(label, _some(changed)))
    return tuple(facts)


def situation(e: Evidence) -> tuple[Fact, ...]:
    """Since when, who wanted it, how the table stands, what would be lost, and who uses it."""
    facts: list[Fact] = []
    if found := e.refused.or_none():
        facts.append(Fact(Text("since", "発生時刻"), found.at, TRAIL, found.at))
        asked = f"{found.by} ({found.caller}), {found.times}x"
        facts.append(Fact(Text("DeleteTable was called by", "DeleteTable の呼び出し元"), asked, TRAIL, found.at))
    if table := e.table.or_none():
        facts.append(e.table.fact(Text("table", "テーブル"), f"{table.name}, {table.status}"))
        if not table.over:
            size = f"{table.items}, {table.bytes / 2**20:.1f} MiB"
            facts.append(e.table.fact(Text("items (counted every six hours)", "項目数（6 時間ごとの集計）"), size))
    if copies := e.copies.or_none():
        told_copies = f"{copies.recovery}, {copies.backups}"
        facts.append(e.copies.fact(Text("point-in-time recovery, backups", "PITR、バックアップ数"), told_copies))
    return (*facts, *users(e), *calls(e))


def current_values(_: Evidence) -> Mapping[str, Any]:
    """Nothing is ever written."""
    return {}


def _some(texts: Iterable[str]) -> str:
    listed = list(texts)
    more = f" (+{len(listed) - NAMED_AT_MOST})" if len(listed) > NAMED_AT_MOST else ""
    return ", ".join(listed[:NAMED_AT_MOST]) + more


def advise_if_over(e: Evidence) -> Advise | None:
    """The advice that nothing holds the table any more, None while something does or is not known."""
    table = e.table.or_none()
    return Advise(OVER) if table and table.over else None


def table_name(e: Evidence) -> str:
    """The name of the table, a placeholder where it could not be read."""
    table = e.table.or_none()
    return table.name if table else "<table>"
