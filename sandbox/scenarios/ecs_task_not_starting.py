"""Stories about tasks that stop before they run, or that cannot be placed at all.

What fails is the start of a further task, or of a new release; the tasks that ran before go on.
"""

from remediator.core.text import Text

from ..acts import approve
from ..beginnings.ecs_task_not_starting import (
    endpoint_closed,
    endpoint_missing,
    image_deleted,
    instance_added,
    instances_full,
    no_room,
    no_room_then_no_image,
    pushed,
    released,
    right_lost,
    right_lost_behind_endpoints,
    role_lost,
    scaled_in,
    secret_forbidden,
    secret_forgotten,
    stopped_by_hand,
    wanted,
    wrong_size,
)
from ..laptop import Act
from . import Ending, Scenario

RESOURCES = "ecs_task_not_starting.insufficient_resources"
PERMISSIONS = "ecs_task_not_starting.missing_permissions"
NETWORK = "ecs_task_not_starting.network_blocked"
IMAGE = "ecs_task_not_starting.image_unavailable"
DEFINITION = "ecs_task_not_starting.invalid_task_definition"


SCENARIOS = (
    Scenario(
        name="image-missing",
        title=Text("A release whose image was never pushed", "イメージがプッシュされていないリリース"),
        shows=Text(
            "the deployment in progress is stopped with ROLLBACK; the tasks that run are never touched",
            "進行中のデプロイを ROLLBACK で停止し、稼働中のタスクには触れない",
        ),
        begin=released(pushed=False),
        expected=Ending(cause=IMAGE, action="roll_back", verdict="fixed"),
    ),
    Scenario(
        name="image-deleted",
        title=Text("The image is deleted; nobody deployed", "デプロイなしでイメージが削除された"),
        shows=Text(
            "told which image is missing; once someone pushes it, the recovery is proved and not claimed",
            "不足しているイメージを知らせ、再プッシュ後の回復を修復とは主張せずに確認する",
        ),
        begin=image_deleted,
        acts=(Act(at_s=1500, do=pushed),),
        expected=Ending(cause=IMAGE, action="told", verdict="recovered_without_us"),
    ),
    Scenario(
        name="no-room-then-no-image",
        title=Text("No capacity for a moment, then no image", "一時的な容量不足の後、イメージがない"),
        shows=Text(
            "looks like missing capacity; tasks are placed since, and it is the image",
            "容量不足に見えるが、その後タスクは配置されており、原因はイメージ",
        ),
        begin=no_room_then_no_image,
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
        begin=secret_forgotten,
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
        begin=secret_forbidden,
        looks_like=DEFINITION,
        expected=Ending(cause=PERMISSIONS, action="told", verdict="not_fixed"),
    ),
    Scenario(
        name="right-lost",
        title=Text("The execution role may not pull images any more", "実行ロールがイメージを取得できなくなった"),
        shows=Text(
            "the least statement is told; IAM is never written", "最小のステートメントを知らせる（IAM は変更しない）"
        ),
        begin=right_lost,
        expected=Ending(cause=PERMISSIONS, action="told", verdict="not_fixed"),
    ),
    Scenario(
        name="role-lost",
        title=Text("The execution role is deleted", "実行ロールが削除された"),
        shows=Text(
            "no task is even made; ECS's own message names the role",
            "タスクは作成されず、ECS のメッセージがロール名を示す",
        ),
        begin=role_lost,
        expected=Ending(cause=PERMISSIONS, action="told", verdict="not_fixed"),
    ),
    Scenario(
        name="right-lost-behind-endpoints",
        title=Text("No route out, and a permission is missing", "外部への経路がなく、権限も不足"),
        shows=Text(
            "looks like a blocked network; the endpoints answer, and what they answer is a refusal",
            "ネットワークの遮断に見えるが、エンドポイントは応答しており、その応答が拒否である",
        ),
        begin=right_lost_behind_endpoints,
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
        begin=endpoint_closed,
        acts=(Act(after_question_s=180, do=approve),),
        expected=Ending(cause=NETWORK, action="admit_tasks", verdict="fixed"),
    ),
    Scenario(
        name="no-way-to-logs",
        title=Text("No endpoint for CloudWatch Logs, and no route", "CloudWatch Logs への経路がない"),
        shows=Text("told which subnet does not reach which service", "到達できないサブネットとサービスを知らせる"),
        begin=endpoint_missing("ecr.api", "ecr.dkr", "s3"),
        expected=Ending(cause=NETWORK, action="told", verdict="not_fixed"),
    ),
    Scenario(
        name="pull-times-out",
        title=Text("The image cannot be pulled, but it is there", "イメージは存在するが取得できない"),
        shows=Text(
            "CannotPullContainerError as for a missing image; the way to the registry is what is missing",
            "イメージの不在と同じ CannotPullContainerError だが、レジストリへの経路がない",
        ),
        begin=endpoint_missing("ecr.api", "s3", "logs"),
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
        begin=no_room(for_s=3 * 3600),
        expected=Ending(cause=RESOURCES, action="told", verdict="not_fixed"),
    ),
    Scenario(
        name="room-comes-back",
        title=Text("Capacity comes back by itself", "キャパシティが自然に回復"),
        shows=Text("watched, and nothing is claimed", "見守るのみで、修復したとは主張しない"),
        begin=no_room(for_s=400),
        expected=Ending(cause=RESOURCES, action="watched", verdict="recovered_without_us"),
    ),
    Scenario(
        name="instances-full",
        title=Text("No EC2 instance has room for the task", "タスクを配置できる EC2 インスタンスがない"),
        shows=Text(
            "told what the instances have left; a person adds one, and the recovery is not claimed",
            "インスタンスの空きを知らせ、人が追加した後の回復を修復とは主張しない",
        ),
        begin=instances_full,
        acts=(Act(at_s=900, do=instance_added),),
        expected=Ending(cause=RESOURCES, action="told", verdict="recovered_without_us"),
    ),
    Scenario(
        name="wrong-size",
        title=Text("A release of a size that Fargate does not run", "Fargate で無効なサイズのリリース"),
        shows=Text(
            "the nearest valid size, after a person approved",
            "承認後に、有効な最も近いサイズの新リビジョンに切り替える",
        ),
        begin=wrong_size,
        acts=(Act(after_question_s=240, do=approve),),
        expected=Ending(cause=RESOURCES, action="correct_size", verdict="fixed"),
    ),
    Scenario(
        name="breaker-of-a-start",
        title=Text("The service's own circuit breaker rolls back", "サービス自身のサーキットブレーカーがロールバック"),
        shows=Text("another robot is at work: it is watched", "別の自動処理が動作中のため見守る"),
        begin=released(pushed=False, breaker_rolls_back=True),
        expected=Ending(cause=IMAGE, action="watched", verdict="recovered_without_us"),
    ),
    Scenario(
        name="untagged-start",
        title=Text("A service that has not opted in", "オプトインしていないサービス"),
        shows=Text("told what would have been done", "実施するはずだった内容を報告する"),
        begin=released(pushed=False, tagged=False),
        expected=Ending(cause=IMAGE, action="held back", verdict="not_fixed", refusal="opt_in"),
    ),
    Scenario(
        name="stopped-while-starting",
        title=Text("Someone stops a task while it starts", "起動中のタスクを人が停止"),
        shows=Text("normal: nothing is opened", "正常動作のためインシデントは作成されない"),
        begin=wanted,
        acts=(Act(at_s=10, do=stopped_by_hand),),
        lasts_s=600,
        expected=Ending(incidents=0),
    ),
    Scenario(
        name="scaled-in-while-starting",
        title=Text("A scale-in while a task starts", "タスクの起動中にスケールイン"),
        shows=Text("normal: nothing is opened", "正常動作のためインシデントは作成されない"),
        begin=wanted,
        acts=(Act(at_s=10, do=scaled_in),),
        lasts_s=600,
        expected=Ending(incidents=0),
    ),
)
