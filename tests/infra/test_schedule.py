"""The schedule of the sweep: every quarter of an hour, to the intake queue and nowhere else, and nothing is lost."""

import json
from datetime import UTC, datetime

import pytest

from infra.declared import cdk_context, declared_from
from infra.golden import synthesised
from remediator.events import parse_body
from remediator.events.internal import Sweep

from .reading import Stack
from .stand_in import stand_in

pytestmark = [pytest.mark.synth, pytest.mark.xdist_group("stacks")]  # one worker, one synthesis


def test_it_comes_every_quarter_of_an_hour_and_on_time(small: Stack) -> None:
    schedule = small.named("AWS::Scheduler::Schedule", "Sweep")
    assert schedule["ScheduleExpression"] == "rate(15 minutes)"
    assert schedule["FlexibleTimeWindow"] == {"Mode": "OFF"}


def test_what_it_sends_is_what_intake_understands(small: Stack) -> None:
    sent = small.named("AWS::Scheduler::Schedule", "Sweep")["Target"]["Input"]
    at = datetime(2026, 11, 23, 3, 15, tzinfo=UTC)
    filled = sent.replace("<aws.scheduler.scheduled-time>", f"{at:%Y-%m-%dT%H:%M:%SZ}")
    assert parse_body(filled) == (Sweep("2026-11-23T03:15:00.000Z"),)


def test_it_goes_to_the_intake_queue_and_what_cannot_be_sent_is_kept(small: Stack) -> None:
    intake, dead = (small.id("AWS::SQS::Queue", i) for i in ("InboxIntakeCC", "InboxRulesDead"))
    target = small.named("AWS::Scheduler::Schedule", "Sweep")["Target"]
    assert target["Arn"] == {"Fn::GetAtt": [intake, "Arn"]}
    assert target["DeadLetterConfig"] == {"Arn": {"Fn::GetAtt": [dead, "Arn"]}}
    assert target["RetryPolicy"]["MaximumEventAgeInSeconds"] <= 900  # the next order says the same


def test_its_role_may_send_to_these_queues_and_is_only_for_this_group_of_schedules(small: Stack) -> None:
    role = small.named("AWS::IAM::Role", "SweepRole")
    (policy,) = role["Policies"]
    (sends,) = policy["PolicyDocument"]["Statement"]
    queues = {q["Fn::GetAtt"][0] for q in sends["Resource"]}
    assert sends["Action"] == "sqs:SendMessage"
    assert queues == {small.id("AWS::SQS::Queue", i) for i in ("InboxIntakeCC", "InboxRulesDead")}
    (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
    group = small.id("AWS::Scheduler::ScheduleGroup", "Sweep")
    assert trust["Condition"] == {
        "StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}},
        "ArnEquals": {"aws:SourceArn": {"Fn::GetAtt": [group, "Arn"]}},
    }


def _looks_at(stack: Stack) -> dict[str, str]:
    statements = [s for p in stack.of("AWS::IAM::Policy").values() for s in p["PolicyDocument"]["Statement"]]
    return {s["Sid"]: json.dumps(s) for s in statements if "Sid" in s}


def test_intake_may_look_at_the_alarms_of_this_region_and_at_mute_rules(small: Stack) -> None:
    held = _looks_at(small)
    assert "cloudwatch:ListAlarmMuteRules" in held["MuteRules"]
    assert "cloudwatch:DescribeAlarms" in held["Alarms"]
    assert "us-east-1" not in held["Alarms"]


def test_where_a_distribution_is_declared_it_may_look_at_those_of_us_east_1_too() -> None:
    site = {"workloads": [{"name": "portfolio", "distribution": "E2EXAMPLE1PORT"}]}
    declared = declared_from({**cdk_context(), "remediator": site}.get)
    assert ":cloudwatch:us-east-1:" in _looks_at(Stack(synthesised((stand_in(),), declared)))["Alarms"]
