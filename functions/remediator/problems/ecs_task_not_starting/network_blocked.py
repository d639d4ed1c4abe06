"""Row `ecs_task_not_starting.network_blocked`.

The start waited for an answer in vain, and a way that it needs is proved to be closed.
"""

from collections.abc import Mapping, Sequence

from ...core.evidence import Unchecked
from ...core.model import OPT_IN_TAG, Fact, Resource, opted_in
from ...core.plan import Advise, Decision
from ...core.ports import Permission
from ...core.runbook import Cause, Finding, Holds, RuledOut, Setting, writes
from ...core.text import Text, joined, same
from ...resources.ecs.task_setup import TaskSetup, ecr_name
from ...resources.vpc.egress import HTTPS, EgressPath, egress_paths
from ...resources.vpc.ingress_plans import Admission, plan_admission
from ...resources.vpc.network_path import SecurityGroup
from .evidence import Evidence
from .facts import FACTS_SHOWN, ID, LOOK_AT_STOPS, NONE_SUCH
from .failed_starts import Starts, once, preconditions, start_facts, starts_as

INTERNET = "internet"  # a registry that is not ECR
WAYS_OPEN = (
    "the reason speaks of the network, but no way that can be looked at is proved to be closed: "
    "DNS, firewalls, endpoint policies and what lies behind other gateways are not looked at"
)
SEVERAL_GROUPS = Text("One ingress rule would not open it.", "1 つのインバウンドルールの追加だけでは解消しません。")
FOREIGN_GROUP = Text(
    "The endpoint's security group belongs to another account.",
    "エンドポイントのセキュリティグループは別アカウントのものです。",
)
NOT_OPTED_IN = Text(
    "The endpoint's security group has not opted in.",
    "エンドポイントのセキュリティグループがオプトインしていません。",
)
SECURITY_GROUP_ARN = "arn:{partition}:ec2:{region}:{account}:security-group/*"


def all_ways(e: Evidence, starts: Starts) -> tuple[EgressPath, ...]:
    """The ways that the start needs; those to the service that AWS's words name, where they name one.

    Raises:
        Unchecked: a part of the network could not be read.
    """
    wanted, named = services_of(e.setup.get()), named_services(starts.named)
    services = tuple(s for s in wanted if s in named) or wanted
    return egress_paths(e.place.get(), services, e.way_groups.get(), e.way_acls.get())


def closed_ways(e: Evidence) -> tuple[EgressPath, ...]:
    """Every way of the start that is closed, whichever AWS's words name.

    Raises:
        Unchecked: a part of the network could not be read.
    """
    found = egress_paths(e.place.get(), services_of(e.setup.get()), e.way_groups.get(), e.way_acls.get())
    return tuple(w for w in found if w.state == "closed")


def shut_group(e: Evidence) -> SecurityGroup | None:
    """The one group of endpoints that one rule would open; None where something else closes a way, or more does."""
    closed = closed_ways(e)
    shut = {w.at for w in closed if w.by == "endpoint_group"}
    one = len(shut) == 1 and {w.by for w in closed} == {"endpoint_group"} and len(e.place.get().groups) == 1
    ids = shut.pop() if one else ()
    return next((g for g in e.way_groups.get() if g.id in ids), None) if len(ids) == 1 else None


def way_facts(e: Evidence, found: Sequence[EgressPath]) -> tuple[Fact, ...]:
    """One fact for each closed way, at most six."""
    label = Text("closed", "閉じている経路")
    return tuple(Fact(label, path_text(w).en, e.place.source, e.place.read_at) for w in found[:FACTS_SHOWN])


def services_of(setup: TaskSetup) -> tuple[str, ...]:
    """The services that a start of the revision needs, as endpoints name them; `internet` for other registries."""
    found: list[str] = []
    if any(ecr_name(i) for i in setup.images):
        found += ["ecr.api", "ecr.dkr", "s3"]
    if any(ecr_name(i) is None for i in setup.images):
        found.append(INTERNET)
    if setup.env_files:
        found.append("s3")
    if setup.registry_secrets or any(s.of_secrets_manager for s in setup.secrets):
        found.append("secretsmanager")
    if any(not s.of_secrets_manager for s in setup.secrets):
        found.append("ssm")
    if setup.logs:
        found.append("logs")
    return tuple(dict.fromkeys(found))


def named_services(named: Mapping[str, str]) -> tuple[str, ...]:
    """The services that what AWS's words name belongs to, as endpoints name them; empty where nothing tells.

    Args:
        named: as `start_failure.named`: an endpoint's host, a secret, a parameter, a log group, an image.
    """
    host = named.get("endpoint", "").split(":")[0]
    if ".dkr.ecr." in host:
        return "ecr.dkr", "s3"
    labels = host.split(".")
    if labels[:2] == ["api", "ecr"]:
        return ("ecr.api",)
    if labels[0] in ("logs", "secretsmanager", "ssm", "s3"):
        return (labels[0],)
    by_kind = {"secret": "secretsmanager", "parameter": "ssm", "log_group": "logs"}
    if kind := next((k for k in by_kind if k in named), None):
        return (by_kind[kind],)
    if "image" in named:
        return ("ecr.dkr", "s3") if ecr_name(named["image"]) else (INTERNET,)
    return ()


def path_text(way: EgressPath) -> Text:
    """One closed way in words: which subnet does not reach which service, and what stops it."""
    at = ", ".join(way.at)
    start = Text(f"{way.subnet} does not reach {way.service}: ", f"{way.subnet} から {way.service} に到達できません: ")
    values = {
        "endpoint_group": Text(
            f"the endpoint's security group {at} does not admit {HTTPS} from the tasks",
            f"エンドポイントのセキュリティグループ {at} がタスクからの {HTTPS} を許可していません",
        ),
        "egress": Text(
            f"the tasks' security group {at} lets no {HTTPS} out",
            f"タスクのセキュリティグループ {at} が {HTTPS} の送信を許可していません",
        ),
        "acl": Text(f"network ACL {at} denies it", f"ネットワーク ACL {at} が拒否しています"),
        "public_address": Text(
            f"its default route leads to {at}, and the tasks get no public address",
            f"デフォルトルートは {at} ですが、タスクにパブリックアドレスが割り当てられません",
        ),
        "route": Text(
            f"no VPC endpoint with private DNS, and route table {at} has no default route",
            f"プライベート DNS 付きの VPC エンドポイントがなく、ルートテーブル {at} にデフォルトルートもありません",
        ),
    }
    return start + values.get(way.by, same(f"{way.by} {at}"))


def tell_ways(closed: Sequence[EgressPath]) -> Advise:
    """Every closed way, and commands for what would open the first of each kind."""
    by = {w.by: w for w in reversed(closed)}
    commands = {
        "endpoint_group": "aws ec2 describe-security-groups --group-ids " + " ".join(_at(closed, "endpoint_group")),
        "egress": "aws ec2 describe-security-groups --group-ids " + " ".join(_at(closed, "egress")),
        "acl": "aws ec2 describe-network-acls --network-acl-ids " + " ".join(_at(closed, "acl")),
        "public_address": "aws ecs update-service --cluster <cluster> --service <service> --network-configuration "
        "'awsvpcConfiguration={subnets=[<subnet>],securityGroups=[<group>],assignPublicIp=ENABLED}'",
        "route": "aws ec2 create-route --route-table-id "
        + (_at(closed, "route") or ["<table>"])[0]
        + " --destination-cidr-block 0.0.0.0/0 --nat-gateway-id <nat-gateway>",
    }
    return Advise(joined(path_text(w) for w in closed), tuple(commands[kind] for kind in by if kind in commands))


def _at(closed: Sequence[EgressPath], by: str) -> list[str]:
    return sorted({id for w in closed if w.by == by for id in w.at})


def holds(e: Evidence, _: Setting) -> Finding:
    """The start waited for an answer in vain, and a way that it needs is proved to be closed."""
    result, unclear = starts_as(e, "network_blocked"), starts_as(e, None)
    if not result.count and not unclear.count:
        return RuledOut(NONE_SUCH)
    found = all_ways(e, result if result.count else unclear)
    closed = tuple(w for w in found if w.state == "closed")
    if closed:
        result = result if result.count else unclear
        return Holds((*start_facts(e, result), *way_facts(e, closed)), result.weight)
    if result.count:
        raise Unchecked(WAYS_OPEN)
    return RuledOut(Text("no way that the start needs is closed", "起動に必要な経路に、閉じているものはありません"))


@writes(
    Permission("ec2:AuthorizeSecurityGroupIngress", SECURITY_GROUP_ARN),
    Permission("ec2:RevokeSecurityGroupIngress", SECURITY_GROUP_ARN),
    does=Text(
        "asks to admit the tasks' security group to the endpoints' on 443",
        "エンドポイントの SG にタスクの SG からの 443 を許可することについて承認を求める",
    ),
)
def admit_tasks(e: Evidence, setting: Setting) -> Decision:
    """One rule, from one security group, on 443; never from addresses, and only after a person approved."""
    starts = starts_as(e, "network_blocked")
    starts = starts if starts.count else starts_as(e, None)
    if (wait := preconditions(e, starts, setting)) is not None:
        return wait
    group = shut_group(e)
    if group is None:
        return Advise(SEVERAL_GROUPS)
    where = Resource("ecs_service", e.service.get().arn)
    if group.owner and group.owner != where.account:
        return Advise(FOREIGN_GROUP)
    if not opted_in(group.tags):
        return Advise(
            NOT_OPTED_IN, (f"aws ec2 create-tags --resources {group.id} --tags Key={OPT_IN_TAG},Value=approve",)
        )
    peer = e.place.get().groups[0]
    what = f"{peer} -> {group.id}, TCP {HTTPS}"
    title = Text(f"Admit the tasks to the VPC endpoints: {what}", f"VPC エンドポイントへのタスクの通信を許可: {what}")
    way = Admission(group=group, peer=peer, port=HTTPS, place=where, fix="admit_tasks", title=title)
    return plan_admission(way, f"{ID}.network_blocked", ID)


@writes(
    does=Text(
        "tells which subnet has no way to which service", "どのサブネットからどのサービスへの経路がないかを知らせる"
    )
)
def tell_closed_ways(e: Evidence, _: Setting) -> Decision:
    """Every closed way with what closes it."""
    starts = starts_as(e, "network_blocked")
    found = all_ways(e, starts if starts.count else starts_as(e, None))
    return once(e, tell_ways([w for w in found if w.state == "closed"]))


CAUSE = Cause(
    id="network_blocked",
    title=Text("network blocked", "ネットワークの遮断"),
    holds=holds,
    fixes=(admit_tasks, tell_closed_ways),
    advice=Text(
        "Open the way that is closed, or build one: a NAT gateway, a public address, or VPC endpoints.",
        "閉じている経路を開くか、NAT ゲートウェイ、パブリックアドレス、VPC エンドポイントで経路を用意してください。",
    ),
    confirm=Text(
        "The reason speaks of a timeout or a connection issue, and a subnet of the service has no open way to the named"
        " service. An answer of that service, even a refusal, speaks against it.",
        "停止理由がタイムアウトや接続の問題を示し、サービスのサブネットに対象サービスへの経路がない。"
        "相手サービスから応答（拒否を含む）があれば、この原因ではない。",
    ),
    look=(
        *LOOK_AT_STOPS,
        "aws ec2 describe-route-tables --filters Name=association.subnet-id,Values=<subnet>",
        (
            "aws ec2 describe-vpc-endpoints --filters Name=vpc-id,Values=<vpc> "
            "--query 'VpcEndpoints[].[ServiceName,State,PrivateDnsEnabled,Groups]'"
        ),
        "aws ec2 describe-security-groups --group-ids <group>",
    ),
)
