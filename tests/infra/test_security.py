"""What issue 6 asks of the stack: encrypted, TLS only, no wildcard write, closed to other accounts, fix roles that may not destroy."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from infra.permissions import denials, is_write

from .reading import Stack, said

pytestmark = [pytest.mark.synth, pytest.mark.xdist_group("stacks")]  # one worker, one synthesis
POLICIES = {"AWS::SQS::QueuePolicy": "Queues", "AWS::SNS::TopicPolicy": "Topics"}
# EventBridge tells SNS and KMS neither account nor rule, so that a condition would refuse everything: docs/security.md.
WITHOUT_CONDITION = ("events.amazonaws.com", {"sns:Publish", "kms:Decrypt", "kms:GenerateDataKey*"})
ON_NOTHING = {"xray:PutTraceSegments", "xray:PutTelemetryRecords"}  # AWS: they take no resource


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _resource_statements(stack: Stack) -> Iterator[Mapping[str, Any]]:
    for kind in POLICIES:
        for policy in stack.of(kind).values():
            yield from policy["PolicyDocument"]["Statement"]
    for key in stack.of("AWS::KMS::Key").values():
        yield from key["KeyPolicy"]["Statement"]


def _role_statements(stack: Stack) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, role in stack.of("AWS::IAM::Role").items():
        for policy in role.get("Policies", ()):
            yield from ((name, s) for s in policy["PolicyDocument"]["Statement"])
    for policy in stack.of("AWS::IAM::Policy").values():
        yield from ((policy["Roles"][0]["Ref"], s) for s in policy["PolicyDocument"]["Statement"])


def test_every_service_that_may_use_a_queue_a_topic_or_a_key_is_held_to_account_and_source(stack: Stack) -> None:
    open_to_services = [
        s for s in _resource_statements(stack) if s["Effect"] == "Allow" and "Service" in s["Principal"]
    ]
    assert len(open_to_services) >= 4
    for statement in open_to_services:
        service, actions = statement["Principal"]["Service"], set(_listed(statement["Action"]))
        if "Condition" not in statement:
            assert service == WITHOUT_CONDITION[0]
            assert actions <= WITHOUT_CONDITION[1]
            continue
        conditions = statement["Condition"]
        keys = {key for operator in conditions.values() for key in operator}
        assert {"aws:SourceAccount", "aws:SourceArn"} <= keys, statement
        assert conditions["StringEquals"]["aws:SourceAccount"] == {"Ref": "AWS::AccountId"}


def test_nobody_else_is_let_in_by_a_resource_policy(stack: Stack) -> None:
    for statement in _resource_statements(stack):
        if statement["Effect"] == "Allow" and "Service" not in statement["Principal"]:
            assert said(statement["Principal"]).endswith(':root"]]}}'), statement  # the key's own account


@pytest.mark.parametrize("kind", POLICIES)
def test_every_queue_and_topic_refuses_what_comes_without_tls(stack: Stack, kind: str) -> None:
    things = stack.of(kind.replace("Policy", ""))
    for logical_id in things:
        denied = [s for s in stack.policy_of(kind, POLICIES[kind], logical_id) if s["Effect"] == "Deny"]
        assert [s["Condition"] for s in denied] == [{"Bool": {"aws:SecureTransport": "false"}}], logical_id
        assert said(denied[0]["Principal"]) in ('"*"', '{"AWS": "*"}')


def test_ledger_topics_and_queues_are_encrypted_and_the_key_rotates(stack: Stack) -> None:
    assert all(t["SSESpecification"]["SSEEnabled"] for t in stack.of("AWS::DynamoDB::Table").values())
    assert all("KmsMasterKeyId" in t for t in stack.of("AWS::SNS::Topic").values())
    assert all(q["SqsManagedSseEnabled"] for q in stack.of("AWS::SQS::Queue").values())
    assert all(k["EnableKeyRotation"] for k in stack.of("AWS::KMS::Key").values())


def test_no_role_may_do_every_action_of_a_kind_and_no_write_is_on_everything(stack: Stack) -> None:
    checked = 0
    for role, statement in _role_statements(stack):
        if statement["Effect"] == "Deny":
            continue
        for action in _listed(statement["Action"]):
            checked += 1
            assert "*" not in action, f"{role}: {action}"
            if is_write(action) and action not in ON_NOTHING:
                assert "*" not in _listed(statement["Resource"]), f"{role}: {action}"
    assert checked > 100


def test_every_fix_role_is_denied_all_that_no_fix_may_do(stack: Stack) -> None:
    roles = {name: role for name, role in stack.of("AWS::IAM::Role").items() if name.startswith("RolesFix")}
    assert len(roles) >= 7
    for name, role in roles.items():
        (policy,) = role["Policies"]
        denied = [s for s in policy["PolicyDocument"]["Statement"] if s["Effect"] == "Deny"]
        assert all(_listed(s["Resource"]) == ["*"] and "Condition" not in s for s in denied), name
        actions = {a for s in denied for a in _listed(s["Action"])}
        assert actions == {a for d in denials() for a in d.actions}, name


@pytest.mark.parametrize(
    "destroying",
    [
        "ecs:DeleteService", "ecs:DeregisterTaskDefinition", "dynamodb:DeleteTable", "dynamodb:DeleteItem", "s3:DeleteBucketPolicy", "s3:DeleteObject",
        "cloudfront:DeleteDistribution", "ec2:TerminateInstances", "ec2:DeleteSecurityGroup", "ec2:AuthorizeSecurityGroupEgress", "elasticloadbalancing:DeleteTargetGroup",
        "application-autoscaling:DeregisterScalableTarget", "kms:ScheduleKeyDeletion", "kms:DisableKey", "kms:PutKeyPolicy", "logs:DeleteLogGroup", "iam:PutRolePolicy", "iam:AttachRolePolicy",
        "iam:CreateAccessKey", "iam:UpdateAssumeRolePolicy", "sts:AssumeRole", "lambda:UpdateFunctionCode", "ecs:TagResource", "dynamodb:UntagResource", "ec2:CreateTags",
        "s3:PutBucketTagging", "elasticloadbalancing:AddTags", "cloudfront:TagResource", "tag:TagResources", "organizations:LeaveOrganization",
    ],
)  # fmt: skip
def test_a_fix_role_has_no_way_to(stack: Stack, destroying: str) -> None:
    from fnmatch import fnmatchcase

    denied = [a for d in denials() for a in d.actions]
    allowed = [
        a
        for role, s in _role_statements(stack)
        if role.startswith("RolesFix") and s["Effect"] == "Allow"
        for a in _listed(s["Action"])
    ]
    assert not any(fnmatchcase(destroying, a) for a in allowed)
    service, verb = destroying.split(":")
    if service == "iam" or verb.startswith(
        ("Delete", "Terminate", "Deregister", "Tag", "Untag", "CreateTags", "AddTags")
    ):
        assert any(fnmatchcase(destroying, a) for a in denied)


def test_the_url_of_approve_answers_only_whom_iam_has_authenticated(stack: Stack) -> None:
    ((name, url),) = stack.of("AWS::Lambda::Url").items()
    assert url["AuthType"] == "AWS_IAM"
    assert "Cors" not in url
    assert said(url["TargetFunctionArn"]) == said({"Fn::GetAtt": [_named(stack, "remediator-approve"), "Arn"]})
    kinds = {r["Type"] for r in stack.template["Resources"].values()}
    assert "AWS::Lambda::Permission" not in kinds, "nobody is let in by a resource policy: a caller's own role decides"
    assert stack.template["Resources"][name]["Condition"] in stack.template["Conditions"]


def _named(stack: Stack, function: str) -> str:
    return next(n for n, f in stack.of("AWS::Lambda::Function").items() if f.get("FunctionName") == function)
