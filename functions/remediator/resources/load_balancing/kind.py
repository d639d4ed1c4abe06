"""An Application Load Balancer, and a target group. Both stand before an ECS service, where a workload declares one."""

import re
import shlex
from collections.abc import Mapping

from ...core.model import Resource
from ...core.settings import Workload
from ...core.text import Text
from ..kind import ArnForm, KnownMetric, ResourceKind, Wanted, WriteCondition, tags_command

NAMESPACE = "AWS/ApplicationELB"
SERVICE = "elasticloadbalancing"
TAGGING = ("AddTags", "RemoveTags")
_TARGET_GROUP = re.compile(r"targetgroup/[\w-]{1,64}/\w{1,64}", re.ASCII)
_LOAD_BALANCER = re.compile(r"app/[\w-]{1,64}/\w{1,64}", re.ASCII)
RESPONSE_TIME = KnownMetric(Text("response time", "応答時間"), NAMESPACE, "TargetResponseTime", "Average", "s")


def _metric(name: str, label: Text, stat: str = "Sum") -> KnownMetric:
    return KnownMetric(label, NAMESPACE, name, stat, "/min" if stat == "Sum" else "")


HEALTHY = _metric("HealthyHostCount", Text("healthy targets", "正常なターゲット"), "Minimum")
TARGET_5XX = _metric("HTTPCode_Target_5XX_Count", Text("5xx of the targets", "ターゲットの 5xx"))

# Source: AWS, "CloudWatch metrics for your Application Load Balancer".
METRICS = (
    HEALTHY,
    _metric("UnHealthyHostCount", Text("unhealthy targets", "異常なターゲット"), "Maximum"),
    _metric("RequestCount", Text("requests", "リクエスト数")),
    _metric("HTTPCode_ELB_5XX_Count", Text("5xx of the load balancer", "ロードバランサーの 5xx")),
    _metric("HTTPCode_ELB_502_Count", Text("502 of the load balancer", "ロードバランサーの 502")),
    _metric("HTTPCode_ELB_503_Count", Text("503 of the load balancer", "ロードバランサーの 503")),
    _metric("HTTPCode_ELB_504_Count", Text("504 of the load balancer", "ロードバランサーの 504")),
    TARGET_5XX,
    RESPONSE_TIME,
)


def balancer_dimensions(load_balancer: str) -> Mapping[str, str]:
    """The dimensions of a load balancer's metrics; it is named by its ARN suffix."""
    return {"LoadBalancer": load_balancer}


def target_dimensions(load_balancer: str, target_group: str) -> Mapping[str, str]:
    """The dimensions of a target group's metrics behind one load balancer; both as ARN suffixes."""
    return {"LoadBalancer": load_balancer, "TargetGroup": target_group}


def of_targets(workload: Workload | None, *metrics: KnownMetric) -> tuple[Wanted, ...]:
    """The metrics of the targets that a workload declares; none where it does not declare both."""
    if workload is None or not (workload.load_balancer and workload.target_group):
        return ()
    both = target_dimensions(workload.load_balancer, workload.target_group)
    return tuple(metric.of(both) for metric in metrics)


def _group_from_dimensions(dimensions: Mapping[str, str]) -> str:
    group = dimensions.get("TargetGroup", "")
    return group if _TARGET_GROUP.fullmatch(group) else ""


def _balancer_from_dimensions(dimensions: Mapping[str, str]) -> str:
    group, balancer = dimensions.get("TargetGroup", ""), dimensions.get("LoadBalancer", "")
    return f"loadbalancer/{balancer}" if _LOAD_BALANCER.fullmatch(balancer) and not group else ""


def _declared_group(workload: Workload) -> tuple[str, ...]:
    return (workload.target_group,) if workload.target_group else ()


def _declared_balancer(workload: Workload) -> tuple[str, ...]:
    return (f"loadbalancer/{workload.load_balancer}",) if workload.load_balancer else ()


def _whole_path(path: str) -> str:
    return path


def _plotted(_: Resource, workload: Workload | None) -> tuple[Wanted, ...]:
    return of_targets(workload, HEALTHY, TARGET_5XX, RESPONSE_TIME)


def _opt_in_command(resource: Resource) -> tuple[str, ...]:
    return tags_command("aws elbv2 add-tags", f"--resource-arns {shlex.quote(resource.arn)}")


TARGET_GROUP = ResourceKind(
    name="target_group",
    title=Text("target group", "ターゲットグループ"),
    arn=ArnForm(service=SERVICE, path=r"targetgroup/[A-Za-z0-9-]{1,32}/[0-9a-f]{1,32}"),
    namespaces=(NAMESPACE,),
    from_dimensions=_group_from_dimensions,
    declared=_declared_group,
    declared_name=_whole_path,
    health_services=("ELASTICLOADBALANCING", "EC2", "ECS", "FARGATE"),
    metrics=METRICS,
    plotted_metrics=_plotted,
    tag_call="elasticloadbalancing:DescribeTags",
    opt_in_command=_opt_in_command,
    write_condition=WriteCondition(
        opt_in_tag=(
            "elasticloadbalancing:DeregisterTargets",
            "elasticloadbalancing:ModifyTargetGroup",
            "elasticloadbalancing:ModifyTargetGroupAttributes",
            "elasticloadbalancing:RegisterTargets",
        ),
        tagging=TAGGING,
    ),
    deployments="service",
)
LOAD_BALANCER = ResourceKind(
    name="load_balancer",
    title=Text("load balancer", "ロードバランサー"),
    arn=ArnForm(service=SERVICE, path=r"loadbalancer/app/[A-Za-z0-9-]{1,32}/[0-9a-f]{1,32}"),
    namespaces=(NAMESPACE,),
    from_dimensions=_balancer_from_dimensions,
    declared=_declared_balancer,
    declared_name=_whole_path,
    health_services=("ELASTICLOADBALANCING", "EC2"),
    plotted_metrics=_plotted,
    tag_call="elasticloadbalancing:DescribeTags",
    opt_in_command=_opt_in_command,
    write_condition=WriteCondition(opt_in_tag=("elasticloadbalancing:ModifyLoadBalancerAttributes",), tagging=TAGGING),
    deployments="service",
)
KINDS = (LOAD_BALANCER, TARGET_GROUP)
