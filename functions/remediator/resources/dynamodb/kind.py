"""A DynamoDB table, with its indexes: an index is a part of its table."""

import re
import shlex
from collections.abc import Mapping

from ...core.model import Resource
from ...core.settings import Workload
from ...core.text import Text
from ..kind import ArnForm, KnownMetric, ResourceKind, Wanted, WriteCondition, tags_command

NAMESPACE = "AWS/DynamoDB"
_NAME = re.compile(r"[\w.-]{1,255}", re.ASCII)
# Source: AWS, "DynamoDB metrics and dimensions".
METRICS = (
    KnownMetric(Text("throttled reads", "読み取りスロットリング"), NAMESPACE, "ReadThrottleEvents", "Sum", "/min"),
    KnownMetric(Text("throttled writes", "書き込みスロットリング"), NAMESPACE, "WriteThrottleEvents", "Sum", "/min"),
    KnownMetric(
        Text("read units used", "消費した読み取りユニット"), NAMESPACE, "ConsumedReadCapacityUnits", "Sum", "/min"
    ),
    KnownMetric(
        Text("write units used", "消費した書き込みユニット"), NAMESPACE, "ConsumedWriteCapacityUnits", "Sum", "/min"
    ),
)


def table_name(resource: Resource) -> str:
    """The name of the table that `resource` is, or is an index of."""
    return DYNAMODB_TABLE.whole(resource).path.removeprefix("table/")


def _from_dimensions(dimensions: Mapping[str, str]) -> str:
    name = dimensions.get("TableName", "")
    return f"table/{name}" if _NAME.fullmatch(name) else ""


def table_dimensions(name: str) -> Mapping[str, str]:
    """The dimensions of a table's metrics."""
    return {"TableName": name}


def _declared(workload: Workload) -> tuple[str, ...]:
    return tuple(f"table/{name}" for name in workload.tables)


def _plotted(resource: Resource, _: Workload | None) -> tuple[Wanted, ...]:
    return tuple(metric.of(table_dimensions(table_name(resource))) for metric in METRICS)


def _opt_in_command(resource: Resource) -> tuple[str, ...]:
    return tags_command("aws dynamodb tag-resource", f"--resource-arn {shlex.quote(resource.arn)}")


def _scalable_target(resource: Resource) -> tuple[str, str]:
    return "dynamodb", resource.path  # with its index, if it is one: as autoscaling names them


DYNAMODB_TABLE = ResourceKind(
    name="table",
    title=Text("table", "テーブル"),
    arn=ArnForm(service="dynamodb", path=r"table/[A-Za-z0-9_.-]{3,255}"),
    part="/index/",
    namespaces=(NAMESPACE,),
    from_dimensions=_from_dimensions,
    declared=_declared,
    health_services=("DYNAMODB",),
    metrics=METRICS,
    plotted_metrics=_plotted,
    tag_call="dynamodb:ListTagsOfResource",
    opt_in_command=_opt_in_command,
    write_condition=WriteCondition(
        opt_in_tag=("dynamodb:UpdateTable",),
        exact_arn={"dynamodb:UpdateContributorInsights": "IAM may check it on an index, which carries no tags"},
    ),
    scalable_target=_scalable_target,
)
KINDS = (DYNAMODB_TABLE,)
