from dataclasses import replace

import pytest

from remediator.core.model import Verdict
from remediator.core.runbook import VerificationContext
from remediator.core.timestamps import after
from remediator.problems.dynamodb_table_undeletable.model import GONE
from remediator.problems.dynamodb_table_undeletable.runbook import RUNBOOK

from ...samples import NOW
from .samples import AWAY, BUILT, INDEXES, NO_DETAIL, PROTECTED, SOURCE_REGION, TAGS, UPDATING, evidence, outcome, table


def judged(now, before, seconds=60):
    context = VerificationContext(before=before, change=None, now=after(NOW, seconds), since=NOW)
    return RUNBOOK.judge(now, context)


@pytest.mark.parametrize("status", [GONE, "DELETING"])
def test_a_table_that_was_deleted_is_the_end(status):
    assert judged(outcome(status=status), evidence(PROTECTED)).verdict is Verdict.RECOVERED_WITHOUT_US


@pytest.mark.parametrize(
    ("said", "before"),
    [
        (INDEXES, {"indexes": (BUILT,)}),
        (UPDATING, {"status": "UPDATING"}),
        (PROTECTED, {"protected": True}),
        (NO_DETAIL, {"replicas": (replace(AWAY, status="CREATING"),)}),
        (PROTECTED, {}),
    ],
)
def test_deletion_is_possible_once_what_held_the_table_is_seen_to_hold_it_no_more(said, before):
    read = judged(outcome(), evidence(said, table=table(**before)))
    assert read.verdict is Verdict.RECOVERED_WITHOUT_US
    assert "can be deleted now" in read.facts[0].label.en


@pytest.mark.parametrize(
    "still",
    [
        {"protected": True},
        {"status": "UPDATING"},
        {"indexes": (BUILT,)},
        {"restoring": True, "status": "CREATING"},
        {"replicas": (replace(AWAY, status="UPDATING"),)},
    ],
)
def test_what_still_holds_it_is_named_and_persists(still):
    read = judged(outcome(**still), evidence(UPDATING, table=table(**still)), 3600)
    assert read.verdict is None
    assert read.persists
    assert "held by" in read.facts[1].label.en
    assert read.facts[1].value


@pytest.mark.parametrize("said", [TAGS, SOURCE_REGION, NO_DETAIL])
def test_what_cannot_be_seen_to_end_is_not_called_over(said):
    before = evidence(said)
    assert judged(outcome(), before, 60).verdict is None
    assert "can be deleted" not in judged(outcome(), before, 600).facts[0].label.en
    assert judged(outcome(), before, 600).verdict is Verdict.CANNOT_TELL
