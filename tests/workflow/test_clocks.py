"""The four clocks on the laptop: who is told when one is missed, and what stops it."""

import json

import pytest

from remediator.core.serialization import from_json
from remediator.core.timestamps import moment
from remediator.handlers import approve
from remediator.incidents.response_clocks import Clock
from sandbox import applications as programs
from sandbox.laptop import Act, Laptop

MINUTE_S = 60


@pytest.fixture
def laptop():
    with Laptop() as opened:
        opened.told = []
        yield opened


def asked_and_not_answered(laptop, *acts):
    laptop.world.run_service(tags={"auto-remediation": "approve"})
    laptop.world.fall_ill(programs.LEAKS)
    laptop.run(acts)


def incident(laptop):
    return laptop.records()[0]["pk"].removeprefix("incident#")


def escalations(laptop):
    return [r for r in laptop.reports if r.attributes.get("stage") == "escalation" and r.level != "pager"]


def clocks(laptop, n=0):
    stored = json.loads(laptop.records()[n]["clocks"])
    return {c.name: c for c in (from_json(Clock, one) for one in stored)}


def minute_of(laptop, report):
    opened = laptop.records()[0]["opened_at"]
    return round((report.at.timestamp() - moment(opened).timestamp()) / MINUTE_S)


def ack(laptop, by="arn:aws:iam::123456789012:user/sato"):
    laptop.told.append(approve.handle({"reference": incident(laptop), "answer": "ack", "by": by}, None))


def test_a_question_that_nobody_answers_for_a_quarter_of_an_hour_goes_to_the_high_topic(laptop):
    asked_and_not_answered(laptop)
    first, *_ = escalations(laptop)
    assert first.level == "high"
    assert minute_of(laptop, first) == 15
    assert "nobody has answered within 15 minutes" in " ".join(first.mail.split())
    assert f"remediator ack {incident(laptop)}" in first.mail
    assert "remediator approve" in first.mail  # the question is still open: everything found so far stands in it


def test_each_clock_is_told_once(laptop):
    asked_and_not_answered(laptop)
    found = [minute_of(laptop, r) for r in escalations(laptop)]
    assert found == sorted(set(found))
    assert len(found) <= 2  # response, and recovery; the cause was named at once


def test_how_the_clocks_stood_is_in_the_ledger_and_in_the_last_report(laptop):
    asked_and_not_answered(laptop)
    assert {n: c.state for n, c in clocks(laptop).items()} == {
        "situation": "met",
        "response": "missed",
        "cause": "met",
        "recovery": "missed",
    }
    last = [r for r in laptop.reports if r.level != "pager"][-1]
    assert "The four clocks" in last.mail


def test_whoever_takes_it_over_stops_the_escalation_and_is_named(laptop):
    asked_and_not_answered(laptop, Act(after_question_s=5 * MINUTE_S, do=ack))
    assert laptop.told[0]["accepted"]
    assert escalations(laptop) == []
    assert clocks(laptop)["response"].state == "met"
    last = [r for r in laptop.reports if r.level != "pager"][-1]
    assert "Taken over by arn:aws:iam::123456789012:user/sato" in " ".join(last.mail.split())


def test_the_first_who_takes_it_over_stays_named(laptop):
    asked_and_not_answered(
        laptop,
        Act(after_question_s=60, do=ack),
        Act(after_question_s=120, do=lambda at: ack(at, "somebody else")),
    )
    assert laptop.told[1]["by"] == laptop.told[0]["by"]


def test_what_is_over_cannot_be_taken_over(laptop):
    laptop.world.run_service()
    laptop.world.fall_ill(programs.LEAKS)
    laptop.run()
    ack(laptop)
    assert laptop.told[0]["accepted"] is False
    assert "over" in laptop.told[0]["why"]


def test_an_unknown_incident_cannot_be_taken_over(laptop):
    response = approve.handle({"reference": "no-such-incident", "answer": "ack"}, None)
    assert response["accepted"] is False
    assert "no-such-incident" in response["why"]


def test_a_fix_in_time_meets_every_clock_and_nobody_is_woken(laptop):
    laptop.world.run_service()
    laptop.world.fall_ill(programs.LEAKS)
    laptop.run()
    assert {c.state for c in clocks(laptop).values()} == {"met"}
    assert escalations(laptop) == []


def test_an_untagged_service_that_stays_broken_escalates_with_what_to_do(laptop):
    laptop.world.run_service(tags={})
    laptop.world.fall_ill(programs.LEAKS)
    laptop.run()
    found = escalations(laptop)
    assert [minute_of(laptop, r) for r in found] == [15]
    assert "auto-remediation" in found[0].mail  # how the owner lets the program act


def test_an_escalation_that_cannot_be_sent_ends_nothing_and_the_last_report_goes_to_the_high_topic(laptop):
    asked_and_not_answered(
        laptop,
        Act(after_question_s=9 * MINUTE_S, do=lambda at: at.world.deny("sns:Publish")),
        Act(after_question_s=20 * MINUTE_S, do=lambda at: at.world.allow("sns:Publish")),
    )
    assert 15 not in [minute_of(laptop, r) for r in escalations(laptop)]
    assert laptop.records()[0]["state"] == "closed"
    last = [r for r in laptop.reports if r.level != "pager"][-1]
    assert (last.attributes["stage"], last.level) == ("final", "high")


def test_a_low_level_is_recorded_and_wakes_nobody(laptop):
    laptop.world.run_one_off("1.4.2-report", programs.CRASHES_AT_ONCE)
    laptop.run()
    assert escalations(laptop) == []
    assert "clocks" in laptop.records()[0]
