"""Single stories of the sandbox, looked at closely, and some of which the world is made harder."""

import json
import logging
import os

import boto3
import pytest
from botocore import endpoint
from botocore.handlers import BUILTIN_HANDLERS

from remediator.aws import runtime as product
from sandbox import applications as programs
from sandbox.account import fix_role
from sandbox.laptop import RECEIVED_AT_MOST, Act, Laptop
from sandbox.outcome import ended
from sandbox.scenarios import by_name
from tests.ops.played import play


@pytest.fixture
def laptop():
    with Laptop() as opened:
        yield opened


def _mails(laptop):
    return [" ".join(r.mail.split()) for r in laptop.reports if r.level != "pager"]


def test_only_the_fix_role_writes_and_only_what_was_planned(played):
    written = [(w.action, w.role) for w in played("out-of-memory").writes]
    role = fix_role("ecs_task_restarting")
    assert written == [("ecs:RegisterTaskDefinition", role), ("ecs:UpdateService", role)]


def test_a_storm_of_a_thousand_events_makes_one_incident_one_change_and_one_thread(played):
    went = played("storm")
    threads = {r.chat["metadata"]["threadId"] for r in went.reports if r.chat}
    assert len(went.records) == len(went.executions) == len(threads) == 1
    assert [w.action for w in went.writes].count("ecs:UpdateService") == 1


def test_one_trouble_on_three_resources_is_told_in_one_thread_whose_report_names_all_three(played):
    told = [r for r in played("one-trouble-alarm-first").reports if r.chat]
    assert len({r.chat["metadata"]["threadId"] for r in told}) == 1
    final = " ".join(told[-1].mail.split())
    assert "Out of memory" in final
    assert "targets fail their health checks: portfolio-api: the application behind the targets fails" in final
    assert "requests are answered with 5xx: portfolio-alb: requests fail because" in final


def test_the_secret_in_the_stack_trace_reaches_nobody(played):
    published = [m.message for m in played("crash").published]
    assert any("KeyError: 'PORTFOLIO_TABLE'" in m for m in published)
    assert not any("hunter2" in m for m in published)


def test_a_reading_that_is_denied_is_named_in_the_report(played):
    assert "logs:GetLogEvents is not allowed" in played("no-access-to-logs").mails[-1]


def test_throttled_reads_are_repeated_and_change_nothing_of_the_end(laptop):
    scenario = by_name("out-of-memory")
    laptop.world.throttle("ecs:DescribeServices", 2)
    laptop.world.throttle("ecs:ListTasks", 2)
    scenario.play(laptop)
    assert ended(laptop) == scenario.expected


def test_a_write_that_is_denied_is_told_and_not_repeated(laptop):
    laptop.world.deny("ecs:RegisterTaskDefinition")
    laptop.world.run_service()
    laptop.world.fall_ill(programs.LEAKS)
    laptop.run()
    assert [w.error for w in laptop.world.writes] == ["AccessDeniedException"]
    assert "ecs:RegisterTaskDefinition is not allowed" in _mails(laptop)[-1]
    assert ended(laptop).verdict == "not_fixed"


def test_an_event_that_cannot_be_read_ends_in_the_dead_letter_queue(laptop):
    laptop.world.run_service()
    laptop.world.fall_ill(programs.CRASHES, tasks=1)
    laptop.run((Act(at_s=130, do=_announce_a_torn_event),), lasts_s=400)
    assert [d.received for d in laptop.dead_letters] == [RECEIVED_AT_MOST - 1]
    assert len(laptop.records()) == 1


def _announce_a_torn_event(laptop):
    torn = json.loads(json.dumps([e for e in laptop.world.events if e["detail"]["lastStatus"] == "STOPPED"][-1]))
    del torn["detail"]["taskArn"], torn["detail"]["clusterArn"]
    laptop.world.announce(torn)


def test_reports_come_in_the_chosen_language():
    with Laptop("ja") as laptop:
        by_name("single-stop").play(laptop)
        assert "自然復旧" in _mails(laptop)[-1]


def test_what_was_published_was_delivered(laptop):
    by_name("single-stop").play(laptop)
    sent = [r for r in laptop.reports if r.level == "high"]
    assert len(list(laptop.world.inbox("high"))) == len(sent) == 2


def test_the_same_story_is_told_in_the_same_words(played):
    def told(went):
        return [(r.at, r.level, r.subject, r.mail) for r in went.reports]

    assert told(play("approved")) == told(played("approved"))


def test_nothing_is_left_behind():
    before = (dict(os.environ), list(BUILTIN_HANDLERS), endpoint.time, logging.getLogger("remediator").level)
    session = boto3.DEFAULT_SESSION  # another test's, or none
    with Laptop() as laptop:
        by_name("scale-in").play(laptop)
    after = (dict(os.environ), list(BUILTIN_HANDLERS), endpoint.time, logging.getLogger("remediator").level)
    assert after == before
    assert product._installed == []
    assert boto3.DEFAULT_SESSION is session
