"""Words of advice for the rows of `ecs_task_restarting`, and where a stopped task's own words can be read."""

from .logs import LogExcerpt
from .model import Advise
from .text import Text

ADVICE = {
    "health_check_failing": Text(
        "Find out why the health check fails: read the log of the newest stopped task, then call the health path itself.",
        "ヘルスチェックが失敗する理由を調べてください。最新の停止タスクのログを確認し、ヘルスチェックパスを直接呼び出します。",
    ),
    "out_of_memory": Text(
        "Find out what takes the memory: compare MemoryUtilization with requests; look for a leak before raising it again.",
        "メモリを消費している原因を調べてください。MemoryUtilization とリクエスト数を比較し、再度増やす前にリークを疑います。",
    ),
    "application_error": Text(
        "Correct the application: the first stack trace says where it fails.",
        "アプリケーションを修正してください。最初のスタックトレースが失敗箇所を示しています。",
    ),
}

CONFIRM = {
    "health_check_failing": Text(
        "The stopped reason says that health checks failed, and no container had ended by itself or for memory before that.",
        "停止理由にヘルスチェック失敗と記録され、それより前にコンテナ自身の終了もメモリ不足による停止もありません。",
    ),
    "out_of_memory": Text(
        "The container's reason says OutOfMemory (exit code 137 alone does not: a scale-in ends so, too), and "
        "MemoryUtilization was near 100 % when it stopped.",
        "コンテナの理由に OutOfMemory と記録され（終了コード 137 だけでは判断できません。スケールインでも同じです）、"
        "停止時の MemoryUtilization が 100 % 近くです。",
    ),
    "application_error": Text(
        "An essential container ended by itself with an exit code that is neither 0 nor a signal's, and the task's log "
        "stream ends with its error.",
        "必須コンテナが 0 でもシグナルでもない終了コードで自ら終了し、そのタスクのログストリームがエラーで終わっています。",
    ),
}
STOPPED = (
    "aws ecs list-tasks --cluster <cluster> --service-name <service> --desired-status STOPPED",
    (
        "aws ecs describe-tasks --cluster <cluster> --tasks <task> "
        "--query 'tasks[].[stopCode,stoppedReason,containers[].[name,exitCode,reason]]'"
    ),
)
LOOK = {
    "health_check_failing": (
        *STOPPED,
        "aws elbv2 describe-target-health --target-group-arn <target-group-arn>",
        "aws ecs describe-services --cluster <cluster> --services <service> --query 'services[].healthCheckGracePeriodSeconds'",
        "curl -f http://<task-ip>:<port>/health",
    ),
    "out_of_memory": (
        *STOPPED,
        (
            "aws cloudwatch get-metric-statistics --namespace AWS/ECS --metric-name MemoryUtilization "
            "--dimensions Name=ClusterName,Value=<cluster> Name=ServiceName,Value=<service> "
            "--statistics Maximum --period 60 --start-time <start> --end-time <end>"
        ),
        (
            "aws ecs describe-task-definition --task-definition <family> "
            "--query 'taskDefinition.[memory,containerDefinitions[].[name,memory,memoryReservation]]'"
        ),
    ),
    "application_error": (
        *STOPPED,
        "aws logs get-log-events --log-group-name <log-group> --log-stream-name <prefix>/<container>/<task> --limit 200",
        "aws logs filter-log-events --log-group-name <log-group> --filter-pattern ERROR --start-time <milliseconds>",
    ),
}


def with_last_words(advice: Text, words: LogExcerpt | None) -> Advise:
    """The advice with what a task logged last, and the commands that show more of it."""
    if words is None:
        return Advise(advice)
    an_hour_ago = "$(date -d '-1 hour' +%s000)"
    return Advise(
        advice,
        commands=(
            f"aws logs get-log-events --log-group-name {words.group} --log-stream-name {words.stream} --limit 200",
            f"aws logs filter-log-events --log-group-name {words.group} --filter-pattern ERROR --start-time {an_hour_ago}",
        ),
        quote=words.trace or words.errors,
    )
