"""Evidence of `dynamodb_table_undeletable` built by hand: the portfolio's table, to which each test does one thing."""

from dataclasses import replace
from typing import Any

from remediator.core.evidence import Reading
from remediator.problems.dynamodb_table_undeletable.evidence import Evidence
from remediator.problems.dynamodb_table_undeletable.evidence import Outcome as After
from remediator.problems.dynamodb_table_undeletable.model import Candidate, Copies, Index, Refused, Replica, Transfers
from remediator.resources.cloudformation import Stack
from remediator.resources.cloudtrail.history import ApiEvent, History
from remediator.resources.dynamodb.model import Load
from tests.problems.ecs_task_restarting.samples import known
from tests.samples import NOW

BEGIN = "Attempt to change a resource which is still in use: "
NO_DETAIL = "The resource which you are attempting to change is in use."
UPDATING = BEGIN + "Table: portfolio-users is in the process of being updated."
TAGS = BEGIN + "Table tags are being updated: portfolio-users"
CREATING = BEGIN + "Table is being created: portfolio-users"
INDEXES = BEGIN + "Cannot delete table while indexes are being created, updated, or deleted."
PROTECTED = (
    "Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first."
)
SOURCE_REGION = (
    "Replica cannot be deleted because it has acted as a source region for new replica(s) in the last 24 hours."
)
BUILT = Index(name="by-city", status="CREATING", backfilling=True)
AWAY = Replica(region="us-west-2")
LOAD = Load(direction="read", datapoints=60, peak_per_s=8.0, median_per_s=7.5)
CALL = ApiEvent(
    at="2026-11-23T02:30:00.000Z",
    name="UpdateTable",
    source="dynamodb",
    by="deploy/GitHubActions",
    kind="pipeline",
    parameters={"tableName": "portfolio-users"},
)


def refused(said: str = NO_DETAIL, code: str = "", **changes: Any) -> Refused:
    found = code or ("ValidationException" if said in (PROTECTED, SOURCE_REGION) else "ResourceInUseException")
    return replace(Refused(error_code=found, said=said, at=NOW, by="ops/alice", caller="person"), **changes)


def table(**changes: Any) -> Candidate:
    return replace(Candidate(name="portfolio-users", items=120_000, bytes=50 << 20), **changes)


def evidence(said: str = NO_DETAIL, **changes: Any) -> Evidence:
    """An ACTIVE table whose deletion DynamoDB refused with these words."""
    usual = Evidence(
        refused=known(refused(said)),
        table=known(table()),
        tags=known({"auto-remediation": "auto"}),
        declared_users=known(("portfolio (portfolio-cluster/portfolio-api-service)",)),
        use=known((LOAD,)),
        copies=known(Copies()),
        transfers=known(Transfers()),
        history=known(History(events=(CALL,), since="2026-11-23T02:00:00.000Z", until=NOW)),
        stack=known(Stack()),
        index_progress_pct=known({}),
    )
    read = {n: v if isinstance(v, Reading) else known(v) for n, v in changes.items()}
    return replace(usual, **read)


def outcome(**changes: Any) -> After:
    return After(table=known(table(**changes)))
