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
ADVICE = {
    "in_use": Text(
        "Let the change that is under way end, make sure that nothing reads or writes the table any more, then repeat "
        "the deletion. Reads and writes alone do not stop a deletion: whoever still makes them fails afterwards.",
        "進行中の変更の完了を待ち、読み書きするものがないことを確認してから削除を再実行してください。"
        "読み書きだけでは削除は拒否されず、利用中のアプリケーションは削除後にエラーとなります。",
    ),
    "backup_enabled": Text(
        "Let the restore or the change of replicas end; DynamoDB holds the source of a new replica for a day. Backups "
        "outlive the table, and with point-in-time recovery AWS keeps a last one for 35 days: neither has to go.",
        "復元やレプリカ変更の完了を待ってください。新しいレプリカのソースは 1 日間削除できません。"
        "バックアップはテーブル削除後も残り、PITR が有効なら最終バックアップが 35 日間保持されるため、事前の削除は不要です。",
    ),
    "index_creating": Text(
        "Wait until the index is ACTIVE, then repeat the deletion; its indexes go with the table.",
        "インデックスが ACTIVE になってから削除を再実行してください。インデックスはテーブルと共に削除されます。",
    ),
    "deletion_protected": Text(
        "Ask the owner why the table is protected. Only whoever may lose its data turns the protection off, in the "
        "template where one owns the table.",
        "保護の理由を所有者に確認してください。データの喪失に責任を持てる担当者だけが保護を解除し、"
        "テンプレートで管理している場合はテンプレート側を変更します。",
    ),
}
CONFIRM = {
    "in_use": Text(
        "The table's status is CREATING or UPDATING, or the refusal says what is being changed; every index and replica "
        "is ACTIVE and deletion protection is off.",
        "テーブルの状態が CREATING か UPDATING、または応答に変更中の項目が示されており、"
        "インデックスとレプリカはすべて ACTIVE で削除保護は無効です。",
    ),
    "backup_enabled": Text(
        "RestoreInProgress is true, or a replica is not ACTIVE, or the refusal speaks of a replica. A finished backup or "
        "point-in-time recovery alone confirms nothing.",
        "RestoreInProgress が true、レプリカが ACTIVE でない、または応答がレプリカに言及しています。"
        "完了済みのバックアップや PITR の有効化だけでは該当しません。",
    ),
    "index_creating": Text(
        "An index has the status CREATING, UPDATING or DELETING, and the refusal speaks of an index.",
        "インデックスの状態が CREATING・UPDATING・DELETING のいずれかで、応答がインデックスに言及しています。",
    ),
    "deletion_protected": Text(
        "DeletionProtectionEnabled is true, and the refusal is a ValidationException that names the protection.",
        "DeletionProtectionEnabled が true で、応答は保護に言及する ValidationException です。",
    ),
}
_SHOW = DESCRIBE.format(name="<table>")
LOOK = {
    "in_use": (_SHOW, LOOKUP.format(name="<table>")),
    "backup_enabled": (
        _SHOW,
        "aws dynamodb list-backups --table-name <table> --backup-type ALL",
        "aws dynamodb describe-continuous-backups --table-name <table>",
        "aws dynamodb list-exports --table-arn <table ARN>",
    ),
    "index_creating": (
        _SHOW,
        (
            "aws cloudwatch get-metric-statistics --namespace AWS/DynamoDB --metric-name OnlineIndexPercentageProgress "
            "--dimensions Name=TableName,Value=<table> Name=GlobalSecondaryIndexName,Value=<index> --start-time <start> "
            "--end-time <end> --period 60 --statistics Maximum"
        ),
    ),
    "deletion_protected": (_SHOW,),
}
