"""What programs log: into the group and stream that the task definition's `awslogs` options name."""

from collections.abc import Iterable, Mapping
from typing import Any

from ministack.services import cloudwatch_logs, ecs

from . import agenda


def write(task: Mapping[str, Any], lines: Iterable[str]) -> None:
    """Lets the task's first container log lines now; lines for a group that does not exist are lost."""
    definition = ecs._task_defs.get(ecs._resolve_td_key(task["taskDefinitionArn"]))
    number = task["taskArn"].rsplit("/", 1)[-1]
    config = definition and ecs._awslogs_config(definition["containerDefinitions"][0], number, "")
    found = list(lines)
    if not config or not found or not ecs._ensure_awslogs_stream(config):
        return
    at = int(agenda.now() * 1000)
    cloudwatch_logs._put_log_events(
        {
            "logGroupName": config["group"],
            "logStreamName": config["stream"],
            "logEvents": [{"timestamp": at + n, "message": line} for n, line in enumerate(found)],
        }
    )
