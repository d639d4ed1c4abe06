"""Seeded defects: the guide's contract must turn red on each thing that a row can lack."""

from dataclasses import replace

import pytest

from ops.guide.coverage import coverage
from remediator.core.runbook import Holds
from remediator.core.text import Text, same
from remediator.problems import load_all
from remediator.recovery import procedures as recovery
from sandbox.scenarios import load_all as load_stories

ROW = "ecs_task_restarting.out_of_memory"
RUNBOOK, ID = ROW.split(".")


def holds_without_looking(evidence, setting):
    return Holds(())


def _with(**changes):
    """All runbooks, and in one of them the row as it is changed."""
    books = []
    for book in load_all():
        causes = tuple(replace(c, **changes) if (book.id, c.id) == (RUNBOOK, ID) else c for c in book.causes)
        books.append(replace(book, causes=causes))
    return books


def _missing(runbooks=None, stories=None):
    return coverage((ROW,), runbooks, stories)[0].missing


def test_the_row_lacks_nothing_as_it_is():
    assert _missing() == ()


@pytest.mark.parametrize(
    ("changes", "lacks"),
    [
        ({"title": Text("", "メモリ")}, "title in English"),
        ({"title": same("memory")}, "title in Japanese"),
        ({"advice": same("look")}, "advice in Japanese"),
        ({"confirm": Text("", "")}, "confirm in English"),
        ({"confirm": same("look")}, "confirm in Japanese"),
        ({"look": ()}, "a command that confirms it"),
        ({"holds": holds_without_looking}, "a probe"),
    ],
)
def test_what_a_row_does_not_say_or_read_is_missed(changes, lacks):
    assert lacks in _missing(_with(**changes))


def test_a_row_that_no_test_names_is_missed():
    renamed = [replace(b, causes=tuple(replace(c, id=f"{c.id}_{'x'}") for c in b.causes)) for b in load_all()]
    assert "a test" in coverage((f"{ROW}_{'x'}",), renamed)[0].missing


def test_a_row_without_a_story_or_a_twin_is_missed():
    assert _missing(stories=()) == ("a story that ends with it", "a story that only looks like it")


def test_a_twin_that_ends_with_the_row_itself_is_none():
    stories = [replace(s, looks_like=ROW if s.expected.cause == ROW else None) for s in load_stories()]
    assert _missing(stories=stories) == ("a story that only looks like it",)


def test_a_runbook_that_is_not_there_leaves_its_rows_uncovered():
    others = [b for b in load_all() if b.id != RUNBOOK]
    assert _missing(others) == ("all of it: nothing stands for this row",)


def test_a_procedure_that_nobody_has_played_is_missed():
    assert coverage((recovery.RECOVER_ECS.id,), stories=())[0].missing == ("a story that ends with it",)
