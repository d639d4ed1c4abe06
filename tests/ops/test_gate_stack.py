"""Gates on the laptop: real handlers, and what reaches the account and people when one of them speaks."""

import json
from dataclasses import replace

import pytest

from ops.sandbox import applications as programs
from ops.sandbox.laptop import Laptop
from ops.sandbox.outcome import ended
from ops.sandbox.wire import AwsError
from remediator.aws import runtime as product
from remediator.aws.change_right import ChangeRight
from remediator.core.clocks import after, iso
from remediator.core.model import Change, Incident
from remediator.core.plain import from_plain

CALENDAR = "portfolio-freeze"


@pytest.fixture
def laptop():
    with Laptop() as opened:
        yield opened


def leak(laptop):
    laptop.world.run_service()
    laptop.world.fall_ill(programs.LEAKS)
    laptop.run()


def declare(laptop, **settings):
    laptop.runtime = replace(laptop.runtime, settings=replace(laptop.runtime.settings, **settings))
    product.install(laptop.runtime)


def calendar(laptop, answer):
    declare(laptop, freeze_calendars=(CALENDAR,))
    laptop.world.fake("ssm", {"GetCalendarState": answer})


def final_report(laptop):
    return [r for r in laptop.reports if r.level != "pager"][-1]


def told(report):
    return " ".join(report.mail.split())


def test_while_the_calendar_is_closed_nothing_is_changed_and_the_report_says_until_when(laptop):
    calendar(laptop, lambda _: {"State": "CLOSED", "NextTransitionTime": "2026-11-24T09:00:00Z"})
    leak(laptop)
    assert laptop.world.writes == ()
    assert ended(laptop).refusal == "freeze"
    assert "the change calendar is closed until 2026-11-24T09:00:00Z" in told(final_report(laptop))


def test_an_open_calendar_lets_the_change_through(laptop):
    calendar(laptop, lambda asked: {"State": "OPEN"} if asked["CalendarNames"] == [CALENDAR] else {})
    leak(laptop)
    assert ended(laptop).verdict == "fixed"
    assert ended(laptop).fixes == 1


def test_a_calendar_that_cannot_be_read_asks_a_person_and_without_one_changes_nothing(laptop):
    def denied(_):
        raise AwsError("AccessDeniedException", "not authorized to perform: ssm:GetCalendarState")

    calendar(laptop, denied)
    leak(laptop)
    assert laptop.world.writes == ()
    asked = next(r for r in laptop.reports if r.level != "pager" and "APPROVE" in r.mail.upper())
    assert "ssm:GetCalendarState" in told(asked)


def first_change(laptop):
    """The change that the program makes of its own accord, and everything ended."""
    leak(laptop)
    record = laptop.records()[0]
    assert record["change_state"] == "applied"
    return record


def test_what_was_changed_is_remembered_with_how_it_ended(laptop):
    record = first_change(laptop)
    with laptop.world.behind_the_scenes():
        (item,) = ChangeRight(laptop.runtime)._table.beginning_with("attempts#")
    (attempt,) = item["attempts"]
    assert attempt.split(" ")[1:] == ["fixed", record["pk"].removeprefix("incident#")]


def strike(laptop, plan, incident, days_ago):
    at = after(iso(laptop.clock.now()), -days_ago * 86400)
    past = replace(incident, id=f"earlier-{days_ago}")
    with laptop.world.behind_the_scenes():
        ChangeRight(laptop.runtime).remember(past, Change(plan=plan, applied_at=at), "fixed")


@pytest.fixture(scope="module")
def planned():
    """The plan of a leaking service, and its incident, as one run on a machine of its own makes them."""
    with Laptop() as opened:
        record = first_change(opened)
        change = from_plain(Change, json.loads(record["change"]))
        return change.plan, from_plain(Incident, json.loads(record["incident"]))


def test_what_came_back_three_times_is_left_alone_and_told_on_the_high_topic_with_its_history(planned, laptop):
    for days_ago in (1, 2, 3):
        strike(laptop, *planned, days_ago)
    leak(laptop)
    assert laptop.world.writes == ()
    assert ended(laptop).refusal == "loop_breaker"
    last = final_report(laptop)
    assert last.level == "high"
    assert "earlier-3" in told(last)


def test_two_strikes_do_not_stop_a_change(planned, laptop):
    for days_ago in (1, 2):
        strike(laptop, *planned, days_ago)
    leak(laptop)
    assert ended(laptop).fixes == 1
