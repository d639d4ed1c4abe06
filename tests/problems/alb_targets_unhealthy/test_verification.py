from dataclasses import replace

import pytest

from remediator.core.model import Verdict
from remediator.core.plan import Change
from remediator.core.runbook import VerificationContext
from remediator.core.timestamps import after
from remediator.problems.alb_targets_unhealthy.runbook import RUNBOOK
from remediator.resources.endpoint import Endpoint
from remediator.resources.load_balancing.model import Traffic
from remediator.resources.load_balancing.target_health import HostCount, HostCounts

from ...samples import NOW
from .samples import HEALTHY, TIMEOUT, code, evidence, gap, group, outcome
from .setting import CLOSED, SETTING, WRONG_PATH, decision_on, with_path


def judged(after_, e, change=None, minutes=6.0):
    return RUNBOOK.judge(after_, VerificationContext(before=e, change=change, now=after(NOW, 60 * minutes), since=NOW))


def changed(e):
    return Change(plan=decision_on(e), applied_at=NOW)


PATH_SET = changed(WRONG_PATH)


def test_fixed_needs_all_targets_healthy_for_longer_than_it_takes_to_admit_one():
    assert judged(outcome(minutes=3), WRONG_PATH, PATH_SET, minutes=3).verdict is None
    assert judged(outcome(), WRONG_PATH, PATH_SET).verdict is Verdict.FIXED


def test_recovery_without_a_change_is_not_claimed():
    assert judged(outcome(), WRONG_PATH).verdict is Verdict.RECOVERED_WITHOUT_US


@pytest.mark.parametrize(
    ("why", "after_"),
    [
        ("no target", outcome(group=group(targets=()))),
        ("only draining ones", outcome({"state": "draining"}, {"state": "unused"})),
        ("one still starts", outcome(HEALTHY, {"state": "initial"})),
        ("one cannot be checked", outcome(HEALTHY, {"state": "unavailable"})),
        ("no datapoint", outcome(hosts=HostCounts())),
        ("datapoints from before only", outcome(hosts=HostCounts(healthy=(HostCount(at=after(NOW, -60), hosts=2),)))),
        ("the metric counts none", outcome(hosts=HostCounts(healthy=(HostCount(at=after(NOW, 240), hosts=0),)))),
        ("metric unreadable", outcome(hosts=gap())),
        ("endpoint fails", outcome(endpoint=Endpoint(url="http://x/health", status=503))),
        ("endpoint silent", outcome(endpoint=gap("Retryable: nothing answers"))),
        ("requests fail", outcome(traffic=Traffic(window_s=300, requests=100, recent_requests=100, recent_failed=50))),
        ("traffic unreadable", outcome(traffic=gap())),
    ],
)
def test_what_is_not_proved_is_no_pass(why, after_):
    found = judged(after_, WRONG_PATH, PATH_SET)
    assert found.verdict is None, why
    assert not found.persists, why


def test_targets_that_leave_do_not_hold_up_the_verdict():
    assert judged(outcome(HEALTHY, {"state": "draining"}), WRONG_PATH, PATH_SET).verdict is Verdict.FIXED


def test_the_same_reason_after_twice_the_thresholds_is_not_fixed():
    ill = outcome(code(404), code(404))
    assert judged(ill, WRONG_PATH, PATH_SET, minutes=6).verdict is None
    assert judged(ill, WRONG_PATH, PATH_SET, minutes=7).verdict is Verdict.NOT_FIXED
    assert judged(ill, WRONG_PATH, PATH_SET, minutes=6).persists


def test_another_reason_than_before_waits_and_persists():
    found = judged(outcome(TIMEOUT, TIMEOUT), WRONG_PATH, PATH_SET, minutes=20)
    assert (found.verdict, found.persists) == (None, True)


def test_trouble_that_nobody_changed_anything_about_persists_without_a_verdict():
    found = judged(outcome(code(404)), WRONG_PATH, minutes=30)
    assert (found.verdict, found.persists) == (None, True)


def test_fewer_healthy_targets_than_before_is_worse():
    some = with_path("/helth", code(404), HEALTHY)
    asked = Change(plan=decision_on(some, replace(SETTING, now=after(NOW, 300))), applied_at=NOW)
    assert judged(outcome(code(404), TIMEOUT), some, asked, minutes=2).worse
    assert not judged(outcome(code(404), TIMEOUT), some, asked, minutes=0.5).worse
    assert not judged(outcome(HEALTHY, code(404)), some, asked, minutes=2).worse


def test_a_rule_that_was_added_is_never_worse():
    before = replace(CLOSED, group=evidence(TIMEOUT, HEALTHY).group)
    assert not judged(outcome(TIMEOUT, TIMEOUT), before, changed(CLOSED), minutes=9).worse
