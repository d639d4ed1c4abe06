"""The guide's four clocks as values."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from remediator.core.timestamps import after, iso, seconds_between
from remediator.incidents.response_clocks import LIMITS_S, Moments, four_clocks, pauses, ran_out, to_be_told

OPENED = "2026-11-23T03:00:00.000Z"
seconds = st.integers(0, 3 * 3600)


def states(moments, now_s):
    return {c.name: c.state for c in four_clocks(OPENED, moments, after(OPENED, now_s))}


def test_a_clock_whose_moment_came_in_time_is_met():
    moments = Moments(situation=after(OPENED, 299), cause=after(OPENED, 1800))
    assert states(moments, 7200) == {"situation": "met", "response": "missed", "cause": "met", "recovery": "missed"}


def test_a_moment_that_came_too_late_leaves_its_clock_missed():
    moments = Moments(situation=after(OPENED, 301), response=after(OPENED, 900.001))
    assert states(moments, 1000) == {
        "situation": "missed",
        "response": "missed",
        "cause": "running",
        "recovery": "running",
    }


def test_before_its_time_is_up_a_clock_only_runs():
    assert set(states(Moments(), 0).values()) == {"running"}


@given(seconds)
def test_a_clock_without_its_moment_is_missed_from_the_second_on_in_which_it_runs_out(now_s):
    now = after(OPENED, now_s)
    missed = tuple(c.name for c in four_clocks(OPENED, Moments(), now) if c.state == "missed")
    assert missed == ran_out(OPENED, now)


def test_of_several_missed_clocks_the_latest_is_told_and_of_a_low_level_none():
    clocks = four_clocks(OPENED, Moments(situation=OPENED), after(OPENED, 3600))
    names = ran_out(OPENED, after(OPENED, 3600))
    clock = to_be_told(clocks, names, "medium")
    assert clock is not None
    assert clock.name == "recovery"
    assert to_be_told(clocks, ["situation"], "high") is None
    assert to_be_told(clocks, names, "low") is None


@given(seconds, st.integers(1, 2 * 3600))
def test_a_wait_stops_at_every_clock_on_its_way_and_ends_in_time(now_s, lasts_s):
    now, until = after(OPENED, now_s), after(OPENED, now_s + lasts_s)
    stops = pauses(OPENED, now, until)
    assert stops[-1][0] == until
    dues = [after(OPENED, limit_s) for _, limit_s in LIMITS_S]
    assert [end for end, _ in stops[:-1]] == [due for due in dues if now < due < until]
    assert sum(s for _, s in stops) == lasts_s
    assert all(s >= 1 for _, s in stops)


def test_moments_compare_as_the_texts_that_they_are():
    start = datetime(2026, 11, 23, 3, tzinfo=UTC)
    assert seconds_between(OPENED, iso(start + timedelta(seconds=5))) == 5
