"""A CloudFront distribution."""

import re
import shlex
from collections.abc import Mapping

from ...core.model import OPT_IN_TAG, Resource
from ...core.ports import GLOBAL_REGION
from ...core.settings import Workload
from ...core.text import Text
from ..kind import ArnForm, KnownMetric, ResourceKind, Wanted, WriteCondition

NAMESPACE = "AWS/CloudFront"
_ID = re.compile(r"[\w.-]{1,255}", re.ASCII)
# Source: AWS, "CloudFront metrics"; all of them are kept in us-east-1.
METRICS = (
    KnownMetric(Text("5xx error rate", "5xx エラー率"), NAMESPACE, "5xxErrorRate", "Average", "%", GLOBAL_REGION),
    KnownMetric(Text("4xx error rate", "4xx エラー率"), NAMESPACE, "4xxErrorRate", "Average", "%", GLOBAL_REGION),
    KnownMetric(Text("requests", "リクエスト数"), NAMESPACE, "Requests", "Sum", "/min", GLOBAL_REGION),
)


def _from_dimensions(dimensions: Mapping[str, str]) -> str:
    id = dimensions.get("DistributionId", "")
    return f"distribution/{id}" if _ID.fullmatch(id) else ""


def distribution_dimensions(id: str) -> Mapping[str, str]:
    """The dimensions of a distribution's metrics."""
    return {"DistributionId": id, "Region": "Global"}


def _declared(workload: Workload) -> tuple[str, ...]:
    return (f"distribution/{workload.distribution}",) if workload.distribution else ()


def _plotted(resource: Resource, _: Workload | None) -> tuple[Wanted, ...]:
    return tuple(metric.of(distribution_dimensions(resource.name)) for metric in METRICS)


def _opt_in_command(resource: Resource) -> tuple[str, ...]:
    named = f"--resource {shlex.quote(resource.arn)}"
    return "aws cloudfront tag-resource", named, f"--tags 'Items=[{{Key={OPT_IN_TAG},Value=auto}}]'"


DISTRIBUTION = ResourceKind(
    name="distribution",
    title=Text("distribution", "ディストリビューション"),
    arn=ArnForm(service="cloudfront", path=r"distribution/[A-Z0-9]{1,32}", names="account"),
    namespaces=(NAMESPACE,),
    from_dimensions=_from_dimensions,
    declared=_declared,
    recorded_in=GLOBAL_REGION,
    health_services=("CLOUDFRONT", "S3"),
    metrics=METRICS,
    plotted_metrics=_plotted,
    tag_call="cloudfront:ListTagsForResource",
    opt_in_command=_opt_in_command,
    write_condition=WriteCondition(opt_in_tag=("cloudfront:CreateInvalidation",)),
    application_log="none",
)
KINDS = (DISTRIBUTION,)
