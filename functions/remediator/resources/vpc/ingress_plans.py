"""Plan: one ingress rule from one security group, and its undo."""

from dataclasses import dataclass

from ...core.model import Resource
from ...core.plan import Call, Plan
from ...core.text import Text
from .network_path import Rule, SecurityGroup, rules_text


def plan_ingress(
    group: SecurityGroup, balancer_group: str, port: int, cause: str, runbook: str, place: Resource
) -> Plan:
    """One ingress rule: TCP on `port` from the load balancer's security group. Never from addresses; always asked.

    Args:
        group: the targets' security group, as it is now.
        balancer_group: id of the load balancer's.
        port: the one port that the targets are checked and served on.
        cause: row of the guide.
        runbook: whose fix role makes the call.
        place: any resource of the same account and region.
    """
    what = f"{balancer_group} -> {group.id}, TCP {port}"
    title = Text(f"Admit the load balancer's security group: {what}", f"ロードバランサーの SG からの通信を許可: {what}")
    return plan_admission(
        Admission(group=group, peer=balancer_group, port=port, place=place, fix="admit_load_balancer", title=title),
        cause,
        runbook,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """One way that is to be opened: TCP on `port` into `group` from the members of the group `peer`.

    Attributes:
        place: any resource of the same account and region.
    """

    group: SecurityGroup
    peer: str
    port: int
    place: Resource
    fix: str
    title: Text


def plan_admission(way: Admission, cause: str, runbook: str) -> Plan:
    """One ingress rule from one security group. Never from addresses; always asked; its undo revokes that rule only."""
    group, port, place = way.group, way.port, way.place
    arn = f"arn:{place.partition}:ec2:{place.region}:{place.account}:security-group/{group.id}"
    peers = [{"GroupId": way.peer}]
    rule = {
        "GroupId": group.id,
        "IpPermissions": [{"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "UserIdGroupPairs": peers}],
    }
    added = Rule(protocol="tcp", from_port=port, to_port=port, groups=(way.peer,))
    then = rules_text(line for r in (*group.ingress, added) for line in r.lines)
    return Plan(
        runbook=runbook,
        cause=cause,
        fix=way.fix,
        title=way.title,
        resource=Resource("security_group", arn),
        calls=(Call(action="ec2:AuthorizeSecurityGroupIngress", parameters=rule, arn=arn),),
        before={ingress_of(group): group.ingress_text},
        after={ingress_of(group): then},
        undo=(Call(action="ec2:RevokeSecurityGroupIngress", parameters=rule, arn=arn),),
        response="ask",
        ask_because=Text(
            "it opens a port of a security group, which a person decides",
            "セキュリティグループのポートを開放するため、人の承認が必要です",
        ),
        keep=Text("an AWS::EC2::SecurityGroupIngress rule", "AWS::EC2::SecurityGroupIngress のルール"),
    )


def ingress_of(group: SecurityGroup) -> str:
    """The name of its ingress rules in a plan's pre-image."""
    return f"ingress of {group.id}"
