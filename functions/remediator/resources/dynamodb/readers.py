"""Readers of DynamoDB: the table, what it served and refused by the minute, who owns its capacity, and its quotas."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from ...core.errors import NotFound, Rejected
from ...core.ports import Aws, Permission, Scope, reads
from ...core.timestamps import after, iso, moment
from ..cloudformation import READS_STACK, Stack, owner_of
from ..cloudwatch import query
from .kind import DYNAMODB_TABLE, table_name
from .model import MINUTE_S, Bounds, Flow, Insights, Load, Minute, Quotas, Table, Throughput, load_of
from .throttle_metrics import DIRECTIONS, METRIC_OF, Direction, throttle_metric

TABLE = "arn:{partition}:dynamodb:{region}:{account}:table/*"
HOUR_S = 3600
TAGS_READ = 50  # AWS allows a resource 50 tags
RESOURCES_ASKED = 50  # DescribeScalableTargets takes at most 50 ids
TARGETS_READ = 500
CONSUMED: Final = "consumed"
REFUSED: Final = "refused"
TABLE_TYPES = ("AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable")


@reads(Permission("dynamodb:DescribeTable", TABLE))
def table(aws: Aws, scope: Scope) -> Table:
    """The table of the incident with its indexes.

    Raises:
        NotFound: it is gone.
    """
    found = aws.call("dynamodb:DescribeTable", TableName=_name(scope))["Table"]
    billing = found.get("BillingModeSummary", {})  # absent where the table was never on demand
    return Table(
        name=found["TableName"],
        status=found["TableStatus"],
        own=_throughput(found, found["TableArn"], "", found["TableStatus"]),
        indexes=tuple(
            _throughput(i, f"{found['TableArn']}/index/{i['IndexName']}", i["IndexName"], i["IndexStatus"])
            for i in found.get("GlobalSecondaryIndexes", ())
        ),
        billing=billing.get("BillingMode", "PROVISIONED"),
        on_demand_since=_time(billing.get("LastUpdateToPayPerRequestDateTime")),
        table_class=found.get("TableClassSummary", {}).get("TableClass", "STANDARD"),
        replicas=tuple(r["RegionName"] for r in found.get("Replicas", ()) if r["RegionName"] != _region(scope)),
    )


def _throughput(response: Mapping[str, Any], arn: str, index: str, status: str) -> Throughput:
    provisioned, most = response["ProvisionedThroughput"], response.get("OnDemandThroughput", {})
    return Throughput(
        arn=arn,
        index=index,
        status=status,
        read=provisioned["ReadCapacityUnits"],
        write=provisioned["WriteCapacityUnits"],
        max_read=_maximum(most.get("MaxReadRequestUnits")),
        max_write=_maximum(most.get("MaxWriteRequestUnits")),
        increased_at=_time(provisioned.get("LastIncreaseDateTime")),
        decreases_today=provisioned.get("NumberOfDecreasesToday", 0),
    )


@reads(Permission("dynamodb:ListTagsOfResource", TABLE))
def tags(aws: Aws, scope: Scope) -> Mapping[str, str]:
    """The table's tags; its indexes have none of their own."""
    listed = aws.pages("dynamodb:ListTagsOfResource", "Tags", TAGS_READ, ResourceArn=scope.incident.resource.arn)
    return {t["Key"]: t["Value"] for t in listed}


@reads(Permission("cloudwatch:GetMetricData"))
def throttles(aws: Aws, scope: Scope) -> tuple[Flow, ...]:
    """What the table and the signalled indexes refused within the window, by cause, beside what they served.

    Raises:
        NotFound: CloudWatch has no datapoint at all; as throttle metrics are absent where zero, that tells nothing.
    """
    return _with_data(_flows(aws, ("", *signalled(scope)), after(scope.now, -scope.window_s), scope, by_cause=True))


@reads(Permission("cloudwatch:GetMetricData"))
def other_throttles(aws: Aws, scope: Scope, table: Table) -> tuple[Flow, ...]:
    """The same of the indexes that no signal named; an index that nobody uses has no datapoints, which is no gap."""
    return _flows(aws, _others(scope, table), after(scope.now, -scope.window_s), scope, by_cause=True)


@reads(Permission("cloudwatch:GetMetricData"))
def load(aws: Aws, scope: Scope) -> tuple[Load, ...]:
    """What the table and the signalled indexes were asked for in the last hour; summed up, as an hour of minutes is long.

    Raises:
        NotFound: CloudWatch has no datapoint at all.
    """
    hour = _flows(aws, ("", *signalled(scope)), after(scope.now, -HOUR_S), scope, by_cause=False)
    return tuple(load_of(f) for f in _with_data(hour))


@reads(Permission("cloudwatch:GetMetricData"))
def other_load(aws: Aws, scope: Scope, table: Table) -> tuple[Load, ...]:
    """The same of the indexes that no signal named."""
    hour = _flows(aws, _others(scope, table), after(scope.now, -HOUR_S), scope, by_cause=False)
    return tuple(load_of(f) for f in hour)


@reads(Permission("application-autoscaling:DescribeScalableTargets"))
def scaling(aws: Aws, scope: Scope, table: Table) -> tuple[Bounds, ...]:
    """What Application Auto Scaling owns of the table and its indexes; empty where it owns nothing."""
    del scope
    ids = (f"table/{table.name}", *(f"table/{table.name}/index/{i.index}" for i in table.indexes))
    found: list[Mapping[str, Any]] = []
    for start in range(0, len(ids), RESOURCES_ASKED):
        found += aws.pages(
            "application-autoscaling:DescribeScalableTargets",
            "ScalableTargets",
            TARGETS_READ,
            ServiceNamespace="dynamodb",
            ResourceIds=list(ids[start : start + RESOURCES_ASKED]),
        )
    return tuple(_bounds(t) for t in found)


def _bounds(response: Mapping[str, Any]) -> Bounds:
    direction: Direction = "read" if response["ScalableDimension"].endswith(":ReadCapacityUnits") else "write"
    return Bounds(
        id=response["ResourceId"],
        index=response["ResourceId"].partition("/index/")[2],
        direction=direction,
        minimum=response["MinCapacity"],
        maximum=response["MaxCapacity"],
        arn=response.get("ScalableTargetARN", ""),
        held=response.get("SuspendedState", {}).get("DynamicScalingOutSuspended", False),
    )


@reads(Permission("dynamodb:DescribeLimits"))
def quotas(aws: Aws, scope: Scope) -> Quotas:
    """What the account may provision in this region."""
    del scope
    response = aws.call("dynamodb:DescribeLimits")
    return Quotas(
        account_read=response["AccountMaxReadCapacityUnits"],
        account_write=response["AccountMaxWriteCapacityUnits"],
        table_read=response["TableMaxReadCapacityUnits"],
        table_write=response["TableMaxWriteCapacityUnits"],
    )


@reads(
    Permission("dynamodb:DescribeContributorInsights", TABLE)  # an index stands under its table's ARN
)
def insights(aws: Aws, scope: Scope) -> tuple[Insights, ...]:
    """Whether Contributor Insights is on for the table and the signalled indexes; no key is read."""
    name = _name(scope)
    own = aws.call("dynamodb:DescribeContributorInsights", TableName=name)
    of_indexes = [
        aws.call("dynamodb:DescribeContributorInsights", TableName=name, IndexName=index) for index in signalled(scope)
    ]
    return tuple(
        Insights(
            index=found.get("IndexName", ""),
            status=found["ContributorInsightsStatus"],
            mode=found.get("ContributorInsightsMode", ""),
            rules=tuple(found.get("ContributorInsightsRuleList", ())),
        )
        for found in (own, *of_indexes)
    )


@reads(READS_STACK)
def stack(aws: Aws, scope: Scope) -> Stack:
    """The stack whose next deployment would overwrite a change; CloudFormation knows a table by its name."""
    return owner_of(aws, _name(scope), TABLE_TYPES)


def signalled(scope: Scope) -> tuple[str, ...]:
    """The indexes that the incident's signals name, each once."""
    found = (s.facts.get("index") for s in scope.incident.signals)
    return tuple(dict.fromkeys(str(index) for index in found if index))


def _others(scope: Scope, table: Table) -> tuple[str, ...]:
    known = signalled(scope)
    return tuple(i.index for i in table.indexes if i.index not in known)


def _name(scope: Scope) -> str:
    resource = scope.incident.resource
    if not DYNAMODB_TABLE.is_kind_of(resource):
        raise NotFound(f"{resource.name} is no table")
    return table_name(resource)


def _region(scope: Scope) -> str:
    return scope.incident.resource.region


def _maximum(count: int | None) -> int | None:
    return count if count and count > 0 else None  # AWS says -1 where there is none


def _time(value: Any) -> str:
    return iso(value) if hasattr(value, "tzinfo") else str(value or "")


# -- metrics -----------------------------------------------------------------------------------------------------------


def _flows(aws: Aws, indexes: Sequence[str], start: str, scope: Scope, *, by_cause: bool) -> tuple[Flow, ...]:
    parts = tuple((index, direction) for index in indexes for direction in DIRECTIONS)
    if not parts:
        return ()
    answer = aws.call(
        "cloudwatch:GetMetricData",
        MetricDataQueries=[
            _query(f"{what}_{n}", metric, index, _name(scope))
            for n, (index, direction) in enumerate(parts)
            for what, metric in _metrics(direction, by_cause=by_cause)
        ],
        StartTime=moment(start).replace(second=0, microsecond=0),  # datapoints are whole minutes
        EndTime=moment(scope.now),
    )
    series = {r["Id"]: _minutes(r) for r in answer["MetricDataResults"]}
    return tuple(
        Flow(
            index=index,
            direction=direction,
            consumed=series[f"{CONSUMED}_{n}"],
            refused=series[f"{REFUSED}_{n}"],
            by_cause={cause: series[f"{cause}_{n}"] for cause in METRIC_OF} if by_cause else {},
        )
        for n, (index, direction) in enumerate(parts)
    )


def _metrics(direction: Direction, *, by_cause: bool) -> Iterator[tuple[str, str]]:
    yield CONSUMED, f"Consumed{direction.capitalize()}CapacityUnits"
    yield REFUSED, throttle_metric(direction)
    if by_cause:
        yield from ((cause, throttle_metric(direction, cause)) for cause in METRIC_OF)


def _query(id: str, metric: str, index: str, table: str) -> Mapping[str, Any]:
    of_index = {"GlobalSecondaryIndexName": index} if index else {}
    return query(id, "AWS/DynamoDB", metric, {"TableName": table, **of_index}, "Sum", MINUTE_S)


def _minutes(result: Mapping[str, Any]) -> tuple[Minute, ...]:
    """Oldest first.

    Raises:
        Rejected: CloudWatch gave only a part; what is missing would pass for zero.
    """
    if (status := result.get("StatusCode", "Complete")) != "Complete":
        raise Rejected("cloudwatch:GetMetricData", status, f"{result.get('Label') or result['Id']} is not whole")
    read = zip(result["Timestamps"], result["Values"], strict=True)
    return tuple(sorted((Minute(iso(at), value) for at, value in read), key=lambda m: m.at))


def _with_data(flows: tuple[Flow, ...]) -> tuple[Flow, ...]:
    if not any(f.consumed or f.refused or any(f.by_cause.values()) for f in flows):
        raise NotFound("CloudWatch has no datapoint of this table in the window")
    return flows
