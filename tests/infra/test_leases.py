"""Schedules of loans: a group of their own, a role that only sends, and a function that may make them and nothing else."""

import json

import pytest

from .reading import Stack

pytestmark = [pytest.mark.synth, pytest.mark.xdist_group("stacks")]  # one worker, one synthesis


def held_by_remediate(stack: Stack, action: str) -> list[dict]:
    role = stack.id("AWS::IAM::Role", "FunctionsRemediateRole")
    policies = [p for p in stack.of("AWS::IAM::Policy").values() if {"Ref": role} in p["Roles"]]
    statements = [s for p in policies for s in p["PolicyDocument"]["Statement"]]
    return [s for s in statements if s["Action"] == action]


def test_the_role_may_send_to_intake_and_to_the_dead_letters_and_is_only_for_schedules_of_this_group(
    small: Stack,
) -> None:
    role = small.named("AWS::IAM::Role", "LeasesRole")
    (policy,) = role["Policies"]
    (sends,) = policy["PolicyDocument"]["Statement"]
    assert sends["Action"] == "sqs:SendMessage"
    queues = {q["Fn::GetAtt"][0] for q in sends["Resource"]}
    assert queues == {small.id("AWS::SQS::Queue", i) for i in ("InboxIntakeCC", "InboxRulesDead")}
    (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "scheduler.amazonaws.com"}
    assert trust["Condition"] == {
        "StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}},
        "ArnEquals": {"aws:SourceArn": {"Fn::GetAtt": [small.id("AWS::Scheduler::ScheduleGroup", "Leases"), "Arn"]}},
    }


def test_remediate_may_make_schedules_in_this_group_only_and_change_or_delete_none(small: Stack) -> None:
    (makes,) = held_by_remediate(small, "scheduler:CreateSchedule")
    named = json.dumps(makes["Resource"])
    assert ":schedule/remediator-leases-" in named
    assert named.endswith('"/*"]]}')
    policies = json.dumps(list(small.of("AWS::IAM::Policy").values()))
    assert policies.count('"scheduler:') == 1


def test_remediate_may_hand_scheduler_that_one_role_and_no_other(small: Stack) -> None:
    (passes,) = held_by_remediate(small, "iam:PassRole")
    assert passes["Resource"] == {"Fn::GetAtt": [small.id("AWS::IAM::Role", "LeasesRole"), "Arn"]}
    assert passes["Condition"] == {"StringEquals": {"iam:PassedToService": "scheduler.amazonaws.com"}}


def test_remediate_knows_where_to_put_a_loan_down(small: Stack) -> None:
    found = small.named("AWS::Lambda::Function", "FunctionsRemediate")["Environment"]["Variables"]
    assert found["LEASE_GROUP"] == {"Ref": small.id("AWS::Scheduler::ScheduleGroup", "Leases")}
    assert found["LEASE_ROLE"] == {"Fn::GetAtt": [small.id("AWS::IAM::Role", "LeasesRole"), "Arn"]}
    assert found["LEASE_QUEUE"] == {"Fn::GetAtt": [small.id("AWS::SQS::Queue", "InboxIntakeCC"), "Arn"]}
    assert found["LEASE_DEAD"] == {"Fn::GetAtt": [small.id("AWS::SQS::Queue", "InboxRulesDead"), "Arn"]}


def test_no_rule_of_the_bus_lets_such_an_event_in(stack: Stack) -> None:
    for rule in stack.of("AWS::Events::Rule").values():
        assert "remediator" not in json.dumps(rule["EventPattern"]["source"])
