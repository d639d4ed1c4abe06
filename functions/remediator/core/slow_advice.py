"""What people are told of slow responses."""

from .text import Text

TIMES = "aws cloudwatch get-metric-statistics --namespace AWS/ApplicationELB --metric-name TargetResponseTime --dimensions Name=TargetGroup,Value=<targetgroup/NAME/ID> Name=LoadBalancer,Value=<app/NAME/ID> --start-time <from> --end-time <to> --period 60 --extended-statistics p95"
LOAD = "aws cloudwatch get-metric-statistics --namespace AWS/ECS --metric-name CPUUtilization --dimensions Name=ClusterName,Value=<cluster> Name=ServiceName,Value=<service> --start-time <from> --end-time <to> --period 60 --statistics Average"
TABLE = "aws cloudwatch get-metric-statistics --namespace AWS/DynamoDB --metric-name SuccessfulRequestLatency --dimensions Name=TableName,Value=<table> Name=Operation,Value=<operation> --start-time <from> --end-time <to> --period 60 --statistics Average"
ZONES = "aws cloudwatch get-metric-statistics --namespace AWS/ApplicationELB --metric-name TargetResponseTime --dimensions Name=AvailabilityZone,Value=<zone> Name=TargetGroup,Value=<targetgroup/NAME/ID> Name=LoadBalancer,Value=<app/NAME/ID> --start-time <from> --end-time <to> --period 60 --extended-statistics p95"
NAT = "aws cloudwatch get-metric-statistics --namespace AWS/NATGateway --metric-name ErrorPortAllocation --dimensions Name=NatGatewayId,Value=<nat-id> --start-time <from> --end-time <to> --period 60 --statistics Sum"
FLOWS = "aws logs filter-log-events --log-group-name <flow-log-group> --filter-pattern REJECT --start-time <ms> --end-time <ms>"
CEILING = "aws ecs update-service --cluster <cluster> --service <service> --desired-count <count>"

ADVICE_NETWORK_CONGESTION = Text(
    "Look at the zone, the NAT gateway or the rule that is named; moving traffic out of a zone is a person's decision.",
    "示されたゾーン、NAT ゲートウェイ、ルールを確認してください。ゾーンからの切り離しは人の判断が必要です。",
)

LOOK_NETWORK_CONGESTION = (ZONES, NAT, FLOWS)
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
STARTING = Text("Tasks that were asked for already are still on their way.", "要求済みのタスクがまだ起動していません。")
FAILING = Text(
    "Requests or targets fail, which another runbook looks into; more tasks are no answer to that.",
    "リクエストまたはターゲットに異常があり、別のランブックの対象です。タスクを増やしても解決しません。",
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
