import pytest

from remediator.core.model import mode_from
from remediator.core.text import Text
from remediator.gates.answers import Ask, Passed, Permit, Refusal
from remediator.gates.change_freeze import change_freeze
from remediator.gates.kill_switch import kill_switch
from remediator.gates.loop_breaker import loop_breaker
from remediator.gates.opt_in import opt_in
from remediator.gates.past_changes import Attempt
from remediator.gates.plan import planned, unchanged
from tests.samples import plan

FRESH = Text("something else", "別の内容")


@pytest.mark.parametrize(("tag", "kind"), [("auto", Permit), ("approve", Ask), ("observe", Refusal), ("off", Refusal)])
def test_the_opt_in_tag_decides(tag, kind):
    assert isinstance(opt_in(mode_from(tag), tag), kind)


@pytest.mark.parametrize("tag", [None, "", "yes", "automatic", "AUTO!", "true"])
def test_a_missing_or_misspelt_tag_is_never_auto(tag):
    assert isinstance(opt_in(mode_from(tag), tag), Refusal)


def test_a_tag_is_read_without_case_and_blanks():
    assert isinstance(opt_in(mode_from(" Auto "), " Auto "), Permit)


@pytest.mark.parametrize(
    ("value", "kind"),
    [("auto", Permit), ("approve", Ask), ("observe", Refusal), ("off", Refusal), ("on", Refusal), (None, Refusal)],
)
def test_the_switch_fails_closed(value, kind):
    assert isinstance(kill_switch(value), kind)


def test_a_switch_that_cannot_be_read_says_why():
    assert "ssm:GetParameter: AccessDenied" in kill_switch(None, "ssm:GetParameter: AccessDenied").why.en


def test_the_row_may_ask_although_everything_else_permits():
    assert isinstance(planned(plan(response="ask")), Ask)
    assert isinstance(planned(plan()), Permit)


def test_another_plan_or_none_means_that_the_situation_moved():
    assert isinstance(unchanged("a", "a", FRESH), Permit)
    assert isinstance(unchanged("a", "b", FRESH), Refusal)
    assert isinstance(unchanged("a", None, FRESH), Refusal)


def test_the_first_refusal_wins():
    passed = Passed((Permit("a"), Refusal("b", FRESH), Ask("c", FRESH), Refusal("d", FRESH)))
    assert passed.refusal.gate == "b"
    assert [a.gate for a in passed.asks] == ["c"]


def test_a_closed_calendar_refuses_and_says_until_when():
    refused = change_freeze("CLOSED", "2026-12-28T09:00:00+09:00")
    assert isinstance(refused, Refusal)
    assert "2026-12-28T09:00:00+09:00" in refused.why.en
    assert isinstance(change_freeze("OPEN", ""), Permit)


@pytest.mark.parametrize("state", ["", "closed?", "HALF"])
def test_a_calendar_that_says_neither_asks_a_person(state):
    assert isinstance(change_freeze(state, ""), Ask)


def attempts(*moments):
    return tuple(Attempt(at, "fixed", f"one-{n}") for n, at in enumerate(moments))


def tried(*moments):
    return loop_breaker(attempts(*moments), "2026-11-23T03:00:00.000Z", 3, 7 * 86400)


def test_after_three_strikes_nothing_is_tried_again_and_the_history_is_told():
    days = ("2026-11-20T03:00:00.000Z", "2026-11-21T03:00:00.000Z", "2026-11-22T03:00:00.000Z")
    refused = tried(*reversed(days))
    assert isinstance(refused, Refusal)
    assert refused.why.en.index("2026-11-20 03:00 UTC fixed (one-2)") < refused.why.en.index("2026-11-22 03:00 UTC")
    assert isinstance(tried(*days[:2]), Permit)


def test_strikes_of_last_week_are_forgotten():
    assert isinstance(tried("2026-11-15T03:00:00.000Z", "2026-11-21T03:00:00.000Z", "2026-11-22T03:00:00.000Z"), Permit)
