"""What people are told of slow responses."""

from collections.abc import Mapping

from .text import Text

TIMES = "aws cloudwatch get-metric-statistics --namespace AWS/ApplicationELB --metric-name TargetResponseTime --dimensions Name=TargetGroup,Value=<targetgroup/NAME/ID> Name=LoadBalancer,Value=<app/NAME/ID> --start-time <from> --end-time <to> --period 60 --extended-statistics p95"
LOAD = "aws cloudwatch get-metric-statistics --namespace AWS/ECS --metric-name CPUUtilization --dimensions Name=ClusterName,Value=<cluster> Name=ServiceName,Value=<service> --start-time <from> --end-time <to> --period 60 --statistics Average"
TABLE = "aws cloudwatch get-metric-statistics --namespace AWS/DynamoDB --metric-name SuccessfulRequestLatency --dimensions Name=TableName,Value=<table> Name=Operation,Value=<operation> --start-time <from> --end-time <to> --period 60 --statistics Average"
ZONES = "aws cloudwatch get-metric-statistics --namespace AWS/ApplicationELB --metric-name TargetResponseTime --dimensions Name=AvailabilityZone,Value=<zone> Name=TargetGroup,Value=<targetgroup/NAME/ID> Name=LoadBalancer,Value=<app/NAME/ID> --start-time <from> --end-time <to> --period 60 --extended-statistics p95"
NAT = "aws cloudwatch get-metric-statistics --namespace AWS/NATGateway --metric-name ErrorPortAllocation --dimensions Name=NatGatewayId,Value=<nat-id> --start-time <from> --end-time <to> --period 60 --statistics Sum"
FLOWS = "aws logs filter-log-events --log-group-name <flow-log-group> --filter-pattern REJECT --start-time <ms> --end-time <ms>"
CEILING = "aws ecs update-service --cluster <cluster> --service <service> --desired-count <count>"

ADVICE: Mapping[str, Text] = {
    "task_resources": Text(
        "Give the tasks more CPU or memory, or run more of them; then find what made them busy: more requests, or a "
        "release that costs more.",
        "タスクの CPU・メモリを増やすかタスク数を増やし、負荷の原因（リクエスト増、処理の重いリリース）を調べてください。",
    ),
    "dynamodb_latency": Text(
        "Look at the table: the operation that became slow, large items, scans, and whether the client retries.",
        "テーブルを確認してください。遅くなった操作、大きな項目、スキャン、クライアントの再試行が手がかりです。",
    ),
    "network_congestion": Text(
        "Look at the zone, the NAT gateway or the rule that is named; moving traffic out of a zone is a person's decision.",
        "示されたゾーン、NAT ゲートウェイ、ルールを確認してください。ゾーンからの切り離しは人の判断が必要です。",
    ),
}
CONFIRM: Mapping[str, Text] = {
    "task_resources": Text(
        "CPU or memory of the service is high in the same minutes in which the response time is, and the tables answer "
        "as fast as before.",
        "応答が遅い分と同じ時刻にサービスの CPU またはメモリが高く、テーブルの応答は以前と同じ速さです。",
    ),
    "dynamodb_latency": Text(
        "The table refuses requests, or SuccessfulRequestLatency is several times that of the hour before; the tasks "
        "themselves have room.",
        "テーブルがリクエストを拒否している、または SuccessfulRequestLatency が 1 時間前の数倍で、タスク自体には余裕があります。",
    ),
    "network_congestion": Text(
        "Tasks and tables are as before; one zone alone is slow, or a NAT gateway or a rule drops packets.",
        "タスクとテーブルに変化はなく、特定のゾーンだけが遅い、または NAT ゲートウェイやルールがパケットを破棄しています。",
    ),
}
LOOK: Mapping[str, tuple[str, ...]] = {
    "task_resources": (TIMES, LOAD),
    "dynamodb_latency": (TABLE,),
    "network_congestion": (ZONES, NAT, FLOWS),
}
NO_CEILING = Text(
    "No ceiling for the number of tasks is declared (task_ceiling in cdk.json), so no fix may run more of them.",
    "タスク数の上限（cdk.json の task_ceiling）が宣言されていないため、自動では増やせません。",
)
MEMORY_ALONE = Text(
    "Memory is short and CPU is not: more tasks do not make one request need less of it.",
    "不足しているのはメモリのみで、タスクを増やしても 1 リクエストあたりの使用量は減りません。",
)
DEPLOYING = Text(
    "A deployment is in progress; how fast its tasks are is known once it is over.",
    "デプロイが進行中です。完了後に応答時間を確認します。",
)
OVER = Text("It is not slow any more at this moment.", "現時点では遅延は収まっています。")
SLOW_NOT_THROTTLED = Text(
    "The table answers late and refuses nothing, so more capacity would not help.",
    "テーブルの応答は遅いものの拒否はなく、キャパシティを増やしても改善しません。",
)


def at_ceiling(count: int) -> Text:
    """The ceiling, or autoscaling's maximum, is reached."""
    return Text(
        f"{count} tasks run: the declared ceiling, or autoscaling's maximum, is reached.",
        f"{count} タスクが稼働中で、宣言された上限または Auto Scaling の最大値に達しています。",
    )


def scaling_already(said: str) -> Text:
    """Autoscaling is at it."""
    return Text(f"Autoscaling is at work: {said}", f"Auto Scaling が実行中です: {said}")
