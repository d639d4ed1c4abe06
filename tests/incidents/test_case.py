"""A question and the answer that came back: only a plain yes is an approval."""

import json

import pytest

from remediator.incidents.case import HOLDS, Approval, answered

ASKED = Approval(reference="i-1-0123abcd", expires_at="2026-11-23T04:00:00.000Z")


def said(answer):
    return [json.dumps({"answer": answer, "by": "sato"})]


@pytest.mark.parametrize(
    ("found", "answer"),
    [
        ([], "expired"),
        (said("expired"), "expired"),
        (said("approve"), "approve"),
        (said("refuse"), "refuse"),
        (said("hold"), "hold"),
        (said("Approve"), "refuse"),
        (['{"by": "sato"}'], "refuse"),
    ],
)
def test_what_cannot_be_understood_is_no_approval(found, answer):
    assert answered(ASKED, found).answer == answer


def test_the_answer_names_who_gave_it():
    assert answered(ASKED, said("approve")).by == "sato"


def test_a_question_is_not_held_more_often_than_allowed():
    held = Approval(reference=ASKED.reference, expires_at=ASKED.expires_at, holds=HOLDS)
    assert answered(held, said("hold")).answer == "refuse"
