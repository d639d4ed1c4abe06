"""One story for each kind of trouble on the deployed product, and the same told by the sandbox, which is other code."""

import pytest

from .play import agreement, play
from .stories import STORIES, story_of

pytestmark = pytest.mark.e2e_short


@pytest.mark.parametrize("name", ["bad-release", "wrong-path", "too-little-capacity"])
def test_the_deployed_product_heals_it_as_in_the_sandbox(installed, name):
    played = play(story_of(name))
    assert played.faults == ()
    assert played.ending.verdict == "fixed"
    assert played.change
    assert agreement(story_of(name), played) == ()


def test_one_trouble_stays_one_incident_where_it_was_noticed_too_late(installed):
    assert play(story_of("noticed-late")).faults == ()


def test_every_runbook_has_a_story():
    found = {s.name for s in STORIES if s.agrees}
    assert {"bad-release", "wrong-path", "too-little-capacity"} <= found
