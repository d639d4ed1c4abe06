from remediator.core.model import Verdict
from remediator.core.runbook import VerificationContext
from remediator.core.timestamps import after
from remediator.problems.lease_hand_back.evidence import Outcome as After
from remediator.problems.lease_hand_back.model import BorrowedState, Usage
from remediator.problems.lease_hand_back.runbook import RUNBOOK

from ...samples import NOW
from ..alb_slow_response.samples import times
from ..dynamodb_throttling.samples import own, table
from ..ecs_task_restarting.samples import known
from .setting import SINCE, TAGS, loan, of_table, step, used


def judged(usage, read=15, change=True, **states):
    held = BorrowedState(table=table(own=own(read=read), **states), tags=TAGS)
    outcome = After(loan=known(loan()), held=known(held), lately=known(usage))
    context = VerificationContext(before=of_table(), change=step() if change else None, now=NOW, since=SINCE)
    return RUNBOOK.judge(outcome, context)


def test_a_step_is_proved_by_five_minutes_of_requests_without_trouble():
    assert judged(used()).verdict is Verdict.FIXED


def test_without_requests_nothing_is_proved():
    found = judged(used(served_until=""))
    assert (found.verdict, found.worse) == (None, False)


def test_while_the_value_is_not_there_nothing_is_proved():
    assert judged(used(), read=20).verdict is None
    assert judged(used(), status="UPDATING").verdict is None


def test_two_throttled_minutes_since_make_it_worse_and_one_or_older_ones_do_not():
    bad = (after(NOW, -120), after(NOW, -60))
    assert judged(used(throttled=bad)).worse
    assert not judged(used(throttled=bad[:1])).worse
    assert not judged(used(throttled=(after(SINCE, -120), after(SINCE, -60)))).worse


def test_two_slow_minutes_since_make_it_worse():
    outcome = After(
        loan=known(loan()), held=known(BorrowedState(table=table(), tags=TAGS)), lately=known(Usage(times=times(2)))
    )
    context = VerificationContext(before=of_table(), change=step(), now=NOW, since=SINCE)
    assert RUNBOOK.judge(outcome, context).worse


def test_without_a_change_there_is_nothing_to_judge():
    assert judged(used(), change=False).verdict is None
