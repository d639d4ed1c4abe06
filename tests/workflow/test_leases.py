"""Loans on the laptop: what a report says of them, and that a loan that cannot be put down harms nothing."""

import json

import pytest

from sandbox import names
from sandbox.dynamodb.demand import Demand
from sandbox.eventbridge.events import Delivery
from sandbox.laptop import Act, Laptop
from sandbox.outcome import ended
from sandbox.scenarios.dynamodb_throttling import MORE
from sandbox.scenarios.dynamodb_throttling import _busy as busy
from sandbox.wire import AwsError


@pytest.fixture
def laptop():
    with Laptop() as opened:
        busy(MORE)(opened.world)
        yield opened


def told(report):
    return " ".join(report.mail.split())


def last(laptop, runbook=""):
    return told([r for r in laptop.reports if r.level != "pager" and runbook in r.subject][-1])


def calm(at):
    at.world.around.table.ask(Demand())


def created(laptop):
    return [r for r in laptop.world.requests if r.operation == "CreateSchedule" and not r.error]


def units(laptop):
    return laptop.world.around.table.set_now.parts[""].read


def test_what_is_lent_is_put_down_once_and_the_report_says_until_when(laptop):
    laptop.run()
    (asked,) = created(laptop)
    assert asked.parameters["GroupName"] == names.LEASE_GROUP
    record = laptop.records()[0]
    until = json.loads(record["change"])["lease_until"]
    assert json.loads(record["lease"])["until"] == until
    assert until > json.loads(record["change"])["applied_at"]
    assert "Lent until" in last(laptop)
    assert "handed back step by step when calm" in last(laptop)


def test_a_story_ends_with_its_incident_while_the_schedule_waits(laptop):
    laptop.run()
    assert len(laptop.records()) == 1
    assert len(laptop.schedules.waiting()) == 1


@pytest.mark.parametrize("code", ["AccessDeniedException", "ThrottlingException", "InternalServerException"])
def test_a_loan_that_cannot_be_put_down_harms_nothing_and_the_report_says_so(laptop, code):
    def fails(_):
        raise AwsError(code, "no", 500 if code.startswith("Internal") else None)

    laptop.world.fake("scheduler", {"CreateSchedule": fails})
    laptop.run()
    assert ended(laptop).verdict == "fixed"
    assert ended(laptop).fixes == 1
    assert json.loads(laptop.records()[0]["change"])["lease_until"] == ""
    assert "Nobody hands it back by itself" in last(laptop)
    assert "remediator undo" in last(laptop)


def test_an_answer_that_was_lost_makes_no_second_schedule(laptop):
    times = []

    def lost(asked):
        times.append(asked["Name"])
        if len(times) == 1:
            raise AwsError("InternalServerException", "no answer", 500)
        return {"ScheduleArn": f"arn:aws:scheduler:{names.REGION}:{names.ACCOUNT}:schedule/g/{asked['Name']}"}

    laptop.world.fake("scheduler", {"CreateSchedule": lost})
    laptop.run()
    assert len(set(times)) == 1
    assert "Lent until" in last(laptop)


def test_a_hand_back_says_what_goes_back_and_what_is_left(laptop):
    laptop.await_leases(3 * 3600 - 900)
    laptop.run((Act(at_s=1800, do=calm),))
    assert units(laptop) == 15
    report = last(laptop, "temporary raise")
    assert "ReadCapacityUnits 20 -> 15" in report
    assert "The rest is lent until" in report


def test_what_is_lent_on_is_said_with_how_often(laptop):
    laptop.await_leases(3 * 3600)
    laptop.run()
    assert units(laptop) == 20
    report = last(laptop, "temporary raise")
    assert "[LENT ON]" in next(r.subject for r in reversed(laptop.reports) if "temporary raise" in r.subject)
    assert "put off 1 of 7 times" in report


def test_a_due_loan_that_is_told_twice_is_one_incident(laptop):
    laptop.await_leases(3 * 3600)
    sent = []

    def twice(at):
        (name,) = at.schedules.waiting()
        with at.world.behind_the_scenes():
            made = at.world.client("scheduler").get_schedule(GroupName=names.LEASE_GROUP, Name=name)
        sent.append(json.loads(made["Target"]["Input"]))

    def again(at):
        at.world.queue.append(Delivery(at.clock.now(), sent[0], by_rule=False))

    laptop.run((Act(at_s=3600, do=twice), Act(at_s=2 * 3600 + 900, do=again)))
    looks = [r for r in laptop.records() if r["runbook"] == "lease_hand_back"]
    assert len(looks) == 1


def test_hand_backs_take_no_place_of_a_fix_and_are_no_strikes(laptop):
    laptop.await_leases(6 * 3600)
    laptop.run((Act(at_s=1800, do=calm),))
    assert ended(laptop).leases == ("calm: fixed", "calm: fixed", "calm: fixed")
    with laptop.world.behind_the_scenes():
        scan = laptop.world.client("dynamodb").scan(TableName=names.LEDGER_TABLE)["Items"]
    keys = {i["pk"]["S"]: i for i in scan}
    used = {k: int(i["used"]["N"]) for k, i in keys.items() if k.startswith("budget#") and "table/" in k}
    assert sorted(used.values()) == [1, 3]
    assert not [k for k in keys if k.startswith("attempts#lease_hand_back")]


def test_where_the_tag_says_off_nothing_is_written_and_the_loan_is_not_forgotten(laptop):
    laptop.await_leases(3 * 3600)
    laptop.run((Act(at_s=1800, do=lambda at: at.world.around.table.tags.update({"auto-remediation": "off"})),))
    assert units(laptop) == 20
    assert ended(laptop).leases == ("opted_out",)
    assert len(laptop.schedules.waiting()) == 1
