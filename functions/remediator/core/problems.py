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
HANDED_OVER_BY: Mapping[str, Problem] = {
    "alb_gateway_errors": GATEWAY_ERRORS,
    "alb_slow_response": SLOW_RESPONSE,
    "alb_targets_unhealthy": TARGETS_UNHEALTHY,
}
