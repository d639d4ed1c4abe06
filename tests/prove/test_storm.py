"""The storm in its short form, and that it would notice."""

from tests.prove import storm
from tests.prove.defects import lock_removed
from tests.prove.outcome import Outcome


def quietly() -> Outcome:
    return storm.raged(storm.BOUNDED_EVENTS, storm.BOUNDED_RESOURCES)


def test_in_a_storm_each_trouble_is_one_incident_each_workload_has_one_change_and_nothing_is_lost():
    outcome = quietly()
    assert outcome.violations == ()
    assert outcome.figures["max in flight of one workload"] == 1
    assert int(outcome.figures["changes refused"]) > 0, "no two incidents wanted the same workload"
    assert int(outcome.figures["max in flight"]) > 1, "no two changes were in flight at once anywhere"


def test_without_the_lock_two_changes_are_in_flight_and_that_is_noticed():
    with lock_removed():
        outcome = quietly()
    assert any("is in flight" in violation for violation in outcome.violations)
