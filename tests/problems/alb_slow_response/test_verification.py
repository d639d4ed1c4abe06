from dataclasses import replace

import pytest

from remediator.core.evidence import Unchecked
from remediator.core.model import Verdict
from remediator.core.plan import Change
from remediator.core.runbook import VerificationContext
from remediator.core.timestamps import after
from remediator.problems.alb_slow_response.runbook import RUNBOOK

from ...samples import NOW
from ..alb_targets_unhealthy.samples import TIMEOUT, gap, group
from .samples import evidence, outcome, times
from .setting import BUSY, decision


def judged(after_it, *, change=True):
    plan = decision(evidence(**BUSY))
    since = after(NOW, -240)
    made = Change(plan=plan, applied_at=since) if change else None
    return RUNBOOK.judge(after_it, VerificationContext(before=evidence(**BUSY), change=made, now=NOW, since=since))


def test_three_fast_minutes_with_requests_are_the_proof():
    assert judged(outcome()).verdict is Verdict.FIXED
    assert judged(outcome(), change=False).verdict is Verdict.RECOVERED_WITHOUT_US


@pytest.mark.parametrize(
    "changes",
    [
        {"times": times(1)},
        {"times": replace(times(), minutes=tuple(replace(m, late_ms=None, requests=0) for m in times().minutes))},
        {"times": replace(times(), minutes=())},
        {"groups": (group({"state": "healthy"}, TIMEOUT),)},
        {"endpoint": gap()},
    ],
    ids=["slow", "nobody asked", "no data", "an unhealthy target", "endpoint silent"],
)
def test_anything_less_proves_nothing(changes):
    assert judged(outcome(**changes)).verdict is None


def test_no_times_are_no_pass():
    with pytest.raises(Unchecked):
        judged(outcome(times=gap()))


def test_it_persists_only_while_it_is_slow():
    assert judged(outcome(times=times(1))).persists
    assert not judged(outcome(times=replace(times(), minutes=()))).persists
