"""Row `dynamodb_table_undeletable.backup_enabled`.

A restore or a replica; where DynamoDB names nothing, also a backup or transfer that is being made.
"""

from ...core.plan import Advise, Decision
from ...core.runbook import Cause, Finding, RuledOut, Setting, writes
from ...core.text import Text
from .evidence import Evidence
from .facts import DESCRIBE, SHOW, advise_if_over, copies_under_way, finding, named, said, table_name


def holds(e: Evidence, _: Setting) -> Finding:
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


@writes(does=Text("tells what really holds the table", "実際に削除を妨げている要因を通知"))
def tell_what_holds_it(e: Evidence, _: Setting) -> Decision:
    """The commands that show replicas, restores, backups and transfers."""
    if (over := advise_if_over(e)) is not None:
        return over
    means, name = said(e), table_name(e)
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


CAUSE = Cause(
    id="backup_enabled",
    title=Text("backup, restore or replica holds the table", "バックアップ・復元・レプリカによる保持"),
    holds=holds,
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
        SHOW,
        "aws dynamodb list-backups --table-name <table> --backup-type ALL",
        "aws dynamodb describe-continuous-backups --table-name <table>",
        "aws dynamodb list-exports --table-arn <table ARN>",
    ),
)
