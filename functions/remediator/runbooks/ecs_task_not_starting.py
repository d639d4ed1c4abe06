"""Tasks of an ECS service stop before they run, or cannot be placed at all.

Guide: ECS/Fargate, tasks do not start: insufficient resources, missing permissions, blocked network; and, added to it,
an image that is not available and a task definition that cannot be carried out.
May change: the service's task definition (roll back, or a copy of a size that Fargate runs, which is always asked);
one ingress rule on 443 from the tasks' security group into the one of VPC endpoints (always asked).
Never: roles and policies, routes, subnets, endpoints, addresses in a rule, images, task counts, capacity providers.
"""

from dataclasses import dataclass

from ..aws.evidence import ecs, history, roles, starts, surroundings, ways_out
from ..core import start_advice as say
from ..core import start_view as view
from ..core.behind import to_the_other
from ..core.clocks import seconds_between
from ..core.ecs import RunningTask, Service, ServiceDeployment, TaskDefinition, TaskStop
from ..core.ecs_verdict import FAILED_STARTS
from ..core.edge import Permission
from ..core.evidence import Reading, Unchecked, reading
from ..core.failed_starts import Said, not_now, once, start_facts, starts_as
from ..core.fixes.roll_back import changed_by_deployment, plan_roll_back, short
from ..core.fixes.target_group import Admission, plan_admission
from ..core.fixes.task_size import plan_size
from ..core.gates import mode_from
from ..core.history import History
from ..core.instance_capacity import Instance, wanted
from ..core.load_balancing import TargetGroup, Traffic
from ..core.model import Advise, Decision, Resource, Watch
from ..core.network_path import NetworkAcl, SecurityGroup
from ..core.problems import NOT_STARTING
from ..core.role_rights import Role
from ..core.runbook import Cause, Finding, Holds, RuledOut, Runbook, Setting, writes
from ..core.service_stops import WATCH_S
from ..core.service_view import Endpoint, Scaling, Stack, mode, stack
from ..core.start_rows import ADVICE_IMAGE_UNAVAILABLE, ADVICE_INVALID_TASK_DEFINITION, LOOK_AT_EVENTS, LOOK_AT_STOPS
from ..core.start_verdict import about, judge, seen
from ..core.task_setup import TaskSetup, WantedImage, differences
from ..core.text import Text
from ..core.triggers import ecs_service_action, ecs_task_stopped
from ..core.ways_out import HTTPS, Place

ID = "ecs_task_not_starting"
SERVICE_ARN = "arn:{partition}:ecs:{region}:{account}:service/*"
SECURITY_GROUP_ARN = "arn:{partition}:ec2:{region}:{account}:security-group/*"
NONE_SUCH = Text("no failed start says so", "そのような起動失敗はありません")


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What is read before the diagnosis."""

    service: Reading[Service] = reading(ecs.service, recheck=True)
    stops: Reading[tuple[TaskStop, ...]] = reading(ecs.stops, recheck=True)
    said: Reading[tuple[Said, ...]] = reading(starts.said, recheck=True)
    deployments: Reading[tuple[ServiceDeployment, ...]] = reading(ecs.deployments, recheck=True)
    definition: Reading[TaskDefinition] = reading(ecs.definition)
    scaling: Reading[Scaling] = reading(surroundings.scaling)
    stack: Reading[Stack] = reading(surroundings.stack)
    setup: Reading[TaskSetup] = reading(starts.setup, after=("definition",))
    images: Reading[tuple[WantedImage, ...]] = reading(starts.wanted_images, after=("setup",))
    roles: Reading[tuple[Role, ...]] = reading(roles.roles, after=("definition",))
    refused: Reading[History] = reading(history.refused_reads)
    instances: Reading[tuple[Instance, ...]] = reading(starts.instances, after=("service",))
    place: Reading[Place] = reading(ways_out.place, after=("service",), recheck=True)
    way_groups: Reading[tuple[SecurityGroup, ...]] = reading(ways_out.way_groups, after=("place",), recheck=True)
    way_acls: Reading[tuple[NetworkAcl, ...]] = reading(ways_out.way_acls, after=("place",))
    good_definition: Reading[TaskDefinition] = reading(ecs.good_definition, after=("deployments",))
    good_setup: Reading[TaskSetup] = reading(starts.good_setup, after=("good_definition",))
    good_images: Reading[tuple[str, ...]] = reading(surroundings.good_images, after=("deployments",))
    target_groups: Reading[tuple[TargetGroup, ...]] = reading(surroundings.target_groups, after=("service",))
    traffic: Reading[Traffic] = reading(surroundings.traffic, after=("target_groups",))


@dataclass(frozen=True, slots=True, kw_only=True)
class After:
    """What is read to see whether tasks start again: the tasks' own fate, ECS's words, targets and the endpoint."""

    service: Reading[Service] = reading(ecs.service)
    stops: Reading[tuple[TaskStop, ...]] = reading(ecs.stops)
    tasks: Reading[tuple[RunningTask, ...]] = reading(ecs.running)
    said: Reading[tuple[Said, ...]] = reading(starts.said)
    endpoint: Reading[Endpoint] = reading(surroundings.endpoint)
    target_groups: Reading[tuple[TargetGroup, ...]] = reading(surroundings.target_groups, after=("service",))
    traffic: Reading[Traffic] = reading(surroundings.traffic, after=("target_groups",))


def insufficient_resources(e: Evidence, _: Setting) -> Finding:
    """ECS could not place the task, or Fargate had no room for it, or does not run that size."""
    told = view.room_starts(e)
    return Holds((*start_facts(e, told), *view.room_facts(e)), told.weight) if told.count else RuledOut(NONE_SUCH)


def missing_permissions(e: Evidence, _: Setting) -> Finding:
    """AWS refused the role, or the words are unclear and the role is known to be unusable or to lack a need."""
    told = starts_as(e, "missing_permissions")
    if not told.count:
        told = starts_as(e, None)
        if not told.count:
            return RuledOut(NONE_SUCH)
        if not view.refusals(e) and view.unusable(e.roles.get()) is None and not view.denied(view.lacking(e, told)[2]):
            return RuledOut(Text("the roles allow what the start needs", "起動に必要な権限はロールにあります"))
    return Holds((*start_facts(e, told), *view.role_facts(e, told), *view.refusal_facts(e)), told.weight)


def network_blocked(e: Evidence, _: Setting) -> Finding:
    """The start waited for an answer in vain, and a way that it needs is proved to be closed."""
    told, unclear = starts_as(e, "network_blocked"), starts_as(e, None)
    if not told.count and not unclear.count:
        return RuledOut(NONE_SUCH)
    found = view.all_ways(e, told if told.count else unclear)
    closed = tuple(w for w in found if w.state == "closed")
    if closed:
        told = told if told.count else unclear
        return Holds((*start_facts(e, told), *view.way_facts(e, closed)), told.weight)
    if told.count:
        raise Unchecked(say.WAYS_OPEN)
    return RuledOut(Text("no way that the start needs is closed", "起動に必要な経路に、閉じているものはありません"))


def image_unavailable(e: Evidence, _: Setting) -> Finding:
    """The registry does not have the image, not for this platform, or does not give it now."""
    told = view.image_starts(e)
    if not told.count:
        return RuledOut(NONE_SUCH)
    return Holds((*start_facts(e, told), *view.image_facts(e), *view.change_facts(e)), told.weight)


def invalid_task_definition(e: Evidence, _: Setting) -> Finding:
    """A setting of the revision cannot be carried out."""
    told = starts_as(e, "invalid_task_definition")
    return Holds((*start_facts(e, told), *view.change_facts(e)), told.weight) if told.count else RuledOut(NONE_SUCH)


# -- room --------------------------------------------------------------------------------------------------------------


@writes(
    Permission("ecs:RegisterTaskDefinition", "arn:{partition}:ecs:{region}:{account}:task-definition/*:*"),
    Permission("ecs:UpdateService", SERVICE_ARN),
    Permission("iam:PassRole", "arn:{partition}:iam::{account}:role/*", called=False),
    does=Text(
        "asks to register the nearest size that Fargate runs",
        "Fargate で有効な最も近いサイズの登録について承認を求める",
    ),
)
def correct_size(e: Evidence, setting: Setting) -> Decision:
    """A copy of the revision with the nearest valid CPU and memory, and the service moved to it."""
    if (wait := not_now(e, view.room_starts(e), setting)) is not None:
        return wait
    service, definition = e.service.get(), e.definition.get()
    if not view.wrong_size(service, definition) or service.task_definition != definition.arn:
        return Advise(say.VALID_SIZE)
    return plan_size(service, definition, f"{ID}.insufficient_resources", ID)


@writes(
    does=Text(
        "watches Fargate's capacity come back, then tells", "Fargate のキャパシティ回復を監視し、戻らなければ知らせる"
    )
)
def wait_for_room(e: Evidence, setting: Setting) -> Decision:
    """ECS tries again by itself; after a quarter of an hour a person is told what widens the choice."""
    service = e.service.get()
    if service.launch != "FARGATE":
        return say.no_room(service, e.instances.get(), *wanted(e.definition.get()))
    if seconds_between(setting.opened_at or setting.now, setting.now) < WATCH_S:
        return Watch(say.WAITING, WATCH_S)
    return say.no_capacity(service)


# -- permissions -------------------------------------------------------------------------------------------------------


@writes(does=Text("tells the IAM statement that is missing", "不足している IAM ステートメントを知らせる"))
def tell_statement(e: Evidence, _: Setting) -> Decision:
    """The least statement, and the command of a person who adds it; the program never writes to IAM."""
    told = starts_as(e, "missing_permissions")
    told = told if told.count else starts_as(e, None)
    role = view.unusable(e.roles.get())
    if role is not None:
        return once(e, say.trust_missing(role) if role.exists else say.role_missing(role, view.every_need(e)))
    used, wanted, found = view.lacking(e, told)
    missing = view.denied(found)
    return once(e, say.grant(used, missing) if used and missing else say.allowed_here(used, wanted))


# -- network -----------------------------------------------------------------------------------------------------------


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
    told = starts_as(e, "network_blocked")
    told = told if told.count else starts_as(e, None)
    if (wait := not_now(e, told, setting)) is not None:
        return wait
    group = view.shut_group(e)
    if group is None:
        return Advise(say.SEVERAL_GROUPS)
    where = Resource("ecs_service", e.service.get().arn)
    if group.owner and group.owner != where.account:
        return Advise(say.FOREIGN_GROUP)
    if mode_from(group.tags.get("auto-remediation")) not in ("approve", "auto"):
        return Advise(
            say.NOT_OPTED_IN, (f"aws ec2 create-tags --resources {group.id} --tags Key=auto-remediation,Value=approve",)
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
    told = starts_as(e, "network_blocked")
    found = view.all_ways(e, told if told.count else starts_as(e, None))
    return once(e, say.tell_ways([w for w in found if w.state == "closed"]))


# -- the revision ------------------------------------------------------------------------------------------------------


@writes(
    Permission("ecs:UpdateService", SERVICE_ARN),
    Permission("ecs:StopServiceDeployment", "arn:{partition}:ecs:{region}:{account}:service-deployment/*"),
    does=Text("rolls the service back to its last good revision", "直近の正常なリビジョンへロールバック"),
)
def roll_back(e: Evidence, setting: Setting) -> Decision:
    """Back to the last good revision, where the failing image or setting came with a deployment."""
    by_image, by_setting = view.image_starts(e), starts_as(e, "invalid_task_definition")
    of_image = by_image.count > 0 and by_image.weight >= (by_setting.weight if by_setting.count else 0)
    told = by_image if of_image else by_setting
    if (wait := not_now(e, told, setting)) is not None:
        return wait
    failing = told.definition or e.service.get().task_definition
    deployment = changed_by_deployment(e, told.first_at, failing, setting.now)
    if deployment is None:
        return Advise(say.NO_DEPLOYMENT)
    good = e.good_setup.get()
    if of_image and not view.image_changed(e.setup.get(), good):
        return Advise(say.NOT_CHANGED_IMAGE)
    if not of_image and view.same_named(told, good):
        return Advise(say.SAME_NAMED)
    row = "image_unavailable" if of_image else "invalid_task_definition"
    return plan_roll_back(e, deployment, f"{ID}.{row}", ID)


@writes(does=Text("tells which image is missing", "どのイメージがないかを知らせる"))
def tell_missing_image(e: Evidence, setting: Setting) -> Decision:
    """What the registry lacks, and what it holds under that name."""
    return not_now(e, view.image_starts(e), setting) or say.tell_image(e.images.or_none() or ())


@writes(does=Text("tells what changed since the last good revision", "直近の正常なリビジョンからの変更点を知らせる"))
def tell_changes(e: Evidence, setting: Setting) -> Decision:
    """The difference to the last good revision."""
    if (wait := not_now(e, starts_as(e, "invalid_task_definition"), setting)) is not None:
        return wait
    bad, good = e.setup.or_none(), e.good_setup.or_none()
    known = bad is not None and good is not None and bool(good.arn) and bad.arn != good.arn
    found = differences(good, bad) if known and bad and good else ()
    named = short(good.arn) if good and known else ""
    return say.tell_differences(found, ADVICE_INVALID_TASK_DEFINITION, short(bad.arn) if bad else "", named)


INSUFFICIENT_RESOURCES_ROW = Cause(
    id="insufficient_resources",
    title=Text("insufficient resources", "リソース不足"),
    holds=insufficient_resources,
    fixes=(correct_size, wait_for_room),
    advice=Text(
        "Give the task what it needs room for: another zone or subnet, more instances, or a size that fits.",
        "配置できる余地を確保してください。別のアベイラビリティーゾーンやサブネット、インスタンスの追加、"
        "または収まるサイズへの変更が有効です。",
    ),
    confirm=Text(
        "ECS says that it cannot place a task, or that Fargate has no capacity, and no container was even pulled;"
        " or CPU and memory are not a pair of Fargate's table.",
        "ECS がタスクを配置できない、または Fargate のキャパシティがないと通知しており、イメージの取得も始まっていない。"
        "あるいは CPU とメモリの組み合わせが Fargate の表にない。",
    ),
    look=(
        LOOK_AT_EVENTS,
        "aws ecs describe-task-definition --task-definition <task-definition> --query 'taskDefinition.[cpu,memory]'",
        (
            "aws ecs describe-container-instances --cluster <cluster> --container-instances <instance> "
            "--query 'containerInstances[].[ec2InstanceId,remainingResources]'"
        ),
    ),
)

MISSING_PERMISSIONS_ROW = Cause(
    id="missing_permissions",
    title=Text("missing permissions", "権限不足"),
    holds=missing_permissions,
    fixes=(tell_statement,),
    advice=Text(
        "Add the missing permission to the role; the program never writes to IAM.",
        "不足している権限をロールに追加してください（このプログラムは IAM を変更しません）。",
    ),
    confirm=Text(
        "The reason says AccessDenied or not authorized and names the role, or ECS cannot assume it; the role's policies"
        " do not allow that action. A timeout is the network, and a secret that does not exist is the definition.",
        "停止理由に AccessDenied または not authorized とロール名があるか、ECS がロールを引き受けられない。"
        "ロールのポリシーがそのアクションを許可していない。タイムアウトはネットワーク、シークレットの不在はタスク定義の問題。",
    ),
    look=(
        *LOOK_AT_STOPS,
        "aws iam get-role --role-name <role> --query Role.AssumeRolePolicyDocument",
        "aws iam simulate-principal-policy --policy-source-arn <role-arn> --action-names <action> --resource-arns <resource>",
    ),
)

NETWORK_BLOCKED_ROW = Cause(
    id="network_blocked",
    title=Text("network blocked", "ネットワークの遮断"),
    holds=network_blocked,
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

IMAGE_UNAVAILABLE_ROW = Cause(
    id="image_unavailable",
    title=Text("image unavailable", "イメージを取得できない"),
    holds=image_unavailable,
    fixes=(roll_back, tell_missing_image),
    advice=ADVICE_IMAGE_UNAVAILABLE,
    confirm=Text(
        "The registry answered that it has no such tag, digest, repository or platform, or that too much was pulled;"
        " describe-images says the same.",
        "レジストリが、タグ・ダイジェスト・リポジトリ・プラットフォームの不在、または取得回数の超過を応答している。"
        "describe-images でも同じ結果になる。",
    ),
    look=(
        *LOOK_AT_STOPS,
        "aws ecr describe-images --repository-name <repository> --image-ids imageTag=<tag>",
    ),
)

INVALID_TASK_DEFINITION_ROW = Cause(
    id="invalid_task_definition",
    title=Text("invalid task definition", "タスク定義の不備"),
    holds=invalid_task_definition,
    fixes=(roll_back, tell_changes),
    advice=ADVICE_INVALID_TASK_DEFINITION,
    confirm=Text(
        "The image is there and the network answers, but a setting of the revision cannot be carried out: a secret, a"
        " volume, a log driver, an entry point or an environment file; the last good revision has it otherwise.",
        "イメージは存在し通信もできるが、リビジョンの設定（シークレット、ボリューム、ログドライバー、エントリーポイント、"
        "環境ファイル）を適用できない。直近の正常なリビジョンではその設定が異なる。",
    ),
    look=(
        *LOOK_AT_STOPS,
        "aws ecs describe-task-definition --task-definition <task-definition>",
        "aws ecs describe-task-definition --task-definition <last-good-task-definition>",
    ),
)

TRIGGERS = (
    ecs_task_stopped(*FAILED_STARTS),
    ecs_service_action(
        "SERVICE_TASK_PLACEMENT_FAILURE", "SERVICE_TASK_CONFIGURATION_FAILURE", "SERVICE_TASK_START_IMPAIRED"
    ),
)
RUNBOOK = Runbook(
    id=ID,
    title=NOT_STARTING.title,
    symptom=NOT_STARTING.symptom,
    guide="ECS/Fargate: tasks do not start",
    triggers=TRIGGERS,
    evidence=Evidence,
    causes=(
        INSUFFICIENT_RESOURCES_ROW,
        MISSING_PERMISSIONS_ROW,
        NETWORK_BLOCKED_ROW,
        IMAGE_UNAVAILABLE_ROW,
        INVALID_TASK_DEFINITION_ROW,
    ),
    outcome=After,
    judge=judge,
    mode=mode,
    image=view.image,
    about=about,
    stack=stack,
    seen=seen,
    elsewhere=lambda e, setting: to_the_other(ID, e, setting),
)
