"""Commands: what a shell takes and the AWS CLI knows, exactly as the plan says."""

import json
import shlex

import botocore.session
import pytest
from botocore import xform_name

from remediator.core.model import Resource
from remediator.core.plan import Call, Copy
from remediator.reports.blocks import Command, Statement
from remediator.reports.sections.commands import (
    approve,
    approve_by_cli,
    command_of,
    hyphenated,
    opt_in,
    set_switch,
    undo_by_cli,
)

REGION = "ap-northeast-1"
ARN = "arn:aws:ecs:ap-northeast-1:123456789012:service/c/s"
CALLS = (
    Call(action="ecs:UpdateService", parameters={"cluster": "c", "service": "s", "healthCheckGracePeriodSeconds": 30}, arn=ARN),
    Call(action="ecs:UpdateService", parameters={"cluster": "c", "service": "s", "forceNewDeployment": True}, arn=ARN),
    Call(action="ecs:StopServiceDeployment", parameters={"serviceDeploymentArn": ARN, "stopType": "ROLLBACK"}, arn=ARN),
    Call(action="dynamodb:UpdateTable", parameters={"TableName": "t", "ProvisionedThroughput": {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5}}, arn=ARN),
    Call(action="elasticloadbalancing:ModifyTargetGroup", parameters={"TargetGroupArn": ARN, "HealthCheckPath": "/health"}, arn=ARN),
    Call(action="application-autoscaling:RegisterScalableTarget", parameters={"ServiceNamespace": "ecs", "ResourceId": "service/c/s", "ScalableDimension": "ecs:service:DesiredCount", "MinCapacity": 2}, arn=ARN),
    Call(action="s3:PutBucketPolicy", parameters={"Bucket": "b", "Policy": '{"Statement":["it\'s"]}'}, arn=ARN),
    Call(action="ec2:RevokeSecurityGroupIngress", parameters={"GroupId": "sg-1", "SecurityGroupRuleIds": ["sgr-1", "sgr-2"]}, arn=ARN),
)  # fmt: skip


@pytest.fixture(scope="module")
def models():
    return botocore.session.get_session()


@pytest.mark.parametrize("call", CALLS, ids=lambda c: c.action)
def test_each_flag_is_one_that_the_aws_cli_has(call, models):
    command = command_of(call, REGION)
    program, service, operation, *rest = shlex.split(command.line)
    api = {"elbv2": "elbv2", "s3api": "s3"}.get(service, service)
    model = models.get_service_model(api).operation_model(call.action.split(":")[1])

    assert (program, operation) == ("aws", xform_name(model.name, "-"))
    known = {f"--{xform_name(name, '-')}" for name in model.input_shape.members} | {"--region", "--cli-input-json"}
    assert {word for word in rest if word.startswith("--")} <= known


def test_a_structure_goes_as_json_that_gives_the_parameters_back():
    command = command_of(CALLS[3], REGION)
    words = shlex.split(command.line)

    assert json.loads(words[words.index("--cli-input-json") + 1]) == CALLS[3].parameters


def test_a_quote_in_a_value_is_quoted_for_the_shell():
    words = shlex.split(command_of(CALLS[6], REGION).line)

    assert words[words.index("--policy") + 1] == CALLS[6].parameters["Policy"]


@pytest.mark.parametrize(
    "value", ["a b; rm -rf /", "$(x)", "it's", "file:///etc/passwd", "-x", "line\nbreak", "tick`tick", "\x1b[2J", ""]
)
def test_no_value_is_taken_for_anything_but_itself(value):
    words = shlex.split(command_of(Call(action="ecs:UpdateService", parameters={"service": value}, arn=ARN), "").line)

    given = dict(zip(words[3::2], words[4::2], strict=True))
    found = json.loads(given["--cli-input-json"])["service"] if "--cli-input-json" in given else given["--service"]
    assert found == value
    assert "`" not in command_of(Call(action="ecs:UpdateService", parameters={"service": value}, arn=ARN), "").line


@pytest.mark.parametrize(
    "call",
    [
        Call(action="ecs:UpdateService", parameters={"taskDefinition": "${0.taskDefinition.arn}"}, arn=ARN),
        Call(
            action="ecs:RegisterTaskDefinition",
            parameters={},
            arn=ARN,
            copy=Copy(action="a:B", parameters={}, at="x", keep=()),
        ),
    ],
)
def test_what_only_the_program_can_fill_in_has_no_cli_command(call):
    assert command_of(call, REGION) is None
    assert undo_by_cli((CALLS[0], call), "abc", REGION) == ()


@pytest.mark.parametrize(
    "name",
    [
        "UpdateService",
        "DescribeDBInstances",
        "TargetGroupARNs",
        "DNSName",
        "healthCheckGracePeriodSeconds",
        "SecurityGroupRuleIds",
    ],
)
def test_names_are_spelt_as_botocore_spells_them(name):
    assert hyphenated(name) == xform_name(name, "-")


@pytest.mark.parametrize(
    ("kind", "start"),
    [
        ("ecs_service", f"aws ecs tag-resource --resource-arn {ARN} --tags key=auto-remediation,value=auto"),
        ("table", f"aws dynamodb tag-resource --resource-arn {ARN} --tags Key=auto-remediation,Value=auto"),
        ("target_group", f"aws elbv2 add-tags --resource-arns {ARN} --tags Key=auto-remediation,Value=auto"),
        ("load_balancer", f"aws elbv2 add-tags --resource-arns {ARN} --tags Key=auto-remediation,Value=auto"),
        (
            "distribution",
            f"aws cloudfront tag-resource --resource {ARN} --tags 'Items=[{{Key=auto-remediation,Value=auto}}]'",
        ),
    ],
)
def test_opting_in_is_one_command_for_each_kind_of_resource(kind, start):
    (item,) = opt_in(Resource(kind, ARN))

    assert isinstance(item, Command)
    assert item.line.startswith(start)


def test_a_bucket_is_opted_in_by_hand_because_the_cli_would_replace_its_tags():
    (item,) = opt_in(Resource("bucket", "arn:aws:s3:::site"))

    assert isinstance(item, Statement)
    assert "replace" in item.text.en


def test_approving_names_exactly_one_plan():
    words = shlex.split(approve_by_cli("abc-01234567", REGION).line)

    assert approve("abc-01234567").line == "remediator approve abc-01234567"
    assert json.loads(words[words.index("--payload") + 1]) == {"reference": "abc-01234567", "answer": "approve"}


def test_the_switch_is_one_parameter():
    line = set_switch("/remediator/switch", "off", REGION).line

    assert (
        line
        == f"aws ssm put-parameter --name /remediator/switch --value off --type String --overwrite --region {REGION}"
    )
