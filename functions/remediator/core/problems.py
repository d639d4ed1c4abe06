"""Problems that one runbook notices and another looks into: both call them the same."""

from collections.abc import Mapping
from dataclasses import dataclass

from .text import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """How a problem is called in reports; `title` and `symptom` as in its runbook."""

    title: Text
    symptom: Text


TARGETS_UNHEALTHY = Problem(
    title=Text("Load balancer targets are unhealthy", "ALB のターゲットが不健全"),
    symptom=Text("targets fail their health checks", "ターゲットがヘルスチェックに失敗している"),
)
GATEWAY_ERRORS = Problem(
    title=Text("Requests through the load balancer fail (5xx)", "ALB 経由のリクエストが失敗（5xx）"),
    symptom=Text("requests are answered with 5xx", "リクエストに 5xx が返されている"),
)
SLOW_RESPONSE = Problem(
    title=Text("Responses through the load balancer are slow", "ALB 経由の応答が遅い"),
    symptom=Text("responses take longer than the target", "応答時間が目標を超えている"),
)
RESTARTING = Problem(
    title=Text("ECS tasks restart again and again", "ECS タスクが再起動を繰り返す"),
    symptom=Text("tasks start and stop again soon after", "タスクが起動後すぐに停止する"),
)
NOT_STARTING = Problem(
    title=Text("ECS tasks do not start", "ECS タスクが起動しない"),
    symptom=Text("tasks stop before they run, or cannot be placed", "タスクが実行前に停止する、または配置できない"),
)
HANDED_OVER_BY: Mapping[str, Problem] = {
    "alb_gateway_errors": GATEWAY_ERRORS,
    "alb_slow_response": SLOW_RESPONSE,
    "alb_targets_unhealthy": TARGETS_UNHEALTHY,
    "ecs_task_not_starting": NOT_STARTING,
    "ecs_task_restarting": RESTARTING,
}
