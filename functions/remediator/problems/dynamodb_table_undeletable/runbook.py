"""The table of `dynamodb_table_undeletable`: its rows in the guide's order, evidence, verification."""

from ...core.runbook import Runbook, tag_of
from ...core.text import Text
from . import backup_enabled, deletion_protected, in_use, index_creating
from .evidence import Evidence, Outcome
from .facts import current_values, situation
from .triggers import TRIGGERS
from .verification import judge

ID = "dynamodb_table_undeletable"


RUNBOOK = Runbook(
    id=ID,
    title=Text("DynamoDB table cannot be deleted", "DynamoDB テーブルを削除できない"),
    symptom=Text("DynamoDB refused to delete the table", "DynamoDB がテーブルの削除を拒否した"),
    guide="DynamoDB: table cannot be deleted",
    triggers=TRIGGERS,
    evidence=Evidence,
    causes=(in_use.CAUSE, backup_enabled.CAUSE, index_creating.CAUSE, deletion_protected.CAUSE),
    outcome=Outcome,
    judge=judge,
    opt_in_tag=tag_of("tags"),
    current_values=current_values,
    situation=situation,
)
