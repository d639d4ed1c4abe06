"""Whose doing a recovery is: what was over before the change took effect is not its success, and no data tells nothing."""

from hypothesis import given
from hypothesis import strategies as st

from remediator.core.attribution import MINUTE_S, RecoveryTimeline, attribute, course_of_minutes, took_effect
from remediator.core.model import Verdict
from remediator.core.plan import Change
from remediator.core.timestamps import after
from tests.samples import NOW, plan

MADE = Change(plan=plan(), applied_at=NOW)
SECONDS = st.integers(min_value=-3600, max_value=3600)
MINUTES = st.lists(st.integers(min_value=-60, max_value=60), max_size=40)


def at(seconds):
    return after(NOW, seconds)


def minutes(*starts):
    return tuple(at(MINUTE_S * n) for n in starts)


def verdict(course, change=MADE):
    return attribute(change, course, NOW).verdict


def test_without_a_change_nobody_is_credited():
    assert verdict(RecoveryTimeline(), change=None) is Verdict.RECOVERED_WITHOUT_US


def test_what_was_over_for_two_good_minutes_before_the_effect_is_not_the_changes_success():
    credit = attribute(
        MADE, RecoveryTimeline(last_sign=at(60), good=minutes(1, 2), effect_at=at(180), source="metrics"), at(600)
    )
    assert credit.verdict is Verdict.RECOVERED_WITHOUT_US
    assert [(f.label.en, f.value, f.source) for f in credit.facts] == [
        ("the symptom was over at", at(60), "metrics"),
        ("the change took effect only at", at(180), "metrics"),
    ]
    assert all(f.label.ja for f in credit.facts)


def test_a_change_that_is_not_in_effect_yet_is_told_as_such():
    credit = attribute(
        MADE, RecoveryTimeline(last_sign=at(60), good=minutes(1, 2), effect_at=at(180), pending=True), at(180)
    )
    assert credit.facts[1].label.en == "the change was not in effect yet at"


def test_one_good_minute_is_a_pause_and_no_end():
    assert verdict(RecoveryTimeline(last_sign=at(60), good=minutes(1), effect_at=at(180))) is Verdict.FIXED
    assert verdict(RecoveryTimeline(last_sign=at(60), good=minutes(1, 1), effect_at=at(180))) is Verdict.FIXED


def test_a_minute_in_which_the_change_took_effect_is_no_minute_before_it():
    assert verdict(RecoveryTimeline(last_sign=at(60), good=minutes(1, 2), effect_at=at(179))) is Verdict.FIXED


def test_what_was_well_when_the_change_took_effect_was_well_without_it():
    course = RecoveryTimeline(last_sign=at(-400), well_since=at(-380), effect_at=at(60))
    assert verdict(course) is Verdict.RECOVERED_WITHOUT_US
    assert attribute(MADE, course, NOW).facts[0].value == at(-380)


def test_a_sign_after_the_effect_leaves_the_credit_with_the_change():
    assert verdict(RecoveryTimeline(last_sign=at(300), good=minutes(-3, -2, -1), well_since=at(-600))) is Verdict.FIXED


def test_a_change_never_takes_effect_before_it_was_made():
    assert took_effect(MADE, RecoveryTimeline(effect_at=at(-60))) == NOW
    assert took_effect(MADE, RecoveryTimeline()) == NOW


@given(sign=SECONDS, effect=SECONDS)
def test_without_data_nothing_is_taken_for_a_recovery_of_its_own(sign, effect):
    assert verdict(RecoveryTimeline(last_sign=at(sign), effect_at=at(effect))) is Verdict.FIXED


@given(good=MINUTES, effect=SECONDS)
def test_without_a_sign_of_the_symptom_its_end_is_not_known(good, effect):
    assert verdict(RecoveryTimeline(good=minutes(*good), effect_at=at(effect))) is Verdict.FIXED


@given(ended=st.integers(min_value=-59, max_value=-2), effect=SECONDS)
def test_a_symptom_that_was_seen_to_end_before_the_change_is_never_fixed_by_it(ended, effect):
    course = RecoveryTimeline(last_sign=at(60 * ended), good=minutes(*range(ended, 5)), effect_at=at(effect))
    assert verdict(course) is Verdict.RECOVERED_WITHOUT_US


@given(sign=SECONDS, good=MINUTES, effect=SECONDS, later=st.integers(min_value=0, max_value=3600))
def test_the_later_a_change_takes_effect_the_less_it_is_credited(sign, good, effect, later):
    course = RecoveryTimeline(last_sign=at(sign), good=minutes(*good), effect_at=at(effect))
    delayed = RecoveryTimeline(last_sign=at(sign), good=minutes(*good), effect_at=at(effect + later))
    assert not (verdict(course) is Verdict.RECOVERED_WITHOUT_US and verdict(delayed) is Verdict.FIXED)


@given(sign=SECONDS, good=MINUTES, effect=SECONDS)
def test_a_recovery_of_its_own_has_its_last_sign_before_the_effect(sign, good, effect):
    course = RecoveryTimeline(last_sign=at(sign), good=minutes(*good), effect_at=at(effect))
    if verdict(course) is Verdict.RECOVERED_WITHOUT_US:
        assert at(sign) < took_effect(MADE, course)


def test_the_trouble_is_over_with_or_without_our_help_and_in_no_other_case():
    assert [v for v in Verdict if v.over] == [Verdict.FIXED, Verdict.RECOVERED_WITHOUT_US]


def test_the_last_bad_minute_ends_a_minute_later_and_what_was_counted_besides_was_good():
    course = course_of_minutes(minutes(0, 2), minutes(3, 1, 2, 4, 4), "metrics")
    assert course == RecoveryTimeline(last_sign=at(180), good=minutes(1, 3, 4), source="metrics")


@given(MINUTES, MINUTES)
def test_no_minute_is_both_bad_and_good(bad, counted):
    course = course_of_minutes(minutes(*bad), minutes(*counted), "metrics")
    assert set(course.good) == set(minutes(*counted)) - set(minutes(*bad))
    assert all(after(m, MINUTE_S) <= course.last_sign for m in minutes(*bad))


def test_what_somebody_has_seen_later_than_the_minutes_is_the_last_sign():
    assert course_of_minutes(minutes(0), (), "metrics", seen_at=at(90)).last_sign == at(90)
    assert course_of_minutes(minutes(0), (), "metrics", seen_at=at(30)).last_sign == at(60)
    assert course_of_minutes((), minutes(0), "metrics").last_sign == ""
