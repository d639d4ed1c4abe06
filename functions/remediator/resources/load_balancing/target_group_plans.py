"""Plans for a target group: health-check path, health-check port, registered targets."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from ...core.model import Resource
from ...core.plan import Call, Plan
from ...core.text import Text, joined, same
from .model import TargetGroup, TargetState
from .target_health import named, registered

HEALTHY_TARGETS = Text("healthy targets fewer than before", "正常なターゲット数の減少")


TEMPLATE = "AWS::ElasticLoadBalancingV2::TargetGroup"


HEALTH_TITLES = {
    "path": Text("Set the health-check path back: ", "ヘルスチェックパスを元に戻す: "),
    "port": Text("Correct the health-check port: ", "ヘルスチェックポートを修正: "),
}


def plan_health(
    group: TargetGroup, what: Literal["path", "port"], value: str, cause: str, runbook: str, ask: Sequence[Text]
) -> Plan:
    """The health check asks another path or port; nothing is registered or deregistered.

    Args:
        group: as it is now.
        what: of the health check is set.
        value: the path that is declared; the port as a number, or `traffic-port`.
        cause: row of the guide.
        runbook: whose fix role makes the call.
        ask: why a person must approve; none where the change may run alone.
    """
    now = group.health_path if what == "path" else group.health_port
    attribute = f"HealthCheck{what.capitalize()}"
    return Plan(
        runbook=runbook,
        cause=cause,
        fix=f"set_health_{what}",
        title=HEALTH_TITLES[what] + same(f"{now} -> {value}"),
        resource=Resource("target_group", group.arn),
        calls=(_modify(group, attribute, value),),
        before={f"healthCheck{what.capitalize()}": now},
        after={f"healthCheck{what.capitalize()}": value},
        undo=(_modify(group, attribute, now),),
        response="ask" if ask else "auto",
        ask_because=joined(ask) if ask else None,
        keep=Text(f"{attribute} of the {TEMPLATE}", f"{TEMPLATE} の {attribute}"),
        worse=HEALTHY_TARGETS,
    )


def _modify(group: TargetGroup, attribute: str, value: str) -> Call:
    return Call(
        action="elasticloadbalancing:ModifyTargetGroup",
        parameters={"TargetGroupArn": group.arn, attribute: value},
        arn=group.arn,
    )


def plan_registrations(
    group: TargetGroup, wrong: tuple[TargetState, ...], port: int, cause: str, runbook: str, ask: Sequence[Text]
) -> Plan:
    """The targets of `wrong` registered on `port`, and only then deregistered where they are now.

    Other arguments as for `plan_health`. The undo takes away only what this change registers.
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
    found = [Text(f"register {named(t)}", f"{named(t)} を登録") for t in add]
    found += [Text(f"deregister {named(t)}", f"{named(t)} を登録解除") for t in drop]
    gone = {named(t) for t in drop}
    stay = {named(t) for t in group.targets if "draining" not in t.state} - gone
    return Plan(
        runbook=runbook,
        cause=cause,
        fix="set_targets",
        title=Text("Targets: ", "ターゲット: ") + joined(found),
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
