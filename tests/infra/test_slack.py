"""Slack by webhook: nothing of it unless its secret is named; then one function that reads little and loses nothing."""

from typing import Any

import pytest

from infra.declared import Declared, cdk_context, declared_from
from infra.golden import permissions_held, synthesised

from .reading import Stack
from .stand_in import stand_in

pytestmark = [pytest.mark.synth, pytest.mark.xdist_group("stacks")]  # one worker, one synthesis
SECRET = "arn:aws:secretsmanager:ap-northeast-1:123456789012:secret:remediator/slack-AbC123"


def _with(**context: Any) -> Declared:
    return declared_from({**cdk_context(), **context}.get)


@pytest.fixture(scope="module")
def slack_stack() -> Stack:
    """The stack with Slack."""
    return Stack(synthesised((stand_in(),), _with(slack_webhook_secret=SECRET)))


def test_nothing_of_it_is_there_unless_its_secret_is_named(small: Stack) -> None:
    handlers = [f["Handler"] for f in small.of("AWS::Lambda::Function").values()]
    assert "remediator.handlers.slack.handle" not in handlers
    assert "AWS::SNS::Subscription" not in {r["Type"] for r in small.template["Resources"].values()}
    assert "DeadSlack" not in small.template["Outputs"]


def test_the_function_hears_each_level_and_no_pager(slack_stack: Stack) -> None:
    function = slack_stack.id("AWS::Lambda::Function", "FunctionsSlack")
    subscriptions = slack_stack.of("AWS::SNS::Subscription").values()
    assert {s["TopicArn"]["Ref"] for s in subscriptions} == {
        slack_stack.id("AWS::SNS::Topic", f"Channels{n}") for n in ("High", "Medium", "Low")
    }
    assert all(s["Endpoint"] == {"Fn::GetAtt": [function, "Arn"]} for s in subscriptions)


def test_it_may_read_the_ledger_and_this_secret_and_write_its_log_alone(slack_stack: Stack) -> None:
    held = permissions_held(slack_stack.template)["FunctionsSlackRole"]
    granted = {line.split(" if ")[0] for line in held if line.startswith("allow ")}
    assert granted == {
        "allow dynamodb:GetItem on ${LedgerTable.Arn}",
        "allow logs:CreateLogStream on ${FunctionsSlackLog.Arn}",
        "allow logs:PutLogEvents on ${FunctionsSlackLog.Arn}",
        f"allow secretsmanager:GetSecretValue on {SECRET}",
        "allow sqs:SendMessage on ${SlackDead.Arn}",
        "allow xray:PutTelemetryRecords on *",
        "allow xray:PutTraceSegments on *",
    }


def test_no_other_role_may_read_the_secret(slack_stack: Stack) -> None:
    holders = {
        n
        for n, lines in permissions_held(slack_stack.template).items()
        if any("secretsmanager:" in line and "allow" in line for line in lines)
    }
    assert holders == {"FunctionsSlackRole"}


def test_what_cannot_be_posted_is_tried_thrice_and_then_lies_in_a_queue_whose_alarm_reaches_people(
    slack_stack: Stack,
) -> None:
    dead = slack_stack.id("AWS::SQS::Queue", "SlackDead")
    arn = {"Fn::GetAtt": [dead, "Arn"]}
    function = slack_stack.named("AWS::Lambda::Function", "FunctionsSlack")
    assert function["DeadLetterConfig"] == {"TargetArn": arn}
    invoke = slack_stack.named("AWS::Lambda::EventInvokeConfig", "FunctionsSlack")
    assert (invoke["MaximumRetryAttempts"], invoke["MaximumEventAgeInSeconds"]) == (2, 3600)
    assert all(
        s["RedrivePolicy"] == {"deadLetterTargetArn": arn} for s in slack_stack.of("AWS::SNS::Subscription").values()
    )
    alarm = slack_stack.named("AWS::CloudWatch::Alarm", "OwnAlarmsSlackDead")
    assert alarm["AlarmActions"] == [{"Ref": slack_stack.id("AWS::SNS::Topic", "ChannelsHigh")}]
    assert {"Name": "QueueName", "Value": {"Fn::GetAtt": [dead, "QueueName"]}} in alarm["Dimensions"]


def test_the_function_knows_its_secret_by_name_and_never_by_value(slack_stack: Stack) -> None:
    known = slack_stack.named("AWS::Lambda::Function", "FunctionsSlack")["Environment"]["Variables"]
    assert known["SLACK_SECRET"] == SECRET
    assert "{{resolve:" not in str(slack_stack.template)


@pytest.mark.parametrize(
    "named",
    ["remediator/slack", "https://hooks.slack.com/services/T0/B0/x", SECRET[:-7], f"{SECRET}*", f"{SECRET} {SECRET}"],
)
def test_what_is_no_whole_arn_of_a_secret_is_refused_at_synth(named: str) -> None:
    with pytest.raises(ValueError, match="slack_webhook_secret"):
        _with(slack_webhook_secret=named)
