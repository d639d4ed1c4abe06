"""DynamoDB's operations on backups, exports and imports of the portfolio's table."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from .. import names
from ..wire import AwsError, Fake, Parameters
from .table_life import Span, TableLife

ARN = f"arn:aws:dynamodb:{names.REGION}:{names.ACCOUNT}:table/{names.TABLE}"
Answer = dict[str, Any]


class CopiesApi:
    """Operations by name, each a function from parameters to an answer."""

    def __init__(self, life: TableLife) -> None:
        self._life = life

    def fakes(self) -> Mapping[str, Fake]:
        """What moto knows of its own tables only, or makes at once."""
        return {
            "DescribeContinuousBackups": self.describe_continuous_backups,
            "ListBackups": self.list_backups,
            "ListExports": self.list_exports,
            "ListImports": self.list_imports,
        }

    def describe_continuous_backups(self, asked: Parameters) -> Answer:
        """Whether point-in-time recovery is on."""
        if self._life.gone or asked["TableName"] not in (names.TABLE, ARN):
            raise AwsError("TableNotFoundException", f"Table not found: {asked['TableName']}")
        on = "ENABLED" if self._life.recovery else "DISABLED"
        answer: Answer = {
            "ContinuousBackupsStatus": "ENABLED",
            "PointInTimeRecoveryDescription": {"PointInTimeRecoveryStatus": on},
        }
        return {"ContinuousBackupsDescription": answer}

    def list_backups(self, asked: Parameters) -> Answer:
        """Backups of the table, whatever became of it."""
        if asked.get("TableName", names.TABLE) not in (names.TABLE, ARN):
            return {"BackupSummaries": []}
        return {"BackupSummaries": [self._backup(name, span) for name, span in self._life.backups.items()]}

    def list_exports(self, asked: Parameters) -> Answer:
        """Exports of the table."""
        if asked.get("TableArn", ARN) != ARN:
            return {"ExportSummaries": []}
        now = self._life.now()
        return {
            "ExportSummaries": [
                {"ExportArn": arn, "ExportStatus": "IN_PROGRESS" if span.at(now) else "COMPLETED"}
                for arn, span in self._life.exports.items()
            ]
        }

    def list_imports(self, _: Parameters) -> Answer:
        """None: the table was made empty."""
        return {"ImportSummaryList": []}

    def _backup(self, name: str, span: Span) -> Answer:
        now: datetime = self._life.now()
        number = int((span.since - datetime(1970, 1, 1, tzinfo=span.since.tzinfo)) / timedelta(milliseconds=1))
        return {
            "TableName": names.TABLE,
            "TableArn": ARN,
            "BackupArn": f"{ARN}/backup/0{number}-{names.hexadecimal('backup', name, length=8)}",
            "BackupName": name,
            "BackupCreationDateTime": span.since,
            "BackupStatus": "CREATING" if span.at(now) else "AVAILABLE",
            "BackupType": "USER",
        }
