import pytest

from remediator.core.gates import Ask, Passed, Permit, Refusal, kill_switch, mode_from, opted_in, planned, unchanged
from remediator.core.text import Text
from tests.samples import plan

FRESH = Text("something else", "別の内容")


@pytest.mark.parametrize(("tag", "kind"), [("auto", Permit), ("approve", Ask), ("observe", Refusal), ("off", Refusal)])
def test_the_opt_in_tag_decides(tag, kind):
    assert isinstance(opted_in(mode_from(tag), tag), kind)


@pytest.mark.parametrize("tag", [None, "", "yes", "automatic", "AUTO!", "true"])
def test_a_missing_or_misspelt_tag_is_never_auto(tag):
    assert isinstance(opted_in(mode_from(tag), tag), Refusal)


def test_a_tag_is_read_without_case_and_blanks():
    assert isinstance(opted_in(mode_from(" Auto "), " Auto "), Permit)


@pytest.mark.parametrize(
    ("value", "kind"),
    [("auto", Permit), ("approve", Ask), ("observe", Refusal), ("off", Refusal), ("on", Refusal), (None, Refusal)],
)
def test_the_switch_fails_closed(value, kind):
    assert isinstance(kill_switch(value), kind)


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
