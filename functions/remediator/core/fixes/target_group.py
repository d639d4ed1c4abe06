"""Small changes of a target group: where it checks its targets, and on which port they are registered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..load_balancing import TargetGroup, TargetState
from ..model import Call, Plan, Resource
from ..network_path import Rule, SecurityGroup, rules_text
from ..target_health import named, registered
from ..text import Text, joined

HEALTHY_TARGETS = Text("healthy targets fewer than before", "正常なターゲット数の減少")
TEMPLATE = "AWS::ElasticLoadBalancingV2::TargetGroup"


def plan_health_path(group: TargetGroup, path: str, cause: str, runbook: str, ask: Sequence[Text]) -> Plan:
    """The health check asks `path` again; nothing is registered or deregistered.

    Args:
        group: as it is now.
        path: the declared one.
        cause: row of the guide.
        runbook: whose fix role makes the call.
        ask: why a person must approve; none where the change may run alone.
    """
    title = f"{group.health_path} -> {path}"
    return Plan(
        runbook=runbook,
        cause=cause,
        fix="set_health_path",
        title=Text(f"Set the health-check path back: {title}", f"ヘルスチェックパスを元に戻す: {title}"),
        resource=Resource("target_group", group.arn),
        calls=(_modify_path(group, path),),
        before={"healthCheckPath": group.health_path},
        after={"healthCheckPath": path},
        undo=(_modify_path(group, group.health_path),),
        response="ask" if ask else "auto",
        ask_because=joined(ask) if ask else None,
        keep=Text(f"HealthCheckPath of the {TEMPLATE}", f"{TEMPLATE} の HealthCheckPath"),
        worse=HEALTHY_TARGETS,
    )


def _modify_path(group: TargetGroup, path: str) -> Call:
    return Call(
        action="elasticloadbalancing:ModifyTargetGroup",
        parameters={"TargetGroupArn": group.arn, "HealthCheckPath": path},
        arn=group.arn,
    )


def plan_health_port(group: TargetGroup, port: str, cause: str, runbook: str, ask: Sequence[Text]) -> Plan:
    """The health check asks `port` (a number or `traffic-port`); arguments as for `plan_health_path`."""
    title = f"{group.health_port} -> {port}"
    return Plan(
        runbook=runbook,
        cause=cause,
        fix="set_health_port",
        title=Text(f"Correct the health-check port: {title}", f"ヘルスチェックポートを修正: {title}"),
        resource=Resource("target_group", group.arn),
        calls=(_modify_port(group, port),),
        before={"healthCheckPort": group.health_port},
        after={"healthCheckPort": port},
        undo=(_modify_port(group, group.health_port),),
        response="ask" if ask else "auto",
        ask_because=joined(ask) if ask else None,
        keep=Text(f"HealthCheckPort of the {TEMPLATE}", f"{TEMPLATE} の HealthCheckPort"),
        worse=HEALTHY_TARGETS,
    )


def _modify_port(group: TargetGroup, port: str) -> Call:
    return Call(
        action="elasticloadbalancing:ModifyTargetGroup",
        parameters={"TargetGroupArn": group.arn, "HealthCheckPort": port},
        arn=group.arn,
    )


def plan_registrations(
    group: TargetGroup, wrong: tuple[TargetState, ...], port: int, cause: str, runbook: str, ask: Sequence[Text]
) -> Plan:
    """The targets of `wrong` registered on `port`, and only then deregistered where they are now.

    Other arguments as for `plan_health_path`. The undo takes away only what this change registers.
    """
    standing = {(t.id, t.port) for t in group.targets if "draining" not in t.state}
    old = [_described(t, t.port) for t in wrong]
    new = [_described(t, port) for t in wrong if (t.id, port) not in standing]
    moved = ", ".join(f"{named(t)} -> {port}" for t in wrong)
    return Plan(
        runbook=runbook,
        cause=cause,
        fix="register_right_port",
        title=Text(f"Register on the right port: {moved}", f"正しいポートで登録し直す: {moved}"),
        resource=Resource("target_group", group.arn),
        calls=(*((_register(group, new),) if new else ()), _deregister(group, old)),
        before={"registered": registered(group)},
        after={"registered": _registered_after(group, wrong, port)},
        undo=(_register(group, old), *((_deregister(group, new),) if new else ())),
        response="ask" if ask else "auto",
        ask_because=joined(ask) if ask else None,
        keep=Text(f"Targets of the {TEMPLATE}", f"{TEMPLATE} の Targets"),
        worse=HEALTHY_TARGETS,
    )


def plan_targets(
    group: TargetGroup, add: Sequence[TargetState], drop: Sequence[TargetState], cause: str, runbook: str
) -> Plan:
    """The targets of `add` registered, and then those of `drop` deregistered; it undoes itself by nothing.

    Args:
        group: as it is now.
        add: with port; none of them stands yet.
        drop: each stands now.
        cause: row of the guide, or the procedure.
        runbook: whose fix role makes the calls.
    """
    new, old = [_described(t, t.port) for t in add], [_described(t, t.port) for t in drop]
    told = [Text(f"register {named(t)}", f"{named(t)} を登録") for t in add]
    told += [Text(f"deregister {named(t)}", f"{named(t)} を登録解除") for t in drop]
    gone = {named(t) for t in drop}
    stay = {named(t) for t in group.targets if "draining" not in t.state} - gone
    return Plan(
        runbook=runbook,
        cause=cause,
        fix="set_targets",
        title=Text("Targets: ", "ターゲット: ") + joined(told),
        resource=Resource("target_group", group.arn),
        calls=(*((_register(group, new),) if new else ()), *((_deregister(group, old),) if old else ())),
        before={"registered": registered(group)},
        after={"registered": ", ".join(sorted(stay | {named(t) for t in add}))},
        undo=(*((_register(group, old),) if old else ()), *((_deregister(group, new),) if new else ())),
        keep=Text(f"Targets of the {TEMPLATE}", f"{TEMPLATE} の Targets"),
    )


def _described(target: TargetState, port: int) -> Mapping[str, Any]:
    zone = {"AvailabilityZone": target.zone} if target.zone else {}
    return {"Id": target.id, "Port": port, **zone}


def _register(group: TargetGroup, targets: list[Mapping[str, Any]]) -> Call:
    return Call(
        action="elasticloadbalancing:RegisterTargets",
        parameters={"TargetGroupArn": group.arn, "Targets": targets},
        arn=group.arn,
    )


def _deregister(group: TargetGroup, targets: list[Mapping[str, Any]]) -> Call:
    return Call(
        action="elasticloadbalancing:DeregisterTargets",
        parameters={"TargetGroupArn": group.arn, "Targets": targets},
        arn=group.arn,
    )


def _registered_after(group: TargetGroup, wrong: tuple[TargetState, ...], port: int) -> str:
    gone = {(t.id, t.port) for t in wrong}
    stay = {named(t) for t in group.targets if "draining" not in t.state and (t.id, t.port) not in gone}
    return ", ".join(sorted(stay | {f"{t.id}:{port}" for t in wrong}))


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
