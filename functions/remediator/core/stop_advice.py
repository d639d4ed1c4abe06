"""Words of advice for the rows of `ecs_task_restarting`, and where a stopped task's own words can be read."""

from .logs import LogExcerpt
from .model import Advise
from .text import Text

ADVICE_HEALTH_CHECK_FAILING = Text(
    "Find out why the health check fails: read the log of the newest stopped task, then call the health path itself.",
    "ヘルスチェックが失敗する理由を調べてください。最新の停止タスクのログを確認し、ヘルスチェックパスを直接呼び出します。",
)
ADVICE_APPLICATION_ERROR = Text(
    "Correct the application: the first stack trace says where it fails.",
    "アプリケーションを修正してください。最初のスタックトレースが失敗箇所を示しています。",
)


STOPPED = (
    "aws ecs list-tasks --cluster <cluster> --service-name <service> --desired-status STOPPED",
    (
        "aws ecs describe-tasks --cluster <cluster> --tasks <task> "
        "--query 'tasks[].[stopCode,stoppedReason,containers[].[name,exitCode,reason]]'"
    ),
)


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
