"""What is lent and due: a step back where it is calm, lent on where it is needed, left alone where it is not ours."""

from dataclasses import replace

import pytest

from remediator.core.lease import Loan
from remediator.core.model import Advise, Change, Incident, Plan, Verdict
from remediator.core.runbook import Setting, VerificationContext
from remediator.core.serialization import canonical, from_json, to_json
from remediator.core.settings import Limits, Settings
from remediator.core.text import Text
from remediator.core.timestamps import after
from remediator.events import parse_body
from remediator.events.internal import lease_event
from remediator.incidents.apply_result import undo_plan
from remediator.incidents.assessment import assess
from remediator.incidents.diagnosis import decide, diagnose
from remediator.incidents.lease_renewal import ending, is_outstanding, postponed
from remediator.problems.lease_hand_back import RUNBOOK
from remediator.problems.lease_hand_back.evidence import Evidence
from remediator.problems.lease_hand_back.evidence import Outcome as After
from remediator.problems.lease_hand_back.loan import DECREASES_KEPT_TO, current_values
from remediator.problems.lease_hand_back.model import BorrowedState, Usage
from remediator.resources.ecs.scaling import CountOwner
from tests.core.test_lease import LEASE, TABLE
from tests.runbooks.evidence_of_restarts import deployment, gap, known, service
from tests.runbooks.evidence_of_slowness import load, times
from tests.runbooks.evidence_of_throttling import INDEX, TARGET_ARN, bounds, hour, index, own, table
from tests.samples import NOW

SETTING = Setting(now=NOW, settings=Settings())
UNITS = "ReadCapacityUnits"
TAGS = {"auto-remediation": "auto"}
CALM, NEEDED = "lease_hand_back.calm", "lease_hand_back.still_needed"
SPENT, NOT_OURS = "lease_hand_back.decreases_spent", "lease_hand_back.not_ours_any_more"


def loan(name=UNITS, was=10, most=20, stands=None, **changes):
    found = Loan(
        incident="lender-1",
        was={name: was},
        lent={name: most},
        stands=({name: most if stands is None else stands},),
        fix="raise_capacity",
    )
    return replace(found, **changes)


def asked(per_s=3.0, direction="read", index=""):
    return hour(direction, index, usual=per_s, peak=per_s, refused=0)


def used(*loads, **changes):
    return replace(Usage(asked=loads or (asked(),), served_until=NOW), **changes)


def of_table(**changes):
    values = {
        "loan": loan(),
        "held": BorrowedState(table=table(own=own(read=20)), tags=TAGS),
        "usage": used(),
        **changes,
    }
    return Evidence(**{n: v if hasattr(v, "gap") else known(v) for n, v in values.items()})


def of_service(count=3, cpu=20.0, slow=0, memory=40.0, lent=None, **held):
    borrowed_state = BorrowedState(service=service(desired=count, running=count), owner=CountOwner(), tags=TAGS)
    return Evidence(
        loan=known(lent or loan("desiredCount", 2, 3)),
        held=known(replace(borrowed_state, **held)),
        usage=known(Usage(load=load(cpu, memory), times=times(slow))),
    )


def cause(evidence):
    return diagnose(RUNBOOK, evidence, SETTING).cause


def decision(evidence, setting=SETTING):
    return decide(RUNBOOK, diagnose(RUNBOOK, evidence, setting), evidence, setting)


# -- calm --------------------------------------------------------------------------------------------------------------


def test_what_is_no_longer_used_takes_one_step_back():
    evidence = of_table()
    assert cause(evidence) == CALM
    plan = decision(evidence)
    assert isinstance(plan, Plan)
    assert plan.calls[0].parameters["ProvisionedThroughput"] == {"ReadCapacityUnits": 15, "WriteCapacityUnits": 5}
    assert (plan.before, plan.after) == ({UNITS: "20"}, {UNITS: "15"})
    assert plan.undo[0].parameters["ProvisionedThroughput"]["ReadCapacityUnits"] == 20
    assert plan.worse is not None
    assert plan.lease_s > 0
    assert plan.response == "auto"


def test_the_last_step_lends_nothing():
    evidence = of_table(loan=loan(stands=12), held=BorrowedState(table=table(own=own(read=12)), tags=TAGS))
    plan = decision(evidence)
    assert plan.after == {UNITS: "10"}
    assert plan.lease_s == 0


def test_the_pre_image_of_a_step_is_what_stands():
    evidence = of_table()
    plan = decision(evidence)
    assert all(current_values(evidence)[name] == value for name, value in plan.before.items())


def test_what_somebody_set_of_the_other_direction_stays():
    evidence = of_table(held=BorrowedState(table=table(own=own(read=20, write=9)), tags=TAGS))
    assert decision(evidence).calls[0].parameters["ProvisionedThroughput"]["WriteCapacityUnits"] == 9


def test_an_index_takes_its_step_alone():
    name = f"{INDEX}.WriteCapacityUnits"
    evidence = of_table(
        loan=loan(name, 5, 10),
        held=BorrowedState(table=table(indexes=(index(write=10),)), tags=TAGS),
        usage=used(asked()),
    )
    (update,) = decision(evidence).calls[0].parameters["GlobalSecondaryIndexUpdates"]
    assert update["Update"]["IndexName"] == INDEX
    assert update["Update"]["ProvisionedThroughput"] == {"ReadCapacityUnits": 10, "WriteCapacityUnits": 7}


def test_bounds_go_back_and_the_units_are_not_touched():
    low, high = "MinCapacity (read)", "MaxCapacity (read)"
    lent = Loan(incident="l", was={low: 5, high: 10}, lent={low: 20, high: 20}, stands=({low: 20, high: 20},))
    scaling = (bounds("read", minimum=20, maximum=20),)
    evidence = of_table(loan=lent, held=BorrowedState(table=table(own=own(read=20)), scaling=scaling, tags=TAGS))
    (call,) = decision(evidence).calls
    assert call.action == "application-autoscaling:RegisterScalableTarget"
    assert (call.parameters["MinCapacity"], call.parameters["MaxCapacity"]) == (12, 15)
    assert call.arn == TARGET_ARN


def test_an_on_demand_maximum_goes_back():
    name = "MaxReadRequestUnits"
    on_demand = table(billing="PAY_PER_REQUEST", own=own(read=0, write=0, max_read=200, max_write=50))
    evidence = of_table(loan=loan(name, 100, 200), held=BorrowedState(table=on_demand, tags=TAGS))
    found = decision(evidence).calls[0].parameters["OnDemandThroughput"]
    assert found == {"MaxReadRequestUnits": 150, "MaxWriteRequestUnits": 50}


def test_a_count_goes_back_where_fewer_tasks_would_do():
    evidence = of_service()
    assert cause(evidence) == CALM
    assert decision(evidence).calls[0].parameters["desiredCount"] == 2


def test_where_autoscaling_owns_the_count_its_minimum_goes_back():
    owner = CountOwner(arn=TARGET_ARN, minimum=3, maximum=6)
    evidence = of_service(lent=loan("MinCapacity", 2, 3), owner=owner)
    (call,) = decision(evidence).calls
    assert (call.parameters["MinCapacity"], call.arn) == (2, TARGET_ARN)
    assert "MaxCapacity" not in call.parameters


# -- still needed ------------------------------------------------------------------------------------------------------


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


# -- no decrease left --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("made", "found"), [(DECREASES_KEPT_TO - 1, CALM), (DECREASES_KEPT_TO, SPENT)])
def test_the_four_decreases_a_day_are_kept(made, found):
    evidence = of_table(held=BorrowedState(table=table(own=own(read=20, decreases_today=made)), tags=TAGS))
    assert cause(evidence) == found


def test_bounds_are_no_decrease():
    scaling = (bounds("read", minimum=20, maximum=20),)
    held = BorrowedState(table=table(own=own(read=20, decreases_today=9)), scaling=scaling, tags=TAGS)
    assert cause(of_table(loan=loan("MinCapacity (read)", 5, 20), held=held)) == CALM


# -- not ours ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changes",
    [
        {"held": BorrowedState(table=table(own=own(read=30)), tags=TAGS)},
        {"held": BorrowedState(gone=True)},
        {"held": BorrowedState(table=table(billing="PAY_PER_REQUEST", own=own(read=0, write=0)), tags=TAGS)},
        {"loan": loan(over=Text("undone", "取り消し済み"))},
        {"held": BorrowedState(table=table(), tags=TAGS)},
        {"loan": loan(f"{INDEX}x.{UNITS}")},
    ],
    ids=["set by somebody", "table gone", "on demand now", "undone", "back already", "index gone"],
)
def test_what_is_not_ours_any_more_is_left_alone(changes):
    evidence = of_table(**changes)
    assert cause(evidence) == NOT_OURS
    found = decision(evidence)
    assert isinstance(found, Advise)
    assert found.final


@pytest.mark.parametrize("unread", ["loan", "held", "usage"])
def test_on_half_knowledge_nothing_is_handed_back(unread):
    evidence = of_table(**{unread: gap()})
    assert cause(evidence) is None
    assert isinstance(decision(evidence), Advise)


def test_what_is_stored_is_read_again():
    evidence = of_table()
    assert from_json(Evidence, to_json(evidence)) == evidence


# -- the proof ---------------------------------------------------------------------------------------------------------

SINCE = after(NOW, -400)


def step():
    return Change(plan=decision(of_table()), applied_at=SINCE)


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


# -- whether anybody comes back ----------------------------------------------------------------------------------------


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


# -- what is no loan ---------------------------------------------------------------------------------------------------


def test_an_undo_lends_nothing():
    lent = Change(plan=decision(of_table()), applied_at=NOW)
    assert lent.plan.lease_s > 0
    assert undo_plan({"change": canonical(lent)}).lease_s == 0
