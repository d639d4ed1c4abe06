"""Stories about tasks that stop before they run, or that cannot be placed at all.

What fails is the start of a further task, or of a new release; the tasks that ran before go on.
"""

from collections.abc import Callable
from datetime import timedelta

from remediator.core.text import Text

from .. import applications as programs
from .. import names, portfolio
from ..acts import approve
from ..laptop import Act, Laptop
from ..vpc import network
from ..world import World
from . import Ending, Scenario

RESOURCES = "ecs_task_not_starting.insufficient_resources"
PERMISSIONS = "ecs_task_not_starting.missing_permissions"
NETWORK = "ecs_task_not_starting.network_blocked"
IMAGE = "ecs_task_not_starting.image_unavailable"
DEFINITION = "ecs_task_not_starting.invalid_task_definition"
SECRET = f"arn:aws:secretsmanager:{names.REGION}:{names.ACCOUNT}:secret:portfolio/db-8Kx2Qa"
READ_SECRET = "secretsmanager:GetSecretValue"  # noqa: S105  # an action's name
ALL_ENDPOINTS = ("ecr.api", "ecr.dkr", "s3", "logs", "secretsmanager")


def _one_more(world: World) -> None:
    """Someone wants a third task; it is the one whose start fails."""
    world.fleet.scale(world.service, 3, world.clock.now())


def _may(world: World, *actions: str) -> None:
    """The execution role may do just these from now on."""
    with world.behind_the_scenes():
        portfolio.grant(world.client("iam"), *actions)


def _shut_in(world: World, *services: str, admitted: bool = True) -> None:
    """The tasks' subnet has these endpoints and no way to the internet."""
    with world.behind_the_scenes():
        network.shut_in(world.client, world.portfolio.network, *services, admitted=admitted)


def _released(*, pushed: bool = True, breaker_rolls_back: bool = False, tagged: bool = True) -> Callable[[World], None]:
    """Someone deploys 1.5.0, whose image may never have been pushed."""

    def begin(world: World) -> None:
        world.run_service(breaker_rolls_back=breaker_rolls_back, tags=None if tagged else {})
        world.deploy("1.5.0", programs.HEALTHY, pushed=pushed)

    return begin


def _image_deleted(world: World) -> None:
    """Someone deletes the image that the service has run for a day."""
    world.run_service()
    world.account.images.clear()
    _one_more(world)


def _secret_forgotten(world: World) -> None:
    """A release names a secret that nobody made; the role may read secrets."""
    world.run_service()
    _may(world, *portfolio.STARTS, READ_SECRET)
    world.deploy("1.5.0", programs.HEALTHY, secrets={"DATABASE_URL": SECRET})


def _secret_forbidden(world: World) -> None:
    """A release names a secret that is there, and the role may not read it."""
    world.run_service()
    world.starting.secrets = frozenset((SECRET,))
    world.deploy("1.5.0", programs.HEALTHY, secrets={"DATABASE_URL": SECRET})


def _right_lost(world: World) -> None:
    """Someone takes the right to pull images from the execution role."""
    world.run_service()
    _may(world, *portfolio.LOG)
    _one_more(world)


def _role_lost(world: World) -> None:
    """Someone deletes the execution role."""
    world.run_service()
    name = portfolio.EXECUTION_ROLE.rsplit("/", 1)[-1]
    world.someone("iam", "delete_role_policy", RoleName=name, PolicyName="start")
    world.someone("iam", "delete_role", RoleName=name)
    _one_more(world)


def _right_lost_behind_endpoints(world: World) -> None:
    """No route leads out of the subnet, but endpoints do; what is missing is a permission."""
    _shut_in(world, *ALL_ENDPOINTS)
    _right_lost(world)


def _endpoint_closed(world: World) -> None:
    """The endpoints' security group does not admit the tasks."""
    world.run_service()
    _shut_in(world, *ALL_ENDPOINTS, admitted=False)
    _one_more(world)


def _endpoint_missing(*services: str) -> Callable[[World], None]:
    """Endpoints for these services only, and no other way out."""

    def begin(world: World) -> None:
        world.run_service()
        _shut_in(world, *services)
        _one_more(world)

    return begin


def _no_room(for_s: int) -> Callable[[World], None]:
    """Fargate has no capacity for a while."""

    def begin(world: World) -> None:
        world.run_service()
        world.starting.room_from = world.clock.now() + timedelta(seconds=for_s)
        _one_more(world)

    return begin


def _instances_full(world: World) -> None:
    """On EC2, and no instance has the memory for a third task."""
    world.starting.instances = {"i-0a1b2c3d4e5f60718": (1024, 200), "i-0f9e8d7c6b5a43210": (128, 4096)}
    world.run_service(launch_type="EC2")
    _one_more(world)


def _instance_added(laptop: Laptop) -> None:
    laptop.world.starting.instances = {"i-00112233445566778": (2048, 7680)}


def _no_room_then_no_image(world: World) -> None:
    world.run_service()
    world.starting.room_from = world.clock.now() + timedelta(seconds=90)
    world.deploy("1.5.0", programs.HEALTHY, pushed=False)


def _wrong_size(world: World) -> None:
    """A release with 300 CPU units, which Fargate does not run."""
    world.run_service()
    world.deploy("1.5.0", programs.HEALTHY, cpu_units=300)


def _wanted(world: World) -> None:
    world.run_service()
    _one_more(world)


def _stopped_by_hand(laptop: Laptop) -> None:
    """Someone stops the task while it starts."""
    starting = next(t for t in laptop.world.fleet.tasks if t.status == "PENDING")
    where = {"cluster": names.CLUSTER, "task": starting.id, "reason": "Task stopped by user"}
    laptop.world.someone("ecs", "stop_task", **where)


def _scaled_in(laptop: Laptop) -> None:
    world = laptop.world
    world.fleet.scale(world.service, 2, world.clock.now())


def _pushed(laptop: Laptop) -> None:
    laptop.world.push("1.4.2")


SCENARIOS = (
    Scenario(
        name="image-missing",
        title=Text("A release whose image was never pushed", "イメージがプッシュされていないリリース"),
        shows=Text(
            "the deployment in progress is stopped with ROLLBACK; the tasks that run are never touched",
            "進行中のデプロイを ROLLBACK で停止し、稼働中のタスクには触れない",
        ),
        begin=_released(pushed=False),
        expected=Ending(cause=IMAGE, action="roll_back", verdict="fixed"),
    ),
    Scenario(
        name="image-deleted",
        title=Text("The image is deleted; nobody deployed", "デプロイなしでイメージが削除された"),
        shows=Text(
            "told which image is missing; once someone pushes it, the recovery is proved and not claimed",
            "不足しているイメージを知らせ、再プッシュ後の回復を修復とは主張せずに確認する",
        ),
        begin=_image_deleted,
        acts=(Act(at_s=1500, do=_pushed),),
        expected=Ending(cause=IMAGE, action="told", verdict="recovered_without_us"),
    ),
    Scenario(
        name="no-room-then-no-image",
        title=Text("No capacity for a moment, then no image", "一時的な容量不足の後、イメージがない"),
        shows=Text(
            "looks like missing capacity; tasks are placed since, and it is the image",
            "容量不足に見えるが、その後タスクは配置されており、原因はイメージ",
        ),
        begin=_no_room_then_no_image,
        looks_like=RESOURCES,
        expected=Ending(cause=IMAGE, action="roll_back", verdict="fixed"),
    ),
    Scenario(
        name="secret-forgotten",
        title=Text("A release names a secret that nobody made", "存在しないシークレットを参照するリリース"),
        shows=Text(
            "the words are those of missing permissions; the secret is missing, so the release is rolled back",
            "権限不足に似た文面だが、シークレット自体がないためリリースをロールバックする",
        ),
        begin=_secret_forgotten,
        looks_like=PERMISSIONS,
        expected=Ending(cause=DEFINITION, action="roll_back", verdict="fixed"),
    ),
    Scenario(
        name="secret-forbidden",
        title=Text(
            "A release names a secret that its role may not read", "ロールが読めないシークレットを参照するリリース"
        ),
        shows=Text(
            "the definition has changed, but it is right: the statement that the role lacks is told",
            "タスク定義の変更自体は正しいため、ロールに不足しているステートメントを知らせる",
        ),
        begin=_secret_forbidden,
        looks_like=DEFINITION,
        expected=Ending(cause=PERMISSIONS, action="told", verdict="not_fixed"),
    ),
    Scenario(
        name="right-lost",
        title=Text("The execution role may not pull images any more", "実行ロールがイメージを取得できなくなった"),
        shows=Text(
            "the least statement is told; IAM is never written", "最小のステートメントを知らせる（IAM は変更しない）"
        ),
        begin=_right_lost,
        expected=Ending(cause=PERMISSIONS, action="told", verdict="not_fixed"),
    ),
    Scenario(
        name="role-lost",
        title=Text("The execution role is deleted", "実行ロールが削除された"),
        shows=Text(
            "no task is even made; ECS's own message names the role",
            "タスクは作成されず、ECS のメッセージがロール名を示す",
        ),
        begin=_role_lost,
        expected=Ending(cause=PERMISSIONS, action="told", verdict="not_fixed"),
    ),
    Scenario(
        name="right-lost-behind-endpoints",
        title=Text("No route out, and a permission is missing", "外部への経路がなく、権限も不足"),
        shows=Text(
            "looks like a blocked network; the endpoints answer, and what they answer is a refusal",
            "ネットワークの遮断に見えるが、エンドポイントは応答しており、その応答が拒否である",
        ),
        begin=_right_lost_behind_endpoints,
        looks_like=NETWORK,
        expected=Ending(cause=PERMISSIONS, action="told", verdict="not_fixed"),
    ),
    Scenario(
        name="endpoint-closed",
        title=Text("The endpoints do not admit the tasks", "エンドポイントがタスクを許可していない"),
        shows=Text(
            "one rule from the tasks' group on 443, after a person approved",
            "承認後に、タスクの SG からの 443 を許可するルールを 1 つ追加する",
        ),
        begin=_endpoint_closed,
        acts=(Act(after_question_s=180, do=approve),),
        expected=Ending(cause=NETWORK, action="admit_tasks", verdict="fixed"),
    ),
    Scenario(
        name="no-way-to-logs",
        title=Text("No endpoint for CloudWatch Logs, and no route", "CloudWatch Logs への経路がない"),
        shows=Text("told which subnet does not reach which service", "到達できないサブネットとサービスを知らせる"),
        begin=_endpoint_missing("ecr.api", "ecr.dkr", "s3"),
        expected=Ending(cause=NETWORK, action="told", verdict="not_fixed"),
    ),
    Scenario(
        name="pull-times-out",
        title=Text("The image cannot be pulled, but it is there", "イメージは存在するが取得できない"),
        shows=Text(
            "CannotPullContainerError as for a missing image; the way to the registry is what is missing",
            "イメージの不在と同じ CannotPullContainerError だが、レジストリへの経路がない",
        ),
        begin=_endpoint_missing("ecr.api", "s3", "logs"),
        looks_like=IMAGE,
        expected=Ending(cause=NETWORK, action="told", verdict="not_fixed"),
    ),
    Scenario(
        name="no-room",
        title=Text("Fargate has no capacity", "Fargate のキャパシティがない"),
        shows=Text(
            "watched for a quarter of an hour, as ECS tries by itself; then told what widens the choice",
            "ECS の自動再試行を 15 分見守り、回復しなければ選択肢を広げる方法を知らせる",
        ),
        begin=_no_room(for_s=3 * 3600),
        expected=Ending(cause=RESOURCES, action="told", verdict="not_fixed"),
    ),
    Scenario(
        name="room-comes-back",
        title=Text("Capacity comes back by itself", "キャパシティが自然に回復"),
        shows=Text("watched, and nothing is claimed", "見守るのみで、修復したとは主張しない"),
        begin=_no_room(for_s=400),
        expected=Ending(cause=RESOURCES, action="watched", verdict="recovered_without_us"),
    ),
    Scenario(
        name="instances-full",
        title=Text("No EC2 instance has room for the task", "タスクを配置できる EC2 インスタンスがない"),
        shows=Text(
            "told what the instances have left; a person adds one, and the recovery is not claimed",
            "インスタンスの空きを知らせ、人が追加した後の回復を修復とは主張しない",
        ),
        begin=_instances_full,
        acts=(Act(at_s=900, do=_instance_added),),
        expected=Ending(cause=RESOURCES, action="told", verdict="recovered_without_us"),
    ),
    Scenario(
        name="wrong-size",
        title=Text("A release of a size that Fargate does not run", "Fargate で無効なサイズのリリース"),
        shows=Text(
            "the nearest valid size, after a person approved",
            "承認後に、有効な最も近いサイズの新リビジョンに切り替える",
        ),
        begin=_wrong_size,
        acts=(Act(after_question_s=240, do=approve),),
        expected=Ending(cause=RESOURCES, action="correct_size", verdict="fixed"),
    ),
    Scenario(
        name="breaker-of-a-start",
        title=Text("The service's own circuit breaker rolls back", "サービス自身のサーキットブレーカーがロールバック"),
        shows=Text("another robot is at work: it is watched", "別の自動処理が動作中のため見守る"),
        begin=_released(pushed=False, breaker_rolls_back=True),
        expected=Ending(cause=IMAGE, action="watched", verdict="recovered_without_us"),
    ),
    Scenario(
        name="untagged-start",
        title=Text("A service that has not opted in", "オプトインしていないサービス"),
        shows=Text("told what would have been done", "実施するはずだった内容を報告する"),
        begin=_released(pushed=False, tagged=False),
        expected=Ending(cause=IMAGE, action="held back", verdict="not_fixed", refusal="opt_in"),
    ),
    Scenario(
        name="stopped-while-starting",
        title=Text("Someone stops a task while it starts", "起動中のタスクを人が停止"),
        shows=Text("normal: nothing is opened", "正常動作のためインシデントは作成されない"),
        begin=_wanted,
        acts=(Act(at_s=10, do=_stopped_by_hand),),
        lasts_s=600,
        expected=Ending(incidents=0),
    ),
    Scenario(
        name="scaled-in-while-starting",
        title=Text("A scale-in while a task starts", "タスクの起動中にスケールイン"),
        shows=Text("normal: nothing is opened", "正常動作のためインシデントは作成されない"),
        begin=_wanted,
        acts=(Act(at_s=10, do=_scaled_in),),
        lasts_s=600,
        expected=Ending(incidents=0),
    ),
)
