"""Row `dynamodb_table_undeletable.index_creating`.

A global secondary index is being created or deleted, or DynamoDB speaks of one.
"""

from ...core.plan import Advise, Decision, Watch
from ...core.runbook import Cause, Finding, Setting, writes
from ...core.text import Text
from ...core.timestamps import RECOVERED_WITHIN_S
from .evidence import Evidence
from .facts import DESCRIBE, POSSIBLE, SHOW, advise_if_over, finding, index_facts, table_name


def holds(e: Evidence, _: Setting) -> Finding:
    """A global secondary index is being created or deleted, or DynamoDB speaks of one."""
    otherwise = Text("no index is being created or deleted", "作成中・削除中のインデックスはありません")
    return finding(e, "index_creating", lambda: index_facts(e), otherwise)


@writes(does=Text("watches the index until it is ACTIVE", "インデックスが ACTIVE になるまで監視"))
def watch_the_index(e: Evidence, _: Setting) -> Decision:
    """Nothing to do but wait; where it is ACTIVE already, the deletion can be repeated."""
    if (over := advise_if_over(e)) is not None:
        return over
    if not e.table.get().changing_indexes:
        return Advise(POSSIBLE, (DESCRIBE.format(name=table_name(e)),))
    why = Text(
        "the index is being built; once it is ACTIVE the table can be deleted",
        "インデックスの処理中です。ACTIVE になればテーブルを削除できます",
    )
    return Watch(why, RECOVERED_WITHIN_S)


CAUSE = Cause(
    id="index_creating",
    title=Text("index being created", "インデックスの作成中"),
    holds=holds,
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
        SHOW,
        (
            "aws cloudwatch get-metric-statistics --namespace AWS/DynamoDB --metric-name OnlineIndexPercentageProgress "
            "--dimensions Name=TableName,Value=<table> Name=GlobalSecondaryIndexName,Value=<index> --start-time <start> "
            "--end-time <end> --period 60 --statistics Maximum"
        ),
    ),
)
