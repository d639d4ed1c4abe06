"""What is lent and how it comes back: steps, pauses, whose it is, and the event that says that it is due."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remediator.core.errors import EventNotUnderstood
from remediator.core.lease import (
    EXTENSIONS,
    Lease,
    Loan,
    ScheduledLease,
    at_expression,
    extended,
    lease_of,
    lent,
    lent_on,
    loan_from,
    next_step,
    ours,
    schedule_name,
    step_lease_s,
    stepped,
)
from remediator.core.model import Resource, Signal
from remediator.core.plan import Change, Plan
from remediator.core.serialization import canonical, from_json, to_json
from remediator.core.settings import Limits
from remediator.core.text import Text
from remediator.core.timestamps import seconds_between
from remediator.events import parse_body
from remediator.events.internal import lease_event
from remediator.problems import route

TABLE = Resource("table", "arn:aws:dynamodb:ap-northeast-1:123456789012:table/portfolio-users")
NOW = "2026-11-23T05:00:00.000Z"
LIMITS = Limits()
LEASE = Lease(incident="lender-1", step="lender-1", runbook="dynamodb_throttling", resource=TABLE, at=NOW)


def changed(before, after, **more):
    plan = Plan(
        runbook="dynamodb_throttling",
        cause="dynamodb_throttling.insufficient_capacity",
        fix="raise_capacity",
        title=Text("Raise", "引き上げ"),
        resource=TABLE,
        calls=(),
        before={n: str(v) for n, v in before.items()},
        after={n: str(v) for n, v in after.items()},
        lease_s=more.pop("lease_s", 7200),
    )
    return Change(plan=plan, applied_at=more.pop("applied_at", NOW), **more)


def record(before, after, **more):
    return {"change": canonical(changed(before, after)), **more}


def loan(was=10, most=20, **more):
    return Loan(incident="lender-1", was={"Units": was}, lent={"Units": most}, **more)


def steps(was, most):
    now, taken = most, []
    while now != was:
        now = next_step(loan(was, most), {"Units": now})["Units"]
        taken.append(now)
        assert len(taken) < 20
    return taken


def test_it_goes_back_by_half_of_what_is_left_and_then_by_the_rest():
    assert steps(10, 20) == [15, 12, 10]
    assert steps(2, 3) == [2]
    assert steps(2, 4) == [3, 2]


@given(st.integers(0, 10_000), st.integers(1, 40_000))
def test_a_hand_back_takes_at_most_three_steps_and_never_passes_what_was_before(was, distance):
    taken = steps(was, was + distance)
    assert len(taken) <= 3
    assert taken[-1] == was
    assert taken == sorted(taken, reverse=True)
    first = was + distance - taken[0]
    assert first == distance if distance == 1 else first <= -(-distance // 2)


def test_what_stands_below_what_was_before_is_not_raised():
    assert next_step(loan(10, 20), {"Units": 7}) == {"Units": 7}


def test_each_value_of_a_loan_takes_its_own_step():
    both = Loan(incident="x", was={"Min": 5, "Max": 10}, lent={"Min": 20, "Max": 20})
    assert next_step(both, {"Min": 20, "Max": 20}) == {"Min": 12, "Max": 15}


def test_the_pause_doubles_up_to_a_day_and_after_seven_times_nobody_comes_back():
    lease, pauses = LEASE, []
    while (later := extended(lease, "lender-1", NOW, LIMITS)) is not None:
        pauses.append(seconds_between(NOW, later.at) / 3600)
        lease = later
    assert pauses == [2, 4, 8, 16, 24, 24, 24]
    assert lease.extension == EXTENSIONS


def test_where_no_decrease_is_left_it_waits_for_the_next_utc_day():
    later = extended(LEASE, "lender-1", NOW, LIMITS, tomorrow=True)
    assert later.at == "2026-11-24T00:05:00.000Z"


def test_a_long_pause_is_not_cut_short_by_midnight():
    late = "2026-11-23T23:00:00.000Z"
    assert extended(LEASE, "lender-1", late, LIMITS, tomorrow=True).at == "2026-11-24T01:00:00.000Z"


def test_the_next_step_is_due_when_this_one_is_proved_and_the_rest_after_it_is_over():
    assert step_lease_s(LIMITS) > 900 + LIMITS.cooldown_s
    later = stepped(replace(LEASE, extension=3), "step-1", changed({"Units": 20}, {"Units": 15}, lease_s=2700))
    assert (later.incident, later.step, later.extension) == ("lender-1", "step-1", 0)
    assert later.at == "2026-11-23T05:45:00.000Z"


def test_a_change_lends_from_its_own_moment_on():
    lease = lent("lender-1", "dynamodb_throttling", changed({"Units": 10}, {"Units": 20}))
    assert lease.at == "2026-11-23T07:00:00.000Z"
    assert lease.resource == TABLE


def test_a_schedule_fires_in_whole_seconds_and_never_before_its_time():
    assert at_expression("2026-11-23T07:00:00.000Z") == "at(2026-11-23T07:00:00)"
    assert at_expression("2026-11-23T07:00:00.250Z") == "at(2026-11-23T07:00:01)"


def test_every_incident_has_a_schedule_of_its_own_within_awss_bound():
    longest = "a" * 40 + "-" + "0" * 10
    assert schedule_name(longest) == f"lease-{longest}"
    assert len(schedule_name(longest)) <= 64


def test_what_the_schedule_sends_is_what_intake_understands():
    body = canonical(lease_event(replace(LEASE, step="step-2", extension=4)))
    (signal,) = parse_body(body)
    assert isinstance(signal, Signal)
    assert (signal.kind, signal.level, signal.resource) == ("lease_due", "low", TABLE)
    assert lease_of((signal,)) == replace(LEASE, step="step-2", extension=4)
    assert route(signal) == "lease_hand_back"


def test_the_event_cannot_choose_another_runbook():
    found = dict(lease_event(LEASE))
    found["detail"] = {**found["detail"], "runbook": "ecs_task_restarting"}
    (signal,) = parse_body(json.dumps(found))
    assert route(signal) == "lease_hand_back"


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("incident", "../../x"),
        ("incident", ""),
        ("step", "Step 1"),
        ("extension", -1),
        ("extension", EXTENSIONS + 1),
        ("extension", "2"),
        ("extension", None),
        ("extension", True),
        ("runbook", ""),
        ("resource", {"kind": "bucket", "arn": "arn:aws:s3:::portfolio-site"}),
        ("resource", {"kind": "table", "arn": "arn:aws:ecs:ap-northeast-1:123456789012:service/a/b"}),
        ("resource", {"kind": "table", "arn": "portfolio-users"}),
        ("resource", {}),
    ],
)
def test_what_is_no_loan_is_not_understood(member, value):
    found = dict(lease_event(LEASE))
    found["detail"] = {**found["detail"], member: value}
    with pytest.raises(EventNotUnderstood):
        parse_body(json.dumps(found))


def test_it_is_ours_while_it_stands_as_the_program_set_it_last():
    found = loan_from(LEASE, record({"Units": 10}, {"Units": 20}), record({"Units": 10}, {"Units": 20}))
    assert ours(found, {"Units": 20})
    assert not ours(found, {"Units": 30})
    assert not ours(found, {})
    assert found.over is None


def test_after_a_step_it_is_ours_at_the_steps_value():
    lease = replace(LEASE, step="step-1")
    found = loan_from(lease, record({"Units": 10}, {"Units": 20}), record({"Units": 20}, {"Units": 15}))
    assert (found.was, found.lent) == ({"Units": 10}, {"Units": 20})
    assert ours(found, {"Units": 15})
    assert not ours(found, {"Units": 20})


def test_a_step_that_the_program_took_back_stands_where_it_was_and_is_remembered():
    lease = replace(LEASE, step="step-1")
    undone = canonical(changed({"Units": 20}, {"Units": 15}, applied_at="2026-11-23T05:10:00.000Z"))
    step = record({"Units": 20}, {"Units": 15}, undo_state="applied", undone=undone)
    found = loan_from(lease, record({"Units": 10}, {"Units": 20}), step)
    assert ours(found, {"Units": 20})
    assert not ours(found, {"Units": 15})
    assert found.worse_at == "2026-11-23T05:10:00.000Z"


def test_where_it_is_not_known_whether_a_step_was_taken_back_either_value_is_ours():
    lease = replace(LEASE, step="step-1")
    step = record({"Units": 20}, {"Units": 15}, undo_state="intended")
    found = loan_from(lease, record({"Units": 10}, {"Units": 20}), step)
    assert ours(found, {"Units": 20})
    assert ours(found, {"Units": 15})


@pytest.mark.parametrize("how", [{"undo_state": "applied"}, {"taken_back_by": "undo-1"}])
def test_what_was_undone_is_over(how):
    root = record({"Units": 10}, {"Units": 20}, **how)
    assert loan_from(LEASE, root, root).over is not None


def test_a_step_that_a_person_took_back_is_theirs():
    lease = replace(LEASE, step="step-1")
    step = record({"Units": 20}, {"Units": 15}, taken_back_by="undo-1")
    assert loan_from(lease, record({"Units": 10}, {"Units": 20}), step).over is not None


def test_a_loan_that_the_ledger_does_not_know_is_over():
    assert loan_from(LEASE, {}, {}).over is not None


def test_another_loan_on_top_of_it_is_known():
    root = record({"Units": 10}, {"Units": 20})
    found = loan_from(LEASE, root, root, (record({"Units": 20}, {"Units": 40}), {}))
    assert not ours(found, {"Units": 40})
    assert lent_on(found, {"Units": 40})
    assert not lent_on(found, {"Units": 41})


def test_a_change_of_something_else_is_no_loan_on_top():
    root = record({"Units": 10}, {"Units": 20})
    found = loan_from(LEASE, root, root, (record({"Other": 1}, {"Other": 2}),))
    assert not lent_on(found, {"Units": 40})


def test_what_is_stored_is_read_again():
    root = record({"Units": 10}, {"Units": 20})
    found = loan_from(LEASE, root, root, (root,))
    assert from_json(Loan, to_json(found)) == found
    kept = ScheduledLease(until=NOW, extension=2)
    assert from_json(ScheduledLease, to_json(kept)) == kept
