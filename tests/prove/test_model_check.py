"""The model check in its short form, and that it would notice."""

from contextlib import closing, contextmanager

import pytest

from sandbox import applications as programs
from tests.prove.defects import gate_skipped, undo_twice
from tests.prove.model_check import Broken, Machine
from tests.prove.running import prove


@contextmanager
def machine():
    made = Machine()
    with closing(made.laptop._open):
        yield made


def test_in_any_order_the_rules_that_hold_everywhere_hold():
    ((outcome, _),) = prove(("model_check",), bounded=True, jobs=1)
    assert outcome.violations == ()
    assert int(outcome.figures["incidents"]) > 0


def test_a_write_that_did_not_ask_the_switch_is_noticed():
    with gate_skipped(), machine() as made:
        made.switch("off")
        with pytest.raises(Broken, match="while the switch is off"):
            made.begin("off", programs.LEAKS)


def test_an_undo_that_is_made_twice_is_noticed():
    with undo_twice(), machine() as made:
        made.fall_ill(programs.WARMS_AND_BLOCKS)
        with pytest.raises(Broken, match=r"sent twice|undone 2 times"):
            made.time_passes(3700)


def test_with_both_in_their_place_the_same_orders_break_nothing():
    with machine() as made:
        made.fall_ill(programs.WARMS_AND_BLOCKS)
        made.time_passes(3700)
        assert len(made.world.writes) == 2, "the change and its undo"


def test_a_change_is_taken_back_by_hand_once():
    with machine() as made:
        made.fall_ill(programs.LEAKS)
        made.time_passes(3700)
        before = len(made.world.writes)
        made.undo_by_hand(2)
        made.time_passes(900)
        made.undo_by_hand(1)
        made.time_passes(900)
        assert len(made.world.writes) == before + 1
        assert [r["origin"] for r in made.laptop.records()].count("undo") == 2, "two at once are one"
