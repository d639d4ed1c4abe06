"""Words of advice, confirmations and commands for the rows of `alb_gateway_errors`. Source of meanings: AWS, ALB user guide."""

from .text import Text

ADVICE = {
    "502": Text(
        "Look why targets break connections off: they crash, answer malformed HTTP or close idle connections earlier than "
        "the load balancer (keep the application's keep-alive longer than the idle timeout).",
        "ターゲットが接続を切断する理由を調べてください。クラッシュ、不正な HTTP 応答のほか、アプリケーションの keep-alive が "
        "ALB のアイドルタイムアウトより短い場合にも起こります。",
    ),
    "503": Text(
        "Bring a healthy target back: look at the listener's target group, at the count of its service and at stopped tasks.",
        "正常なターゲットを復旧してください。リスナーのターゲットグループ、サービスのタスク数、停止したタスクを確認します。",
    ),
    "504": Text(
        "Find what makes requests slow, or closes the way to the targets; a longer idle timeout only hides the first.",
        "リクエストが遅い原因、またはターゲットまでの経路を調べてください。タイムアウトの延長は遅さを隠すだけです。",
    ),
    "target_5xx": Text(
        "Read the application's log: the load balancer only passes on what it answers.",
        "アプリケーションのログを確認してください。ALB はアプリケーションの応答を中継しているだけです。",
    ),
}
CONFIRM = {
    "502": Text(
        "HTTPCode_ELB_502_Count has data and HTTPCode_Target_5XX_Count does not rise with it: the load balancer answered "
        "itself. TargetConnectionErrorCount and stopped tasks in the same minutes say which side broke off.",
        "HTTPCode_ELB_502_Count にデータがあり、HTTPCode_Target_5XX_Count が同時に増えていなければ、ALB 自身の応答です。"
        "同じ時間帯の TargetConnectionErrorCount と停止タスクから、切断した側が分かります。",
    ),
    "503": Text(
        "HTTPCode_ELB_503_Count has data and the target group has no registered target that is healthy. Where all are "
        "unhealthy the load balancer still sends requests to them, so unhealthy targets alone are no proof.",
        "HTTPCode_ELB_503_Count にデータがあり、正常な登録ターゲットがありません。全ターゲットが異常な場合は ALB が"
        "リクエストを送り続けるため、異常なターゲットだけでは証拠になりません。",
    ),
    "504": Text(
        "HTTPCode_ELB_504_Count has data, and TargetResponseTime reaches the idle timeout (slow) or "
        "TargetConnectionErrorCount rises (no connection within ten seconds).",
        "HTTPCode_ELB_504_Count にデータがあり、TargetResponseTime がアイドルタイムアウトに達している（応答遅延）か、"
        "TargetConnectionErrorCount が増えています（10 秒以内に接続できない）。",
    ),
    "target_5xx": Text(
        "HTTPCode_Target_5XX_Count has data and the HTTPCode_ELB_5XX counts do not: the code comes from the application.",
        "HTTPCode_Target_5XX_Count にデータがあり、HTTPCode_ELB_5XX 系にはない場合、コードはアプリケーションの応答です。",
    ),
}


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
LOOK = {
    "502": (
        metric_command("HTTPCode_ELB_502_Count"),
        metric_command("TargetConnectionErrorCount", "TargetGroup"),
        HEALTH,
        "aws ecs list-tasks --cluster <cluster> --service-name <service> --desired-status STOPPED",
    ),
    "503": (
        metric_command("HTTPCode_ELB_503_Count"),
        HEALTH,
        SERVICE,
        SCHEDULES,
    ),
    "504": (
        metric_command("HTTPCode_ELB_504_Count"),
        metric_command("TargetResponseTime", "TargetGroup", "--extended-statistics p99"),
        "aws elbv2 describe-load-balancer-attributes --load-balancer-arn <load balancer ARN>",
    ),
    "target_5xx": (
        metric_command("HTTPCode_Target_5XX_Count", "TargetGroup"),
        metric_command("HTTPCode_ELB_5XX_Count"),
        "aws logs filter-log-events --log-group-name <log group> --filter-pattern '?ERROR ?Exception'",
    ),
}
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
