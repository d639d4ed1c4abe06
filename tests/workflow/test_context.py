"""The background in the workflow: read once, after the first report and after any fix, and never by a replay."""

import json

import pytest

from sandbox import applications as programs
from sandbox.laptop import Laptop
from sandbox.outcome import ended
from sandbox.scenarios import by_name

BACKGROUND = ("LookupEvents", "FilterLogEvents")


@pytest.fixture
def laptop():
    with Laptop() as opened:
        yield opened


def mails(laptop):
    return [" ".join(r.mail.split()) for r in laptop.reports if r.level != "pager"]


def test_a_fixed_incident_reads_it_after_the_fix_and_tells_it_once(played):
    went = played("wrong-path-by-a-person")
    asked = [r.operation for r in went.requests]
    assert "FilterLogEvents" not in asked[: asked.index("ModifyTargetGroup")]
    first, last = went.mails[0], went.mails[-1]
    assert "Who changed what" not in first
    assert "ModifyTargetGroup: by AWSReservedSSO_Admin_0123456789abcdef/alice@example.com (a person)" in last
    assert "healthCheckPath=/healthz" in last


def test_it_is_kept_with_the_incident(played):
    (record,) = played("wrong-path-by-a-person").records
    kept = json.loads(record["background"])
    assert kept["calls"][0]["call"]["name"] == "ModifyTargetGroup"


def test_several_reports_tell_the_one_reading(played):
    went = played("crash")
    told = [m for m in went.mails if "What the application logged around it" in m]
    assert len(told) >= 1
    assert len([r for r in went.requests if r.operation == "LookupEvents"]) <= 2  # one region, and us-east-1


def test_where_the_log_may_not_be_read_the_report_says_so_and_the_fix_is_made_all_the_same(laptop):
    scenario = by_name("out-of-memory")
    laptop.world.deny("logs:FilterLogEvents")
    scenario.play(laptop)
    assert ended(laptop) == scenario.expected
    assert "The log could not be read: Denied" in mails(laptop)[-1]


def test_where_the_history_may_not_be_read_the_report_says_so_and_a_person_was_asked(laptop):
    laptop.world.deny("cloudtrail:LookupEvents")
    by_name("out-of-memory").play(laptop)
    assert ended(laptop).refusal == "expired"
    assert "CloudTrail could not be read: Denied" in mails(laptop)[-1]


def test_throttled_logs_hold_up_no_report(laptop):
    scenario = by_name("out-of-memory")
    laptop.world.throttle("logs:FilterLogEvents", 100)
    scenario.play(laptop)
    assert ended(laptop) == scenario.expected


def test_the_secret_in_the_log_is_not_in_what_is_kept(laptop):
    laptop.world.run_service()
    laptop.world.fall_ill(programs.CRASHES)
    laptop.run()
    assert "hunter2" not in json.dumps(laptop.records(), default=str)
