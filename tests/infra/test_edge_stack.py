"""The stack in us-east-1: made only for a declared distribution, it watches it and forwards its alarms and nothing else."""

import json
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App, Validations
from cdk_nag import AwsSolutionsChecks

from infra.acknowledged import acknowledge_edge
from infra.edge_stack import NAME, edge_stack
from remediator.core.settings import Settings, Workload

from .reading import Stack

pytestmark = [pytest.mark.synth, pytest.mark.xdist_group("stacks")]  # one worker, one synthesis
SITE = Settings(workloads=(Workload(name="portfolio", distribution="E2EXAMPLE1PORT"), Workload(name="other")))


@pytest.fixture(scope="module")
def edge(tmp_path_factory: pytest.TempPathFactory) -> Any:
    app = App(outdir=str(tmp_path_factory.mktemp("edge")))
    made = edge_stack(app, SITE)
    assert made is not None
    acknowledge_edge(made)
    Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    return app.synth().get_stack_by_name(NAME)


@pytest.fixture(scope="module")
def stack(edge: Any) -> Stack:
    return Stack(edge.template)


def test_without_a_distribution_there_is_no_such_stack(tmp_path: Path) -> None:
    assert edge_stack(App(outdir=str(tmp_path)), Settings(workloads=(Workload(name="other"),))) is None


def test_it_stands_where_cloudfronts_metrics_are(edge: Any) -> None:
    assert edge.environment.region == "us-east-1"


def test_each_declared_distribution_is_watched_as_cloudfront_names_it(stack: Stack) -> None:
    alarms = [a for a in stack.of("AWS::CloudWatch::Alarm").values() if a.get("Namespace") == "AWS/CloudFront"]
    assert {(a["AlarmName"], a["MetricName"]) for a in alarms} == {
        ("portfolio-site-4xx", "4xxErrorRate"),
        ("portfolio-site-5xx", "5xxErrorRate"),
    }
    for alarm in alarms:
        assert {d["Name"]: d["Value"] for d in alarm["Dimensions"]} == {
            "DistributionId": "E2EXAMPLE1PORT",
            "Region": "Global",
        }
        assert (alarm["TreatMissingData"], alarm["DatapointsToAlarm"]) == ("notBreaching", 2)


def test_just_these_alarms_are_forwarded_to_the_home_regions_bus(stack: Stack) -> None:
    (rule,) = stack.of("AWS::Events::Rule").values()
    alarms = [i for i, a in stack.of("AWS::CloudWatch::Alarm").items() if a.get("Namespace") == "AWS/CloudFront"]
    assert rule["EventPattern"]["resources"] == [{"Fn::GetAtt": [i, "Arn"]} for i in alarms]
    (target,) = rule["Targets"]
    assert {"Ref": "HomeRegion"} in target["Arn"]["Fn::Join"][1]
    assert target["DeadLetterConfig"]["Arn"]["Fn::GetAtt"][0] in stack.of("AWS::SQS::Queue")


def test_the_rules_role_may_put_events_on_that_bus_and_nothing_else(stack: Stack) -> None:
    (role,) = stack.of("AWS::IAM::Role").values()
    (rule,) = stack.of("AWS::Events::Rule").values()
    (policy,) = role["Policies"]
    (statement,) = policy["PolicyDocument"]["Statement"]
    assert (statement["Action"], statement["Resource"]) == ("events:PutEvents", rule["Targets"][0]["Arn"])
    assert "ManagedPolicyArns" not in role


def test_where_the_home_region_is_us_east_1_nothing_is_sent_to_itself(stack: Stack) -> None:
    rules = [r for r in stack.template["Resources"].values() if r["Type"] == "AWS::Events::Rule"]
    assert [r["Condition"] for r in rules] == ["HomeIsElsewhere"]
    assert stack.template["Conditions"]["HomeIsElsewhere"] == {
        "Fn::Not": [{"Fn::Equals": [{"Ref": "HomeRegion"}, "us-east-1"]}]
    }


def test_no_home_region_is_taken_for_granted(stack: Stack) -> None:
    assert "Default" not in stack.template["Parameters"]["HomeRegion"]
    assert "ap-northeast-1" not in json.dumps(stack.template)


def test_its_queue_is_encrypted_takes_tls_only_and_messages_of_this_account_alone(stack: Stack) -> None:
    for logical_id, queue in stack.of("AWS::SQS::Queue").items():
        assert queue["SqsManagedSseEnabled"] is True
        statements = stack.policy_of("AWS::SQS::QueuePolicy", "Queues", logical_id)
        assert {"Bool": {"aws:SecureTransport": "false"}} in [
            s["Condition"] for s in statements if s["Effect"] == "Deny"
        ]
        for allowed in (s for s in statements if s["Effect"] == "Allow"):
            assert allowed["Condition"]["StringEquals"]["aws:SourceAccount"] == {"Ref": "AWS::AccountId"}
            assert "aws:SourceArn" in json.dumps(allowed["Condition"])


def test_people_are_told_where_the_way_home_is_cut_by_a_topic_that_does_not_use_it(stack: Stack) -> None:
    topic = stack.id("AWS::SNS::Topic", "People")
    (alarm,) = [a for i, a in stack.of("AWS::CloudWatch::Alarm").items() if i.startswith("NotForwarded")]
    assert alarm["AlarmActions"] == [{"Ref": topic}]
    assert stack.template["Outputs"]["TopicEdge"]["Value"] == {"Ref": topic}


def test_that_topic_is_encrypted_takes_tls_only_and_alarms_of_this_account_alone(stack: Stack) -> None:
    topic = stack.id("AWS::SNS::Topic", "People")
    assert stack.named("AWS::SNS::Topic", "People")["KmsMasterKeyId"]["Fn::GetAtt"][0] in stack.of("AWS::KMS::Key")
    statements = stack.policy_of("AWS::SNS::TopicPolicy", "Topics", topic)
    (allowed,) = [s for s in statements if s["Effect"] == "Allow"]
    assert allowed["Condition"]["StringEquals"] == {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}
    assert any(s["Effect"] == "Deny" for s in statements)
    assert "AWS::SNS::Subscription" not in json.dumps(stack.template)
