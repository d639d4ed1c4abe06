import pytest

from remediator.core.model import Verdict
from remediator.core.plan import Change
from remediator.core.runbook import VerificationContext
from remediator.core.timestamps import after
from remediator.problems.cloudfront_not_delivering.runbook import RUNBOOK
from remediator.resources.s3.model import BucketPolicy

from ...samples import NOW
from ..ecs_task_restarting.samples import gap
from .samples import answer, contents, distribution, evidence, outcome, rates, stored
from .setting import LACKS, NEWER, decision_on


def test_the_report_says_since_when_and_how_many():
    shown = " ".join(f"{f.label.en}: {f.value}" for f in RUNBOOK.situation(evidence()))
    assert "since: 2026-11-23T02:55:00.000Z" in shown
    assert "300 / 50.0 % / 0.0 %" in shown
    assert RUNBOOK.situation(evidence(rates=gap("x"), distribution=gap("y"))) == ()
    assert RUNBOOK.situation(evidence(rates=rates(client=0.0, minutes=0)))
    assert RUNBOOK.stack(evidence()) is None


SINCE = after(NOW, -300)


def judged(after_it, *, change=True, since=SINCE):
    before = evidence(policy=LACKS)
    made = Change(plan=decision_on(before), applied_at=since) if change else None
    return RUNBOOK.judge(after_it, VerificationContext(before=before, change=made, now=NOW, since=since))


def test_it_is_fixed_when_the_site_answers_and_the_rate_is_down():
    assert judged(outcome()).verdict is Verdict.FIXED
    assert judged(outcome(), change=False).verdict is Verdict.RECOVERED_WITHOUT_US


@pytest.mark.parametrize(
    ("after_it", "persists"),
    [
        (outcome(answers=(answer(status=403),)), True),
        (outcome(rates=rates(client=40.0)), True),
        (outcome(rates=rates(client=0.0, server=9.0)), True),
        (outcome(contents=contents(stored(modified_at=NEWER))), True),
        (outcome(rates=rates(client=0.0, minutes=1)), False),
        (outcome(answers=()), False),
    ],
)
def test_it_is_not_proved_by_less(after_it, persists):
    found = judged(after_it)
    assert (found.verdict, found.persists) == (None, persists)


def test_a_site_that_lets_no_plain_get_in_is_proved_by_the_rate_alone():
    guarded = outcome(distribution=distribution(guarded=("signed URLs",)), answers=(), contents=gap("x"))
    assert judged(guarded).verdict is Verdict.FIXED


def test_it_is_too_early_right_after_the_change():
    assert judged(outcome(rates=rates(client=0.0, at=after(NOW, 60))), since=after(NOW, -60)).verdict is None


def test_a_policy_that_is_not_understood_is_named_as_it_is():
    assert RUNBOOK.current_values(evidence(policy=BucketPolicy(text="{")))["bucketPolicy"].startswith("not understood")
