"""Why DynamoDB refuses to delete (or to change) a table, as far as its error's own text tells.

Sources: DynamoDB API reference (DeleteTable, UpdateTable), re:Post, and texts that DynamoDB was seen to answer with.
"""

from typing import Literal

from .text import Text
from .wording import Words, decided_by, first, plain

DeletionRow = Literal["in_use", "backup_enabled", "index_creating", "deletion_protected"]
_USED = Text("the table is being changed or is still used", "テーブルは変更中または使用中です")
_HELD = Text("a backup, a restore or an export holds it", "バックアップ、リストアまたはエクスポートの処理中です")

RULES: tuple[Words[DeletionRow | None], ...] = (
    Words(said=("accessdenied", "access denied", "not authorized to perform"), row=None, why=Text("the caller lacks the permission; the table does not refuse", "呼び出し元に権限がありません。テーブル側の拒否ではありません")),
    Words(said=("needs to be in active status",), row="in_use", why=_USED),
    Words(said=("deletion protection", "deletionprotection", "protected against deletion"), row="deletion_protected", why=Text("deletion protection is on, or was just switched", "削除保護が有効、または変更された直後です")),
    Words(said=("index is being created", "indexes are being created", "index creation", "being indexed", "index is being updated", "index is being deleted", "backfilling"), row="index_creating", why=Text("a global secondary index is being built", "グローバルセカンダリインデックスの作成中です")),
    Words(said=("index",), beside=("being created", "creating"), row="index_creating", why=Text("a global secondary index is being built", "グローバルセカンダリインデックスの作成中です")),
    Words(said=("backupinuse", "continuousbackups", "being backed up", "backups are being enabled", "backup control plane", "point-in-time", "point in time", "being exported", "export is in progress", "import is in progress", "being imported"), row="backup_enabled", why=_HELD),
    Words(said=("replica",), row="in_use", why=Text("replicas of a global table hold it", "グローバルテーブルのレプリカが存在します")),
    Words(said=("still in use", "attempting to change is in use", "is being used", "being created", "being updated", "being deleted", "being restored", "being enabled", "process of being", "pending resource-based policy", "tags are being", "resourceinuse"), row="in_use", why=_USED),
)  # fmt: skip
OTHERS: dict[DeletionRow, tuple[DeletionRow, ...]] = {
    "in_use": ("index_creating", "backup_enabled"),
    "backup_enabled": ("in_use",),
    "index_creating": (),
    "deletion_protected": (),
}


def deletion_refused(text: str) -> tuple[DeletionRow | None, str, Text] | None:
    """Row (None: it is no refusal by the table), the deciding word, why. None: words that nobody documents.

    Args:
        text: exception and message together, as the SDK, CloudTrail or a log gives them.
    """
    found = first(RULES, plain(text))
    return (found[0].row, decided_by(text, found[1]), found[0].why) if found else None


def generic(text: str) -> bool:
    """Whether the text names no detail at all, so that every way of being in use remains possible."""
    return "attempting to change is in use" in plain(text)
