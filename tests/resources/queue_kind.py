"""An SQS queue: the whole of what a new AWS service takes, as its folder in `resources/` would hold it."""

import re
import shlex
from collections.abc import Mapping

from remediator.core.model import OPT_IN_TAG, Resource
from remediator.core.settings import Workload
from remediator.core.text import Text
from remediator.resources.kind import ArnForm, KnownMetric, ResourceKind, Wanted, WriteCondition

NAMESPACE = "AWS/SQS"
NAME = r"[A-Za-z0-9_-]{1,80}(?:\.fifo)?"
METRICS = (
    KnownMetric(
        Text("oldest message", "最も古いメッセージ"), NAMESPACE, "ApproximateAgeOfOldestMessage", "Maximum", "s"
    ),
    KnownMetric(Text("messages", "メッセージ数"), NAMESPACE, "ApproximateNumberOfMessagesVisible", "Maximum"),
)


def _url(resource: Resource) -> str:
    return f"https://sqs.{resource.region}.amazonaws.com/{resource.account}/{resource.name}"


def _from_dimensions(dimensions: Mapping[str, str]) -> str:
    name = dimensions.get("QueueName", "")
    return name if re.fullmatch(NAME, name, re.ASCII) else ""


def _names_in_cloudtrail(resource: Resource) -> tuple[str, ...]:
    return resource.name, resource.arn, _url(resource)


def _plotted(resource: Resource, _: Workload | None) -> tuple[Wanted, ...]:
    return tuple(metric.of({"QueueName": resource.name}) for metric in METRICS)


def _opt_in_command(resource: Resource) -> tuple[str, ...]:
    return "aws sqs tag-queue", f"--queue-url {shlex.quote(_url(resource))}", f"--tags {OPT_IN_TAG}=auto"


QUEUE = ResourceKind(
    name="queue",
    title=Text("queue", "キュー"),
    arn=ArnForm(service="sqs", path=NAME),
    namespaces=(NAMESPACE,),
    from_dimensions=_from_dimensions,
    names_in_cloudtrail=_names_in_cloudtrail,
    health_services=("SQS",),
    metrics=METRICS,
    plotted_metrics=_plotted,
    opt_in_command=_opt_in_command,
    write_condition=WriteCondition(
        opt_in_tag=("sqs:SetQueueAttributes",),
        destroying=("Delete*", "PurgeQueue"),
        tagging=("TagQueue", "UntagQueue"),
    ),
)
KINDS = (QUEUE,)
