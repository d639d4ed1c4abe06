import pytest

from remediator.core.plan import Watch

from .samples import NO_SECRET, NOT_FOUND, TIMED_OUT, evidence, failed
from .setting import BEHIND_ENDPOINTS, FRESH, decision_on


@pytest.mark.parametrize("reason", [NOT_FOUND, NO_SECRET, TIMED_OUT])
def test_one_failed_start_alone_is_watched(reason):
    assert isinstance(decision_on(evidence(failed(1, reason), deployments=FRESH, **BEHIND_ENDPOINTS)), Watch)


def test_failed_starts_that_have_ended_are_watched():
    assert isinstance(decision_on(evidence(failed(40, NOT_FOUND), failed(43, NOT_FOUND), deployments=FRESH)), Watch)
