"""A DynamoDB table could not be deleted.

Guide: DynamoDB, a table that cannot be deleted: in use, backup enabled, index being created; and deletion protection.
May change: nothing. Never: the table, its protection, indexes, backups, replicas; whoever wants it gone deletes it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from ..aws.evidence import deletion, dynamodb
from ..aws.evidence import history as trail
from ..core.clocks import RECOVERED_WITHIN_S
from ..core.deletion import Candidate, Copies, Refused, Transfers
from ..core.deletion_advice import (
    _SHOW,
    DESCRIBE,
    LOOKUP,
    OVER,
    POSSIBLE,
    UNPROTECT,
    WAIT,
)
from ..core.deletion_view import (
    VAGUE,
    about,
    copies_under_way,
    finding,
    image,
    index_facts,
    judge,
    mode,
    named,
    protection_facts,
    said,
    stack,
    status_facts,
    unexplained,
    users,
    words,
)
from ..core.dynamodb import Load
from ..core.evidence import Reading, reading
from ..core.history import History
from ..core.model import Advise, Decision, Watch
from ..core.runbook import Cause, Finding, Holds, RuledOut, Runbook, Setting, writes
from ..core.service_view import Stack
from ..core.text import Text
from ..core.triggers import table_delete_refused

ID = "dynamodb_table_undeletable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What is read before the diagnosis."""

    refused: Reading[Refused] = reading(deletion.refused)
    table: Reading[Candidate] = reading(deletion.table)
    tags: Reading[Mapping[str, str]] = reading(dynamodb.tags)
    declared_users: Reading[tuple[str, ...]] = reading(deletion.declared_users)
    use: Reading[tuple[Load, ...]] = reading(deletion.use)
    copies: Reading[Copies] = reading(deletion.copies)
    transfers: Reading[Transfers] = reading(deletion.transfers)
    history: Reading[History] = reading(trail.history)
    stack: Reading[Stack] = reading(dynamodb.stack)
    index_progress_pct: Reading[Mapping[str, float]] = reading(deletion.index_progress_pct, after=("table",))


@dataclass(frozen=True, slots=True, kw_only=True)
class After:
    """What is read to see whether the table can be deleted by now, or is gone."""

    table: Reading[Candidate] = reading(deletion.table)


# -- causes: the guide's rows ------------------------------------------------------------------------------------------


def in_use(e: Evidence, _: Setting) -> Finding:
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


def backup_enabled(e: Evidence, _: Setting) -> Finding:
    """A restore or a replica; where DynamoDB names nothing, also a backup or transfer that is being made."""
    if named(e) not in (None, "backup_enabled"):
        return RuledOut(
            Text(
                "DynamoDB named another reason, and backups do not stand against a deletion",
                "DynamoDB は別の理由を示しています（バックアップは削除を妨げません）",
            )
        )
    otherwise = Text(
        "no restore, replica change or backup is under way; finished backups and point-in-time recovery hold no table",
        "復元・レプリカ変更・バックアップは進行していません（完了済みのバックアップや PITR は削除を妨げません）",
    )
    return finding(e, "backup_enabled", lambda: copies_under_way(e), otherwise)


def index_creating(e: Evidence, _: Setting) -> Finding:
    """A global secondary index is being created or deleted, or DynamoDB speaks of one."""
    otherwise = Text("no index is being created or deleted", "作成中・削除中のインデックスはありません")
    return finding(e, "index_creating", lambda: index_facts(e), otherwise)


def deletion_protected(e: Evidence, _: Setting) -> Finding:
    """Deletion protection is on: it does what somebody wanted it to do."""
    otherwise = Text("deletion protection is off", "削除保護は無効です")
    return finding(e, "deletion_protected", lambda: protection_facts(e), otherwise)


# -- what a person is told ---------------------------------------------------------------------------------------------


@writes(does=Text("tells who uses the table and what it waits for", "利用者と待機理由を通知"))
def tell_who_uses_it(e: Evidence, _: Setting) -> Decision:
    """What holds it, and how to see who uses it."""
    if (over := _over(e)) is not None:
        return over
    means, name = said(e), _name(e)
    why = means.means if means else Text("the table is being changed", "テーブルは変更中です")
    then = Text(
        ": let that end, make sure that nobody needs the table, then repeat the deletion",
        "。完了を待ち、利用者がいないことを確認してから削除を再実行してください",
    )
    return Advise(why + then, (DESCRIBE.format(name=name), WAIT.format(name=name), LOOKUP.format(name=name)))


@writes(does=Text("tells what really holds the table", "実際に削除を妨げている要因を通知"))
def tell_what_holds_it(e: Evidence, _: Setting) -> Decision:
    """The commands that show replicas, restores, backups and transfers."""
    if (over := _over(e)) is not None:
        return over
    means, name = said(e), _name(e)
    why = (
        means.means if means and means.certain else Text("what is under way has to end", "進行中の処理の完了が必要です")
    )
    note = Text(
        "; backups that exist and point-in-time recovery need not be removed",
        "。既存のバックアップや PITR を削除・無効化する必要はありません",
    )
    listed = (
        DESCRIBE.format(name=name),
        f"aws dynamodb list-backups --table-name {name} --backup-type ALL",
        "aws dynamodb list-exports",
        "aws dynamodb list-imports",
    )
    return Advise(why + note, listed)


@writes(does=Text("watches the index until it is ACTIVE", "インデックスが ACTIVE になるまで監視"))
def watch_the_index(e: Evidence, _: Setting) -> Decision:
    """Nothing to do but wait; where it is ACTIVE already, the deletion can be repeated."""
    if (over := _over(e)) is not None:
        return over
    if not e.table.get().changing_indexes:
        return Advise(POSSIBLE, (DESCRIBE.format(name=_name(e)),))
    why = Text(
        "the index is being built; once it is ACTIVE the table can be deleted",
        "インデックスの処理中です。ACTIVE になればテーブルを削除できます",
    )
    return Watch(why, RECOVERED_WITHIN_S)


@writes(
    does=Text(
        "tells the command that turns protection off, and never runs it", "保護を解除するコマンドを通知（実行はしない）"
    )
)
def tell_how_to_unprotect(e: Evidence, _: Setting) -> Decision:
    """Somebody protected the table on purpose; whoever may decide that takes it off."""
    if (over := _over(e)) is not None:
        return over
    table = e.table.or_none()
    if table and not table.protected:
        return Advise(POSSIBLE, (DESCRIBE.format(name=table.name),))
    owner = e.stack.or_none()
    in_template = (
        Text(
            f"; in stack {owner.name} set DeletionProtectionEnabled to false",
            f"。スタック {owner.name} では DeletionProtectionEnabled を false に設定してください",
        )
        if owner and owner.name
        else Text("", "")
    )
    why = Text(
        "somebody protected this table: ask its owner before you turn the protection off",
        "このテーブルは意図的に保護されています。解除する前に所有者へ確認してください",
    )
    return Advise(why + in_template, (UNPROTECT.format(name=_name(e)),))


def _over(e: Evidence) -> Advise | None:
    table = e.table.or_none()
    return Advise(OVER) if table and table.over else None


def _name(e: Evidence) -> str:
    table = e.table.or_none()
    return table.name if table else "<table>"


IN_USE_ROW = Cause(
    id="in_use",
    title=Text("table in use", "テーブルが使用中"),
    holds=in_use,
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
    look=(_SHOW, LOOKUP.format(name="<table>")),
)

BACKUP_ENABLED_ROW = Cause(
    id="backup_enabled",
    title=Text("backup, restore or replica holds the table", "バックアップ・復元・レプリカによる保持"),
    holds=backup_enabled,
    fixes=(tell_what_holds_it,),
    advice=Text(
        "Let the restore or the change of replicas end; DynamoDB holds the source of a new replica for a day. Backups "
        "outlive the table, and with point-in-time recovery AWS keeps a last one for 35 days: neither has to go.",
        "復元やレプリカ変更の完了を待ってください。新しいレプリカのソースは 1 日間削除できません。"
        "バックアップはテーブル削除後も残り、PITR が有効なら最終バックアップが 35 日間保持されるため、事前の削除は不要です。",
    ),
    confirm=Text(
        "RestoreInProgress is true, or a replica is not ACTIVE, or the refusal speaks of a replica. A finished backup or "
        "point-in-time recovery alone confirms nothing.",
        "RestoreInProgress が true、レプリカが ACTIVE でない、または応答がレプリカに言及しています。"
        "完了済みのバックアップや PITR の有効化だけでは該当しません。",
    ),
    look=(
        _SHOW,
        "aws dynamodb list-backups --table-name <table> --backup-type ALL",
        "aws dynamodb describe-continuous-backups --table-name <table>",
        "aws dynamodb list-exports --table-arn <table ARN>",
    ),
)

INDEX_CREATING_ROW = Cause(
    id="index_creating",
    title=Text("index being created", "インデックスの作成中"),
    holds=index_creating,
    fixes=(watch_the_index,),
    advice=Text(
        "Wait until the index is ACTIVE, then repeat the deletion; its indexes go with the table.",
        "インデックスが ACTIVE になってから削除を再実行してください。インデックスはテーブルと共に削除されます。",
    ),
    confirm=Text(
        "An index has the status CREATING, UPDATING or DELETING, and the refusal speaks of an index.",
        "インデックスの状態が CREATING・UPDATING・DELETING のいずれかで、応答がインデックスに言及しています。",
    ),
    look=(
        _SHOW,
        (
            "aws cloudwatch get-metric-statistics --namespace AWS/DynamoDB --metric-name OnlineIndexPercentageProgress "
            "--dimensions Name=TableName,Value=<table> Name=GlobalSecondaryIndexName,Value=<index> --start-time <start> "
            "--end-time <end> --period 60 --statistics Maximum"
        ),
    ),
)

DELETION_PROTECTED_ROW = Cause(
    id="deletion_protected",
    title=Text("deletion protection is on", "削除保護が有効"),
    holds=deletion_protected,
    fixes=(tell_how_to_unprotect,),
    advice=Text(
        "Ask the owner why the table is protected. Only whoever may lose its data turns the protection off, in the "
        "template where one owns the table.",
        "保護の理由を所有者に確認してください。データの喪失に責任を持てる担当者だけが保護を解除し、"
        "テンプレートで管理している場合はテンプレート側を変更します。",
    ),
    confirm=Text(
        "DeletionProtectionEnabled is true, and the refusal is a ValidationException that names the protection.",
        "DeletionProtectionEnabled が true で、応答は保護に言及する ValidationException です。",
    ),
    look=(_SHOW,),
)

TRIGGERS = (table_delete_refused(),)
RUNBOOK = Runbook(
    id=ID,
    title=Text("DynamoDB table cannot be deleted", "DynamoDB テーブルを削除できない"),
    symptom=Text("DynamoDB refused to delete the table", "DynamoDB がテーブルの削除を拒否した"),
    guide="DynamoDB: table cannot be deleted",
    triggers=TRIGGERS,
    evidence=Evidence,
    causes=(IN_USE_ROW, BACKUP_ENABLED_ROW, INDEX_CREATING_ROW, DELETION_PROTECTED_ROW),
    outcome=After,
    judge=judge,
    mode=mode,
    image=image,
    about=about,
    stack=stack,
)
