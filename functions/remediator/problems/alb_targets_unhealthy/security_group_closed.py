"""Row `alb_targets_unhealthy.security_group_closed`.

The check times out because a security group or a network ACL stops the load balancer's packets.
"""

from collections.abc import Sequence

from ...core.model import OPT_IN_TAG, Resource, opted_in
from ...core.plan import Advise, Decision
from ...core.ports import Permission
from ...core.runbook import Cause, Finding, Holds, RuledOut, Setting, writes
from ...core.text import Text
from ...resources.load_balancing.target_health import failing_as
from ...resources.vpc.ingress_plans import plan_ingress
from ...resources.vpc.network_path import Block
from .evidence import Evidence
from .facts import HEALTH, ID, block_facts, check_facts, look_at_targets, reason_facts
from .reachability import blocks, known_misdirected, ports

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


ADVICE = Text(
    "Admit the load balancer's security group on the targets' port; do not open it to addresses.",
    "ターゲットのポートでロードバランサーの SG を許可してください。IP アドレス範囲では開放しないでください。",
)
SECURITY_GROUP_ARN = "arn:{partition}:ec2:{region}:{account}:security-group/*"


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
    return ADVICE


def look_at_groups(*ids: str) -> str:
    """The command that shows these security groups."""
    return f"aws ec2 describe-security-groups --group-ids {' '.join(ids)}"


def holds(e: Evidence, setting: Setting) -> Finding:
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
    if not opted_in(closed.tags):
        tag = f"aws ec2 create-tags --resources {closed.id} --tags Key={OPT_IN_TAG},Value=approve"
        return Advise(NOT_OPTED_IN, (tag,))
    return plan_ingress(closed, theirs[0], on.pop(), f"{ID}.security_group_closed", ID, place)


CAUSE = Cause(
    id="security_group_closed",
    title=Text("security group closed", "セキュリティグループによる遮断"),
    holds=holds,
    fixes=(admit_load_balancer,),
    advice=ADVICE,
    confirm=Text(
        "Checks time out (Target.Timeout) on the right port, and neither rule nor network ACL admits the load balancer there; "
        "from within the targets' own network the port answers.",
        "正しいポートでタイムアウトし（Target.Timeout）、ロードバランサーを許可するルールがないか、ネットワーク ACL が拒否して"
        "います。ターゲットと同じネットワークからは応答があります。",
    ),
    look=(
        HEALTH,
        "aws elbv2 describe-load-balancers --load-balancer-arns <load-balancer-arn> --query 'LoadBalancers[].SecurityGroups'",
        "aws ec2 describe-security-groups --group-ids <targets-group> <load-balancer-group>",
        "aws ec2 describe-network-acls --filters Name=association.subnet-id,Values=<subnet>",
    ),
)
