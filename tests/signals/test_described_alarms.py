"""Alarms as DescribeAlarms lists them: the children of a composite alarm, the same happenings as their events."""

from datetime import UTC, datetime
from typing import Any

import pytest

from remediator.core.model import Ignored, Notice, Signal
from remediator.events import parse
from remediator.events.alarms import from_description

from ..corpus import event

HERE = "ap-northeast-1:123456789012"
TARGET_GROUP = "targetgroup/portfolio-api/73e2d6bc24d8a067"
BALANCER = "app/portfolio-alb/50dc6c495c0c9188"

DESCRIBED: dict[str, Any] = {
    "AlarmName": "api-target-5xx",
    "AlarmArn": f"arn:aws:cloudwatch:{HERE}:alarm:api-target-5xx",
    "StateValue": "ALARM",
    "StateReason": "Threshold Crossed",
    "StateTransitionedTimestamp": datetime(2026, 11, 23, 3, 15, 2, 481000, tzinfo=UTC),
    "Namespace": "AWS/ApplicationELB",
    "MetricName": "HTTPCode_Target_5XX_Count",
    "Dimensions": [{"Name": "TargetGroup", "Value": TARGET_GROUP}, {"Name": "LoadBalancer", "Value": BALANCER}],
}


def described(**changes: Any) -> Any:
    item = {k: v for k, v in {**DESCRIBED, **changes}.items() if v is not None}
    return from_description(item, "ap-northeast-1", "123456789012", "2026-11-23T04:00:00.000Z")


def test_a_described_alarm_is_the_same_happening_as_its_event() -> None:
    signal, (by_event,) = described(), parse(event("own_alarm_target_5xx_event.json"))
    assert isinstance(by_event, Signal)
    assert (signal.key, signal.resource, signal.level) == (by_event.key, by_event.resource, by_event.level)


def test_a_described_alarm_may_give_its_time_as_text_or_not_at_all() -> None:
    assert described(StateTransitionedTimestamp="2026-11-23T03:15:02.481Z") == described()
    assert described(StateTransitionedTimestamp=None).at == "2026-11-23T04:00:00.000Z"


def test_a_described_alarm_on_metric_math_is_read_by_its_operands() -> None:
    metric = {
        "Namespace": "AWS/DynamoDB",
        "MetricName": "WriteThrottleEvents",
        "Dimensions": [{"Name": "TableName", "Value": "portfolio-users"}],
    }
    metrics = [{"Id": "e1", "Expression": "FILL(m1,0)"}, {"Id": "m1", "MetricStat": {"Metric": metric, "Period": 60}}]
    signal = described(Namespace=None, MetricName=None, Dimensions=None, Metrics=metrics)
    assert signal.resource.path == "table/portfolio-users"


@pytest.mark.parametrize(
    ("changes", "kind"),
    [({"StateValue": "OK"}, Ignored), ({"EvaluationState": "PARTIAL_DATA"}, Notice), ({"Dimensions": []}, Notice)],
)
def test_a_described_alarm_is_judged_as_an_event_is(changes: dict[str, Any], kind: type) -> None:
    assert isinstance(described(**changes), kind)


def test_an_alarm_described_without_arn_takes_the_place_that_it_was_read_in() -> None:
    assert described(AlarmArn=None) == described()


def test_a_composite_alarm_is_no_metric_alarm_and_watches_nothing() -> None:
    composite = {"AlarmRule": "ALARM(a)", "Namespace": None, "MetricName": None, "Dimensions": None}
    assert isinstance(described(**composite), Ignored)
