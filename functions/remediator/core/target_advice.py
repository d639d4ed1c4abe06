"""Words of advice and commands for the rows of `alb_targets_unhealthy`, and why a change is not made."""

from collections.abc import Sequence

from .load_balancing import TargetGroup
from .model import Advise
from .network_path import Block
from .target_health import Behind
from .target_ports import PortDifference
from .text import Text

NO_PATH = Text(
    "No health path is declared for this workload: say which path is right.",
    "このワークロードにはヘルスチェックパスが宣言されていません。正しいパスを確認してください。",
)
MATCHER = Text(
    "The application answers with a success code that the matcher refuses: correct the matcher or the answer.",
    "アプリケーションは成功コードを返していますが、マッチャーが受け付けていません。どちらかを修正してください。",
)
NONE_HEALTHY = Text(
    "no target is healthy on the right port, so nothing proves it and none would remain",
    "正しいポートで正常なターゲットがなく、解除後に正常なターゲットが残りません",
)
ECS_OWNS = Text(
    "ECS registers these targets itself: correct the service's load-balancer mapping.",
    "ターゲットは ECS が登録しています。サービスのロードバランサー設定を修正してください。",
)
SEVERAL_GROUPS = Text(
    "Several security groups come into question; a person must choose which one admits which.",
    "対象となるセキュリティグループが複数あります。どれを許可するかは人の判断が必要です。",
)
FOREIGN_GROUP = Text(
    "The security group belongs to another account; its owner must admit the load balancer.",
    "セキュリティグループは別アカウントのものです。所有者による許可が必要です。",
)
NOT_OPTED_IN = Text(
    "The targets' security group has not opted in (tag auto-remediation).",
    "ターゲット側のセキュリティグループがオプトインされていません（auto-remediation タグ）。",
)
ADVICE_WRONG_PORT = Text(
    "Find the port that the application listens on and compare it with registration and health check.",
    "アプリケーションの待ち受けポートを確認し、登録ポートとヘルスチェックポートに一致させてください。",
)
ADVICE_SECURITY_GROUP_CLOSED = Text(
    "Admit the load balancer's security group on the targets' port; do not open it to addresses.",
    "ターゲットのポートでロードバランサーの SG を許可してください。IP アドレス範囲では開放しないでください。",
)
ADVICE_APPLICATION_FAILING = Text(
    "Read the application's log: it answers with errors, too late or not at all on an open port.",
    "アプリケーションのログを確認してください。エラー応答、応答遅延、または無応答の状態です。",
)

_HEALTH = "aws elbv2 describe-target-health --target-group-arn <target-group-arn>"
_CHECK = (
    "aws elbv2 describe-target-groups --target-group-arns <target-group-arn> "
    "--query 'TargetGroups[].[HealthCheckPath,HealthCheckPort,Port,Matcher]'"
)


def beyond_one_rule(blocks: Sequence[Block]) -> Text:
    """Why no single ingress rule opens the way."""
    by = {b.by for b in blocks}
    if "acl" in by:
        return Text(
            "A network ACL denies it; ACLs are not changed by the program.",
            "ネットワーク ACL が拒否しています。ACL はプログラムでは変更しません。",
        )
    if "egress" in by:
        return Text(
            "The load balancer's own security group does not let its packets out; correct its egress rules.",
            "ロードバランサー側のセキュリティグループのアウトバウンドルールが許可していません。修正してください。",
        )
    return ADVICE_SECURITY_GROUP_CLOSED


def tell_mapping(group: TargetGroup, owner: Behind, wrong: PortDifference) -> Advise:
    """What differs in the load-balancer mapping of the service that registers these targets itself."""
    service = owner.service
    if service is None:
        return Advise(ECS_OWNS, (look_at_targets(group),))
    mapped = owner.mapped_port(group.arn)
    told = f"{service.name}: containerPort {mapped or '?'} -> {wrong.right}"
    command = f"aws ecs describe-services --cluster {service.cluster} --services {service.name} --query services[].loadBalancers"
    return Advise(ECS_OWNS + Text(f" {told}", f" {told}"), (command,))


def look_at_targets(group: TargetGroup) -> str:
    """The command that shows each target's health."""
    return f"aws elbv2 describe-target-health --target-group-arn {group.arn}"


def look_at_groups(*ids: str) -> str:
    """The command that shows these security groups."""
    return f"aws ec2 describe-security-groups --group-ids {' '.join(ids)}"
