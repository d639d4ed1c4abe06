from dataclasses import replace

import pytest

from remediator.core.plan import Advise
from remediator.core.timestamps import after
from remediator.problems.lease_hand_back.model import BorrowedState
from remediator.resources.ecs.scaling import CountOwner

from ...samples import NOW
from ..dynamodb_throttling.samples import own, table
from ..ecs_task_restarting.samples import deployment, service
from .setting import CALM, NEEDED, TAGS, UNITS, asked, cause, decision, loan, of_service, of_table, used


def test_what_would_not_fit_the_next_step_is_lent_on():
    evidence = of_table(usage=used(asked(14)))
    assert cause(evidence) == NEEDED
    assert isinstance(decision(evidence), Advise)


@pytest.mark.parametrize(("per_s", "found"), [(10.5, CALM), (10.6, NEEDED)])
def test_the_step_must_leave_thirty_percent_free(per_s, found):
    assert cause(of_table(usage=used(asked(per_s)))) == found


def test_throttled_requests_of_the_last_hour_keep_it_lent():
    assert cause(of_table(usage=used(asked(), throttled=(after(NOW, -1200),)))) == NEEDED


def test_while_aws_changes_the_table_nothing_is_handed_back():
    assert cause(of_table(held=BorrowedState(table=table(status="UPDATING", own=own(read=20)), tags=TAGS))) == NEEDED


def test_a_loan_on_top_of_it_goes_first():
    evidence = of_table(loan=loan(beyond=({UNITS: 40},)), held=BorrowedState(table=table(own=own(read=40)), tags=TAGS))
    assert cause(evidence) == NEEDED


def test_after_a_step_that_made_things_worse_it_rests():
    lately = loan(worse_at=after(NOW, -3600))
    assert cause(of_table(loan=lately)) == NEEDED
    assert cause(of_table(loan=replace(lately, worse_at=after(NOW, -7201)))) == CALM


@pytest.mark.parametrize(
    "busy", [{"cpu": 50.0}, {"slow": 2}, {"memory": 75.0}], ids=["too busy for fewer", "slow", "memory"]
)
def test_busy_or_slow_tasks_keep_their_number(busy):
    assert cause(of_service(**busy)) == NEEDED


def test_during_a_deployment_or_scaling_no_count_is_handed_back():
    rolling = service(desired=3, running=3, deployments=(deployment(status="PRIMARY", rollout="IN_PROGRESS"),))
    assert cause(of_service(service=rolling)) == NEEDED
    assert cause(of_service(owner=CountOwner(under_way="Setting desired count to 4."))) == NEEDED
