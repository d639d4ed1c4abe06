"""The guide's recovery procedures as values: what to check first, which action a person can start, what proves it."""

from collections.abc import Mapping
from dataclasses import dataclass

from ..core.plan import Advise
from ..core.text import Text
from ..events.recovery_requests import RESOURCES, ActionName, Asked, ProcedureName

ECS = "ecs_task_restarting"


DYNAMODB = "dynamodb_throttling"


ALB = "alb_targets_unhealthy"


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One thing that a procedure can do.

    Attributes:
        name: as a request names it.
        runbook: whose evidence is read for it, and whose fix role makes the change.
        command: how it is started, what varies in angle brackets.
        calls: IAM's names of what its plans may call; each is among the writes of that runbook.
    """

    name: ActionName
    runbook: str
    title: Text
    command: str
    calls: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Procedure:
    """One recovery procedure of the guide.

    Attributes:
        id: `recovery.<name>`, as ledger and reports have it.
        steps: in the guide's order.
        confirm: what shows a person that it has worked; the program's own verification looks at the same.
        look: the commands of its first and last step, what varies in angle brackets.
    """

    name: ProcedureName
    title: Text
    steps: tuple[Text, ...]
    confirm: Text
    look: tuple[str, ...]
    actions: tuple[Action, ...]

    @property
    def id(self) -> str:
        """`recovery.ecs`."""
        return f"recovery.{self.name}"

    @property
    def kind(self) -> str:
        """Kind of the resource that it is started for."""
        return RESOURCES[self.name][0]

    def action(self, name: str) -> Action:
        """The action of that name."""
        return next(a for a in self.actions if a.name == name)


RECOVER_ECS = Procedure(
    name="ecs",
    title=Text("Recovery of an ECS service", "ECS サービスの復旧"),
    steps=(
        Text(
            "look at the service: running and desired tasks, its deployment, who owns the count, its targets",
            "サービスを確認する（実行中 / 必要タスク数、デプロイ、タスク数の管理者、ターゲット）",
        ),
        Text("replace its tasks by fresh ones of the same definition", "同じ定義の新しいタスクに入れ替える"),
        Text(
            "or set the number of tasks within autoscaling's bounds", "または Auto Scaling の範囲内でタスク数を設定する"
        ),
        Text(
            "check that the tasks run, the targets are healthy, the endpoint answers and the log tells of no error",
            "タスクの稼働、ターゲットの正常性、エンドポイントの応答、ログにエラーがないことを確認する",
        ),
    ),
    confirm=Text(
        "all wanted tasks run and belong to the newest deployment, every target in use is healthy, the health path "
        "answers below 400, no task has stopped badly since and no error was logged for two minutes",
        "必要数のタスクがすべて最新のデプロイで稼働し、使用中のターゲットがすべて正常で、ヘルスチェックパスが 400 未満を返し、"
        "その後タスクの異常停止がなく、直近 2 分間エラーログがないこと",
    ),
    look=(
        "aws ecs describe-services --cluster <cluster> --services <service>",
        "aws ecs list-tasks --cluster <cluster> --service-name <service>",
        "curl -f http://<load-balancer-dns-name>/health",
        "aws logs filter-log-events --log-group-name <log-group> --start-time <milliseconds> --filter-pattern ERROR",
    ),
    actions=(
        Action(
            name="restart",
            runbook=ECS,
            title=Text("force a new deployment", "新しいデプロイを強制する"),
            command="remediator recover ecs <cluster>/<service> --restart",
            calls=("ecs:UpdateService",),
        ),
        Action(
            name="count",
            runbook=ECS,
            title=Text("set the number of tasks", "タスク数を設定する"),
            command="remediator recover ecs <cluster>/<service> --count <tasks>",
            calls=("ecs:UpdateService",),
        ),
    ),
)


RECOVER_DYNAMODB = Procedure(
    name="dynamodb",
    title=Text("Recovery of a DynamoDB table", "DynamoDB テーブルの復旧"),
    steps=(
        Text(
            "look at the table: status, billing mode, capacity against what is consumed and refused, who owns it",
            "テーブルを確認する（状態、課金モード、容量と消費量・スロットリング数、容量の管理者）",
        ),
        Text(
            "raise the provisioned capacity, or autoscaling's bounds where it owns the capacity",
            "プロビジョニング容量（Auto Scaling 管理の場合はその範囲）を引き上げる",
        ),
        Text("or switch to on-demand", "またはオンデマンドモードへ切り替える"),
        Text(
            "count one item, so that no customer data is read, and watch the throttle metric",
            "1 件のみ件数を取得し（顧客データは読まない）、スロットリングのメトリクスを監視する",
        ),
    ),
    confirm=Text(
        "the table is ACTIVE with the new values, a scan that counts one item is answered, and requests were served "
        "for five minutes without a throttled one",
        "テーブルが新しい設定で ACTIVE となり、1 件の件数取得に応答し、5 分間スロットリングなしでリクエストを処理していること",
    ),
    look=(
        "aws dynamodb describe-table --table-name <table>",
        "aws dynamodb scan --table-name <table> --limit 1 --select COUNT",
        (
            "aws cloudwatch get-metric-statistics --namespace AWS/DynamoDB --metric-name WriteThrottleEvents "
            "--dimensions Name=TableName,Value=<table> --statistics Sum --period 60 --start-time <from> --end-time <to>"
        ),
    ),
    actions=(
        Action(
            name="capacity",
            runbook=DYNAMODB,
            title=Text("raise the capacity", "容量を引き上げる"),
            command="remediator recover dynamodb <table> [--index <index>] --read <units> --write <units>",
            calls=("dynamodb:UpdateTable", "application-autoscaling:RegisterScalableTarget"),
        ),
        Action(
            name="on_demand",
            runbook=DYNAMODB,
            title=Text("switch to on-demand", "オンデマンドモードへ切り替える"),
            command="remediator recover dynamodb <table> --on-demand",
            calls=("dynamodb:UpdateTable",),
        ),
    ),
)


RECOVER_ALB = Procedure(
    name="alb",
    title=Text("Recovery of a load balancer's targets", "ALB ターゲットの復旧"),
    steps=(
        Text(
            "look at the target group: its targets' health and reasons, whose they are, what the check asks",
            "ターゲットグループを確認する（各ターゲットの状態と理由、管理者、ヘルスチェックの内容）",
        ),
        Text("register targets that are missing", "不足しているターゲットを登録する"),
        Text(
            "or deregister targets, never the last healthy one and never those that ECS registers",
            "またはターゲットを登録解除する（最後の正常なターゲットと ECS 管理のターゲットは対象外）",
        ),
        Text(
            "check that every target in use is healthy and that the endpoint answers",
            "使用中のターゲットがすべて正常で、エンドポイントが応答することを確認する",
        ),
    ),
    confirm=Text(
        "exactly the wanted targets are registered, every one in use is healthy, CloudWatch counts healthy ones and "
        "the health path answers below 400",
        "想定どおりのターゲットのみが登録され、使用中のターゲットがすべて正常で、CloudWatch でも正常数が計測され、"
        "ヘルスチェックパスが 400 未満を返すこと",
    ),
    look=(
        "aws elbv2 describe-target-groups --target-group-arns <target-group-arn>",
        "aws elbv2 describe-target-health --target-group-arn <target-group-arn>",
        "curl -f http://<load-balancer-dns-name>/health",
    ),
    actions=(
        Action(
            name="targets",
            runbook=ALB,
            title=Text("register or deregister targets", "ターゲットを登録・登録解除する"),
            command="remediator recover alb <target-group> [--register <id>:<port>] [--deregister <id>[:<port>]]",
            calls=("elasticloadbalancing:RegisterTargets", "elasticloadbalancing:DeregisterTargets"),
        ),
    ),
)


PROCEDURES: tuple[Procedure, ...] = (RECOVER_ECS, RECOVER_DYNAMODB, RECOVER_ALB)


BY_NAME: Mapping[ProcedureName, Procedure] = {p.name: p for p in PROCEDURES}


def runbook_of(asked: Asked) -> str:
    """Id of the runbook whose evidence is read for it and whose fix role makes the change."""
    return BY_NAME[asked.procedure].action(asked.action).runbook


def refused(en: str, ja: str) -> Advise:
    """Not done, and why; `en` and `ja` are clauses without their end."""
    return Advise(Text(f"Not done: {en}.", f"実施しません: {ja}。"))
