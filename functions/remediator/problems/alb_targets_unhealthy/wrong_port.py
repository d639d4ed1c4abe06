"""Row `alb_targets_unhealthy.wrong_port`.

Nothing answers, and targets are registered or checked on a port that nobody declares.
"""

from ...core.plan import Advise, Decision
from ...core.ports import Permission
from ...core.runbook import Cause, Finding, Holds, RuledOut, Setting, writes
from ...core.text import Text
from ...resources.ecs.backends import Behind
from ...resources.load_balancing.model import TRAFFIC_PORT, TargetGroup
from ...resources.load_balancing.target_group_plans import plan_health, plan_registrations
from ...resources.load_balancing.target_health import failing_as
from .evidence import Evidence
from .facts import CHECK, HEALTH, ID, TARGET_GROUP_ARN, check_facts, look_at_targets, port_facts, reason_facts
from .ports import PortDifference
from .reachability import misdirected, ports
from .reasons_to_wait import still_deploying, unproved

NONE_HEALTHY = Text(
    "no target is healthy on the right port, so nothing proves it and none would remain",
    "正しいポートで正常なターゲットがなく、解除後に正常なターゲットが残りません",
)


ECS_OWNS = Text(
    "ECS registers these targets itself: correct the service's load-balancer mapping.",
    "ターゲットは ECS が登録しています。サービスのロードバランサー設定を修正してください。",
)


ADVICE = Text(
    "Find the port that the application listens on and compare it with registration and health check.",
    "アプリケーションの待ち受けポートを確認し、登録ポートとヘルスチェックポートに一致させてください。",
)


def tell_mapping(group: TargetGroup, owner: Behind, wrong: PortDifference) -> Advise:
    """What differs in the load-balancer mapping of the service that registers these targets itself."""
    service = owner.service
    if service is None:
        return Advise(ECS_OWNS, (look_at_targets(group),))
    mapped = owner.mapped_port(group.arn)
    text = f"{service.name}: containerPort {mapped or '?'} -> {wrong.right}"
    command = f"aws ecs describe-services --cluster {service.cluster} --services {service.name} --query services[].loadBalancers"
    return Advise(ECS_OWNS + Text(f" {text}", f" {text}"), (command,))


def holds(e: Evidence, setting: Setting) -> Finding:
    """Nothing answers, and targets are registered or checked on a port that nobody declares."""
    if not failing_as(e.group.get(), "silent", "not_connected"):
        return RuledOut(Text("every target answers on its port", "すべてのターゲットがポートで応答しています"))
    wrong, affected = ports(e, setting), misdirected(e, setting)
    if not affected:
        return RuledOut(
            Text(
                f"targets are registered and checked on the right port ({wrong.right or 'chosen by ECS'})",
                f"登録ポートとチェックポートは正しい値です（{wrong.right or 'ECS が割り当て'}）",
            )
        )
    return Holds((*reason_facts(e, affected), *port_facts(e, wrong, setting), *check_facts(e)), weight=len(affected))


@writes(
    Permission("elasticloadbalancing:ModifyTargetGroup", TARGET_GROUP_ARN),
    does=Text(
        "corrects the health-check port (asks where ECS does not manage the targets)",
        "ヘルスチェックポートを修正（ECS 管理外のターゲットでは承認を求める）",
    ),
)
def set_health_port(e: Evidence, setting: Setting) -> Decision:
    """The check on the port that takes the traffic, where that alone is wrong."""
    group, wrong = e.group.get(), ports(e, setting)
    if wrong.checked is None or wrong.registered:
        return Advise(ADVICE)
    if (wait := still_deploying(group, setting)) is not None:
        return wait
    ask = [*unproved(e)]
    if not e.behind.get().managed:
        ask.append(
            Text(
                "ECS does not manage these targets, so no container tells its ports",
                "ECS 管理外のターゲットのため、コンテナのポートを確認できません",
            )
        )
    return plan_health(group, "port", TRAFFIC_PORT, f"{ID}.wrong_port", ID, ask)


@writes(
    Permission("elasticloadbalancing:RegisterTargets", TARGET_GROUP_ARN),
    Permission("elasticloadbalancing:DeregisterTargets", TARGET_GROUP_ARN),
    does=Text(
        "registers plain targets on the right port, then deregisters the wrong one (asks where none is healthy)",
        "ECS 管理外のターゲットを正しいポートで登録し、誤った登録を解除（正常なターゲットがなければ承認を求める）",
    ),
)
def register_right_port(e: Evidence, setting: Setting) -> Decision:
    """Plain targets on the right port first, and only then off the wrong one; a service's targets are ECS's own."""
    group, wrong, owner = e.group.get(), ports(e, setting), e.behind.get()
    if owner.managed:
        return tell_mapping(group, owner, wrong)
    moving = tuple(t for t in failing_as(group, "silent", "not_connected") if t in wrong.registered)
    if wrong.checked is not None or not moving or group.target_type not in ("ip", "instance"):
        return Advise(ADVICE, (look_at_targets(group),))
    proved = any(t.state == "healthy" and t.port == wrong.right for t in group.targets)
    ask = () if proved else (NONE_HEALTHY,)
    return plan_registrations(group, moving, wrong.right, f"{ID}.wrong_port", ID, ask)


CAUSE = Cause(
    id="wrong_port",
    title=Text("wrong port", "ポート番号の誤り"),
    holds=holds,
    fixes=(set_health_port, register_right_port),
    advice=ADVICE,
    confirm=Text(
        "Registered or checked port differs from the one that the container listens on, and a connection to that one succeeds.",
        "登録ポートまたはヘルスチェックポートがコンテナの待ち受けポートと異なり、待ち受けポートには接続できます。",
    ),
    look=(
        HEALTH,
        CHECK,
        "aws ecs describe-services --cluster <cluster> --services <service> --query 'services[].loadBalancers'",
        (
            "aws ecs describe-task-definition --task-definition <family> "
            "--query 'taskDefinition.containerDefinitions[].[name,portMappings]'"
        ),
    ),
)
