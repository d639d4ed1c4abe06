"""What the guide's rows must have: a probe, a response, words in both languages, commands, a test, a story and its twin."""

from dataclasses import replace
from functools import cache

import pytest

from ops.guide.coverage import coverage, unlisted
from ops.guide.derived import responses
from ops.guide.rows import CAUSES, ERRORS, RECOVERIES, ROWS
from remediator.core.text import Text
from remediator.problems import load, load_all
from sandbox.scenarios import load_all as stories

ROW = "ecs_task_restarting.out_of_memory"
BOOK = load("ecs_task_restarting")


@cache
def covered():
    return {row.id: row for row in coverage()}


@pytest.mark.xdist_group("guide")  # reading all sources once is enough
@pytest.mark.parametrize("row", ROWS)
def test_a_row_of_the_guide_lacks_nothing(row):
    assert covered()[row].missing == ()


def test_every_row_is_looked_at():
    assert list(covered()) == list(ROWS)


def test_the_list_holds_every_problem_code_and_procedure_once():
    assert len(set(ROWS)) == len(ROWS) == len(CAUSES) + len(ERRORS) + len(RECOVERIES) == 43
    assert {r.id for r in load_all() if r.guide} == {row.split(".")[0] for row in CAUSES}


def test_a_cause_that_the_list_does_not_have_is_one_that_practice_added_and_named_here():
    assert unlisted() == ("alb_gateway_errors.target_5xx",)


def test_the_one_runbook_that_is_no_problem_of_the_guide_is_named_here():
    """What is lent has to come back; the guide says nothing of that way, so its rows are ours (docs/why/0027)."""
    assert [r.id for r in load_all() if not r.guide] == ["lease_hand_back"]


def with_cause(**changes):
    """The runbook with its row changed."""
    causes = tuple(replace(c, **changes) if c.id == "out_of_memory" else c for c in BOOK.causes)
    return (replace(BOOK, causes=causes),)


def missing(runbooks=None, found=None):
    (row,) = coverage((ROW,), runbooks, found)
    return " ".join(row.missing)


def test_the_row_lacks_nothing_as_it_is():
    assert missing() == ""


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"advice": Text("Do it.", "Do it.")}, "advice in Japanese"),
        ({"advice": Text("", "対処してください。")}, "advice in English"),
        ({"confirm": Text("", "")}, "confirm in English"),
        ({"title": Text("memory", "memory")}, "title in Japanese"),
        ({"look": ()}, "command"),
        ({"holds": lambda *_: None}, "probe"),
    ],
    ids=["japanese advice", "english advice", "confirmation", "japanese title", "commands", "probe"],
)
def test_a_row_without_words_commands_or_probe_is_noticed(changes, word):
    assert word in missing(with_cause(**changes))


def test_a_row_without_a_story_or_without_its_twin_is_noticed():
    without = tuple(s for s in stories() if s.expected.cause != ROW)
    assert "ends with it" in missing(found=tuple(s for s in without if ROW not in s.expected.noticed))
    assert "looks like it" in missing(found=tuple(replace(s, looks_like=None) for s in stories()))


def test_a_twin_that_names_no_other_row_is_none():
    twins = tuple(
        replace(s, expected=replace(s.expected, cause=None, noticed=())) if s.looks_like == ROW else s
        for s in stories()
    )
    assert "looks like it" in missing(found=twins)


def test_a_row_without_a_runbook_is_noticed():
    assert "nothing stands for this row" in missing(runbooks=())


def test_a_row_without_a_test_is_noticed():
    (row,) = coverage(("recovery.ecs",))
    assert row.tests
    (unknown,) = coverage(("ecs_task_restarting.never_written",))
    assert not unknown.covered


def test_the_response_is_what_the_planners_can_decide():
    assert responses(BOOK.cause("out_of_memory"))[:2] == ("auto", "ask")
    assert responses(load("dynamodb_table_undeletable").cause("deletion_protected")) == ("tell",)
