"""Which metrics an incident's page draws, and their values. Pure.

The alarm's own metric comes first, then what shows the health of the resource it is about. Sources of the names: AWS,
"Amazon ECS CloudWatch metrics", "CloudWatch metrics for your Application Load Balancer", "DynamoDB metrics and
dimensions", "CloudFront metrics".
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from ..core.model import Incident, Resource
from ..core.ports import GLOBAL_REGION
from ..core.settings import Workload
from ..core.text import Text

MOST = 4  # plots of a page; more are not looked at
Unit = Literal["", "%", "s", "/min"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """One metric to draw, minute by minute.

    Attributes:
        stat: as CloudWatch names it.
        region: empty for the deployment's own.
    """

    label: Text
    namespace: str
    name: str
    dimensions: Mapping[str, str]
    stat: str
    unit: Unit = ""
    region: str = ""


@dataclass(frozen=True, slots=True)
class Series:
    """The values of one metric: moments (ISO 8601, UTC) and values, oldest first; `gap` says why there are none."""

    wanted: Wanted
    points: tuple[tuple[str, float], ...] = ()
    gap: str = ""


ALB, ECS, DYNAMODB, CLOUDFRONT = "AWS/ApplicationELB", "AWS/ECS", "AWS/DynamoDB", "AWS/CloudFront"
KNOWN: Mapping[tuple[str, str], tuple[Text, str, Unit]] = {
    (ALB, "HealthyHostCount"): (Text("healthy targets", "正常なターゲット"), "Minimum", ""),
    (ALB, "UnHealthyHostCount"): (Text("unhealthy targets", "異常なターゲット"), "Maximum", ""),
    (ALB, "RequestCount"): (Text("requests", "リクエスト数"), "Sum", "/min"),
    (ALB, "HTTPCode_ELB_5XX_Count"): (Text("5xx of the load balancer", "ロードバランサーの 5xx"), "Sum", "/min"),
    (ALB, "HTTPCode_ELB_502_Count"): (Text("502 of the load balancer", "ロードバランサーの 502"), "Sum", "/min"),
    (ALB, "HTTPCode_ELB_503_Count"): (Text("503 of the load balancer", "ロードバランサーの 503"), "Sum", "/min"),
    (ALB, "HTTPCode_ELB_504_Count"): (Text("504 of the load balancer", "ロードバランサーの 504"), "Sum", "/min"),
    (ALB, "HTTPCode_Target_5XX_Count"): (Text("5xx of the targets", "ターゲットの 5xx"), "Sum", "/min"),
    (ALB, "TargetResponseTime"): (Text("response time", "応答時間"), "Average", "s"),
    (ECS, "CPUUtilization"): (Text("CPU of the service", "サービスの CPU"), "Average", "%"),
    (ECS, "MemoryUtilization"): (Text("memory of the service", "サービスのメモリ"), "Average", "%"),
    (DYNAMODB, "ReadThrottleEvents"): (Text("throttled reads", "読み取りスロットリング"), "Sum", "/min"),
    (DYNAMODB, "WriteThrottleEvents"): (Text("throttled writes", "書き込みスロットリング"), "Sum", "/min"),
    (DYNAMODB, "ConsumedReadCapacityUnits"): (Text("read units used", "消費した読み取りユニット"), "Sum", "/min"),
    (DYNAMODB, "ConsumedWriteCapacityUnits"): (Text("write units used", "消費した書き込みユニット"), "Sum", "/min"),
    (CLOUDFRONT, "5xxErrorRate"): (Text("5xx error rate", "5xx エラー率"), "Average", "%"),
    (CLOUDFRONT, "4xxErrorRate"): (Text("4xx error rate", "4xx エラー率"), "Average", "%"),
    (CLOUDFRONT, "Requests"): (Text("requests", "リクエスト数"), "Sum", "/min"),
}
OF_TABLES = ("ReadThrottleEvents", "WriteThrottleEvents", "ConsumedReadCapacityUnits", "ConsumedWriteCapacityUnits")


def wanted(incident: Incident, workload: Workload | None) -> tuple[Wanted, ...]:
    """The metrics to draw, the most telling first; none for a resource that has none that is known."""
    found: list[Wanted] = []
    for one in (*_of_alarms(incident), *_of_resource(incident.resource, workload)):
        if all((one.namespace, one.name) != (w.namespace, w.name) for w in found):
            found.append(one)
    return tuple(found[:MOST])


def _of_alarms(incident: Incident) -> Iterator[Wanted]:
    for signal in incident.signals:
        facts = signal.facts
        key = (str(facts.get("namespace", "")), str(facts.get("metric", "")))
        dimensions = facts.get("dimensions")
        if key in KNOWN and isinstance(dimensions, Mapping):
            yield _known(*key, {str(n): str(v) for n, v in dimensions.items()})


def _of_resource(resource: Resource, workload: Workload | None) -> Iterable[Wanted]:
    match resource.kind:
        case "ecs_service":
            service = {"ClusterName": resource.cluster, "ServiceName": resource.name}
            own = [_known(ECS, n, service) for n in ("MemoryUtilization", "CPUUtilization")]
            return (*_of_targets(workload, ("HealthyHostCount",)), *own)
        case "target_group" | "load_balancer":
            return _of_targets(workload, ("HealthyHostCount", "HTTPCode_Target_5XX_Count", "TargetResponseTime"))
        case "table":
            table = {"TableName": resource.path.removeprefix("table/").split("/")[0]}
            return [_known(DYNAMODB, n, table) for n in OF_TABLES]
        case "distribution":
            named = {"DistributionId": resource.name, "Region": "Global"}
            return [_known(CLOUDFRONT, n, named) for n in ("5xxErrorRate", "4xxErrorRate", "Requests")]
        case _:
            return ()


def _of_targets(workload: Workload | None, names: tuple[str, ...]) -> list[Wanted]:
    if workload is None or not (workload.load_balancer and workload.target_group):
        return []
    both = {"LoadBalancer": workload.load_balancer, "TargetGroup": workload.target_group}
    return [_known(ALB, n, both) for n in names]


def _known(namespace: str, name: str, dimensions: Mapping[str, str]) -> Wanted:
    label, stat, unit = KNOWN[namespace, name]
    region = GLOBAL_REGION if namespace == CLOUDFRONT else ""
    return Wanted(label, namespace, name, dimensions, stat, unit, region)
