"""CloudWatch's alarms: looked at each minute of the world, over their own metric, told to EventBridge and SNS."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ministack.core.responses import get_region, new_uuid
from ministack.services import cloudwatch, sns

from . import agenda, metrics
from .admin import ACCOUNT, GLOBAL_REGION, REGION, act, in_account, view
from .alarm_news import detail_of, message_of, queries_of, state_of, written
from .events import emit
from .patches import patch, silent, speaks

CLOUDWATCH = "ministack.services.cloudwatch"
COMPARED = {
    "GreaterThanThreshold": ("greater than", lambda v, t: v > t),
    "GreaterThanOrEqualToThreshold": ("greater than or equal to", lambda v, t: v >= t),
    "LessThanThreshold": ("less than", lambda v, t: v < t),
    "LessThanOrEqualToThreshold": ("less than or equal to", lambda v, t: v <= t),
}
IGNORES_MISSING = "AWS/DynamoDB"  # AWS: alarms on its metrics keep their state whatever they are told
ACTIONS = {"ALARM": "AlarmActions", "OK": "OKActions", "INSUFFICIENT_DATA": "InsufficientDataActions"}
OF_ONE_METRIC = ("MetricName", "Namespace", "Statistic", "ExtendedStatistic", "Period", "Dimensions", "Unit")
IN_WORDS = {"breaching": "Breaching", "notBreaching": "NonBreaching"}

_watched: list[frozenset[str] | None] = [None]
_mutes: dict[str, str] = {}
_before: dict[str, dict[str, Any]] = {}


@act("watch")
def watch(alarms: list[str] | None = None) -> dict[str, Any]:
    """Only the named alarms are looked at from now on; null: all. Others keep their state."""
    _watched[0] = None if alarms is None else frozenset(alarms)
    return {"watched": alarms}


@act("mute")
def mute(alarm: str, rule: str = "maintenance", muted: bool = True) -> dict[str, Any]:
    """An alarm mute rule holds an alarm's actions back; its events say so."""
    if muted:
        _mutes[alarm] = f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm-mute-rule:{rule}"
    else:
        _mutes.pop(alarm, None)
    return {"alarm": alarm, "muted_by": _mutes.get(alarm)}


@view("alarms")
def alarms() -> list[dict[str, Any]]:
    """Every metric alarm's state."""
    found = ("AlarmName", "StateValue", "StateReason", "StateUpdatedTimestamp")
    return [{n: a.get(n) for n in found} for a in cloudwatch._alarms.values()]


@dataclass(frozen=True, slots=True)
class _Look:
    """What a look at an alarm found: the newest `EvaluationPeriods` periods, oldest first, None where data is missing."""

    starts: tuple[float, ...]
    values: tuple[float | None, ...]

    @property
    def known(self) -> list[tuple[float, float]]:
        return [(at, v) for at, v in zip(self.starts, self.values, strict=True) if v is not None]


@agenda.each_minute(9)
def look_at_all() -> None:
    """Every alarm that is watched, after the metrics of the minute are in."""
    for region in (REGION, GLOBAL_REGION):
        in_account(_look_at_those_here, region)


def _look_at_those_here() -> None:
    for alarm in list(cloudwatch._alarms.values()):
        if _watched[0] is None or alarm["AlarmName"] in _watched[0]:
            _look(alarm)


def _look(alarm: dict[str, Any]) -> None:
    look = _read(alarm)
    ignores = alarm.get("Namespace") == IGNORES_MISSING
    missing = "ignore" if ignores else alarm.get("TreatMissingData") or "missing"
    state = _judged(alarm, look, missing)
    if state is None or state == alarm["StateValue"]:
        return
    change(alarm, state, _reason(alarm, look, state, missing), json.dumps(_data(alarm, look)))


def _read(alarm: Mapping[str, Any]) -> _Look:
    queries = queries_of(alarm)
    period = _period(queries)
    end = agenda.now() // period * period
    starts = tuple(end - period * (n + 1) for n in reversed(range(int(alarm["EvaluationPeriods"]))))
    found = metrics.evaluate(queries, starts[0], end)
    result = next(found[q["Id"]] for q in queries if q.get("ReturnData", True))
    return _Look(starts, tuple(result.get(at) for at in starts))


def _period(queries: list[dict[str, Any]]) -> int:
    return max(int(q["MetricStat"]["Period"] if "MetricStat" in q else q.get("Period") or 60) for q in queries)


def _judged(alarm: Mapping[str, Any], look: _Look, missing: str) -> str | None:
    """The state that it should have, None where it keeps its own."""
    needed = int(alarm.get("DatapointsToAlarm") or alarm["EvaluationPeriods"])
    breaks = COMPARED[alarm["ComparisonOperator"]][1]
    threshold = float(alarm["Threshold"])
    bad = sum(breaks(v, threshold) for _, v in look.known)
    absent = len(look.values) - len(look.known)
    if bad >= needed:
        return "ALARM"
    if missing == "breaching":
        return "ALARM" if bad + absent >= needed else "OK"
    if missing == "notBreaching":
        return "OK"
    if not look.known:
        return None if missing == "ignore" else "INSUFFICIENT_DATA"
    settled = len(look.known) - bad > len(look.values) - needed or not absent
    return "OK" if settled else None


def _reason(alarm: Mapping[str, Any], look: _Look, state: str, missing: str) -> str:
    if state == "INSUFFICIENT_DATA":
        return f"Insufficient Data: {len(look.values)} datapoints were unknown."
    if not look.known:
        n, word = len(look.values), IN_WORDS.get(missing, missing)
        return (
            f"Threshold Crossed: no datapoints were received for {n} periods and {n} missing datapoints were treated "
            f"as [{word}]."
        )
    words, breaks = COMPARED[alarm["ComparisonOperator"]]
    threshold, needed = float(alarm["Threshold"]), int(alarm.get("DatapointsToAlarm") or alarm["EvaluationPeriods"])
    shown = [(at, v) for at, v in reversed(look.known) if breaks(v, threshold) == (state == "ALARM")]
    points = ", ".join(f"{v} ({datetime.fromtimestamp(at, UTC):%d/%m/%y %H:%M:%S})" for at, v in shown)
    no = "" if state == "ALARM" else "not "
    many = ("was", "datapoint") if len(shown) == 1 else ("were", "datapoints")
    turn = "OK -> ALARM" if state == "ALARM" else "ALARM -> OK"
    return (
        f"Threshold Crossed: {len(shown)} out of the last {len(look.values)} datapoints [{points}] {many[0]} {no}{words} "
        f"the threshold ({threshold}) (minimum {needed} {'datapoint' if needed == 1 else 'datapoints'} for {turn} "
        f"transition)."
    )


def _data(alarm: Mapping[str, Any], look: _Look) -> dict[str, Any]:
    values = {
        "version": "1.0",
        "queryDate": written(agenda.now()),
        "startDate": written(look.known[0][0] if look.known else look.starts[0]),
        "period": _period(queries_of(alarm)),
        "recentDatapoints": [v for _, v in look.known],
        "threshold": float(alarm["Threshold"]),
    }
    return values if alarm.get("Metrics") else {**values, "statistic": queries_of(alarm)[0]["MetricStat"]["Stat"]}


def change(alarm: dict[str, Any], state: str, reason: str, data: str = "") -> None:
    """An alarm changes its state: kept, written into its history, told."""
    old = alarm["StateValue"]
    _before[alarm["AlarmName"]] = state_of(alarm)
    alarm.update(StateValue=state, StateReason=reason, StateReasonData=data or "{}")
    alarm.update(StateUpdatedTimestamp=agenda.now(), StateTransitionedTimestamp=agenda.now())
    cloudwatch._record_history(alarm["AlarmName"], old, state, reason)
    cloudwatch._dispatch_alarm_actions(alarm, old, state, reason)
    cloudwatch._evaluate_parent_alarms(alarm)


# -- what CloudWatch's own API lacks -----------------------------------------------------------------------------------


@patch(
    of=f"{CLOUDWATCH}._dispatch_alarm_actions",
    lacks="sends no event, and an SNS message without the alarm's ARN",
    still=silent(f"{CLOUDWATCH}._dispatch_alarm_actions", "eventbridge", "AlarmArn"),
)
def tell_of_changes(_original: Any) -> Any:
    """An event always, messages where actions are enabled and not muted."""

    def dispatch(alarm: dict[str, Any], old: str, new: str, reason: str) -> None:
        name = alarm["AlarmName"]
        before = _before.get(name) or {"reason": "", "timestamp": written(agenda.now())}
        detail = detail_of(alarm, {**before, "value": old}, _mutes.get(name, ""))
        kind, resources, region = "CloudWatch Alarm State Change", [alarm["AlarmArn"]], get_region()
        agenda.tell(lambda: emit("aws.cloudwatch", kind, detail, resources, region))
        if not alarm.get("ActionsEnabled", True) or name in _mutes:
            return
        message = json.dumps(message_of(alarm, old, new, reason))
        subject = f'{new}: "{name}" in {REGION}'[:100]
        for action in alarm.get(ACTIONS[new]) or ():
            if cloudwatch._is_sns_action_arn(action):
                agenda.tell(lambda topic=action: sns._fanout(topic, new_uuid(), message, subject))

    return dispatch


@patch(
    of=f"{CLOUDWATCH}._evaluate_alarm",
    lacks="looks at alarms only as data is put, over every dimension, one datapoint for all, missing data or not",
    still=speaks(f"{CLOUDWATCH}._evaluate_alarm", "all_pts.extend(pts)", "recent"),
)
def look_by_the_minute(_original: Any) -> Any:
    """`look_at_all` decides, each minute of the world."""
    return lambda _alarm: None


@patch(
    of=f"{CLOUDWATCH}._set_alarm_state",
    lacks="keeps no state before the one that was set",
    still=silent(f"{CLOUDWATCH}._set_alarm_state", "previousState"),
)
def keep_the_state_before(original: Any) -> Any:
    """SetAlarmState tells of the change as any other does, and the next look at the alarm may change it again."""

    def set_state(params: Any, asked: dict[str, Any], is_cbor: bool, is_json: bool = False) -> Any:
        with agenda.LOCK:
            name = asked.get("AlarmName") or cloudwatch._p(params, "AlarmName")
            alarm = cloudwatch._alarms.get(name) or cloudwatch._composite_alarms.get(name)
            if alarm is not None:
                _before[name] = state_of(alarm)
            return original(params, asked, is_cbor, is_json)

    return set_state


@patch(
    of=f"{CLOUDWATCH}._put_metric_alarm",
    lacks="forgets the metric math of PutMetricAlarm",
    still=silent(f"{CLOUDWATCH}._put_metric_alarm", '"Metrics"'),
)
def keep_metric_math(original: Any) -> Any:
    """An alarm on `Metrics` is kept with them, and has no metric of its own."""

    def put(params: Any, asked: dict[str, Any], is_cbor: bool, is_json: bool = False) -> Any:
        answer = original(params, asked, is_cbor, is_json)
        if answer[0] == 200 and asked.get("Metrics"):
            alarm = cloudwatch._alarms[asked["AlarmName"]]
            alarm["Metrics"] = asked["Metrics"]
            for name in OF_ONE_METRIC:
                alarm.pop(name, None)
        return answer

    return put
