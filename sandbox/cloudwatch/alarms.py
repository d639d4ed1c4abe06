"""CloudWatch alarms: looked at once a minute, they tell of each change of state in the shapes of AWS's events."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from .. import names
from ..eventbridge.events import Event, envelope
from ..portfolio import Portfolio
from .metrics import Metrics

MINUTE = timedelta(minutes=1)
MUTE_RULE = f"arn:aws:cloudwatch:{names.REGION}:{names.ACCOUNT}:alarm-mute-rule:release-night"
Form = Literal["metric", "filled", "contributor"]
State = Literal["OK", "ALARM"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """One alarm that is in ALARM while a metric is above a threshold.

    Attributes:
        minutes, of: so many of so many minutes must be above it.
        form: `filled` is the expression FILL(m, 0); `contributor` a query over all tables, one of which contributes.
        muted: by a mute rule; events are sent all the same, and say so.
    """

    name: str
    namespace: str
    metric: str
    dimensions: Mapping[str, str]
    stat: str = "Sum"
    above: float = 0.0
    minutes: int = 2
    of: int = 3
    form: Form = "metric"
    muted: bool = False
    region: str = names.REGION

    @property
    def arn(self) -> str:
        """The alarm's ARN."""
        return f"arn:aws:cloudwatch:{self.region}:{names.ACCOUNT}:alarm:{self.name}"


class Alarms:
    """Every alarm of the account with its state; `tell` gets the events."""

    def __init__(self, metrics: Metrics, tell: Callable[[Event, datetime], None]) -> None:
        self._metrics = metrics
        self._tell = tell
        self.states: dict[str, tuple[State, datetime]] = {}
        self.alarms: list[Alarm] = []
        self.asked_in = names.REGION  # the region that the present request is signed for

    def fakes(self) -> Mapping[str, Callable[[Mapping[str, Any]], dict[str, Any]]]:
        """CloudWatch's operations on alarms."""
        return {"DescribeAlarms": self.describe_alarms, "ListAlarmMuteRules": self.list_mute_rules}

    def describe_alarms(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """The metric alarms of the region that is asked, by name or by state."""
        here = (a for a in self.alarms if a.region == self.asked_in)
        named = [a for a in here if a.name in asked.get("AlarmNames", (a.name,))]
        found = [_described(a, *self.states[a.name]) for a in named]
        return {"MetricAlarms": [t for t in found if t["StateValue"] == asked.get("StateValue", t["StateValue"])]}

    def list_mute_rules(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """The rule that mutes the named alarm, where one does: it is active all the time."""
        muted = [a for a in self.alarms if a.muted and a.name == asked.get("AlarmName", a.name)]
        rules = [{"AlarmMuteRuleArn": MUTE_RULE, "Status": "ACTIVE", "MuteType": "ONE_TIME"}] if muted else []
        return {"AlarmMuteRuleSummaries": rules if "ACTIVE" in asked.get("Statuses", ("ACTIVE",)) else []}

    def put(self, alarms: Iterable[Alarm], at: datetime) -> None:
        """They exist from now on, in OK."""
        for alarm in alarms:
            self.alarms.append(alarm)
            self.states[alarm.name] = ("OK", at)

    def look(self, at: datetime) -> None:
        """Judges the minutes that are whole at `at`."""
        for alarm in self.alarms:
            values = self._values(alarm, at)
            before, since = self.states[alarm.name]
            state = _judged(alarm, values, before)
            if state != before:
                self.states[alarm.name] = (state, at)
                for event in _told(alarm, state, values, at, since):
                    self._tell(event, at)

    def _values(self, alarm: Alarm, at: datetime) -> list[float | None]:
        """Of each minute, oldest first."""
        sample = self._metrics.sample_of(alarm.namespace, alarm.metric, alarm.dimensions)
        if sample is None:
            return [None] * alarm.of
        starts = [at - MINUTE * n for n in range(alarm.of, 0, -1)]
        return [self._metrics.minute(sample, alarm.stat, start) for start in starts]


def targets_unhealthy(place: Portfolio, *, form: Form = "metric", muted: bool = False) -> Alarm:
    """The stack's own alarm on the portfolio's targets."""
    return Alarm(
        name="portfolio-targets-unhealthy",
        namespace="AWS/ApplicationELB",
        metric="UnHealthyHostCount",
        dimensions={"TargetGroup": place.target_group_suffix, "LoadBalancer": place.load_balancer_suffix},
        stat="Maximum",
        form=form,
        muted=muted,
    )


def gateway_errors(place: Portfolio, code: str = "503") -> Alarm:
    """The stack's own alarm on what the load balancer answers itself: 502, 503, 504 or 5XX."""
    return Alarm(
        name=f"portfolio-elb-{code.lower()}",
        namespace="AWS/ApplicationELB",
        metric=f"HTTPCode_ELB_{code}_Count",
        dimensions={"LoadBalancer": place.load_balancer_suffix},
        above=5.0,
    )


def application_errors(place: Portfolio) -> Alarm:
    """The stack's own alarm on 5xx that the portfolio's application answers."""
    return Alarm(
        name="portfolio-target-5xx",
        namespace="AWS/ApplicationELB",
        metric="HTTPCode_Target_5XX_Count",
        dimensions={"TargetGroup": place.target_group_suffix, "LoadBalancer": place.load_balancer_suffix},
        above=10.0,
    )


def slow_response(place: Portfolio, *, muted: bool = False) -> Alarm:
    """The stack's own alarm on the response time that the portfolio promises."""
    return Alarm(
        name="portfolio-slow-response",
        namespace="AWS/ApplicationELB",
        metric="TargetResponseTime",
        dimensions={"TargetGroup": place.target_group_suffix, "LoadBalancer": place.load_balancer_suffix},
        stat="p99",
        above=0.1,
        minutes=3,
        of=5,
        muted=muted,
    )


def table_throttled(direction: str, *, index: str = "", form: Form = "filled", muted: bool = False) -> Alarm:
    """The stack's own alarm on the portfolio's table; on an index, or in another form, one that the account has."""
    of_index = {"GlobalSecondaryIndexName": index} if index else {}
    return Alarm(
        name="tables-throttled" if form == "contributor" else f"{index or names.TABLE}-{direction.lower()}-throttled",
        namespace="AWS/DynamoDB",
        metric=f"{direction}ThrottleEvents",
        dimensions={"TableName": names.TABLE, **of_index},
        form=form,
        muted=muted,
    )


def site_failing(kind: str = "4xx") -> Alarm:
    """The alarm of the stack in us-east-1 on the portfolio's distribution; its events are forwarded to the home region."""
    return Alarm(
        name=f"portfolio-site-{kind}",
        namespace="AWS/CloudFront",
        metric=f"{kind}ErrorRate",
        dimensions={"DistributionId": names.DISTRIBUTION, "Region": "Global"},
        stat="Average",
        above=5.0,
        region="us-east-1",
    )


def _judged(alarm: Alarm, values: list[float | None], before: State) -> State:
    """AWS/DynamoDB keeps its state where data is missing, whatever the alarm says; others take it for good."""
    if alarm.form != "filled" and alarm.namespace == "AWS/DynamoDB" and None in values:
        return before if not _above(alarm, values) else "ALARM"
    return "ALARM" if _above(alarm, values) else "OK"


def _above(alarm: Alarm, values: list[float | None]) -> bool:
    return sum(v is not None and v > alarm.above for v in values) >= alarm.minutes


def _told(alarm: Alarm, state: State, values: list[float | None], at: datetime, since: datetime) -> list[Event]:
    mute = {"muteDetail": _mute(at)} if alarm.muted else {}
    now = _state(state, _reason(alarm, state, values, at), at)
    before = _state("OK" if state == "ALARM" else "ALARM", "as before", since)
    shared = {"alarmName": alarm.name, "configuration": {"description": alarm.name, "metrics": _metrics(alarm)}}
    if alarm.form != "contributor":
        datapoints = {"reasonData": _data(alarm, values, at)}
        whole = {**shared, "state": {**now, **datapoints}, "previousState": {**before, "reasonData": "{}"}, **mute}
        return [_event(alarm, "CloudWatch Alarm State Change", at, whole)]
    counted = f"{int(state == 'ALARM')} out of 1 time series evaluated to ALARM"
    parent = {**shared, "state": {**now, "reason": counted}, "previousState": before, **mute}
    contributor = {
        "id": names.hexadecimal("contributor", *alarm.dimensions.values(), length=16),
        "attributes": dict(alarm.dimensions),
    }
    detail = {**shared, "alarmContributor": contributor, "state": now, "muteDetail": mute.get("muteDetail", {})}
    return [
        _event(alarm, "CloudWatch Alarm State Change", at, parent),
        _event(alarm, "CloudWatch Alarm Contributor State Change", at, detail),
    ]


def _described(alarm: Alarm, state: State, since: datetime) -> dict[str, Any]:
    """As DescribeAlarms lists it: one metric by its members, anything else as queries."""
    values = {
        "AlarmName": alarm.name,
        "AlarmArn": alarm.arn,
        "StateValue": state,
        "StateReason": "Threshold Crossed" if state == "ALARM" else "Unchecked",
        "StateUpdatedTimestamp": since,
        "StateTransitionedTimestamp": since,
        "EvaluationPeriods": alarm.of,
        "ComparisonOperator": "GreaterThanThreshold",
    }
    dimensions = [{"Name": n, "Value": v} for n, v in alarm.dimensions.items()]
    metric = {"Namespace": alarm.namespace, "MetricName": alarm.metric, "Dimensions": dimensions}
    if alarm.form == "metric":
        return {**values, **metric, "Period": 60, "Threshold": alarm.above}
    if alarm.form == "contributor":
        query = _metrics(alarm)[0]
        return {**values, "Metrics": [{"Id": "m1", "Expression": query["expression"], "ReturnData": True}]}
    of = {"Id": "throttled", "MetricStat": {"Metric": metric, "Period": 60, "Stat": alarm.stat}, "ReturnData": False}
    return {**values, "Metrics": [{"Id": "e1", "Expression": "FILL(throttled, 0)", "ReturnData": True}, of]}


def _event(alarm: Alarm, detail_type: str, at: datetime, detail: Event) -> Event:
    return {**envelope("aws.cloudwatch", detail_type, at, [alarm.arn], detail), "region": alarm.region}


def _metrics(alarm: Alarm) -> list[dict[str, Any]]:
    if alarm.form == "contributor":
        by = ", ".join(alarm.dimensions)
        schema = f'SCHEMA("{alarm.namespace}", {by})'
        query = " ".join(("SELECT", f"SUM({alarm.metric}) FROM {schema} GROUP BY {by} ORDER BY SUM() DESC"))
        return [{"id": "m1", "expression": query, "returnData": True, "period": 60}]
    metric = {"namespace": alarm.namespace, "name": alarm.metric, "dimensions": dict(alarm.dimensions)}
    stat = {"metric": metric, "period": 60, "stat": alarm.stat}
    if alarm.form == "metric":
        return [{"id": "m1", "metricStat": stat, "returnData": True}]
    filled = {"id": "e1", "expression": "FILL(throttled, 0)", "label": alarm.metric, "returnData": True, "period": 60}
    return [filled, {"id": "throttled", "metricStat": stat, "returnData": False}]


def _state(state: str, reason: str, at: datetime) -> dict[str, Any]:
    return {"value": state, "reason": reason, "timestamp": _time(at)}


def _reason(alarm: Alarm, state: State, values: list[float | None], at: datetime) -> str:
    if state == "OK":
        return f"Threshold Crossed: {alarm.of} datapoints were not greater than the threshold ({alarm.above})."
    starts = [at - MINUTE * n for n in range(alarm.of, 0, -1)]
    bad = [(v, s) for v, s in zip(values, starts, strict=True) if v is not None and v > alarm.above]
    listed = ", ".join(f"{v} ({s:%d/%m/%y %H:%M:%S})" for v, s in reversed(bad))
    return (
        f"Threshold Crossed: {len(bad)} out of the last {alarm.of} datapoints [{listed}] were greater than the "
        f"threshold ({alarm.above}) (minimum {alarm.minutes} datapoints for OK -> ALARM transition)."
    )


def _data(alarm: Alarm, values: list[float | None], at: datetime) -> str:
    return json.dumps(
        {
            "version": "1.0",
            "queryDate": _time(at),
            "startDate": _time(at - MINUTE * alarm.of),
            "statistic": alarm.stat,
            "period": 60,
            "recentDatapoints": [v for v in values if v is not None],
            "threshold": alarm.above,
        }
    )


def _mute(at: datetime) -> dict[str, str]:
    return {
        "mutedByArn": MUTE_RULE,
        "muteWindowStart": _time(at - MINUTE * 30),
        "muteWindowEnd": _time(at + MINUTE * 90),
    }


def _time(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}+0000"
