"""Readers about a table that could not be deleted: what holds it, what would be lost with it, and who uses it."""

from collections.abc import Mapping
from typing import Any

from ...core.errors import NotFound
from ...core.ports import Aws, Permission, Scope, reads
from ...core.timestamps import after, iso, moment
from ...events.cloudtrail import KIND
from ...redaction.redact import outside
from ...resources.cloudwatch import query
from ...resources.dynamodb.kind import DYNAMODB_TABLE, table_name
from ...resources.dynamodb.model import Load
from ...resources.dynamodb.readers import load
from .model import GONE, Candidate, Copies, Index, Refused, Replica, Transfers

TABLE = "arn:{partition}:dynamodb:{region}:{account}:table/*"
LISTED = 100  # backups, exports and imports that are looked through: the newest
PROGRESS_S = 900  # the metric is written while an index is backfilled


@reads()
def refused(aws: Aws, scope: Scope) -> Refused:
    """What the newest event tells of the refusal.

    Raises:
        NotFound: the incident began with something else.
    """
    del aws
    found = sorted((s for s in scope.incident.signals if s.kind == KIND), key=lambda s: s.at)
    if not found:
        raise NotFound("no refused DeleteTable among the signals")
    facts = found[-1].facts
    return Refused(
        error_code=str(facts.get("error_code", "")),
        said=str(facts.get("said", "")),
        at=found[-1].at,
        by=str(facts.get("by", "")),
        caller=str(facts.get("caller", "unknown")),
        times=max(len(found), scope.incident.signal_count),
    )


@reads()
def declared_users(aws: Aws, scope: Scope) -> tuple[str, ...]:
    """The workloads that declare the table as theirs, each with its service where it has one."""
    del aws
    name = _name(scope)
    using = (w for w in scope.settings.workloads if name in w.tables)
    return tuple(f"{w.name} ({w.cluster}/{w.service})" if w.service else w.name for w in using)


@reads(Permission("dynamodb:DescribeTable", TABLE))
def table(aws: Aws, scope: Scope) -> Candidate:
    """The table now; GONE where there is none any more, which is no gap but the end of the matter."""
    name = _name(scope)
    try:
        found = aws.call("dynamodb:DescribeTable", TableName=name)["Table"]
    except NotFound:
        return Candidate(name=name, status=GONE)
    return Candidate(
        name=found["TableName"],
        status=found["TableStatus"],
        protected=found.get("DeletionProtectionEnabled", False),
        indexes=tuple(
            Index(name=i["IndexName"], status=i["IndexStatus"], backfilling=i.get("Backfilling", False))
            for i in found.get("GlobalSecondaryIndexes", ())
        ),
        replicas=tuple(
            Replica(region=r["RegionName"], status=r.get("ReplicaStatus", "ACTIVE")) for r in found.get("Replicas", ())
        ),
        restoring=found.get("RestoreSummary", {}).get("RestoreInProgress", False),
        items=found.get("ItemCount", 0),
        bytes=found.get("TableSizeBytes", 0),
    )


@reads(
    Permission("dynamodb:DescribeContinuousBackups", TABLE),
    Permission("dynamodb:ListBackups"),  # takes no resource
)
def copies(aws: Aws, scope: Scope) -> Copies:
    """Point-in-time recovery and the newest backups."""
    name = _name(scope)
    found = aws.call("dynamodb:DescribeContinuousBackups", TableName=name)["ContinuousBackupsDescription"]
    recovery = found.get("PointInTimeRecoveryDescription", {}).get("PointInTimeRecoveryStatus", "DISABLED")
    listed = aws.pages("dynamodb:ListBackups", "BackupSummaries", LISTED, TableName=name, BackupType="ALL")
    making = (b for b in listed if b.get("BackupStatus") == "CREATING")
    return Copies(
        recovery=recovery,
        backups=len(listed),
        under_way=tuple(outside(b.get("BackupName", "?"), 255) for b in making),
    )


@reads(Permission("dynamodb:ListExports"), Permission("dynamodb:ListImports"))
def transfers(aws: Aws, scope: Scope) -> Transfers:
    """Exports to S3 and imports from it that are under way."""
    arn = scope.incident.resource.arn
    exports = aws.call("dynamodb:ListExports", TableArn=arn).get("ExportSummaries", ())
    imports = aws.call("dynamodb:ListImports", TableArn=arn).get("ImportSummaryList", ())
    return Transfers(
        exports=tuple(_last(e["ExportArn"]) for e in exports if e.get("ExportStatus") == "IN_PROGRESS"),
        imports=tuple(_last(i["ImportArn"]) for i in imports if i.get("ImportStatus") == "IN_PROGRESS"),
    )


@reads(Permission("cloudwatch:GetMetricData"))
def use(aws: Aws, scope: Scope) -> tuple[Load, ...]:
    """What the table served in the last hour; none where CloudWatch has no datapoint, as it writes no zeros."""
    try:
        return load(aws, scope)
    except NotFound:
        return ()


@reads(Permission("cloudwatch:GetMetricData"))
def index_progress_pct(aws: Aws, scope: Scope, table: Candidate) -> Mapping[str, float]:
    """How far each index is filled, by name, as CloudWatch last told; an index that it tells nothing of is left out."""
    filling = [i.name for i in table.building_indexes]
    if not filling:
        return {}
    answer = aws.call(
        "cloudwatch:GetMetricData",
        MetricDataQueries=[_progress(f"index_{n}", table.name, name) for n, name in enumerate(filling)],
        StartTime=moment(after(scope.now, -PROGRESS_S)),
        EndTime=moment(scope.now),
    )
    return {
        filling[int(r["Id"].removeprefix("index_"))]: float(_newest(r))
        for r in answer["MetricDataResults"]
        if r["Values"]
    }


def _progress(id: str, table: str, index: str) -> Mapping[str, Any]:
    named = {"TableName": table, "GlobalSecondaryIndexName": index}
    return query(id, "AWS/DynamoDB", "OnlineIndexPercentageProgress", named, "Maximum")


def _newest(result: Mapping[str, Any]) -> float:
    read = zip(result["Timestamps"], result["Values"], strict=True)
    return float(max(read, key=lambda pair: iso(pair[0]))[1])


def _last(arn: str) -> str:
    return arn.rpartition("/")[2]


def _name(scope: Scope) -> str:
    resource = scope.incident.resource
    if not DYNAMODB_TABLE.is_kind_of(resource):
        raise NotFound(f"{resource.name} is no table")
    return table_name(resource)
