"""Words of advice and commands for the rows of `dynamodb_table_undeletable`. No command here deletes anything."""

from .text import Text

DESCRIBE = (
    "aws dynamodb describe-table --table-name {name} --query 'Table.[TableStatus,DeletionProtectionEnabled,"
    "RestoreSummary.RestoreInProgress,GlobalSecondaryIndexes[].[IndexName,IndexStatus,Backfilling],"
    "Replicas[].[RegionName,ReplicaStatus]]'"
)
WAIT = "aws dynamodb wait table-exists --table-name {name}"  # AWS CLI: it waits until the table is ACTIVE
LOOKUP = (
    "aws cloudtrail lookup-events --lookup-attributes AttributeKey=ResourceName,AttributeValue={name} --max-results 50"
)
UNPROTECT = "aws dynamodb update-table --table-name {name} --no-deletion-protection-enabled"

OVER = Text(
    "the table is gone or on its way: nothing is left to do",
    "テーブルは削除済み、または削除中です。対応は不要です",
)
POSSIBLE = Text(
    "nothing that can be read holds the table any more: repeat the deletion",
    "削除を妨げる要因は確認できません。削除を再実行してください",
)


_SHOW = DESCRIBE.format(name="<table>")
