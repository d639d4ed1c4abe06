import pytest

from remediator.core.model import Resource, Signal
from remediator.problems.cloudfront_not_delivering.runbook import RUNBOOK

from ...samples import NOW
from .samples import ARN


@pytest.mark.parametrize(
    ("metric", "taken"),
    [
        ("4xxErrorRate", True),
        ("5xxErrorRate", True),
        ("403ErrorRate", True),
        ("OriginLatency", True),
        ("BytesDownloaded", False),
    ],
)
def test_alarms_on_errors_of_a_distribution_start_it(metric, taken):
    facts = {"namespace": "AWS/CloudFront", "metric": metric}
    signal = Signal(kind="alarm", resource=Resource("distribution", ARN), level="high", at=NOW, key="k", facts=facts)
    assert any(t.accepts(signal) for t in RUNBOOK.triggers) is taken
