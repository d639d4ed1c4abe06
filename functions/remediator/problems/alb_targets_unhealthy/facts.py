"""What the readings say of a target group: failing targets, probes, ports, blocked paths; pre-image."""

from collections.abc import Sequence

from ...core.model import Fact
from ...core.runbook import Setting
from ...core.text import Text
from ...resources.load_balancing.model import TargetGroup, TargetState
from ...resources.load_balancing.target_health import failing, in_use, named, reasons, registered
from ...resources.vpc.ingress_plans import ingress_of
from ...resources.vpc.network_path import Block
from .evidence import Evidence
from .ports import PortDifference

HEALTH = "aws elbv2 describe-target-health --target-group-arn <target-group-arn>"
CHECK = (
    "aws elbv2 describe-target-groups --target-group-arns <target-group-arn> "
    "--query 'TargetGroups[].[HealthCheckPath,HealthCheckPort,Port,Matcher]'"
)
ID = "alb_targets_unhealthy"
TARGET_GROUP_ARN = "arn:{partition}:elasticloadbalancing:{region}:{account}:targetgroup/*"


def reason_facts(e: Evidence, targets: Sequence[TargetState]) -> tuple[Fact, ...]:
    """How many targets fail like this, which, and AWS's own words for it."""
    newest = targets[0]
    text = f"{newest.reason}: {newest.description}" if newest.description else newest.reason
    listed = ", ".join(named(t) for t in targets[:5]) + (", ..." if len(targets) > 5 else "")
    return (
        e.group.fact(Text("such targets", "該当するターゲット"), f"{len(targets)} ({listed})"),
        e.group.fact(Text("their health check says", "ヘルスチェックの結果"), text),
    )


def check_facts(e: Evidence) -> tuple[Fact, ...]:
    """Path, port, matcher and timing of the health check, as it is set."""
    group = e.group.get()
    asks = f"{group.health_protocol} {group.health_path or '-'} ({group.health_port}), {group.matcher or '-'}"
    every = f"{group.timeout_s} s / {group.interval_s} s, {group.unhealthy_threshold} x / {group.healthy_threshold} x"
    return (
        e.group.fact(Text("health check: path (port), codes", "ヘルスチェック: パス（ポート）、コード"), asks.strip()),
        e.group.fact(
            Text(
                "its timeout / interval, to unhealthy / to healthy",
                "タイムアウト / 間隔、異常 / 正常と判定するまでの回数",
            ),
            every,
        ),
    )


def port_facts(e: Evidence, wrong: PortDifference, setting: Setting) -> tuple[Fact, ...]:
    """Where targets are registered and checked, and everything that tells the right port."""
    group, owner = e.group.get(), e.behind.get()
    facts = [
        e.group.fact(Text("registered / checked on", "登録 / チェック先"), f"{registered(group)} / {group.health_port}")
    ]
    if setting.workload and setting.workload.port:
        label = Text("port that the workload declares", "ワークロードが宣言したポート")
        facts.append(Fact(label, str(setting.workload.port), "cdk.json", e.group.read_at))
    if mapped := owner.mapped_port(group.arn):
        facts.append(e.behind.fact(Text("service maps container port", "サービスのコンテナポート"), str(mapped)))
    if containers := e.container_ports.or_none():
        text = ", ".join(f"{c.container}: {c.port}" for c in containers)
        facts.append(e.container_ports.fact(Text("containers listen on", "コンテナの待ち受けポート"), text))
    facts.append(e.group.fact(Text("right port", "正しいポート"), str(wrong.right)))
    return tuple(facts)


def block_facts(e: Evidence, blocks: Sequence[Block]) -> tuple[Fact, ...]:
    """What stops the load balancer's packets, each place once."""
    source = ", ".join(e.balancer.get().groups)
    once = {(b.by, b.names, b.port): b for b in blocks}.values()
    return tuple(_block_fact(e, b, f"{', '.join(b.names)}: TCP {b.port} <- {source}") for b in once)


def _block_fact(e: Evidence, found: Block, text: str) -> Fact:
    if found.by == "acl":
        return e.acls.fact(Text("network ACL denies it", "ネットワーク ACL による拒否"), text)
    label = {
        "ingress": Text("targets' group has no rule for it", "ターゲット側 SG に許可ルールなし"),
        "egress": Text("load balancer's group lets none out", "ロードバランサー側 SG の送信許可なし"),
    }[found.by]
    return e.security_groups.fact(label, text)


def answer_facts(e: Evidence) -> tuple[Fact, ...]:
    """What separates the application from its load balancer: who answered 5xx, and how slowly against the timeout."""
    facts, found = list(check_facts(e)), e.answers.or_none()
    if found is None:
        return tuple(facts)
    split = f"{found.target_5xx} / {found.balancer_5xx} / {found.connection_errors}"
    label = Text("5xx of targets / of the load balancer / failed connections", "5xx: ターゲット / ALB / 接続エラー")
    facts.append(e.answers.fact(label, split))
    if found.slowest_ms is not None:
        slow = f"{found.slowest_ms} ms / {1000 * e.group.get().timeout_s} ms"
        label = Text("slowest answer / health-check timeout", "最も遅い応答 / ヘルスチェックのタイムアウト")
        facts.append(e.answers.fact(label, slow))
    return tuple(facts)


def current_values(e: Evidence) -> dict[str, str]:
    """What plans replace, as it is now."""
    group = e.group.get()
    ingress = {ingress_of(g): g.ingress_text for g in e.security_groups.or_none() or ()}
    return {
        "healthCheckPath": group.health_path,
        "healthCheckPort": group.health_port,
        "matcher": group.matcher,
        "registered": registered(group),
        **ingress,
    }


def situation(e: Evidence) -> tuple[Fact, ...]:
    """Since when, how many targets and why, who is affected, how the service behind them stands."""
    facts: list[Fact] = []
    if (hosts := e.hosts.or_none()) and hosts.unhealthy_since:
        facts.append(e.hosts.fact(Text("since", "発生時刻"), hosts.unhealthy_since))
    if (traffic := e.traffic.or_none()) and (traffic.requests or traffic.failed):
        label = Text("users: requests / failed, last 15 min", "利用者への影響: リクエスト数 / 失敗率（15 分）")
        facts.append(e.traffic.fact(label, f"{traffic.requests} / {traffic.failed_pct:.1f} %"))
    if group := e.group.or_none():
        facts.extend(_health_facts(e, group))
    if (owner := e.behind.or_none()) and owner.service:
        running = f"{owner.service.name}: {owner.service.running} / {owner.service.desired}"
        facts.append(e.behind.fact(Text("tasks running / desired", "実行中 / 必要タスク数"), running))
    return tuple(facts)


def _health_facts(e: Evidence, group: TargetGroup) -> tuple[Fact, ...]:
    used = in_use(group)
    facts = [
        e.group.fact(Text("healthy targets / in use", "正常 / 使用中のターゲット"), f"{group.healthy} / {len(used)}")
    ]
    unhealthy = Text("unhealthy targets", "異常なターゲット")
    facts.extend(e.group.fact(unhealthy, f"{n} x {why}") for why, n in reasons(group).items())
    if used and len(failing(group)) == len(used):
        label = Text(
            "no target is healthy, so the load balancer sends requests to all of them (fail-open)",
            "正常なターゲットがないため、全ターゲットにリクエストを送信中（フェイルオープン）",
        )
        facts.append(e.group.fact(label, f"{len(used)} / {len(used)}"))
    return tuple(facts)


def look_at_targets(group: TargetGroup) -> str:
    """The command that shows each target's health."""
    return f"aws elbv2 describe-target-health --target-group-arn {group.arn}"


def declared_path(setting: Setting) -> str:
    """The health path that the workload declares, empty where none is declared."""
    return setting.workload.health_path if setting.workload else ""
