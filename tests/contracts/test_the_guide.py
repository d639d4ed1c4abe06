"""Every row of the guide is covered: probe, response, words in both languages, commands, test, story, look-alike."""

import pytest

from ops.coverage import coverage, unlisted
from ops.guide_rows import CAUSES, ERRORS, RECOVERIES, ROWS
from remediator.core.error_table import CODES
from remediator.core.recovery import PROCEDURES

BEYOND_THE_GUIDE = ("alb_gateway_errors.target_5xx",)  # rows that practice added


@pytest.fixture(scope="module")
def covered():
    return {row.id: row for row in coverage()}


@pytest.mark.parametrize("row", ROWS)
def test_a_row_of_the_guide_lacks_nothing(row, covered):
    assert covered[row].missing == ()


@pytest.mark.parametrize("row", BEYOND_THE_GUIDE)
def test_a_row_that_practice_added_has_its_words_and_its_test(row):
    missing = coverage((row,))[0].missing
    assert set(missing) <= {"a story that only looks like it"}


def test_the_list_holds_thirty_causes_ten_codes_and_three_procedures_each_once():
    assert (len(CAUSES), len(ERRORS), len(RECOVERIES)) == (30, 10, 3)
    assert len(set(ROWS)) == len(ROWS)


def test_nothing_stands_beside_the_list_unseen():
    assert unlisted() == BEYOND_THE_GUIDE
    assert tuple(c.id for c in CODES) == ERRORS
    assert {p.id for p in PROCEDURES} == set(RECOVERIES)
