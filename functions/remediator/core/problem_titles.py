"""Problems that one runbook notices and another looks into: both call them the same."""

from collections.abc import Mapping
from dataclasses import dataclass

from .text import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """How a problem is called in reports; `title` and `symptom` as in its runbook, whose name is `id`."""

    id: str
    title: Text
    symptom: Text


TARGETS_UNHEALTHY = Problem(
    id="alb_targets_unhealthy",
    title=Text("Load balancer targets are unhealthy", "ALB のターゲットが不健全"),
    symptom=Text("targets fail their health checks", "ターゲットがヘルスチェックに失敗している"),
)
GATEWAY_ERRORS = Problem(
    id="alb_gateway_errors",
    title=Text("Requests through the load balancer fail (5xx)", "ALB 経由のリクエストが失敗（5xx）"),
    symptom=Text("requests are answered with 5xx", "リクエストに 5xx が返されている"),
)
SLOW_RESPONSE = Problem(
    id="alb_slow_response",
    title=Text("Responses through the load balancer are slow", "ALB 経由の応答が遅い"),
    symptom=Text("responses take longer than the target", "応答時間が目標を超えている"),
)
RESTARTING = Problem(
    id="ecs_task_restarting",
    title=Text("ECS tasks restart again and again", "ECS タスクが再起動を繰り返す"),
    symptom=Text("tasks start and stop again soon after", "タスクが起動後すぐに停止する"),
)
NOT_STARTING = Problem(
    id="ecs_task_not_starting",
    title=Text("ECS tasks do not start", "ECS タスクが起動しない"),
    symptom=Text("tasks stop before they run, or cannot be placed", "タスクが実行前に停止する、または配置できない"),
)
HANDED_OVER_BY: Mapping[str, Problem] = {
    problem.id: problem for problem in (GATEWAY_ERRORS, SLOW_RESPONSE, TARGETS_UNHEALTHY, NOT_STARTING, RESTARTING)
}
