from dataclasses import replace

import pytest

from remediator.core.model import Verdict
from remediator.core.plan import Change
from remediator.core.runbook import VerificationContext
from remediator.core.timestamps import after
from remediator.problems.ecs_task_not_starting.runbook import RUNBOOK
from remediator.resources.iam.role_rights import Statement

from ...samples import NOW
from ..ecs_task_restarting.samples import crash, deployment, service
from .samples import CUT_OFF, NO_ROOM, NOT_FOUND, REFUSED, evidence, failed, loop, outcome, role, said
from .setting import PLANS, decision_on, document_in

MOVED = Change(plan=PLANS[0], applied_at=after(NOW, -900))


def judged(after_reading, *, change=None, before=None):
    since = after(NOW, -900)
    earlier = before or evidence(*loop(NOT_FOUND))
    return RUNBOOK.judge(after_reading, VerificationContext(before=earlier, change=change, now=NOW, since=since))


def test_tasks_that_run_with_no_failed_start_since_prove_the_fix():
    assert judged(outcome(), change=MOVED).verdict is Verdict.FIXED
    assert judged(outcome()).verdict is Verdict.RECOVERED_WITHOUT_US


def test_a_start_that_failed_since_disproves_it():
    assert judged(outcome(failed(2, NOT_FOUND)), change=MOVED).verdict is Verdict.NOT_FIXED


def test_a_task_that_was_made_before_the_change_says_nothing_against_it():
    old = failed(14, NOT_FOUND, created_at=after(NOW, -1000))
    assert judged(outcome(old), change=MOVED).verdict is Verdict.FIXED


@pytest.mark.parametrize(
    "still",
    [
        {"service": service(running=1)},
        {"service": service(deployments=(deployment(rollout="IN_PROGRESS"),))},
        {"said": (said(1, NO_ROOM),)},
    ],
)
def test_a_service_that_is_not_whole_yet_proves_nothing(still):
    found = judged(outcome(**still), change=MOVED)
    assert found.verdict is None
    assert found.persists


def test_stops_of_another_kind_are_another_runbooks():
    assert judged(outcome(crash(1), crash(2)), change=MOVED).verdict is Verdict.FIXED
    assert not RUNBOOK.symptom_present(evidence(crash(1)))
    assert RUNBOOK.symptom_present(evidence(failed(1, CUT_OFF)))


def test_a_row_tells_how_it_is_confirmed_and_where_to_look():
    for cause in RUNBOOK.causes:
        assert cause.confirm.en
        assert cause.confirm.ja
        assert all(c.startswith("aws ") for c in cause.look)


def test_about_says_since_when_starts_fail():
    since = next(f for f in RUNBOOK.situation(evidence(*loop(NOT_FOUND))) if f.label.en == "since")
    assert since.value == after(NOW, -300)


def test_where_no_task_was_even_made_the_first_message_says_since_when():
    found = RUNBOOK.situation(evidence(said=(said(2, NO_ROOM), said(9, NO_ROOM))))
    assert next(f for f in found if f.label.en == "since").value == after(NOW, -540)


def test_a_role_that_must_be_made_anew_is_told_with_all_that_a_start_asks_of_it():
    found = decision_on(evidence(*loop(REFUSED), roles=(role(exists=False),)))
    _, document = document_in(found)
    assert "logs:PutLogEvents" in {a for s in document["Statement"] for a in s["Action"]}


def test_a_policy_that_denies_is_no_policy_that_allows():
    deny = Statement(allow=False, actions=("ecr:*",), resources=("*",))
    both = role("*")
    found = decision_on(evidence(*loop(REFUSED), roles=(replace(both, statements=(*both.statements, deny)),)))
    assert "lacks" in found.why.en
