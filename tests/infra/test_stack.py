"""The stack keeps what it must keep, encrypts, bounds itself, and tells people when it is in trouble itself."""

from typing import Any

import pytest

from infra.declared import Declared, cdk_context, declared_from
from infra.golden import synthesised

from .reading import Stack, said
from .stand_in import stand_in

pytestmark = [pytest.mark.synth, pytest.mark.xdist_group("stacks")]  # one worker, one synthesis


def _with(**context: Any) -> Declared:
    return declared_from({**cdk_context(), **context}.get)


def test_the_ledger_outlives_the_stack_and_can_be_restored(small: Stack) -> None:
    (table,) = small.of("AWS::DynamoDB::Table").values()
    assert table["KeySchema"] == [{"AttributeName": "pk", "KeyType": "HASH"}]
    assert table["BillingMode"] == "PAY_PER_REQUEST"
    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert table["TimeToLiveSpecification"] == {"AttributeName": "purge_at", "Enabled": True}
    assert table["SSESpecification"] == {"SSEEnabled": True}
    (whole,) = [r for r in small.template["Resources"].values() if r["Type"] == "AWS::DynamoDB::Table"]
    assert (whole["DeletionPolicy"], whole["UpdateReplacePolicy"]) == ("Retain", "Retain")


def test_every_topic_is_encrypted_and_takes_tls_only(small: Stack) -> None:
    topics = small.of("AWS::SNS::Topic")
    assert len(topics) == 4
    key = {"Fn::GetAtt": [small.id("AWS::KMS::Key", "ChannelsKey"), "Arn"]}
    for logical_id, topic in topics.items():
        assert topic["KmsMasterKeyId"] == key
        assert _refuses_plain_http(small.policy_of("AWS::SNS::TopicPolicy", "Topics", logical_id))


def test_every_queue_is_encrypted_and_takes_tls_only(small: Stack) -> None:
    for logical_id, queue in small.of("AWS::SQS::Queue").items():
        assert queue["SqsManagedSseEnabled"] is True
        assert _refuses_plain_http(small.policy_of("AWS::SQS::QueuePolicy", "Queues", logical_id))


def _refuses_plain_http(statements: list[Any]) -> bool:
    plain = {"Bool": {"aws:SecureTransport": "false"}}
    return any(s["Effect"] == "Deny" and s.get("Condition") == plain for s in statements)


def test_alarms_of_other_accounts_may_not_publish(small: Stack) -> None:
    high = small.policy_of("AWS::SNS::TopicPolicy", "Topics", small.id("AWS::SNS::Topic", "ChannelsHigh"))
    (alarms,) = [s for s in high if s.get("Principal") == {"Service": "cloudwatch.amazonaws.com"}]
    assert alarms["Condition"]["StringEquals"] == {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}


def test_only_the_high_topic_is_open_to_services(small: Stack) -> None:
    for name in ("Medium", "Low", "Pager"):
        topic = small.id("AWS::SNS::Topic", f"Channels{name}")
        statements = small.policy_of("AWS::SNS::TopicPolicy", "Topics", topic)
        assert [s["Effect"] for s in statements] == ["Deny"]


def test_remediate_is_durable_and_its_versions_stay_for_those_who_run_on_them(small: Stack) -> None:
    remediate = small.named("AWS::Lambda::Function", "FunctionsRemediate")
    assert remediate["DurableConfig"] == {"ExecutionTimeout": 10800, "RetentionPeriodInDays": 14}
    assert "FunctionName" not in remediate
    versions = [r for r in small.template["Resources"].values() if r["Type"] == "AWS::Lambda::Version"]
    assert [v["DeletionPolicy"] for v in versions] == ["Retain"]


def test_intake_starts_the_live_alias_and_nothing_else(small: Stack) -> None:
    alias = small.id("AWS::Lambda::Alias", "FunctionsRemediateAliaslive")
    intake = small.named("AWS::Lambda::Function", "FunctionsIntake")
    assert intake["Environment"]["Variables"]["REMEDIATE_ALIAS"] == {"Ref": alias}
    assert small.named("AWS::Lambda::Alias", "Functions")["Name"] == "live"


def test_an_incident_that_cannot_be_started_lands_in_a_queue(small: Stack) -> None:
    dead = small.id("AWS::SQS::Queue", "InboxRemediateDead")
    remediate = small.named("AWS::Lambda::Function", "FunctionsRemediate")
    assert remediate["DeadLetterConfig"] == {"TargetArn": {"Fn::GetAtt": [dead, "Arn"]}}
    (invoke,) = small.of("AWS::Lambda::EventInvokeConfig").values()
    assert "DestinationConfig" not in invoke  # durable functions take none


def test_a_message_is_tried_five_times_and_hidden_while_it_is_worked_on(small: Stack) -> None:
    queue = small.named("AWS::SQS::Queue", "InboxIntakeCC")
    intake = small.named("AWS::Lambda::Function", "FunctionsIntake")
    assert queue["RedrivePolicy"]["maxReceiveCount"] == 5
    assert queue["VisibilityTimeout"] >= 6 * intake["Timeout"]


def test_the_queue_bounds_intake_and_redelivers_only_what_failed(small: Stack) -> None:
    (source,) = small.of("AWS::Lambda::EventSourceMapping").values()
    assert source["ScalingConfig"] == {"MaximumConcurrency": 5}
    assert source["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


def test_reserved_concurrency_is_only_set_where_it_is_declared(small: Stack) -> None:
    assert not [f for f in small.of("AWS::Lambda::Function").values() if "ReservedConcurrentExecutions" in f]
    bounded = Stack(synthesised((stand_in(),), _with(reserved_concurrency={"remediate": 20})))
    assert bounded.named("AWS::Lambda::Function", "FunctionsRemediate")["ReservedConcurrentExecutions"] == 20


def test_every_function_runs_on_arm_and_logs_json_for_a_bounded_time(small: Stack) -> None:
    for name, function in small.of("AWS::Lambda::Function").items():
        assert (function["Runtime"], function["Architectures"]) == ("python3.13", ["arm64"]), name
        assert function["LoggingConfig"]["LogFormat"] == "JSON"
        log = small.of("AWS::Logs::LogGroup")[function["LoggingConfig"]["LogGroup"]["Ref"]]
        assert log["RetentionInDays"] == 90


def test_every_function_knows_ledger_topics_and_version(small: Stack) -> None:
    for function in small.of("AWS::Lambda::Function").values():
        known = function["Environment"]["Variables"]
        named = {"LEDGER_TABLE", "TOPIC_HIGH", "TOPIC_MEDIUM", "TOPIC_LOW", "TOPIC_PAGER", "REMEDIATOR_VERSION"}
        assert named <= set(known)
        assert known["POWERTOOLS_METRICS_NAMESPACE"] == "Remediator"


def test_every_dead_letter_queue_has_an_alarm_that_people_get(small: Stack) -> None:
    high = {"Ref": small.id("AWS::SNS::Topic", "ChannelsHigh")}
    alarms = [a for k, a in small.of("AWS::CloudWatch::Alarm").items() if k.startswith("OwnAlarms")]
    assert all(a["AlarmActions"] == [high] for a in alarms)
    watched = [said(a["Dimensions"]) for a in alarms if a.get("MetricName") == "ApproximateNumberOfMessagesVisible"]
    for logical_id in small.of("AWS::SQS::Queue"):
        if "Dead" in logical_id:
            assert any(logical_id in dimensions for dimensions in watched), logical_id


def test_events_that_wait_raise_an_alarm(small: Stack) -> None:
    age = small.named("AWS::CloudWatch::Alarm", "OwnAlarmsIntakeWaits")
    assert (age["MetricName"], age["Threshold"]) == ("ApproximateAgeOfOldestMessage", 300)


def test_the_switch_is_created_at_observe_and_a_deployment_never_puts_it_back(small: Stack) -> None:
    (switch,) = small.of("AWS::SSM::Parameter").values()
    # CloudFormation writes the value again when any of these differs from the last template. So none ever may.
    assert switch == {
        "Name": "/remediator/switch",
        "Type": "String",
        "Value": "observe",
        "Description": "Remediator: off, observe, approve or auto. Change the value here, not in the template.",
        "AllowedPattern": "^(off|observe|approve|auto)$",
    }


def test_a_first_deployment_may_begin_with_another_switch() -> None:
    (switch,) = Stack(synthesised((stand_in(),), _with(switch="approve"))).of("AWS::SSM::Parameter").values()
    assert switch["Value"] == "approve"


@pytest.mark.parametrize("region", ["ap-northeast-1", "us-east-1"])
def test_the_regions_that_the_guide_needs_are_accepted(small: Stack, region: str) -> None:
    assert region in _accepted(small)


def test_a_region_without_durable_functions_is_refused_with_a_word(small: Stack) -> None:
    assert "cn-north-1" not in _accepted(small)
    (assertion,) = small.template["Rules"]["DurableFunctionsOffered"]["Assertions"]
    assert "durable_regions in cdk.json" in assertion["AssertDescription"]


def test_the_owner_can_add_a_region() -> None:
    added = Stack(synthesised((stand_in(),), _with(durable_regions="ap-northeast-3,eu-west-2")))
    assert _accepted(added) == ["ap-northeast-3", "eu-west-2"]


def _accepted(stack: Stack) -> list[str]:
    (assertion,) = stack.template["Rules"]["DurableFunctionsOffered"]["Assertions"]
    accepted, region = assertion["Assert"]["Fn::Contains"]
    assert region == {"Ref": "AWS::Region"}
    return list(accepted)


def test_a_declared_change_calendar_may_be_read_and_no_other() -> None:
    declared = {**cdk_context()["remediator"], "freeze_calendars": ["year-end"]}
    policies = Stack(synthesised((stand_in(),), _with(remediator=declared))).of("AWS::IAM::Policy")
    (read,) = [
        s
        for policy in policies.values()
        for s in policy["PolicyDocument"]["Statement"]
        if "ssm:GetCalendarState" in s["Action"]
    ]
    assert ":ssm:" in said(read["Resource"])
    assert ":document/year-end" in said(read["Resource"])


def test_the_stack_says_where_dead_letters_lie_and_where_they_were_going(small: Stack) -> None:
    wanted = {"DeadIntake", "DeadRules", "DeadRemediate", "IntakeQueue", "IntakeQueueArn", "RemediateAlias"}
    assert wanted <= set(small.template["Outputs"])
