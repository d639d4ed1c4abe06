"""Readers about a table that cannot be deleted, on answers in AWS's own shape."""

from datetime import UTC, datetime

import pytest

from remediator.core.errors import Denied, NotFound
from remediator.core.model import Resource, Signal
from remediator.core.ports import Scope
from remediator.core.settings import Settings, Workload
from remediator.problems.dynamodb_table_undeletable import readers as deletion
from remediator.problems.dynamodb_table_undeletable.model import GONE, Index, Replica
from tests.fakes import FakeAws
from tests.problems.dynamodb_table_undeletable.samples import BUILT, PROTECTED, table
from tests.problems.dynamodb_throttling.samples import TABLE_ARN
from tests.samples import NOW, incident

AT = datetime(2026, 11, 23, 2, 50, tzinfo=UTC)
RESOURCE = Resource("table", TABLE_ARN)


def refusal(at=NOW, key="e-1", said=PROTECTED):
    facts = {"error_code": "ValidationException", "said": said, "by": "ops/alice", "caller": "person"}
    return Signal(kind="table_delete_refused", resource=RESOURCE, level="low", at=at, key=key, facts=facts)


def scope(*signals, workloads=(), **changes):
    of = incident(runbook="dynamodb_table_undeletable", resource=RESOURCE, signals=signals or (refusal(),), **changes)
    return Scope(incident=of, now=NOW, settings=Settings(workloads=workloads))


def described(**changes):
    return {"Table": {"TableName": "portfolio-users", "TableArn": TABLE_ARN, "TableStatus": "ACTIVE", **changes}}


def test_the_newest_refusal_counts_and_how_often_there_was_one():
    refused = deletion.refused(
        FakeAws({}), scope(refusal(said="old", at="2026-11-23T02:00:00.000Z", key="0"), refusal())
    )
    assert (refused.said, refused.by, refused.times) == (PROTECTED, "ops/alice", 2)
    assert deletion.refused(FakeAws({}), scope(signal_count=40)).times == 40


def test_an_incident_without_a_refusal_has_a_gap_there():
    other = Signal(kind="alarm", resource=RESOURCE, level="low", at=NOW, key="a")
    with pytest.raises(NotFound):
        deletion.refused(FakeAws({}), scope(other))


def test_whoever_declares_the_table_uses_it():
    workloads = (
        Workload(name="portfolio", cluster="c", service="api", tables=("portfolio-users",)),
        Workload(name="reports", tables=("portfolio-users", "x")),
        Workload(name="other", tables=("y",)),
    )
    assert deletion.declared_users(FakeAws({}), scope(workloads=workloads)) == ("portfolio (c/api)", "reports")


def test_a_table_is_read_with_all_that_may_hold_it():
    answer = described(
        TableStatus="UPDATING",
        DeletionProtectionEnabled=True,
        GlobalSecondaryIndexes=[
            {"IndexName": "by-city", "IndexStatus": "CREATING", "Backfilling": True},
            {"IndexName": "by-mail", "IndexStatus": "ACTIVE"},
        ],
        Replicas=[{"RegionName": "us-west-2", "ReplicaStatus": "CREATING"}],
        RestoreSummary={"RestoreDateTime": AT, "RestoreInProgress": True},
        ItemCount=3,
        TableSizeBytes=900,
    )
    read = deletion.table(FakeAws({"dynamodb:DescribeTable": answer}), scope())
    assert read.indexes == (BUILT, Index(name="by-mail"))
    assert read.replicas == (Replica(region="us-west-2", status="CREATING"),)
    assert (read.status, read.protected, read.restoring, read.items, read.bytes) == ("UPDATING", True, True, 3, 900)


def test_what_aws_leaves_out_is_not_there():
    assert not deletion.table(FakeAws({"dynamodb:DescribeTable": described()}), scope()).held


def test_a_table_that_is_gone_is_a_value_and_no_gap():
    read = deletion.table(FakeAws({"dynamodb:DescribeTable": NotFound("no table")}), scope())
    assert read.status == GONE
    assert read.over


def test_other_failures_are_gaps():
    with pytest.raises(Denied):
        deletion.table(FakeAws({"dynamodb:DescribeTable": Denied("dynamodb:DescribeTable", "no")}), scope())


def test_backups_are_counted_and_those_under_way_named():
    backups = [
        {"BackupName": "nightly", "BackupStatus": "CREATING", "BackupType": "USER"},
        {"BackupName": "old", "BackupStatus": "AVAILABLE", "BackupType": "AWS_BACKUP"},
    ]
    aws = FakeAws(
        {
            "dynamodb:DescribeContinuousBackups": {
                "ContinuousBackupsDescription": {
                    "ContinuousBackupsStatus": "ENABLED",
                    "PointInTimeRecoveryDescription": {"PointInTimeRecoveryStatus": "ENABLED"},
                }
            },
            "dynamodb:ListBackups": {"BackupSummaries": backups},
        }
    )
    read = deletion.copies(aws, scope())
    assert (read.recovery, read.backups, read.under_way) == ("ENABLED", 2, ("nightly",))


def test_only_exports_and_imports_under_way_are_kept():
    aws = FakeAws(
        {
            "dynamodb:ListExports": {
                "ExportSummaries": [
                    {"ExportArn": f"{TABLE_ARN}/export/01695353076000-a1b2c3d4", "ExportStatus": "IN_PROGRESS"},
                    {"ExportArn": f"{TABLE_ARN}/export/01695353076000-ffffffff", "ExportStatus": "COMPLETED"},
                ]
            },
            "dynamodb:ListImports": {"ImportSummaryList": []},
        }
    )
    read = deletion.transfers(aws, scope())
    assert (read.exports, read.imports) == (("01695353076000-a1b2c3d4",), ())


def metric(*values):
    def answer(MetricDataQueries, **_):  # noqa: N803  # AWS's name
        moments = [AT.replace(minute=n) for n in range(len(values))]
        return {
            "MetricDataResults": [
                {"Id": q["Id"], "Timestamps": moments, "Values": list(values)} for q in MetricDataQueries
            ]
        }

    return FakeAws({"cloudwatch:GetMetricData": answer})


def test_an_hour_without_a_datapoint_is_an_hour_without_use_and_no_gap():
    assert deletion.use(metric(), scope()) == ()
    assert len(deletion.use(metric(60.0), scope())) == 2


def test_the_newest_progress_of_each_index_that_is_built_is_read():
    aws = metric(10.0, 35.5)
    assert deletion.index_progress_pct(aws, scope(), table(indexes=(BUILT, Index(name="x")))) == {"by-city": 35.5}
    (asked,) = [p for _, p in aws.calls]
    named = asked["MetricDataQueries"][0]["MetricStat"]["Metric"]
    assert named["MetricName"] == "OnlineIndexPercentageProgress"


def test_without_an_index_that_is_built_nothing_is_asked():
    aws = metric()
    assert deletion.index_progress_pct(aws, scope(), table()) == {}
    assert aws.calls == []


def test_a_service_is_no_table():
    with pytest.raises(NotFound):
        deletion.table(FakeAws({}), Scope(incident=incident(), now=NOW, settings=Settings()))
