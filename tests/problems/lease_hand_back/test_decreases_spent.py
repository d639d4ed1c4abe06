import pytest

from remediator.problems.lease_hand_back.loan import DECREASES_KEPT_TO
from remediator.problems.lease_hand_back.model import BorrowedState

from ..dynamodb_throttling.samples import bounds, own, table
from .setting import CALM, SPENT, TAGS, cause, loan, of_table


@pytest.mark.parametrize(("made", "found"), [(DECREASES_KEPT_TO - 1, CALM), (DECREASES_KEPT_TO, SPENT)])
def test_the_four_decreases_a_day_are_kept(made, found):
    evidence = of_table(held=BorrowedState(table=table(own=own(read=20, decreases_today=made)), tags=TAGS))
    assert cause(evidence) == found


def test_bounds_are_no_decrease():
    scaling = (bounds("read", minimum=20, maximum=20),)
    held = BorrowedState(table=table(own=own(read=20, decreases_today=9)), scaling=scaling, tags=TAGS)
    assert cause(of_table(loan=loan("MinCapacity (read)", 5, 20), held=held)) == CALM
