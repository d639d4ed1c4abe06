"""Words of advice, confirmations and commands for the rows of `alb_gateway_errors`. Source of meanings: AWS, ALB user guide."""

from .text import Text


def metric_command(name: str, dimensions: str = "LoadBalancer", stat: str = "--statistics Sum") -> str:
    """How a person reads one of the metrics."""
    named = {
        "LoadBalancer": "Name=LoadBalancer,Value=<app/NAME/ID>",
        "TargetGroup": "Name=LoadBalancer,Value=<app/NAME/ID> Name=TargetGroup,Value=<targetgroup/NAME/ID>",
    }[dimensions]
    return (
        f"aws cloudwatch get-metric-statistics --namespace AWS/ApplicationELB --metric-name {name} "
        f"--dimensions {named} --start-time <from> --end-time <to> --period 60 {stat}"
    )


HEALTH = "aws elbv2 describe-target-health --target-group-arn <target group ARN>"
SERVICE = "aws ecs describe-services --cluster <cluster> --services <service>"
SCHEDULES = (
    "aws application-autoscaling describe-scheduled-actions --service-namespace ecs "
    "--resource-id service/<cluster>/<service>"
)

NOT_OPTED_IN = Text(
    "The load balancer has not opted in (tag auto-remediation).",
    "ロードバランサーがオプトインされていません（auto-remediation タグ）。",
)
SEVERAL_AT_ZERO = Text(
    "Several services behind it run nothing; a person must say which should run.",
    "タスク数 0 のサービスが複数あります。どれを起動するかは人の判断が必要です。",
)
NONE_AT_ZERO = Text("No service behind it is scaled to zero.", "タスク数が 0 のサービスはありません。")
OTHER_CONTROLLER = Text(
    "The service is not deployed by ECS itself, so its count is set by another controller.",
    "サービスのデプロイは ECS 以外が管理しているため、タスク数も別の仕組みで設定されます。",
)
MAXIMUM_ZERO = Text(
    "Autoscaling's maximum is zero: raise the bounds first.",
    "Auto Scaling の最大値が 0 です。先に上限と下限を変更してください。",
)
NOTHING_BEHIND = Text(
    "Nothing behind it explains the errors: targets pass, tasks run, no release is on its way.",
    "背後に原因は見つかりません（ターゲットは正常、タスクは実行中、デプロイもありません）。",
)
NO_SERVICE = Text("No service is known behind the targets.", "ターゲットの背後にあるサービスを特定できません。")
OVER = Text("The errors seem to have ended; watching.", "エラーは収まったようです。監視を続けます。")
RELEASE = Text(
    "A deployment began in the last 15 minutes and may explain it; watching whether the errors end with it.",
    "直近 15 分以内のデプロイが原因の可能性があるため、収束するか監視します。",
)
