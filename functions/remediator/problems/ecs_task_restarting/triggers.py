"""Events that start `ecs_task_restarting`."""

from ...events.triggers import ecs_deployment_failed, ecs_task_stopped

TRIGGERS = (
    ecs_task_stopped("out_of_memory", "health_check", "application_error", "unknown"),
    ecs_deployment_failed(),
)
