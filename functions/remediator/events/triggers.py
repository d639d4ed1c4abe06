"""Kinds of event that start a runbook: the pattern that the rule is made from, and what the parsed signal must say."""

from collections.abc import Mapping
from typing import Any

from ..core.model import Signal
from ..core.runbook import Trigger
from ..resources.ecs.stop_codes import StopMeaning


def ecs_task_stopped(*meanings: StopMeaning) -> Trigger:
    """A task stopped, and that means one of `meanings`.

    The rule lets every stop through: a health-check kill and a scale-in differ only in the text of their reason.
    """
    return Trigger(
        kind="ecs_task_stopped",
        pattern=_pattern("aws.ecs", "ECS Task State Change", lastStatus=["STOPPED"]),
        accepts=lambda signal: _is(signal, "ecs_task_stopped") and signal.facts.get("meaning") in meanings,
    )


def ecs_deployment_failed() -> Trigger:
    """A deployment did not reach its steady state: its circuit breaker or an alarm ended it."""
    return Trigger(
        kind="ecs_deployment_failed",
        pattern=_pattern("aws.ecs", "ECS Deployment State Change", eventName=["SERVICE_DEPLOYMENT_FAILED"]),
        accepts=lambda signal: _is(signal, "ecs_deployment_failed"),
    )


def ecs_service_action(*event_names: str) -> Trigger:
    """A service action of WARN or ERROR; of the named ones only, where any is named."""
    named = {"eventName": list(event_names)} if event_names else {}
    return Trigger(
        kind="ecs_service_action",
        pattern=_pattern("aws.ecs", "ECS Service Action", eventType=["WARN", "ERROR"], **named),
        accepts=lambda signal: (
            _is(signal, "ecs_service_action") and (not event_names or signal.facts.get("eventName") in event_names)
        ),
    )


def alarm_on(namespace: str, *metrics: str) -> Trigger:
    """An alarm, or one contributor of it, on one of these metrics (on any of the namespace where none is named).

    The rule lets every alarm through: those that use metric math or a query name their metrics in too many ways.
    """
    return Trigger(
        kind="alarm",
        pattern={
            "source": ["aws.cloudwatch"],
            "detail-type": ["CloudWatch Alarm State Change", "CloudWatch Alarm Contributor State Change"],
            "detail": {"state": {"value": ["ALARM"]}},
        },
        accepts=lambda signal: (
            _is(signal, "alarm")
            and signal.facts.get("namespace") == namespace
            and (not metrics or signal.facts.get("metric") in metrics)
        ),
    )


def table_delete_refused() -> Trigger:
    """DynamoDB refused to delete a table. CloudTrail tells EventBridge so, where a trail logs management events."""
    return Trigger(
        kind="table_delete_refused",
        pattern=_pattern(
            "aws.dynamodb", "AWS API Call via CloudTrail", eventName=["DeleteTable"], errorCode=[{"exists": True}]
        ),
        accepts=lambda signal: _is(signal, "table_delete_refused"),
    )


def _is(signal: Signal, kind: str) -> bool:
    return signal.kind == kind


def _pattern(source: str, detail_type: str, **detail: list[Any]) -> Mapping[str, Any]:
    return {"source": [source], "detail-type": [detail_type], "detail": detail}
