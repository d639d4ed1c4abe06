"""What a sweep found: told from now on, and how long unresolved trouble rests."""

from dataclasses import replace

import pytest

from remediator.core.errors import EventNotUnderstood
from remediator.core.model import Ignored
from remediator.core.settings import Limits
from remediator.events import parse
from remediator.events.durable_executions import Died
from remediator.events.internal import Sweep, sweep_event
from remediator.incidents.recurrence import Persisting, began, going_on, persisting, rest_s, swept
from tests.samples import NOW, incident, signal

LATER = "2026-11-23T05:00:00.000Z"
BEFORE = Persisting(earlier="one", verdict="not_fixed", ended_at=NOW, times=2)
FUNCTION = "arn:aws:lambda:ap-northeast-1:123456789012:function:remediate"


def test_what_is_found_is_a_signal_of_now_that_keeps_when_it_began():
    found = swept(signal("alarm@03:00"), LATER)
    assert (found.at, began(found)) == (LATER, NOW)
    assert found.key != "alarm@03:00"


def test_of_any_other_signal_its_own_time_is_when_it_began():
    assert began(signal(since="2020-01-01T00:00:00.000Z")) == NOW


def test_an_incident_knows_the_one_before_it_only_where_its_trouble_persists():
    found = going_on(swept(signal(), LATER), BEFORE)
    assert persisting(incident(signals=(signal(), found))) == BEFORE
    assert persisting(incident(signals=(swept(signal(), LATER),))) is None


def test_the_rest_is_the_recovery_clock_then_doubled_and_a_day_at_most():
    hours = [rest_s(times, Limits()) / 3600 for times in range(8)]
    assert hours == [1, 2, 4, 8, 16, 24, 24, 24]
    assert rest_s(10_000, Limits()) == 86400


def test_unresolved_trouble_is_taken_up_again_five_times_in_two_days():
    """The flood that a sweep every quarter of an hour would be: 192 incidents."""
    opened, ended, times, limits = 0, 0, 0, Limits()
    for minute in range(0, 2 * 24 * 60, 15):
        if minute * 60 >= ended + rest_s(times, limits):
            opened, times, ended = opened + 1, times + 1, minute * 60 + 3600
    assert opened == 5


def test_the_owner_may_set_the_rest():
    limits = replace(Limits(), persists_rest_s=600, persists_rest_most_s=1200)
    assert [rest_s(times, limits) for times in range(3)] == [600, 1200, 1200]


def test_the_order_to_sweep_is_understood_and_nothing_in_it_counts():
    assert parse(sweep_event("2026-11-23T03:15:00Z")) == (Sweep("2026-11-23T03:15:00.000Z"),)
    assert parse({**sweep_event(""), "detail": {"StateValue": "OK"}}) == (Sweep(),)


@pytest.mark.parametrize("version", ["", ":7", ":live"])
def test_an_execution_that_died_is_known_by_its_name_and_function(version):
    detail = {"status": "TIMED_OUT", "functionArn": FUNCTION + version, "durableExecutionName": "one"}
    event = {"source": "aws.lambda", "detail-type": "Durable Execution Status Change", "detail": detail}
    assert parse(event) == (Died(incident="one", function=FUNCTION, status="TIMED_OUT"),)


def test_one_that_ended_well_is_ignored_and_one_without_a_name_is_not_understood():
    event = {"source": "aws.lambda", "detail-type": "Durable Execution Status Change"}
    (found,) = parse({**event, "detail": {"status": "SUCCEEDED"}})
    assert isinstance(found, Ignored)
    with pytest.raises(EventNotUnderstood, match="durableExecutionName"):
        parse({**event, "detail": {"status": "FAILED", "functionArn": FUNCTION}})
