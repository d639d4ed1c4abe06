"""What a person is told where a task does not start: the exact statement, way, image or setting, with commands."""

import shlex
from collections.abc import Sequence

from .ecs import Service
from .instance_capacity import Instance, largest_left, room
from .model import Advise
from .role_rights import Role
from .start_rights import POLICY_NAME, Need, free_policy_name, statement, trust_statement
from .start_rows import ADVICE_IMAGE_UNAVAILABLE
from .task_setup import Difference, WantedImage, ecr_name
from .text import Text, joined, same
from .ways_out import HTTPS, Way

WAITING = Text(
    "Fargate has no capacity for the task at this moment. ECS keeps trying by itself; watching.",
    "現在 Fargate のキャパシティが不足しています。ECS が自動で再試行するため、監視を続けます。",
)
THERE_BUT = Text(
    "The registry holds the image. If the reason speaks of the platform, build it for that one or set runtimePlatform;"
    " if it speaks of too many requests, pull with a login or through a pull-through cache.",
    "イメージはレジストリに存在します。停止理由がプラットフォームに関するものなら、対応するイメージをビルドするか"
    " runtimePlatform を設定してください。取得回数の超過なら、認証して取得するかプルスルーキャッシュを利用してください。",
)
VALID_SIZE = Text("The size of the task is one that Fargate runs.", "タスクのサイズは Fargate で有効な組み合わせです。")
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
NO_DEPLOYMENT = Text("No deployment came with it.", "直前のデプロイはありません。")
SAME_NAMED = Text(
    "The last good revision names the same thing, so going back to it would not help.",
    "直近の正常なリビジョンも同じものを参照しているため、戻しても解消しません。",
)
NOT_CHANGED_IMAGE = Text(
    "The last good revision names the same image.", "直近の正常なリビジョンも同じイメージを指定しています。"
)


def no_capacity(service: Service) -> Advise:
    """Fargate stays without capacity: what widens the choice, and the on-demand way where only Spot is used."""
    vpc = service.network.get("awsvpcConfiguration", {})
    count = len(vpc.get("subnets", ()))
    more = Text(
        f"The service names {count} subnet(s): add subnets in other zones, so that ECS can choose.",
        f"サービスのサブネットは {count} 個です。別のゾーンのサブネットを追加すると、ECS が配置先を選べます。",
    )
    more += Text(
        " Where the reason names a limit of the account, ask for a higher quota.",
        "理由がアカウントの上限を示している場合は、クォータの引き上げを申請してください。",
    )
    subnets = ",".join([*vpc.get("subnets", ()), "<subnet-in-another-zone>"])
    groups = ",".join(vpc.get("securityGroups", ()))
    public = vpc.get("assignPublicIp", "DISABLED")
    network = f"awsvpcConfiguration={{subnets=[{subnets}],securityGroups=[{groups}],assignPublicIp={public}}}"
    where = f"--cluster {service.cluster} --service {service.name}"
    commands = [
        f"aws ecs update-service {where} --network-configuration '{network}'",
        "aws service-quotas list-service-quotas --service-code fargate",
    ]
    if service.providers == ("FARGATE_SPOT",):
        more += Text(
            " It runs on Spot alone; on-demand capacity costs more, so a person decides.",
            "Spot のみで稼働しています。オンデマンドは費用が増えるため、人が判断してください。",
        )
        both = "capacityProvider=FARGATE,base=1,weight=1 capacityProvider=FARGATE_SPOT,weight=1"
        commands.append(f"aws ecs update-service {where} --capacity-provider-strategy {both} --force-new-deployment")
    return Advise(more, tuple(commands))


def no_room(service: Service, instances: tuple[Instance, ...], cpu: int, memory_mib: int) -> Advise:
    """What the cluster's instances have left, against what the task wants."""
    fits, (cpu_left, mib_left) = room(instances, cpu, memory_mib), largest_left(instances)
    told = Text(
        f"{fits} of {len(instances)} container instances have room for {cpu} CPU units and {memory_mib} MiB; the most"
        f" that one has left is {cpu_left} units and {mib_left} MiB.",
        f"CPU {cpu} ユニットとメモリ {memory_mib} MiB の空きがあるコンテナインスタンスは {len(instances)} 台中 {fits} 台で、"
        f"1 台あたりの空きの最大は CPU {cpu_left} ユニット、メモリ {mib_left} MiB です。",
    )
    return Advise(
        told,
        (
            (
                f"aws ecs describe-container-instances --cluster {service.cluster} --container-instances "
                f"$(aws ecs list-container-instances --cluster {service.cluster} --query containerInstanceArns --output text) "
                "--query 'containerInstances[].[ec2InstanceId,remainingResources[?name==`CPU`||name==`MEMORY`]]'"
            ),
            "aws autoscaling set-desired-capacity --auto-scaling-group-name <group> --desired-capacity <count>",
        ),
    )


def role_missing(role: Role, wanted: Sequence[Need]) -> Advise:
    """The role does not exist: how a person makes it, with all that a start asks of it (of an execution role)."""
    name = role.name
    create = f"aws iam create-role --role-name {name} --assume-role-policy-document {shlex.quote(trust_statement())}"
    needed = role.use == "execution" and bool(wanted)
    return Advise(
        Text(
            f"The {role.use} role {name} does not exist. Create it, then give it what the task needs.",
            f"{USE[role.use].ja} {name} が存在しません。作成し、必要な権限を付与してください。",
        ),
        (create, *((_put(name, POLICY_NAME, statement(wanted)),) if needed else ())),
    )


def _put(role: str, policy: str, document: str) -> str:
    return (
        f"aws iam put-role-policy --role-name {role} --policy-name {policy} --policy-document {shlex.quote(document)}"
    )


def trust_missing(role: Role) -> Advise:
    """ECS tasks may not assume the role: the statement that its trust policy lacks."""
    return Advise(
        Text(
            f"The trust policy of the {role.use} role {role.name} does not name ecs-tasks.amazonaws.com. Add the statement"
            " to it; update-assume-role-policy replaces the whole document, so keep what is there.",
            f"{USE[role.use].ja} {role.name} の信頼ポリシーに ecs-tasks.amazonaws.com がありません。"
            "次のステートメントを追加してください。update-assume-role-policy は全体を置き換えるため、既存の内容も残します。",
        ),
        (
            f"aws iam get-role --role-name {role.name} --query Role.AssumeRolePolicyDocument > trust.json",
            f"# add to trust.json: {trust_statement()}",
            f"aws iam update-assume-role-policy --role-name {role.name} --policy-document file://trust.json",
        ),
    )


USE = {"execution": Text("execution role", "タスク実行ロール"), "task": Text("task role", "タスクロール")}


def grant(role: Role, missing: Sequence[Need]) -> Advise:
    """The least statement that is missing, and the command that adds it under a name that overwrites no policy."""
    document = statement(missing)
    listed = ", ".join(f"{n.action} ({n.resource})" for n in missing)
    why = Text(
        f"The {role.use} role {role.name} lacks: {listed}. A person adds it; the program never writes to IAM.",
        f"{USE[role.use].ja} {role.name} に不足している権限: {listed}。人が追加してください"
        "（このプログラムは IAM を変更しません）。",
    )
    name = free_policy_name(role)
    if name is None:
        return Advise(why, (f"aws iam list-role-policies --role-name {role.name}", f"# missing statement: {document}"))
    return Advise(why, (_put(role.name, name, document),))


def allowed_here(role: Role | None, wanted: Sequence[Need]) -> Advise:
    """The role's own policies do not explain it: where else a denial can come from."""
    listed = ", ".join(f"{n.action} ({n.resource})" for n in wanted) or "-"
    arn = role.arn if role else "<role-arn>"
    actions = " ".join(dict.fromkeys(n.action for n in wanted)) or "<action>"
    return Advise(
        Text(
            "The role's own policies do not show what is missing. Look at a permissions boundary, a service control"
            f" policy, an endpoint policy, and the policy of the resource itself: {listed}.",
            "ロール自身のポリシーからは不足を特定できません。アクセス許可の境界、サービスコントロールポリシー、"
            f"エンドポイントポリシー、リソース側のポリシーを確認してください: {listed}。",
        ),
        (f"aws iam simulate-principal-policy --policy-source-arn {arn} --action-names {actions}",),
    )


def way_text(way: Way) -> Text:
    """One closed way in words: which subnet does not reach which service, and what stops it."""
    at = ", ".join(way.at)
    start = Text(f"{way.subnet} does not reach {way.service}: ", f"{way.subnet} から {way.service} に到達できません: ")
    told = {
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
    return start + told.get(way.by, same(f"{way.by} {at}"))


def tell_ways(closed: Sequence[Way]) -> Advise:
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
    return Advise(joined(way_text(w) for w in closed), tuple(commands[kind] for kind in by if kind in commands))


def _at(closed: Sequence[Way], by: str) -> list[str]:
    return sorted({id for w in closed if w.by == by for id in w.at})


def tell_differences(found: Sequence[Difference], advice: Text, bad: str, good: str) -> Advise:
    """What the revision has otherwise than the last good one, with the commands that show both."""
    shown = tuple(f"aws ecs describe-task-definition --task-definition {r}" for r in (bad, good) if r)
    if not found:
        return Advise(advice, shown)
    listed = same("; ".join(f"{d.place}: {d.good} -> {d.bad}" for d in found[:5]))
    return Advise(
        advice + Text(" Changed since the last good revision: ", "直近の正常なリビジョンからの変更: ") + listed, shown
    )


def tell_image(images: Sequence[WantedImage]) -> Advise:
    """Which image is missing, with what its repository holds; other words where the registry does hold it."""
    gone = [i for i in images if i.found is False]
    why = THERE_BUT if images and all(i.found for i in images) else ADVICE_IMAGE_UNAVAILABLE
    if gone:
        listed = ", ".join(i.image for i in gone)
        why = Text(f"Not in its registry: {listed}. ", f"レジストリにないイメージ: {listed}。") + why
    repositories = sorted({n.repository for i in (gone or images) if (n := ecr_name(i.image))})
    newest = "--query 'reverse(sort_by(imageDetails,&imagePushedAt))[:5].[imageTags,imagePushedAt]'"
    return Advise(why, tuple(f"aws ecr describe-images --repository-name {r} {newest}" for r in repositories))
