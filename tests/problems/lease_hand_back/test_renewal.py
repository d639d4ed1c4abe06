from dataclasses import replace

from remediator.core.model import Incident, Verdict
from remediator.core.serialization import canonical
from remediator.core.settings import Limits, Settings
from remediator.core.timestamps import after
from remediator.events import parse_body
from remediator.events.internal import lease_event
from remediator.incidents.assessment import assess
from remediator.incidents.lease_renewal import ending, is_outstanding, postponed
from remediator.problems.lease_hand_back.model import BorrowedState
from remediator.problems.lease_hand_back.runbook import RUNBOOK

from ...core.test_lease import LEASE, TABLE
from ...samples import NOW
from ..dynamodb_throttling.samples import own, table
from ..ecs_task_restarting.samples import gap
from .setting import TAGS, asked, of_table, step, used


def case_of(evidence, **changes):
    (signal,) = parse_body(canonical(lease_event(LEASE)))
    incident = Incident(
        id="lease-hand-back-1", runbook=RUNBOOK.id, resource=TABLE, level="low", opened_at=NOW, signals=(signal,)
    )
    case = assess(RUNBOOK, replace(incident, **changes.pop("incident", {})), evidence, NOW, Settings())
    return replace(case, **changes)


def test_a_loan_is_never_forgotten():
    calm = case_of(of_table())
    assert is_outstanding(calm)  # whatever held it back: a gate, a person, a clock
    assert is_outstanding(case_of(of_table(usage=used(asked(14)))))
    assert is_outstanding(case_of(of_table(held=gap())))
    last = replace(step(), plan=replace(step().plan, lease_s=0))
    assert is_outstanding(replace(calm, change=last, verdict=Verdict.NOT_FIXED))


def test_nobody_comes_back_to_what_is_over_or_put_down_already():
    calm = case_of(of_table())
    last = replace(step(), plan=replace(step().plan, lease_s=0))
    assert not is_outstanding(replace(calm, change=last, verdict=Verdict.FIXED))
    assert not is_outstanding(replace(calm, change=step(), verdict=Verdict.NOT_FIXED))
    assert not is_outstanding(case_of(of_table(held=BorrowedState(gone=True))))
    assert not is_outstanding(case_of(of_table(), incident={"origin": "replay_apply"}))


def test_how_a_look_without_verdict_ended_is_told():
    assert ending(case_of(of_table(usage=used(asked(14))))) == "extended"
    assert ending(case_of(of_table(held=BorrowedState(gone=True)))) == "let_go"
    assert ending(replace(case_of(of_table()), verdict=Verdict.FIXED)) is None


def test_where_decreases_are_spent_it_is_put_off_until_the_next_day():
    spent = case_of(of_table(held=BorrowedState(table=table(own=own(read=20, decreases_today=4)), tags=TAGS)))
    assert postponed(spent, Limits()).at == "2026-11-24T00:05:00.000Z"
    assert postponed(case_of(of_table(usage=used(asked(14)))), Limits()).at == after(NOW, 7200)
