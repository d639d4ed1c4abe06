from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Generic, TypeVar

from hypothesis import given
from hypothesis import strategies as st

from remediator.core.evidence import Reading
from remediator.core.plan import Change, Decision, Plan, Watch
from remediator.core.serialization import canonical, from_json, to_json
from remediator.core.text import Text
from remediator.gates.answers import Ask, GateAnswer, Permit, Refusal
from remediator.problems.ecs_task_restarting.evidence import Evidence
from tests.problems.ecs_task_restarting.samples import evidence, gap, stop
from tests.samples import NOW, plan

T = TypeVar("T")


class Colour(Enum):
    RED = "red"


@dataclass(frozen=True)
class Box(Generic[T]):
    inside: T
    colour: Colour = Colour.RED
    named: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Shelf:
    box: Box[tuple[int, ...]]


def test_evidence_survives_storage_with_its_gaps():
    stored = evidence(stop(1), stop(4), stack=gap("Denied"))
    assert from_json(Evidence, to_json(stored)) == stored


def test_generic_dataclasses_and_enums_survive_storage():
    shelf = Shelf(Box((1, 2), Colour.RED, {"a": 1}))
    assert from_json(Shelf, to_json(shelf)) == shelf


def test_one_of_several_kinds_is_told_by_its_tag():
    answers = (Permit("a"), Ask("b", Text("x", "y")), Refusal("c", Text("x", "y")))
    assert from_json(tuple[GateAnswer, ...], to_json(answers)) == answers
    for decision in (plan(), Watch(Text("w", "w"), 5)):
        assert from_json(Decision, to_json(decision)) == decision


def test_a_change_survives_storage():
    change = Change(plan=plan(), applied_at=NOW, requests=("ecs:UpdateService 1",))
    assert from_json(Change, to_json(change)) == change
    assert isinstance(from_json(Change, to_json(change)).plan, Plan)


def test_unknown_keys_are_ignored_and_missing_ones_use_the_default():
    assert from_json(Box[int], {"inside": 1, "later": 2}) == Box(1)


@given(st.dictionaries(st.text(), st.integers() | st.text() | st.none()))
def test_equal_values_have_one_text_whatever_their_order(values):
    assert canonical(values) == canonical(dict(reversed(list(values.items()))))


def test_a_reading_that_is_a_gap_stays_one():
    assert from_json(Reading[int], to_json(Reading(gap="no"))).gap == "no"
