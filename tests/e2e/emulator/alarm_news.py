"""What an alarm's change of state looks like to others: the event's detail, the message to a topic."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from . import agenda
from .admin import ACCOUNT, REGION


def queries_of(alarm: Mapping[str, Any]) -> list[dict[str, Any]]:
    """An alarm's metric as queries, whichever form it was declared in."""
    if alarm.get("Metrics"):
        return list(alarm["Metrics"])
    metric = {k: alarm.get(k) for k in ("Namespace", "MetricName")} | {"Dimensions": alarm.get("Dimensions") or []}
    stat = alarm.get("ExtendedStatistic") or alarm.get("Statistic") or "Average"
    values = {"Metric": metric, "Period": int(alarm.get("Period") or 60), "Stat": stat}
    return [{"Id": "m1", "MetricStat": values, "ReturnData": True}]


def state_of(alarm: Mapping[str, Any]) -> dict[str, Any]:
    """An alarm's state as events write it."""
    values = {"value": alarm["StateValue"], "reason": alarm.get("StateReason") or ""}
    if alarm.get("StateReasonData"):
        values["reasonData"] = alarm["StateReasonData"]
    return {**values, "timestamp": written(float(alarm.get("StateUpdatedTimestamp") or agenda.now()))}


def written(at: float) -> str:
    """A moment as CloudWatch's events write it."""
    found = datetime.fromtimestamp(at, UTC)
    return f"{found:%Y-%m-%dT%H:%M:%S}.{found.microsecond // 1000:03d}+0000"


def detail_of(alarm: Mapping[str, Any], before: Mapping[str, Any], muted_by: str) -> dict[str, Any]:
    """Detail of `CloudWatch Alarm State Change`."""
    configuration: dict[str, Any] = {"description": alarm.get("AlarmDescription") or ""}
    if "AlarmRule" in alarm:
        configuration["alarmRule"] = alarm["AlarmRule"]
    else:
        configuration["metrics"] = [_in_an_event(q) for q in queries_of(alarm)]
    detail: dict[str, Any] = {
        "alarmName": alarm["AlarmName"],
        "state": state_of(alarm),
        "previousState": dict(before),
        "configuration": configuration,
    }
    return {**detail, "muteDetail": {"mutedByArn": muted_by}} if muted_by else detail


def _in_an_event(query: Mapping[str, Any]) -> dict[str, Any]:
    values = {"id": query["Id"], "returnData": query.get("ReturnData", True)}
    if "MetricStat" not in query:
        return {**values, "expression": query["Expression"], "label": query.get("Label", query["Id"])}
    stat = query["MetricStat"]
    metric = {
        "namespace": stat["Metric"]["Namespace"],
        "name": stat["Metric"]["MetricName"],
        "dimensions": {d["Name"]: d["Value"] for d in stat["Metric"].get("Dimensions") or ()},
    }
    return {**values, "metricStat": {"metric": metric, "period": int(stat["Period"]), "stat": stat["Stat"]}}


def message_of(alarm: Mapping[str, Any], old: str, new: str, reason: str) -> dict[str, Any]:
    """What a topic gets."""
    return {
        "AlarmName": alarm["AlarmName"],
        "AlarmDescription": alarm.get("AlarmDescription"),
        "AWSAccountId": ACCOUNT,
        "NewStateValue": new,
        "NewStateReason": reason,
        "StateChangeTime": written(agenda.now()),
        "Region": REGION,
        "AlarmArn": alarm["AlarmArn"],
        "OldStateValue": old,
        **{name: alarm.get(name) or [] for name in ("OKActions", "AlarmActions", "InsufficientDataActions")},
        "Trigger": _trigger(alarm),
    }


def _trigger(alarm: Mapping[str, Any]) -> dict[str, Any]:
    kept = ("Period", "EvaluationPeriods", "DatapointsToAlarm", "ComparisonOperator", "Threshold", "TreatMissingData")
    values = {name: alarm[name] for name in kept if alarm.get(name) is not None}
    if alarm.get("Metrics"):
        return {**values, "Metrics": alarm["Metrics"]}
    of = {"MetricName": alarm.get("MetricName"), "Namespace": alarm.get("Namespace"), "StatisticType": "Statistic"}
    dimensions = [{"name": d["Name"], "value": d["Value"]} for d in alarm.get("Dimensions") or ()]
    return {**values, **of, "Statistic": str(alarm.get("Statistic") or "").upper(), "Dimensions": dimensions}
