"""The two changes behind a load balancer's errors: the count of a service that runs nothing, and the idle timeout."""

from collections.abc import Sequence
from dataclasses import replace

from ..ecs import Service
from ..gateway import Gateway
from ..model import Call, Plan, Resource
from ..text import Text
from .ecs_service import plan_count

IDLE_TIMEOUT = "idle_timeout.timeout_seconds"


def plan_restored_count(service: Service, count: int, cause: str, runbook: str, ask: Sequence[Text]) -> Plan:
    """The service runs `count` tasks again; arguments as `plan_count` has them."""
    title = Text(
        f"Run {count} tasks of {service.name} again (desired count {service.desired} -> {count})",
        f"{service.name} のタスクを再び {count} 個実行（必要タスク数 {service.desired} -> {count}）",
    )
    return replace(plan_count(service, count, cause, runbook, ask), fix="restore_count", title=title)


def plan_idle_timeout(gateway: Gateway, longer_s: int, cause: str, runbook: str) -> Plan:
    """The load balancer waits longer for its targets. Always asked: every client and connection of it is concerned."""
    was_s = gateway.idle_timeout_s
    return Plan(
        runbook=runbook,
        cause=cause,
        fix="raise_idle_timeout",
        title=Text(
            f"Longer idle timeout: {was_s} -> {longer_s} s", f"アイドルタイムアウトを延長: {was_s} -> {longer_s} 秒"
        ),
        resource=Resource("load_balancer", gateway.arn),
        calls=(_set_idle(gateway, longer_s),),
        before={IDLE_TIMEOUT: str(was_s)},
        after={IDLE_TIMEOUT: str(longer_s)},
        undo=(_set_idle(gateway, was_s),),
        response="ask",
        ask_because=Text(
            "all clients of the load balancer then wait longer, and slow answers stay slow",
            "ロードバランサー全体の待ち時間が延び、応答の遅さ自体は解消しません",
        ),
        keep=Text(
            f"attribute {IDLE_TIMEOUT} of the AWS::ElasticLoadBalancingV2::LoadBalancer",
            f"AWS::ElasticLoadBalancingV2::LoadBalancer の属性 {IDLE_TIMEOUT}",
        ),
    )


def _set_idle(gateway: Gateway, seconds: int) -> Call:
    return Call(
        action="elasticloadbalancing:ModifyLoadBalancerAttributes",
        parameters={"LoadBalancerArn": gateway.arn, "Attributes": [{"Key": IDLE_TIMEOUT, "Value": str(seconds)}]},
        arn=gateway.arn,
    )
