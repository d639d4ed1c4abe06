import pytest

from remediator.core.model import Resource, Signal
from remediator.problems.dynamodb_throttling.runbook import RUNBOOK
from remediator.resources.dynamodb.throttle_metrics import THROTTLE_METRICS

from ...samples import NOW
from .samples import TABLE_ARN


@pytest.mark.parametrize(
    ("namespace", "metric", "taken"),
    [
        *(("AWS/DynamoDB", metric, True) for metric in THROTTLE_METRICS),
        ("AWS/DynamoDB", "SuccessfulRequestLatency", False),
        ("AWS/DynamoDB", "UserErrors", False),
        ("AWS/Kinesis", "ReadThrottleEvents", False),
    ],
)
def test_an_alarm_on_a_throttle_metric_starts_it_and_no_other(namespace, metric, taken):
    facts = {"namespace": namespace, "metric": metric}
    signal = Signal(kind="alarm", resource=Resource("table", TABLE_ARN), level="medium", at=NOW, key="k", facts=facts)
    assert RUNBOOK.triggers[0].accepts(signal) is taken


def test_the_eight_causes_the_two_totals_and_the_requests_are_watched():
    assert len(THROTTLE_METRICS) == 11
    assert "WriteMaxOnDemandThroughputThrottleEvents" in THROTTLE_METRICS
    assert "ReadAccountLimitThrottleEvents" in THROTTLE_METRICS
