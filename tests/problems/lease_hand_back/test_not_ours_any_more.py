import pytest

from remediator.core.plan import Advise
from remediator.core.serialization import from_json, to_json
from remediator.core.text import Text
from remediator.problems.lease_hand_back.evidence import Evidence
from remediator.problems.lease_hand_back.model import BorrowedState

from ..dynamodb_throttling.samples import INDEX, own, table
from ..ecs_task_restarting.samples import gap
from .setting import NOT_OURS, TAGS, UNITS, cause, decision, loan, of_table


@pytest.mark.parametrize(
    "changes",
    [
        {"held": BorrowedState(table=table(own=own(read=30)), tags=TAGS)},
        {"held": BorrowedState(gone=True)},
        {"held": BorrowedState(table=table(billing="PAY_PER_REQUEST", own=own(read=0, write=0)), tags=TAGS)},
        {"loan": loan(over=Text("undone", "取り消し済み"))},
        {"held": BorrowedState(table=table(), tags=TAGS)},
        {"loan": loan(f"{INDEX}x.{UNITS}")},
    ],
    ids=["set by somebody", "table gone", "on demand now", "undone", "back already", "index gone"],
)
def test_what_is_not_ours_any_more_is_left_alone(changes):
    evidence = of_table(**changes)
    assert cause(evidence) == NOT_OURS
    found = decision(evidence)
    assert isinstance(found, Advise)
    assert found.final


@pytest.mark.parametrize("unread", ["loan", "held", "usage"])
def test_on_half_knowledge_nothing_is_handed_back(unread):
    evidence = of_table(**{unread: gap()})
    assert cause(evidence) is None
    assert isinstance(decision(evidence), Advise)


def test_what_is_stored_is_read_again():
    evidence = of_table()
    assert from_json(Evidence, to_json(evidence)) == evidence
