"""Row `dynamodb_table_undeletable.deletion_protected`.

Deletion protection is on: it does what somebody wanted it to do.
"""

from ...core.plan import Advise, Decision
from ...core.runbook import Cause, Finding, Setting, writes
from ...core.text import Text
from .evidence import Evidence
from .facts import DESCRIBE, POSSIBLE, SHOW, advise_if_over, finding, protection_facts, table_name

UNPROTECT = "aws dynamodb update-table --table-name {name} --no-deletion-protection-enabled"


def holds(e: Evidence, _: Setting) -> Finding:
    """Deletion protection is on: it does what somebody wanted it to do."""
    otherwise = Text("deletion protection is off", "削除保護は無効です")
    return finding(e, "deletion_protected", lambda: protection_facts(e), otherwise)


@writes(
    does=Text(
        "tells the command that turns protection off, and never runs it", "保護を解除するコマンドを通知（実行はしない）"
    )
)
def tell_how_to_unprotect(e: Evidence, _: Setting) -> Decision:
    """Somebody protected the table on purpose; whoever may decide that takes it off."""
    if (over := advise_if_over(e)) is not None:
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
    return Advise(why + in_template, (UNPROTECT.format(name=table_name(e)),))


CAUSE = Cause(
    id="deletion_protected",
    title=Text("deletion protection is on", "削除保護が有効"),
    holds=holds,
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
    look=(SHOW,),
)
