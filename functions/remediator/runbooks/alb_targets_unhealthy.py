"""Targets of an Application Load Balancer are unhealthy.

Guide: Application Load Balancer, targets unhealthy: wrong health-check path, wrong port, closed security group; and,
added to it, the application itself failing.
May change: the target group's health-check path and port; registrations of targets that ECS does not manage; one
ingress rule from the load balancer's security group on one port (always asked).
Never: registrations of a service's targets, addresses in a rule, network ACLs, listeners, matchers, the load balancer.
"""

from dataclasses import dataclass

from ..aws.evidence import load_balancing, network, surroundings
from ..core.behind import ends, lately, looks_into
from ..core.ecs import TaskStop
from ..core.edge import Permission
from ..core.evidence import Reading, Unchecked, reading
from ..core.fixes.target_group import plan_health_path, plan_health_port, plan_ingress, plan_registrations
from ..core.gates import mode_from
from ..core.load_balancing import TRAFFIC_PORT, TargetGroup, Traffic
from ..core.model import Advise, Decision, Fact, HandOver, Resource
from ..core.network_path import Interfaces, LoadBalancer, NetworkAcl, SecurityGroup
from ..core.problems import TARGETS_UNHEALTHY
from ..core.runbook import Cause, Finding, Holds, RuledOut, Runbook, Setting, writes
from ..core.service_view import Endpoint, Stack
from ..core.target_advice import (
    _CHECK,
    _HEALTH,
    ADVICE_APPLICATION_FAILING,
    ADVICE_SECURITY_GROUP_CLOSED,
    ADVICE_WRONG_PORT,
    FOREIGN_GROUP,
    MATCHER,
    NO_PATH,
    NONE_HEALTHY,
    NOT_OPTED_IN,
    SEVERAL_GROUPS,
    beyond_one_rule,
    look_at_groups,
    look_at_targets,
    tell_mapping,
)
from ..core.target_doubts import still_turning, unproved
from ..core.target_health import Answers, Behind, ContainerPort, HostCounts, failing, failing_as, reasons
from ..core.target_reach import blocks, known_misdirected, misdirected, other_port, ports, reachable
from ..core.target_verdict import judge
from ..core.target_view import (
    about,
    answer_facts,
    block_facts,
    check_facts,
    image,
    mode,
    port_facts,
    reason_facts,
    stack,
)
from ..core.text import Text
from ..core.triggers import alarm_on

ID = "alb_targets_unhealthy"
STOPPED = Text("tasks behind them that stopped in the last 15 min", "直近 15 分に停止した背後のタスク")
TARGET_GROUP_ARN = "arn:{partition}:elasticloadbalancing:{region}:{account}:targetgroup/*"
SECURITY_GROUP_ARN = "arn:{partition}:ec2:{region}:{account}:security-group/*"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What is read before the diagnosis."""

    group: Reading[TargetGroup] = reading(load_balancing.target_group, recheck=True)
    stack: Reading[Stack] = reading(surroundings.stack)
    balancer: Reading[LoadBalancer] = reading(network.load_balancer, after=("group",))
    interfaces: Reading[Interfaces] = reading(network.interfaces, after=("group",), recheck=True)
    behind: Reading[Behind] = reading(load_balancing.behind, after=("group",))
    hosts: Reading[HostCounts] = reading(load_balancing.hosts_of_the_day, after=("group",))
    answers: Reading[Answers] = reading(load_balancing.answers, after=("group",))
    traffic: Reading[Traffic] = reading(load_balancing.traffic, after=("group",))
    container_ports: Reading[tuple[ContainerPort, ...]] = reading(load_balancing.container_ports, after=("behind",))
    stops: Reading[tuple[TaskStop, ...]] = reading(load_balancing.stops_behind, after=("behind",))
    security_groups: Reading[tuple[SecurityGroup, ...]] = reading(
        network.security_groups, after=("balancer", "interfaces"), recheck=True
    )
    acls: Reading[tuple[NetworkAcl, ...]] = reading(network.network_acls, after=("interfaces",))


@dataclass(frozen=True, slots=True, kw_only=True)
class After:
    """What is read to prove a fix: the targets' own health, the metric, the endpoint and the traffic."""

    group: Reading[TargetGroup] = reading(load_balancing.target_group)
    endpoint: Reading[Endpoint] = reading(surroundings.endpoint)
    hosts: Reading[HostCounts] = reading(load_balancing.hosts_lately, after=("group",))
    traffic: Reading[Traffic] = reading(load_balancing.traffic, after=("group",))


# -- causes ------------------------------------------------------------------------------------------------------------


def wrong_path(e: Evidence, setting: Setting) -> Finding:
    """Targets answer the check, but with a code of a path that is not there, or with one that the matcher refuses."""
    group, declared = e.group.get(), _declared_path(setting)
    off, refused = failing_as(group, "misplaced"), failing_as(group, "refused_success")
    if not off and not refused:
        return RuledOut(
            Text(
                "no target answers the health check with a code of a wrong path (404, 403, 301)",
                "ヘルスチェックに 404、403、301 など誤ったパスを示すコードを返すターゲットはありません",
            )
        )
    if not refused and group.health_path == declared:
        return RuledOut(
            Text(
                f"the health check asks the declared path {declared}",
                f"ヘルスチェックパスは宣言どおり {declared} です",
            )
        )
    facts = [*reason_facts(e, (*off, *refused)), *check_facts(e)]
    if setting.workload and declared:
        label = Text("path that the workload declares", "ワークロードが宣言したパス")
        facts.append(Fact(label, declared, "cdk.json", e.group.read_at))
    return Holds(tuple(facts), weight=len(off) + len(refused))


def wrong_port(e: Evidence, setting: Setting) -> Finding:
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


def security_group_closed(e: Evidence, setting: Setting) -> Finding:
    """The check times out because a security group or a network ACL stops the load balancer's packets."""
    silent = failing_as(e.group.get(), "silent")
    if not silent:
        return RuledOut(Text("no health check times out", "タイムアウトしたヘルスチェックはありません"))
    if known_misdirected(e, setting):
        return RuledOut(Text("the port itself is wrong", "ポート番号自体が誤っています"))
    stopped = blocks(e, silent)
    if not stopped:
        return RuledOut(
            Text(
                "security groups and network ACLs admit the load balancer",
                "セキュリティグループとネットワーク ACL はロードバランサーからの通信を許可しています",
            )
        )
    return Holds((*reason_facts(e, silent), *block_facts(e, stopped), *check_facts(e)), weight=len(stopped))


def application_failing(e: Evidence, setting: Setting) -> Finding:
    """The application answers 5xx, an error on its own path, or nothing although port and network are right."""
    group, declared = e.group.get(), _declared_path(setting)
    failed = failing_as(group, "server_error")
    if group.health_path == declared:
        failed = (*failed, *failing_as(group, "misplaced", "other_answer"))
    elif not failed and failing_as(group, "other_answer"):
        raise Unchecked("the health check asks no declared path, so its answer tells nothing of the application")
    mute = failing_as(group, "silent", "not_connected")
    if not failed and mute and reachable(e, setting):
        failed = mute
    if not failed and not failing(group) and (bad := lately(e.stops.get(), setting.now)):
        return Holds(
            (e.stops.fact(STOPPED, ends(bad)), *answer_facts(e))
        )  # at this moment none is there that could fail
    if not failed:
        return RuledOut(
            Text(
                "no target answers with an error of its own, nor stays silent on an open and right port",
                "アプリケーション自身のエラー応答や、正しく開放されたポートでの無応答はありません",
            )
        )
    return Holds((*reason_facts(e, failed), *answer_facts(e)), weight=len(failed))


def _declared_path(setting: Setting) -> str:
    return setting.workload.health_path if setting.workload else ""


# -- fixes -------------------------------------------------------------------------------------------------------------


@writes(
    Permission("elasticloadbalancing:ModifyTargetGroup", TARGET_GROUP_ARN),
    does=Text(
        "sets the health-check path back to the declared one (asks where it was not proved to work)",
        "ヘルスチェックパスを宣言どおりに戻す（実績を確認できなければ承認を求める）",
    ),
)
def set_health_path(e: Evidence, setting: Setting) -> Decision:
    """The declared path again, where every failing target answers with a code of a wrong path."""
    group, declared = e.group.get(), _declared_path(setting)
    if not declared.startswith("/"):
        return Advise(NO_PATH, (look_at_targets(group),))
    if not failing_as(group, "misplaced") or group.health_path == declared or not group.health_path:
        return Advise(MATCHER, (look_at_targets(group),))
    if (wait := still_turning(group, setting)) is not None:
        return wait
    ask = [*unproved(e)]
    if other_port(e, setting):
        ask.append(Text("the port is not the declared one either", "ポートも宣言と異なります"))
    if len(failing_as(group, "misplaced")) < len(failing(group)):
        ask.append(Text("other targets fail for another reason", "別の理由で異常なターゲットもあります"))
    return plan_health_path(group, declared, f"{ID}.wrong_path", ID, ask)


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
        return Advise(ADVICE_WRONG_PORT)
    if (wait := still_turning(group, setting)) is not None:
        return wait
    ask = [*unproved(e)]
    if not e.behind.get().managed:
        ask.append(
            Text(
                "ECS does not manage these targets, so no container tells its ports",
                "ECS 管理外のターゲットのため、コンテナのポートを確認できません",
            )
        )
    return plan_health_port(group, TRAFFIC_PORT, f"{ID}.wrong_port", ID, ask)


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
        return Advise(ADVICE_WRONG_PORT, (look_at_targets(group),))
    proved = any(t.state == "healthy" and t.port == wrong.right for t in group.targets)
    ask = () if proved else (NONE_HEALTHY,)
    return plan_registrations(group, moving, wrong.right, f"{ID}.wrong_port", ID, ask)


@writes(
    Permission("ec2:AuthorizeSecurityGroupIngress", SECURITY_GROUP_ARN),
    Permission("ec2:RevokeSecurityGroupIngress", SECURITY_GROUP_ARN),
    does=Text(
        "asks to admit the load balancer's security group on the one port",
        "ロードバランサーの SG からの 1 ポートのみの許可について承認を求める",
    ),
)
def admit_load_balancer(e: Evidence, setting: Setting) -> Decision:
    """One rule, from one security group, on one port; never from addresses, and only after a person approved."""
    group, silent = e.group.get(), failing_as(e.group.get(), "silent")
    wrong = ports(e, setting)  # a gap ends here: no port is opened that may be the wrong one
    stopped = blocks(e, silent)
    if wrong.registered or wrong.checked is not None or {b.by for b in stopped} != {"ingress"}:
        return Advise(beyond_one_rule(stopped), (look_at_targets(group),))
    common = set.intersection(*(set(b.names) for b in stopped))
    on, theirs = {b.port for b in stopped}, e.balancer.get().groups
    if len(common) != 1 or len(on) != 1 or len(theirs) != 1:
        return Advise(SEVERAL_GROUPS, (look_at_groups(*sorted({*common, *theirs})),))
    closed = next(g for g in e.security_groups.get() if g.id in common)
    place = Resource("target_group", group.arn)
    if closed.owner and closed.owner != place.account:
        return Advise(FOREIGN_GROUP)
    if mode_from(closed.tags.get("auto-remediation")) not in ("approve", "auto"):
        tag = f"aws ec2 create-tags --resources {closed.id} --tags Key=auto-remediation,Value=approve"
        return Advise(NOT_OPTED_IN, (tag,))
    return plan_ingress(closed, theirs[0], on.pop(), f"{ID}.security_group_closed", ID, place)


@writes(does=Text("hands over to the service's own runbook", "サービス自体のランブックに引き継ぐ"))
def hand_over(e: Evidence, setting: Setting) -> Decision:
    """The service behind the targets is looked into, in the same thread."""
    service = e.behind.get().service
    if service is None:
        return Advise(ADVICE_APPLICATION_FAILING, (look_at_targets(e.group.get()),))
    bad = lately(e.stops.get(), setting.now)
    told = "; ".join(f"{n} x {why}" for why, n in reasons(e.group.get()).items()) or ends(bad)
    return HandOver(
        Text(
            f"the application behind the targets fails ({told})",
            f"ターゲットの背後のアプリケーションに異常があります（{told}）",
        ),
        looks_into(bad),
        Resource("ecs_service", service.arn),
    )


WRONG_PATH_ROW = Cause(
    id="wrong_path",
    title=Text("wrong health-check path", "ヘルスチェックパスの誤り"),
    holds=wrong_path,
    fixes=(set_health_path,),
    advice=Text(
        "Call the health path on a target and set the target group to the path that answers.",
        "ターゲットのヘルスチェックパスを直接呼び出し、応答するパスをターゲットグループに設定してください。",
    ),
    confirm=Text(
        "The target answers the checked path with a code that the matcher refuses (Target.ResponseCodeMismatch), and the "
        "declared path on the same port with one that it takes.",
        "ヘルスチェックパスへの応答がマッチャー外のコードで（Target.ResponseCodeMismatch）、同じポートの宣言済みパスは"
        "期待どおりのコードを返します。",
    ),
    look=(_HEALTH, _CHECK, "curl -i http://<target-ip>:<port><health-path>"),
)

WRONG_PORT_ROW = Cause(
    id="wrong_port",
    title=Text("wrong port", "ポート番号の誤り"),
    holds=wrong_port,
    fixes=(set_health_port, register_right_port),
    advice=ADVICE_WRONG_PORT,
    confirm=Text(
        "Registered or checked port differs from the one that the container listens on, and a connection to that one succeeds.",
        "登録ポートまたはヘルスチェックポートがコンテナの待ち受けポートと異なり、待ち受けポートには接続できます。",
    ),
    look=(
        _HEALTH,
        _CHECK,
        "aws ecs describe-services --cluster <cluster> --services <service> --query 'services[].loadBalancers'",
        (
            "aws ecs describe-task-definition --task-definition <family> "
            "--query 'taskDefinition.containerDefinitions[].[name,portMappings]'"
        ),
    ),
)

SECURITY_GROUP_CLOSED_ROW = Cause(
    id="security_group_closed",
    title=Text("security group closed", "セキュリティグループによる遮断"),
    holds=security_group_closed,
    fixes=(admit_load_balancer,),
    advice=ADVICE_SECURITY_GROUP_CLOSED,
    confirm=Text(
        "Checks time out (Target.Timeout) on the right port, and neither rule nor network ACL admits the load balancer there; "
        "from within the targets' own network the port answers.",
        "正しいポートでタイムアウトし（Target.Timeout）、ロードバランサーを許可するルールがないか、ネットワーク ACL が拒否して"
        "います。ターゲットと同じネットワークからは応答があります。",
    ),
    look=(
        _HEALTH,
        "aws elbv2 describe-load-balancers --load-balancer-arns <load-balancer-arn> --query 'LoadBalancers[].SecurityGroups'",
        "aws ec2 describe-security-groups --group-ids <targets-group> <load-balancer-group>",
        "aws ec2 describe-network-acls --filters Name=association.subnet-id,Values=<subnet>",
    ),
)

APPLICATION_FAILING_ROW = Cause(
    id="application_failing",
    title=Text("application failing", "アプリケーションの異常"),
    holds=application_failing,
    fixes=(hand_over,),
    advice=ADVICE_APPLICATION_FAILING,
    confirm=Text(
        "Path, port and way are right, and the target answers 5xx, too late or not at all; its log tells of errors.",
        "パス、ポート、経路は正しく、ターゲットが 5xx、遅延、または無応答です。ログにもエラーが記録されています。",
    ),
    look=(
        _HEALTH,
        "curl -i http://<target-ip>:<port><health-path>",
        "aws logs filter-log-events --log-group-name <log-group> --filter-pattern ERROR --start-time <milliseconds>",
    ),
)

TRIGGERS = (alarm_on("AWS/ApplicationELB", "UnHealthyHostCount", "HealthyHostCount"),)
RUNBOOK = Runbook(
    id=ID,
    title=TARGETS_UNHEALTHY.title,
    symptom=TARGETS_UNHEALTHY.symptom,
    guide="Application Load Balancer: targets unhealthy",
    triggers=TRIGGERS,
    evidence=Evidence,
    causes=(WRONG_PATH_ROW, WRONG_PORT_ROW, SECURITY_GROUP_CLOSED_ROW, APPLICATION_FAILING_ROW),
    outcome=After,
    judge=judge,
    mode=mode,
    image=image,
    about=about,
    stack=stack,
)
