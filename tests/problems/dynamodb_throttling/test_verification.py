import pytest

from remediator.core.model import Verdict
from remediator.core.plan import Change
from remediator.core.runbook import VerificationContext
from remediator.core.timestamps import after
from remediator.problems.dynamodb_throttling.runbook import RUNBOOK

from ...samples import NOW
from .samples import INDEX, bounds, evidence, index, outcome, raised, table
from .setting import SHORT, decision_on, later

BEFORE = evidence(SHORT)


def judged(after_, e=BEFORE, minutes_later=8, changed=True):
    change = Change(plan=decision_on(e), applied_at=NOW) if changed else None
    return RUNBOOK.judge(
        after_, VerificationContext(before=e, change=change, now=after(NOW, 60 * minutes_later), since=NOW)
    )


def test_fixed_needs_five_minutes_of_served_traffic_without_throttling():
    assert judged(outcome(later(until=4)), minutes_later=4).verdict is None
    assert judged(outcome(later())).verdict is Verdict.FIXED


def test_a_minute_that_still_runs_is_not_counted_to_its_end():
    assert judged(outcome(later(until=5)), minutes_later=4.5).verdict is None


@pytest.mark.parametrize(
    ("why", "found"),
    [
        ("no datapoint of traffic", later(until=0)),
        ("datapoints of nothing", later(served=0.0)),
        ("traffic of the other direction only", later(direction="read")),
        ("CloudWatch is late", later(until=3)),
    ],
)
def test_no_throttle_metric_proves_nothing_without_traffic(why, found):
    judgement = judged(outcome(found))
    assert judgement.verdict is None, why
    assert not judgement.persists


def test_the_five_minutes_begin_once_aws_has_raised_the_capacity():
    raised_late = raised(increased_at=after(NOW, 240))
    assert judged(outcome(later(), table=raised_late)).verdict is None
    assert judged(outcome(later(until=10, bad=range(4)), table=raised_late), minutes_later=10).verdict is Verdict.FIXED


def test_of_autoscaling_the_units_count_and_not_the_bounds():
    owned = evidence(SHORT, scaling=(bounds(),))
    assert "MinCapacity (write)" in decision_on(owned).after
    assert judged(outcome(later(), table=table()), owned).verdict is Verdict.RECOVERED_WITHOUT_US
    assert judged(outcome(later()), owned).verdict is Verdict.FIXED


@pytest.mark.parametrize("busy", [table(status="UPDATING"), table(indexes=(index(status="UPDATING"),))])
def test_nothing_is_judged_while_aws_still_changes_the_table(busy):
    assert judged(outcome(later(), table=busy)).verdict is None
    assert judged(outcome(later(until=14, bad=range(14)), table=busy), minutes_later=14).verdict is None


def test_throttling_right_after_the_change_restarts_the_clock():
    assert judged(outcome(later(bad=range(5)))).verdict is None
    assert judged(outcome(later(until=11, bad=range(5))), minutes_later=11).verdict is Verdict.FIXED


def test_throttling_that_goes_on_ten_minutes_later_is_not_fixed():
    judgement = judged(outcome(later(until=12, bad=range(12))), minutes_later=12)
    assert (judgement.verdict, judgement.persists) == (Verdict.NOT_FIXED, True)


def test_throttling_of_another_kind_is_neither_fixed_nor_this_changes_failure():
    judgement = judged(outcome(later(until=12, bad=range(12), cause="key_range")), minutes_later=12)
    assert judgement.verdict is None


def test_throttling_of_another_index_is_no_pass():
    of_index = later(bad=range(3, 8), index_name=INDEX)
    assert judged(outcome(later(), other_throttles=(of_index,))).verdict is None


def test_recovery_without_a_change_is_not_claimed():
    assert judged(outcome(later()), changed=False).verdict is Verdict.RECOVERED_WITHOUT_US
