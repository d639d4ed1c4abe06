"""Every story of the sandbox, end to end: real event shapes in, the product's own handlers, reports out.

Each story is played once. What it told at its end, and what it asked where it asked anything, is held in
`told/<story>.txt`: as e-mail, chat, Slack, pager and JSON, in both languages (`tests/report/renderings.py` says what of
each). `pytest tests/ops/test_sandbox_scenarios.py --snapshot-update` writes them anew; their diff is the review.
"""

import json
import logging
import os
import re
from pathlib import Path

import boto3
import pytest
from botocore import endpoint
from botocore.handlers import BUILTIN_HANDLERS

from remediator.aws import runtime as product
from remediator.reports.channels.email import email_text
from sandbox import applications as programs
from sandbox.account import fix_role
from sandbox.laptop import RECEIVED_AT_MOST, Act, Laptop
from sandbox.outcome import ended
from sandbox.scenarios import by_name, load_all
from tests.reports.renderings import last_of_each, pages_told, story_told, without_request_ids

TOLD = Path(__file__).parent / "told"
GOLDEN = Path(__file__).parents[1] / "infra" / "permissions.golden.json"
WITHOUT_CHANGE = ("told", "watched", "held back", "ignored", "handed over")


@pytest.fixture
def laptop():
    with Laptop() as opened:
        yield opened


@pytest.fixture
def held(request):
    """What is held of a story; written anew where pytest is told so."""

    def read(name, told):
        path = TOLD / f"{name}.txt"
        if request.config.option.update_snapshots:
            path.unlink(missing_ok=True)
            if told:
                TOLD.mkdir(exist_ok=True)
                path.write_text(told, encoding="utf-8")
        return path.read_text(encoding="utf-8") if path.exists() else ""

    return read


def _words(mail):
    """In any order: the ledger keeps names sorted."""
    return sorted(re.findall(r"\w+", mail))


def _mails(laptop):
    return [r.mail for r in laptop.reports if r.level != "pager"]


@pytest.mark.parametrize("scenario", load_all(), ids=lambda s: s.name)
def test_a_story_ends_as_it_must_and_writes_only_where_a_fix_was_applied(scenario, laptop, held):
    scenario.play(laptop)
    assert ended(laptop) == scenario.expected
    assert bool(laptop.world.writes) is (scenario.expected.action not in WITHOUT_CHANGE)
    assert laptop.dead_letters == []
    values = last_of_each(laptop)
    words = story_told(report for _, report in values) + pages_told(laptop)
    assert words == held(scenario.name, words)
    for published, report in values:  # whoever makes a report again from the ledger makes the same
        assert _words(email_text(report, "en")) == _words(without_request_ids(published.mail))


def test_no_telling_is_held_of_a_story_that_there_is_not():
    assert {p.stem for p in TOLD.glob("*")} <= {s.name for s in load_all()}


def test_every_row_of_every_runbook_has_a_story(laptop):
    found = {cause for s in load_all() for cause in (s.expected.cause, *s.expected.noticed)}
    found |= {f"lease_hand_back.{look.split(':')[0]}" for s in load_all() for look in s.expected.leases or ()}
    assert {f"{r.id}.{c.id}" for r in laptop.runbooks for c in r.causes} <= found


def test_names_of_stories_are_unique():
    named = [s.name for s in load_all()]
    assert len(set(named)) == len(named)


def test_an_unknown_story_names_the_known_ones():
    with pytest.raises(KeyError, match="out-of-memory"):
        by_name("no-such-story")


def test_only_the_fix_role_writes_and_only_what_was_planned(laptop):
    by_name("out-of-memory").play(laptop)
    written = [(w.action, w.role) for w in laptop.world.writes]
    role = fix_role("ecs_task_restarting")
    assert written == [("ecs:RegisterTaskDefinition", role), ("ecs:UpdateService", role)]


def test_a_storm_of_a_thousand_events_makes_one_incident_one_change_and_one_thread(laptop):
    by_name("storm").play(laptop)
    threads = {r.chat["metadata"]["threadId"] for r in laptop.reports if r.chat}
    assert len(laptop.records()) == len(laptop.durable.names) == len(threads) == 1
    assert [w.action for w in laptop.world.writes].count("ecs:UpdateService") == 1


def test_one_trouble_on_three_resources_is_told_in_one_thread_whose_report_names_all_three(laptop):
    by_name("one-trouble-alarm-first").play(laptop)
    found = [r for r in laptop.reports if r.chat]
    assert len({r.chat["metadata"]["threadId"] for r in found}) == 1
    final = " ".join(found[-1].mail.split())
    assert "Out of memory" in final
    assert "targets fail their health checks: portfolio-api: the application behind the targets fails" in final
    assert "requests are answered with 5xx: portfolio-alb: requests fail because" in final


def test_the_secret_in_the_stack_trace_reaches_nobody(laptop):
    by_name("crash").play(laptop)
    published = [r.parameters["Message"] for r in laptop.world.requests if r.operation == "Publish"]
    assert any("KeyError: 'PORTFOLIO_TABLE'" in m for m in published)
    assert not any("hunter2" in m for m in published)


def test_a_reading_that_is_denied_is_named_in_the_report(laptop):
    by_name("no-access-to-logs").play(laptop)
    assert "logs:GetLogEvents is not allowed" in " ".join(_mails(laptop)[-1].split())


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
    assert "ecs:RegisterTaskDefinition is not allowed" in " ".join(_mails(laptop)[-1].split())
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


def test_the_same_story_is_told_in_the_same_words():
    def told():
        with Laptop() as laptop:
            by_name("approved").play(laptop)
            return [(r.at, r.level, r.subject, r.mail) for r in laptop.reports]

    assert told() == told()


def test_nothing_is_left_behind():
    before = (dict(os.environ), list(BUILTIN_HANDLERS), endpoint.time, logging.getLogger("remediator").level)
    session = boto3.DEFAULT_SESSION  # another test's, or none
    with Laptop() as laptop:
        by_name("scale-in").play(laptop)
    after = (dict(os.environ), list(BUILTIN_HANDLERS), endpoint.time, logging.getLogger("remediator").level)
    assert after == before
    assert product._installed == []
    assert boto3.DEFAULT_SESSION is session


UNDERLYING = {  # what IAM checks where the API's name is another
    "dynamodb:TransactWriteItems": ("dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:ConditionCheckItem"),
}


@pytest.mark.parametrize(
    "name",
    [
        "out-of-memory",
        "bad-release",
        "release-in-progress",
        "approved",
        "worse",
        "recover-restart",
        "recover-capacity",
        "recover-register",
    ],
)
def test_every_call_of_the_product_is_granted_by_the_stack(laptop, name):
    by_name(name).play(laptop)
    granted = GOLDEN.read_text(encoding="utf-8")
    called = {r.action for r in laptop.world.requests}
    asked = {a for action in called for a in UNDERLYING.get(action, (action,))}
    missing = {a for a in asked if f"allow {a} on" not in granted}
    assert missing == set()
    assert len(asked) > 15
