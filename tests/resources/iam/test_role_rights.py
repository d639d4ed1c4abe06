"""What a role's own policies say to one action on one resource."""

from dataclasses import replace

import pytest

from remediator.problems.ecs_task_not_starting.execution_role import Need, free_policy_name, needs, of_action, statement
from remediator.resources.ecs.task_setup import SecretRef
from remediator.resources.iam.role_rights import Role, Statement, about_services, right, statements_of, trusts_tasks
from tests.problems.ecs_task_not_starting.samples import NEW_IMAGE, SECRET, setup
from tests.samples import SERVICE

ROLE = Role(use="execution", arn="arn:aws:iam::123456789012:role/portfolio-execution")
ACTION, TABLE = "dynamodb:GetItem", "arn:aws:dynamodb:ap-northeast-1:123456789012:table/users"
ALLOW = Statement(allow=True, actions=(ACTION,), resources=("*",))
DENY = replace(ALLOW, allow=False)


@pytest.mark.parametrize(
    ("statements", "found"),
    [
        ((), "denied"),
        ((ALLOW,), "allowed"),
        ((replace(ALLOW, actions=("DynamoDB:get*",)),), "allowed"),
        ((replace(ALLOW, actions=("dynamodb:Ge?Item",)),), "allowed"),
        ((replace(ALLOW, actions=("dynamodb:PutItem",)),), "denied"),
        ((replace(ALLOW, resources=(TABLE[:-5] + "*",)),), "allowed"),
        ((replace(ALLOW, resources=(TABLE + "2",)),), "denied"),
        ((ALLOW, DENY), "denied"),
        ((ALLOW, replace(DENY, resources=(TABLE + "2",))), "allowed"),
        ((replace(ALLOW, conditional=True),), "cannot_tell"),
        ((ALLOW, replace(DENY, conditional=True)), "cannot_tell"),
        ((replace(ALLOW, resources=("arn:aws:dynamodb:*:*:table/${aws:PrincipalTag/team}",)),), "cannot_tell"),
        ((replace(ALLOW, actions=(), not_actions=("iam:*",)),), "allowed"),
        ((replace(ALLOW, actions=(), not_actions=("dynamodb:*",)),), "denied"),
        ((replace(ALLOW, resources=(), not_resources=(TABLE,)),), "denied"),
        ((replace(ALLOW, resources=(), not_resources=(TABLE + "2",)),), "allowed"),
    ],
)
def test_an_explicit_deny_wins_then_an_allow_and_a_condition_is_never_guessed(statements, found):
    assert right(replace(ROLE, statements=statements), ACTION, TABLE) == found


def test_a_boundary_or_policies_that_were_not_read_leave_an_allow_open():
    allowed = replace(ROLE, statements=(ALLOW,))
    assert right(replace(allowed, bounded=True), ACTION, TABLE) == "cannot_tell"
    assert right(replace(allowed, whole=False), ACTION, TABLE) == "cannot_tell"
    assert right(replace(ROLE, whole=False), ACTION, TABLE) == "cannot_tell"


def test_a_document_may_have_one_statement_or_many_and_one_action_or_many():
    one = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
    assert statements_of({"Statement": one}) == statements_of({"Statement": [{**one, "Action": ["s3:GetObject"]}]})
    with pytest.raises(ValueError, match="no statements"):
        statements_of({"Version": "2012-10-17"})


def test_of_a_policy_is_kept_what_it_says_of_the_services_that_a_start_calls():
    long = replace(ALLOW, actions=("ec2:RunInstances", "ECR:Get*", "*", "l*:Put*", "iam:PassRole"))
    other = replace(ALLOW, actions=("ec2:RunInstances",))
    inverse = replace(ALLOW, actions=(), not_actions=("iam:*",))
    kept = about_services((long, other, inverse), frozenset(("ecr", "logs")))
    assert kept == (replace(long, actions=("ECR:Get*", "*", "l*:Put*")), inverse)


@pytest.mark.parametrize(
    ("principal", "more", "found"),
    [
        ({"Service": "ecs-tasks.amazonaws.com"}, {}, True),
        ({"Service": ["ec2.amazonaws.com", "ecs-tasks.amazonaws.com"]}, {}, True),
        ({"Service": "ecs-tasks.amazonaws.com"}, {"Condition": {"ArnLike": {"aws:SourceArn": "arn:aws:ecs:*"}}}, None),
        ({"Service": "ecs-tasks.amazonaws.com"}, {"Effect": "Deny"}, None),
        ({"Service": "ecs.amazonaws.com"}, {}, False),
        ({"AWS": "arn:aws:iam::123456789012:root"}, {}, False),
        ("*", {}, True),
    ],
)
def test_a_role_trusts_ecs_tasks_where_its_policy_names_them(principal, more, found):
    listed = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", **more}
    assert trusts_tasks({"Statement": [listed]}) is found


def test_a_start_needs_to_pull_to_read_secrets_and_to_log():
    keyed = SecretRef(container="api", name="DATABASE_URL", source=f"{SECRET}:url::")
    plain = SecretRef(container="api", name="MODE", source="/portfolio/mode")
    found = needs(setup(secrets=(keyed, plain), env_files=("arn:aws:s3:::portfolio-env/api.env",)), SERVICE)
    assert Need("ecr:GetAuthorizationToken", "*") in found
    repository = "arn:aws:ecr:ap-northeast-1:123456789012:repository/portfolio-api"
    assert Need("ecr:BatchGetImage", repository) in found
    assert Need("secretsmanager:GetSecretValue", SECRET) in found
    assert Need("ssm:GetParameters", "arn:aws:ssm:ap-northeast-1:123456789012:parameter/portfolio/mode") in found
    assert Need("s3:GetObject", "arn:aws:s3:::portfolio-env/api.env") in found
    assert not any(n.action == "logs:CreateLogGroup" for n in found)


def test_an_image_of_another_registry_needs_no_right():
    assert not any(n.action.startswith("ecr:") for n in needs(setup(images=("docker.io/nginx:1",)), SERVICE))
    assert any(n.action.startswith("ecr:") for n in needs(setup(images=(NEW_IMAGE,)), SERVICE))


def test_an_action_that_no_setting_needs_is_taken_from_awss_words():
    assert of_action((), "kms:Decrypt", "arn:aws:kms:r:a:key/1") == (Need("kms:Decrypt", "arn:aws:kms:r:a:key/1"),)
    assert of_action((Need("ecr:BatchGetImage", "*"),), "") == ()


def test_the_statement_puts_actions_of_one_resource_together():
    text = statement((Need("logs:PutLogEvents", "g"), Need("logs:CreateLogStream", "g"), Need("ecr:X", "*")))
    assert text == (
        '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["ecr:X"], "Resource": "*"}, '
        '{"Effect": "Allow", "Action": ["logs:CreateLogStream", "logs:PutLogEvents"], "Resource": "g"}]}'
    )


def test_a_policy_name_is_free_or_unknown():
    assert free_policy_name(ROLE) == "ecs-task-start"
    assert free_policy_name(replace(ROLE, inline=("ecs-task-start",))) == "ecs-task-start-2"
    assert free_policy_name(replace(ROLE, whole=False)) is None
