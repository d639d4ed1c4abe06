"""The guide's table of error codes: what each code means, where it leads to, and how it is recognised in any text.

Source: the guide's table; ECS, Elastic Load Balancing and DynamoDB documentation for the words that stand for a code.
"""

import re
from dataclasses import dataclass

from remediator.core.problem_titles import GATEWAY_ERRORS, NOT_STARTING, RESTARTING, SLOW_RESPONSE, TARGETS_UNHEALTHY
from remediator.core.text import Text

THROTTLED = "dynamodb_throttling"
LOOKED_AT_CHARS = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorCode:
    """One code of the table.

    Attributes:
        id: `error.ecs.client_error`.
        code: as AWS or the guide writes it.
        advice: what a person does; `confirm`: what shows that it is this; `look`: commands for that.
        leads_to: full ids of the rows that may be behind it, the likeliest first; empty where advice is all there is.
        signs: how texts name it.
    """

    id: str
    code: str
    title: Text
    advice: Text
    confirm: Text
    look: tuple[str, ...]
    leads_to: tuple[str, ...]
    signs: re.Pattern[str]


_SLOWEST = (
    "aws cloudwatch get-metric-statistics --namespace AWS/ApplicationELB --metric-name TargetResponseTime "
    "--dimensions Name=LoadBalancer,Value=<app/name/id> --extended-statistics p99 --period 60 "
    "--start-time <start> --end-time <end>"
)
_TABLE = "(?:describe|update|delete)?table|dynamodb"
_CALLS = "dynamodb|(?:put|get|update|delete|batchgetitem|batchwrite|transactwrite|transactget)items?|query operation|scan operation"


def _status(code: int, words: str) -> re.Pattern[str]:
    """An HTTP status where it stands as one: beside its own words, as a status field, behind a request line, as a metric.

    A port, a duration or a count that happens to be the same number is none of these.
    """
    return re.compile(
        rf"\b{code}(?: |: |\s*[-–(]\s*)(?:{words})\b|\b(?:{words})\W{{1,3}}{code}\b"
        rf"|\bhttp(?:code)?[_ ](?:elb_|target_)?{code}(?!\d)|\bhttp/\d(?:\.\d)?\"? {code}\b"
        rf"|\b(?:http[ _-]?)?(?:status(?:[ _-]?code)?|elb_status_code|response code|error code)\W{{1,4}}{code}\b"
        rf"|\bhttp(?:/\d(?:\.\d)?)? (?:error |code )?{code}\b|\bhttp_{code}\b|\[{code}\]"
    )


CODES: tuple[ErrorCode, ...] = (
    ErrorCode(
        id="error.ecs.client_error",
        code="CLIENT_ERROR",
        title=Text("the task failed to start", "タスクを起動できない"),
        advice=Text(
            "Read the stopped task's reason; correct what the task definition says or refers to.",
            "停止したタスクの理由を確認し、タスク定義の内容または参照先を修正してください。",
        ),
        confirm=Text(
            "stopCode is TaskFailedToStart and no container has an exit code.",
            "stopCode が TaskFailedToStart で、どのコンテナにも終了コードがありません。",
        ),
        look=(
            "aws ecs list-tasks --cluster <cluster> --service-name <service> --desired-status STOPPED",
            "aws ecs describe-tasks --cluster <cluster> --tasks <task>",
        ),
        leads_to=tuple(
            f"{NOT_STARTING.id}.{row}"
            for row in ("invalid_task_definition", "image_unavailable", "missing_permissions", "network_blocked")
        ),
        signs=re.compile(r"\bclient_error\b|\btaskfailedtostart\b|\btask failed to start\b"),
    ),
    ErrorCode(
        id="error.ecs.resource_cpu",
        code="RESOURCE_REQUIRED (CPU)",
        title=Text("not enough CPU units", "CPU ユニット不足"),
        advice=Text(
            "To place the task, ask for less CPU or add capacity; raise it only where a container is short inside its task.",
            "配置のためには CPU の指定を減らすか容量を追加してください。タスク内のコンテナが不足する場合だけ増やします。",
        ),
        confirm=Text(
            "The service event or stop reason says RESOURCE:CPU or insufficient CPU units.",
            "サービスイベントまたは停止理由に RESOURCE:CPU または CPU ユニット不足と記録されています。",
        ),
        look=(
            "aws ecs describe-services --cluster <cluster> --services <service> --query 'services[0].events[:5]'",
            "aws ecs describe-task-definition --task-definition <family> --query 'taskDefinition.[cpu,memory]'",
        ),
        leads_to=(f"{NOT_STARTING.id}.insufficient_resources", f"{SLOW_RESPONSE.id}.task_resources"),
        signs=re.compile(r"\bresource:cpu\b|\binsufficient cpu\b|\bresource_required\b[^\n]{0,40}\bcpu\b|cpu configuration is above"),
    ),
    ErrorCode(
        id="error.ecs.resource_memory",
        code="RESOURCE_REQUIRED (memory)",
        title=Text("not enough memory", "メモリ不足（配置）"),
        advice=Text(
            "To place the task, ask for less memory or add capacity; raise it only where a container is killed for memory.",
            "配置のためにはメモリの指定を減らすか容量を追加してください。メモリ不足で停止するコンテナの場合だけ増やします。",
        ),
        confirm=Text(
            "The service event or stop reason says RESOURCE:MEMORY or insufficient memory.",
            "サービスイベントまたは停止理由に RESOURCE:MEMORY またはメモリ不足と記録されています。",
        ),
        look=(
            "aws ecs describe-services --cluster <cluster> --services <service> --query 'services[0].events[:5]'",
            "aws ecs describe-task-definition --task-definition <family> --query 'taskDefinition.[cpu,memory]'",
        ),
        leads_to=(f"{NOT_STARTING.id}.insufficient_resources", f"{RESTARTING.id}.out_of_memory"),
        signs=re.compile(
            r"\bresource:memory\b|\binsufficient memory\b|\bresource_required\b[^\n]{0,40}\bmemory\b|memory configuration is above"
        ),
    ),
    ErrorCode(
        id="error.ecs.missing_attribute",
        code="MISSING_ATTRIBUTE",
        title=Text("a role or an attribute that the task needs is missing", "タスクに必要なロールまたは属性がない"),
        advice=Text(
            "Create the role that the definition names and let ecs-tasks.amazonaws.com assume it, or meet the attribute.",
            "定義が指定するロールを作成して ecs-tasks.amazonaws.com からの引き受けを許可するか、必要な属性を満たしてください。",
        ),
        confirm=Text(
            "taskRoleArn or executionRoleArn names a role that does not exist or does not trust ECS.",
            "taskRoleArn または executionRoleArn のロールが存在しないか、ECS を信頼していません。",
        ),
        look=(
            "aws ecs describe-task-definition --task-definition <family> --query 'taskDefinition.[taskRoleArn,executionRoleArn]'",
            "aws iam get-role --role-name <role>",
        ),
        leads_to=(f"{NOT_STARTING.id}.missing_permissions", f"{NOT_STARTING.id}.invalid_task_definition"),
        signs=re.compile(r"\bmissing_attribute\b|\btask role not found\b|missing an attribute required|unable to assume the role"),
    ),
    ErrorCode(
        id="error.alb.502",
        code="502 Bad Gateway",
        title=Text("the target does not answer properly", "ターゲットが正しく応答しない"),
        advice=Text(
            "Look at the targets' health and at their tasks' logs: connections are refused, reset or answered malformed.",
            "ターゲットの状態とタスクのログを確認してください。接続の拒否、切断、または不正な応答が起きています。",
        ),
        confirm=Text(
            "HTTPCode_ELB_502_Count rises while TargetConnectionErrorCount or task stops rise too.",
            "HTTPCode_ELB_502_Count と同時に TargetConnectionErrorCount またはタスク停止が増えています。",
        ),
        look=("aws elbv2 describe-target-health --target-group-arn <target group>",),
        leads_to=(f"{GATEWAY_ERRORS.id}.502", f"{TARGETS_UNHEALTHY.id}.application_failing", f"{RESTARTING.id}.application_error"),
        signs=_status(502, "bad gateway|badgateway"),
    ),
    ErrorCode(
        id="error.alb.503",
        code="503 Service Unavailable",
        title=Text("no healthy target", "正常なターゲットがない"),
        advice=Text(
            "Find out why no target is healthy: a service at zero tasks, failed health checks, or a deployment.",
            "正常なターゲットがない理由を調べてください。タスク数 0、ヘルスチェック失敗、またはデプロイが考えられます。",
        ),
        confirm=Text(
            "HTTPCode_ELB_503_Count rises and HealthyHostCount is 0.",
            "HTTPCode_ELB_503_Count が増え、HealthyHostCount が 0 です。",
        ),
        look=(
            "aws elbv2 describe-target-health --target-group-arn <target group>",
            "aws ecs describe-services --cluster <cluster> --services <service> --query 'services[0].[desiredCount,runningCount]'",
        ),
        leads_to=(f"{GATEWAY_ERRORS.id}.503", f"{TARGETS_UNHEALTHY.id}.application_failing"),
        signs=_status(503, "service unavailable|service temporarily unavailable|serviceunavailable"),
    ),
    ErrorCode(
        id="error.alb.504",
        code="504 Gateway Timeout",
        title=Text("the target is too slow", "ターゲットの応答が遅い"),
        advice=Text(
            "Find out what is slow; raise the idle timeout only where such requests are meant to take that long.",
            "遅い原因を調べてください。本来時間のかかるリクエストの場合だけ、アイドルタイムアウトを延ばします。",
        ),
        confirm=Text(
            "HTTPCode_ELB_504_Count rises and TargetResponseTime nears the idle timeout.",
            "HTTPCode_ELB_504_Count が増え、TargetResponseTime がアイドルタイムアウトに近づいています。",
        ),
        look=(
            "aws elbv2 describe-load-balancer-attributes --load-balancer-arn <load balancer>",
            _SLOWEST,
        ),
        leads_to=(f"{GATEWAY_ERRORS.id}.504", f"{SLOW_RESPONSE.id}.task_resources", f"{SLOW_RESPONSE.id}.dynamodb_latency"),
        signs=_status(504, "gateway time-?out|gatewaytimeout"),
    ),
    ErrorCode(
        id="error.dynamodb.throughput_exceeded",
        code="ProvisionedThroughputExceededException",
        title=Text("more requests than the table may serve", "テーブルの処理能力を超えるリクエスト"),
        advice=Text(
            "Compare consumed with provisioned capacity; raise it, or spread the keys where one partition is hot.",
            "消費容量とプロビジョニング容量を比較し、容量を増やすか、特定パーティションに集中する場合はキーを分散してください。",
        ),
        confirm=Text(
            "ThrottlingReasons in the error, or the throttle metrics by cause, say which limit was met.",
            "エラーの ThrottlingReasons、または原因別のスロットリングメトリクスが、どの上限かを示します。",
        ),
        look=("aws dynamodb describe-table --table-name <table> --query 'Table.[BillingModeSummary,ProvisionedThroughput]'",),
        leads_to=tuple(f"{THROTTLED}.{row}" for row in ("insufficient_capacity", "hot_key", "burst_traffic")),
        signs=re.compile(r"\bprovisionedthroughputexceeded(?:exception)?\b(?![^\n]{0,300}\bfor shard\b)|configured provisioned throughput"),
    ),
    ErrorCode(
        id="error.dynamodb.table_not_found",
        code="ResourceNotFoundException",
        title=Text("the table does not exist", "テーブルが存在しない"),
        advice=Text(
            "Compare the table's name, region and account with what the application asks for; it may still be CREATING.",
            "テーブル名、リージョン、アカウントをアプリケーションの設定と照合してください。作成中 (CREATING) の場合もあります。",
        ),
        confirm=Text(
            "DescribeTable of that name in that region fails with the same error.",
            "同じリージョンで同じ名前の DescribeTable が同じエラーになります。",
        ),
        look=("aws dynamodb list-tables --region <region>", "aws dynamodb describe-table --table-name <table>"),
        leads_to=(),
        signs=re.compile(
            r"requested resource not found|cannot do operations on a non-existent table"
            rf"|\bresourcenotfound(?:exception)?\b[^\n]{{0,200}}\b(?:{_TABLE})\b|\b(?:{_TABLE})\b[^\n]{{0,200}}\bresourcenotfound(?:exception)?\b"
        ),
    ),
    ErrorCode(
        id="error.dynamodb.invalid_parameter",
        code="ValidationException",
        title=Text("a parameter is not valid", "パラメータが無効"),
        advice=Text(
            "Correct the request: the message names the parameter; look at what was deployed last.",
            "リクエストを修正してください。該当するパラメータはメッセージに示されています。直近のデプロイも確認します。",
        ),
        confirm=Text(
            "The message names key, attribute or expression; the same request fails each time.",
            "メッセージにキー、属性または式が示され、同じリクエストが毎回失敗します。",
        ),
        look=("aws dynamodb describe-table --table-name <table> --query 'Table.[KeySchema,AttributeDefinitions]'",),
        leads_to=(f"{RESTARTING.id}.application_error",),
        signs=re.compile(
            r"one or more parameter values (?:were|are) (?:in|not )valid|the provided key element does not match the schema"
            rf"|\bvalidationexception\b(?=[^\n]{{0,300}}\b(?:{_CALLS}|attribute|expression)\b)"
            rf"|\b(?:{_CALLS})\b[^\n]{{0,200}}\bvalidationexception\b"
        ),
    ),
)  # fmt: skip
BY_ID = {code.id: code for code in CODES}
# Every sign of a code holds one of these: texts without any are done with at once.
HINTS = (
    "502", "503", "504", "client_error", "failedtostart", "failed to start", "resource:", "resource_required", "insufficient",
    "configuration is above", "attribute", "role", "throughput", "resourcenotfound", "resource not found", "non-existent",
    "validationexception", "parameter value", "key element",
)  # fmt: skip


def codes_in(text: str) -> tuple[str, ...]:
    """Ids of the codes that a stop reason, service event, log line or error names, in the table's order."""
    found = text[:LOOKED_AT_CHARS].lower()
    if not any(hint in found for hint in HINTS):
        return ()
    return tuple(code.id for code in CODES if code.signs.search(found))
