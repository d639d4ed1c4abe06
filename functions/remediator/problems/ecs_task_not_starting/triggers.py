"""Events that start `ecs_task_not_starting`."""

from ...events.triggers import ecs_service_action, ecs_task_stopped
from ...resources.ecs.stop_codes import FAILED_STARTS

TRIGGERS = (
    ecs_task_stopped(*FAILED_STARTS),
    ecs_service_action(
        "SERVICE_TASK_PLACEMENT_FAILURE", "SERVICE_TASK_CONFIGURATION_FAILURE", "SERVICE_TASK_START_IMPAIRED"
    ),
)
