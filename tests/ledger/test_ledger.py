from dataclasses import replace

import pytest

from remediator.core.errors import NotFound, Retryable
from remediator.core.model import Resource
from remediator.core.plan import Change
from remediator.core.settings import Limits, Settings
from remediator.core.timestamps import after
from remediator.gates.answers import Permit, Refusal
from remediator.gates.change_limits import change_limits, is_locked
from remediator.gates.past_changes import Attempt, PastChanges
from remediator.ledger.change_lock import ChangeLock, lock_key
from remediator.ledger.incident_items import incident_id, slot_of
from remediator.ledger.incidents import Ledger
from remediator.ledger.table import Table
from tests.samples import NOW, SERVICE, incident, plan, signal

HELD_S = 2700


@pytest.fixture
def ledger(runtime):
    return Ledger(runtime)


@pytest.fixture
def right(runtime):
    return ChangeLock(runtime)


def opened(ledger, id="one", **changes):
    found = incident(id, **changes)
    assert ledger.tell(found.signals[0], found).how == "opened"
    return found


def test_the_first_signal_opens_an_incident(ledger):
    found = ledger.tell(signal("a"), incident("one"))
    assert (found.how, found.incident, found.state) == ("opened", "one", "opened")


def test_a_second_signal_joins_the_open_incident_and_is_counted(ledger):
    first = opened(ledger)
    found = ledger.tell(signal("b"), incident("two"))
    assert (found.how, found.incident) == ("joined", "one")
    begun = ledger.begin(first.id)
    assert begun.signal_count == 2
    assert {s.key for s in begun.signals} == {"task-1@03:00", "b"}


def test_the_same_signal_told_twice_counts_once(ledger):
    first = opened(ledger)
    assert ledger.tell(first.signals[0], incident("two")).how == "repeated"
    assert ledger.begin("one").signal_count == 1


def test_after_twenty_signals_only_the_count_goes_on(ledger):
    opened(ledger)
    for n in range(30):
        ledger.tell(signal(f"k{n}"), incident("two"))
    begun = ledger.begin("one")
    assert begun.signal_count == 31
    assert len(begun.signals) == 20


def test_another_resource_opens_its_own_incident(ledger):
    opened(ledger)
    other = Resource("ecs_service", SERVICE.arn + "-2")
    found = ledger.tell(replace(signal("a"), resource=other), incident("two", resource=other))
    assert (found.how, found.incident) == ("opened", "two")


def test_a_signal_from_before_the_close_is_late_and_one_from_after_it_opens_anew(ledger):
    first = opened(ledger)
    ledger.close(first, "fixed", after(NOW, 600))
    assert ledger.tell(signal("late", after(NOW, 300)), incident("two")).how == "late"
    found = ledger.tell(signal("new", after(NOW, 900)), incident("two"))
    assert (found.how, found.incident) == ("opened", "two")


def test_closing_an_old_incident_does_not_close_the_new_one(ledger):
    first = opened(ledger)
    ledger.close(first, "fixed", NOW)
    ledger.tell(signal("new", after(NOW, 60)), incident("two"))
    ledger.close(first, "fixed", after(NOW, 120))
    assert ledger.begin("two") is not None


def test_an_incident_begins_again_after_a_crash_but_not_once_it_is_closed(ledger):
    first = opened(ledger)
    assert ledger.begin("one").state == "running"
    assert ledger.begin("one").state == "running"
    ledger.close(first, "fixed", NOW)
    assert ledger.begin("one") is None


def test_an_unknown_incident_is_not_found(ledger):
    with pytest.raises(NotFound, match="no incident nine"):
        ledger.load("nine")


def test_a_replay_neither_joins_nor_hides_the_real_incident(ledger):
    ledger.open_by_hand(incident("again", origin="replay"))
    assert ledger.tell(signal("a"), incident("one")).how == "opened"


@pytest.mark.parametrize("origin", ["event", "replay", "undo"])
def test_the_signals_until_now_are_those_of_the_slot_that_the_incident_holds(ledger, origin):
    found = incident("one", origin=origin)
    if origin == "event":
        opened(ledger)
        ledger.tell(signal("b"), incident("two"))
    else:
        ledger.open_by_hand(found)
    joined = ledger.with_signals(found)
    assert joined.signal_count == (2 if origin == "event" else 1)
    assert slot_of(joined) == ledger.load("one")["slot"]


def test_signals_of_a_later_incident_in_the_same_slot_are_not_taken(ledger):
    first = opened(ledger)
    ledger.close(first, "fixed", NOW)
    ledger.tell(signal("new", after(NOW, 60)), incident("two"))
    assert ledger.with_signals(first) == first


def test_incident_ids_fit_an_execution_name():
    named = incident_id("a_runbook_with_a_name_that_is_far_longer_than_anyone_wants", SERVICE, NOW, "key")
    assert len(named) < 64
    assert set(named) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")


def test_a_ledger_that_cannot_be_reached_says_so(runtime):
    gone = replace(runtime, environment=replace(runtime.environment, ledger_table="nowhere"))
    with pytest.raises(NotFound):
        Ledger(gone).load("one")


# -- the right to change --------------------------------------------------------------------------------------------


def test_the_right_to_change_is_given_once(ledger, right):
    first = opened(ledger)
    assert is_locked(right.acquire(first, plan(), NOW, HELD_S))
    refused = right.acquire(replace(first, id="two"), plan(), NOW, HELD_S)
    assert isinstance(refused, Refusal)
    assert (refused.gate, refused.part) == ("change_limits", "lock")


def test_a_repeated_step_of_the_same_incident_and_plan_gets_the_same_right_again(ledger, right):
    first = opened(ledger)
    right.acquire(first, plan(), NOW, HELD_S)
    assert is_locked(right.acquire(first, plan(), NOW, HELD_S))


def test_one_incident_makes_one_change_only(ledger, right):
    first = opened(ledger)
    right.acquire(first, plan(), NOW, HELD_S)
    other = plan(fix="force_new_deployment")
    assert isinstance(right.acquire(first, other, NOW, HELD_S), Refusal)


def test_a_lock_that_was_never_given_back_expires(ledger, right):
    opened(ledger)
    right.acquire(incident("one"), plan(), NOW, HELD_S)
    ledger.open_by_hand(incident("two"))
    later = after(NOW, HELD_S + 1)
    assert is_locked(right.acquire(incident("two"), plan(), later, HELD_S))


def test_a_resource_rests_after_a_change(ledger, right):
    first = opened(ledger)
    right.acquire(first, plan(), NOW, HELD_S)
    right.release(first, made(), NOW)
    ledger.open_by_hand(incident("two"))
    refused = right.acquire(incident("two"), plan(), after(NOW, 60), HELD_S)
    assert isinstance(refused, Refusal)
    assert refused.part == "cooldown"


def test_a_resource_is_changed_three_times_a_day_at_most(ledger, right):
    for n in range(3):
        mine = incident(f"n{n}")
        ledger.open_by_hand(mine)
        at = after(NOW, n * 3600)
        assert is_locked(right.acquire(mine, plan(), at, HELD_S))
        right.release(mine, made(at), at)
    ledger.open_by_hand(incident("fourth"))
    refused = right.acquire(incident("fourth"), plan(), after(NOW, 4 * 3600), HELD_S)
    assert isinstance(refused, Refusal)
    assert refused.part == "daily_limit"


def test_the_budget_of_a_runbook_counts_over_all_resources(runtime, ledger):
    strict = replace(runtime, settings=Settings(limits=Limits(changes_per_runbook_per_day=1)))
    right = ChangeLock(strict)
    opened(ledger)
    right.acquire(incident("one"), plan(), NOW, HELD_S)
    other = Resource("ecs_service", SERVICE.arn + "-2")
    ledger.open_by_hand(incident("two", resource=other, workload=None))
    refused = right.acquire(incident("two", workload=None), plan(resource=other), NOW, HELD_S)
    assert isinstance(refused, Refusal)
    assert refused.part == "daily_limit"


def test_a_change_is_taken_back_once_and_again_only_where_nothing_was_changed(ledger, right):
    ledger.tell(signal(), incident("one"))
    first, second = (incident(name, origin="undo", of="one") for name in ("undo-one", "undo-two"))
    assert is_locked(right.acquire(first, plan(), NOW, HELD_S))
    right.give_back(first, plan())
    assert is_locked(right.acquire(second, plan(), NOW, HELD_S))
    right.release(second, made(), NOW)
    third = right.acquire(incident("undo-three", origin="undo", of="one"), plan(), NOW, HELD_S)
    assert isinstance(third, Refusal)
    assert "already" in third.why.en


def test_what_was_taken_back_by_itself_is_not_taken_back_by_hand(ledger, right):
    ledger.tell(signal(), incident("one"))
    ledger.note("one", undo_state="applied")
    assert isinstance(right.acquire(incident("undo-one", origin="undo", of="one"), plan(), NOW, HELD_S), Refusal)


def test_taking_back_is_never_rationed(ledger, right):
    first = opened(ledger)
    right.acquire(first, plan(), NOW, HELD_S)
    right.release(first, made(), NOW)
    undo = incident("undo", origin="undo", of="one")
    ledger.open_by_hand(undo)
    assert is_locked(right.acquire(undo, plan(), after(NOW, 10), HELD_S))


def test_a_refused_change_leaves_no_trace_in_the_budget(runtime, ledger, right):
    first = opened(ledger)
    right.acquire(first, plan(), NOW, HELD_S)
    ledger.open_by_hand(incident("two"))
    right.acquire(incident("two"), plan(), NOW, HELD_S)
    assert Table(runtime).get(f"budget#2026-11-23#{SERVICE.arn}")["used"] == 1


def test_giving_back_leaves_another_incidents_lock_alone(runtime, ledger, right):
    opened(ledger)
    right.acquire(incident("one"), plan(), NOW, HELD_S)
    right.give_back(incident("two"), plan())
    assert Table(runtime).get(lock_key(incident("one"), plan())) is not None


def test_two_lost_races_bring_the_signal_back_later(ledger, monkeypatch):
    monkeypatch.setattr(Ledger, "_open", lambda *_: False)
    monkeypatch.setattr(Ledger, "_join", lambda *_: {})
    with pytest.raises(Retryable):
        ledger.tell(signal("a"), incident("one"))


def made(at=NOW):
    return Change(plan=plan(), applied_at=at)


def test_what_was_changed_before_is_read_at_once(ledger, right):
    first = opened(ledger)
    right.acquire(first, plan(), NOW, 60)
    right.remember(first, made(), "fixed")
    right.release(first, made(), after(NOW, 30))
    past = right.past(plan(), after(NOW, 60))
    assert past == PastChanges(
        attempts=(Attempt(NOW, "fixed", first.id),), in_cooldown=True, used=(1, 1), changed_at=(NOW,)
    )
    assert not right.past(plan(), after(NOW, 30 + Limits().cooldown_s)).in_cooldown


def test_what_would_be_refused_is_known_before_anybody_is_asked():
    free = change_limits(PastChanges(), plan(), Limits())
    assert [(type(a), a.part) for a in free] == [(Permit, "cooldown"), (Permit, "daily_limit")]
    (resting,) = change_limits(PastChanges(in_cooldown=True), plan(), Limits())
    assert resting.part == "cooldown"
    for used in ((3, 0), (0, 10)):
        _, full = change_limits(PastChanges(used=used), plan(), Limits())
        assert isinstance(full, Refusal)
        assert full.part == "daily_limit"


def test_an_attempt_that_is_written_down_twice_is_one(ledger, right):
    first = opened(ledger)
    change = Change(plan=plan(), applied_at=NOW)
    assert right.past(plan(), NOW).attempts == ()
    for _ in range(2):
        right.remember(first, change, "fixed")
    right.remember(incident("two"), replace(change, applied_at=after(NOW, 60)), "cannot_tell")
    assert right.past(plan(), NOW).attempts == (
        Attempt(NOW, "fixed", first.id),
        Attempt(after(NOW, 60), "cannot_tell", "two"),
    )
