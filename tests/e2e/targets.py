"""Stories about targets that fail the load balancer's health check."""

from typing import Any

from .stage import Stage
from .story import Story
from .tasks import ASKED_AND_APPROVED

HEALTH_PATH, PORT, OTHER_PORT = "/health", 8000, 8080
LONG_GRACE = {"GraceSeconds": str(7 * 24 * 3600)}  # ECS ends no task for it: the load balancer's side alone is seen
PLAIN = ("10.0.9.11", "10.0.9.12", "10.0.9.13")


def _wrong_path(stage: Stage) -> None:
    _set_check(stage, HealthCheckPath="/healthz")


def _set_check(stage: Stage, **check: Any) -> None:
    stage.client("elbv2").modify_target_group(TargetGroupArn=stage.portfolio["TargetGroupArn"], **check)


def _path_is_back(stage: Stage) -> bool:
    groups = stage.client("elbv2").describe_target_groups(TargetGroupArns=[stage.portfolio["TargetGroupArn"]])
    return bool(groups["TargetGroups"][0]["HealthCheckPath"] == HEALTH_PATH)


def closed(stage: Stage) -> None:
    """Someone removes the rule that admits the load balancer."""
    group = stage.portfolio["TaskGroup"]
    ec2 = stage.client("ec2")
    rules = ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"][0]["IpPermissions"]
    ec2.revoke_security_group_ingress(GroupId=group, IpPermissions=rules)


def _denied(stage: Stage) -> None:
    stage.client("ec2").create_network_acl_entry(
        NetworkAclId=stage.portfolio["TaskAcl"],
        RuleNumber=50,
        Protocol="6",
        RuleAction="deny",
        Egress=False,
        CidrBlock="0.0.0.0/0",
        PortRange={"From": PORT, "To": PORT},
    )


def _registered_wrongly(stage: Stage) -> None:
    """Plain addresses that someone registered by hand; two of three have just got another port."""
    group = {"TargetGroupArn": stage.portfolio["TargetGroupArn"]}
    elbv2 = stage.client("elbv2")
    stage.client("ecs").update_service(cluster="portfolio-cluster", service="portfolio-api-service", loadBalancers=[])
    left = [t["Target"] for t in elbv2.describe_target_health(**group)["TargetHealthDescriptions"]]
    elbv2.deregister_targets(**group, Targets=left)
    elbv2.register_targets(**group, Targets=[{"Id": a, "Port": PORT} for a in PLAIN])
    stage.let_pass(600)
    stage.world(do="past", hours=26)
    elbv2.register_targets(**group, Targets=[{"Id": a, "Port": OTHER_PORT} for a in PLAIN[1:]])
    elbv2.deregister_targets(**group, Targets=[{"Id": a, "Port": PORT} for a in PLAIN[1:]])


STORIES = (
    Story(
        name="wrong-path",
        begin=_wrong_path,
        portfolio=LONG_GRACE,
        shown={"the target group asks the declared path again": _path_is_back},
        needs=("elasticloadbalancing:ModifyTargetGroup",),
    ),
    Story(
        name="security-group-closed",
        begin=closed,
        portfolio=LONG_GRACE,
        acts=(ASKED_AND_APPROVED,),
        needs=("ec2:AuthorizeSecurityGroupIngress",),
    ),
    Story(
        name="registered-on-wrong-port",
        begin=_registered_wrongly,
        needs=("elasticloadbalancing:RegisterTargets", "elasticloadbalancing:DeregisterTargets"),
    ),
    Story(name="network-acl", begin=_denied, portfolio=LONG_GRACE),  # handed over: five minutes must be time enough
)
