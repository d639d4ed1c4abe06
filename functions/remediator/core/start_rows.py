"""The rows of `ecs_task_not_starting` in words: how each is confirmed, where a person looks, what it takes to end it."""

from .text import Text

LOOK_AT_STOPS = (
    "aws ecs list-tasks --cluster <cluster> --service-name <service> --desired-status STOPPED",
    (
        "aws ecs describe-tasks --cluster <cluster> --tasks <task> "
        "--query 'tasks[].[stopCode,stoppedReason,containers[].reason]'"
    ),
)
LOOK_AT_EVENTS = (
    "aws ecs describe-services --cluster <cluster> --services <service> --query 'services[].events[:10].message'"
)


ADVICE_IMAGE_UNAVAILABLE = Text(
    "Push the image under the name that the task definition has, or name one that the registry holds.",
    "タスク定義が指定する名前でイメージをプッシュするか、レジストリに存在するイメージを指定してください。",
)
ADVICE_INVALID_TASK_DEFINITION = Text(
    "Correct the setting that the reason names and register another revision.",
    "停止理由が示す設定を修正し、新しいリビジョンを登録してください。",
)
