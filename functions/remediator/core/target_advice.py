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
ADVICE = {
    "wrong_path": Text(
        "Call the health path on a target and set the target group to the path that answers.",
        "ターゲットのヘルスチェックパスを直接呼び出し、応答するパスをターゲットグループに設定してください。",
    ),
    "wrong_port": Text(
        "Find the port that the application listens on and compare it with registration and health check.",
        "アプリケーションの待ち受けポートを確認し、登録ポートとヘルスチェックポートに一致させてください。",
    ),
    "security_group_closed": Text(
        "Admit the load balancer's security group on the targets' port; do not open it to addresses.",
        "ターゲットのポートでロードバランサーの SG を許可してください。IP アドレス範囲では開放しないでください。",
    ),
    "application_failing": Text(
        "Read the application's log: it answers with errors, too late or not at all on an open port.",
        "アプリケーションのログを確認してください。エラー応答、応答遅延、または無応答の状態です。",
    ),
}
CONFIRM = {
    "wrong_path": Text(
        "The target answers the checked path with a code that the matcher refuses (Target.ResponseCodeMismatch), and the "
        "declared path on the same port with one that it takes.",
        "ヘルスチェックパスへの応答がマッチャー外のコードで（Target.ResponseCodeMismatch）、同じポートの宣言済みパスは"
        "期待どおりのコードを返します。",
    ),
    "wrong_port": Text(
        "Registered or checked port differs from the one that the container listens on, and a connection to that one succeeds.",
        "登録ポートまたはヘルスチェックポートがコンテナの待ち受けポートと異なり、待ち受けポートには接続できます。",
    ),
    "security_group_closed": Text(
        "Checks time out (Target.Timeout) on the right port, and neither rule nor network ACL admits the load balancer there; "
        "from within the targets' own network the port answers.",
        "正しいポートでタイムアウトし（Target.Timeout）、ロードバランサーを許可するルールがないか、ネットワーク ACL が拒否して"
        "います。ターゲットと同じネットワークからは応答があります。",
    ),
    "application_failing": Text(
        "Path, port and way are right, and the target answers 5xx, too late or not at all; its log tells of errors.",
        "パス、ポート、経路は正しく、ターゲットが 5xx、遅延、または無応答です。ログにもエラーが記録されています。",
    ),
}
_HEALTH = "aws elbv2 describe-target-health --target-group-arn <target-group-arn>"
_CHECK = (
    "aws elbv2 describe-target-groups --target-group-arns <target-group-arn> "
    "--query 'TargetGroups[].[HealthCheckPath,HealthCheckPort,Port,Matcher]'"
)
LOOK = {
    "wrong_path": (_HEALTH, _CHECK, "curl -i http://<target-ip>:<port><health-path>"),
    "wrong_port": (
        _HEALTH,
        _CHECK,
        "aws ecs describe-services --cluster <cluster> --services <service> --query 'services[].loadBalancers'",
        (
            "aws ecs describe-task-definition --task-definition <family> "
            "--query 'taskDefinition.containerDefinitions[].[name,portMappings]'"
        ),
    ),
    "security_group_closed": (
        _HEALTH,
        "aws elbv2 describe-load-balancers --load-balancer-arns <load-balancer-arn> --query 'LoadBalancers[].SecurityGroups'",
        "aws ec2 describe-security-groups --group-ids <targets-group> <load-balancer-group>",
        "aws ec2 describe-network-acls --filters Name=association.subnet-id,Values=<subnet>",
    ),
    "application_failing": (
        _HEALTH,
        "curl -i http://<target-ip>:<port><health-path>",
        "aws logs filter-log-events --log-group-name <log-group> --filter-pattern ERROR --start-time <milliseconds>",
    ),
}


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
    return ADVICE["security_group_closed"]


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
