"""Readers of a task's start on answers in AWS's own shape: ECS's words, set-up, images, roles, instances."""

import json
from datetime import UTC, datetime
from urllib.parse import quote

import pytest

from remediator.core.errors import Denied, NotFound
from remediator.core.model import Resource, Signal
from remediator.core.ports import Scope
from remediator.core.settings import Settings
from remediator.problems.ecs_task_not_starting import readers as starts
from remediator.resources.ecs.readers import roles
from remediator.resources.ecs.task_setup import LogTarget, TaskSetup
from tests.fakes import FakeAws
from tests.problems.ecs_task_restarting.samples import definition, service
from tests.samples import DEFINITION, NOW, SERVICE, incident

SCOPE = Scope(incident=incident(), now=NOW, settings=Settings())
REGISTRY = "123456789012.dkr.ecr.ap-northeast-1.amazonaws.com"
SECRET = "arn:aws:secretsmanager:ap-northeast-1:123456789012:secret:portfolio/db-8Kx2Qa"  # its name
TRUST = {
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}]
}
CONTAINER = {
    "name": "api",
    "image": f"{REGISTRY}/portfolio-api:1.5.0",
    "command": ["serve", "--password", "hunter2-correct-horse"],
    "environment": [{"name": "PORTFOLIO_TABLE", "value": "portfolio-users"}],
    "environmentFiles": [{"type": "s3", "value": "arn:aws:s3:::portfolio-env/api.env"}],
    "secrets": [{"name": "DATABASE_URL", "valueFrom": SECRET}],
    "repositoryCredentials": {"credentialsParameter": f"{SECRET}-registry"},
    "mountPoints": [{"sourceVolume": "data", "containerPath": "/data"}],
    "portMappings": [{"containerPort": 8000}],
    "logConfiguration": {
        "logDriver": "awslogs",
        "options": {"awslogs-group": "/aws/ecs/portfolio-api", "awslogs-create-group": "true"},
    },
}
TOLD = {
    "taskDefinition": {
        "taskDefinitionArn": f"{DEFINITION}:42",
        "family": "portfolio-api",
        "cpu": "256",
        "memory": "512",
        "runtimePlatform": {"cpuArchitecture": "ARM64", "operatingSystemFamily": "LINUX"},
        "volumes": [{"name": "data", "efsVolumeConfiguration": {"fileSystemId": "fs-0a1b2c3d"}}],
        "containerDefinitions": [CONTAINER],
    }
}


def read_setup(**changes):
    values = {"taskDefinition": {**TOLD["taskDefinition"], "containerDefinitions": [{**CONTAINER, **changes}]}}
    return starts.setup(FakeAws({"ecs:DescribeTaskDefinition": values}), SCOPE, definition())


# -- what ECS said -----------------------------------------------------------------------------------------------------


def test_what_ecs_said_is_its_messages_of_the_last_hour_and_the_signals_service_actions():
    def message(hour, words):
        return {"id": words, "createdAt": datetime(2026, 11, 23, hour, 30, tzinfo=UTC), "message": words}

    facts = {"eventName": "SERVICE_TASK_PLACEMENT_FAILURE", "reason": "RESOURCE:FARGATE"}
    signal = Signal(
        kind="ecs_service_action", resource=SERVICE, level="high", at="2026-11-23T02:40:00.000Z", key="k", facts=facts
    )
    scope = Scope(incident=incident(signals=(signal,)), now=NOW, settings=Settings())
    answer = {"services": [{"events": [message(2, "was unable to place a task."), message(1, "long ago")]}]}
    read = starts.said(FakeAws({"ecs:DescribeServices": answer}), scope)
    assert [(s.at, s.text, s.event) for s in read] == [
        ("2026-11-23T02:40:00.000Z", "RESOURCE:FARGATE", "SERVICE_TASK_PLACEMENT_FAILURE"),
        ("2026-11-23T02:30:00.000Z", "was unable to place a task.", ""),
    ]


def test_a_one_off_task_has_no_service_that_says_anything():
    family = Resource("ecs_task_family", "arn:aws:ecs:r:123456789012:task-definition/c/f")
    with pytest.raises(NotFound, match="one-off"):
        starts.said(FakeAws({}), Scope(incident=incident(resource=family), now=NOW, settings=Settings()))


# -- the set-up --------------------------------------------------------------------------------------------------------


def test_a_set_up_names_all_that_a_start_asks_for():
    read = read_setup()
    assert read.images == (f"{REGISTRY}/portfolio-api:1.5.0",)
    assert [(s.container, s.name, s.source) for s in read.secrets] == [("api", "DATABASE_URL", SECRET)]
    assert read.registry_secrets == (f"{SECRET}-registry",)
    assert read.logs == (LogTarget(group="/aws/ecs/portfolio-api", creates_group=True),)
    assert read.env_files == ("arn:aws:s3:::portfolio-env/api.env",)
    assert read.fields["volume data"] == "efsVolumeConfiguration fs-0a1b2c3d"
    assert read.fields["runtimePlatform"] == "ARM64/LINUX"
    assert read.fields["api.mount /data"] == "data"
    assert read.fields["api.secret DATABASE_URL"] == SECRET


def test_no_value_of_the_environment_is_kept_and_a_password_of_a_command_is_redacted():
    read = read_setup()
    assert read.fields["api.environment PORTFOLIO_TABLE"] == "set"
    assert "portfolio-users" not in repr(read)
    assert "hunter2" not in repr(read)


def test_options_of_other_log_drivers_are_kept_by_name_only():
    options = {"splunk-token": "B5A79AAD-D822-46CC-80D1-819F80D7BFB0", "splunk-url": "https://splunk.example.com"}
    read = read_setup(logConfiguration={"logDriver": "splunk", "options": options})
    assert read.fields["api.log splunk-token"] == "set"
    assert "B5A79AAD" not in repr(read)
    assert read.logs == ()


def test_where_there_is_no_good_revision_nothing_is_asked():
    aws = FakeAws({})
    assert starts.good_setup(aws, SCOPE, definition(arn="")) == TaskSetup()
    assert aws.calls == []


# -- images ------------------------------------------------------------------------------------------------------------


def wanted(image, answer):
    aws = FakeAws({"ecr:DescribeImages": answer})
    (read,) = starts.wanted_images(aws, SCOPE, TaskSetup(images=(image,)))
    return read, aws.calls


def test_an_image_is_looked_up_by_its_tag_or_digest():
    there = {
        "imageDetails": [{"imageDigest": "sha256:" + "a" * 64, "imagePushedAt": datetime(2026, 11, 22, tzinfo=UTC)}]
    }
    read, calls = wanted(f"{REGISTRY}/team/api:1.5.0", there)
    assert (read.found, read.pushed_at) == (True, "2026-11-22T00:00:00.000Z")
    assert calls[0][1] == {
        "registryId": "123456789012",
        "repositoryName": "team/api",
        "imageIds": [{"imageTag": "1.5.0"}],
    }
    _, calls = wanted(f"{REGISTRY}/api@sha256:{'a' * 64}", there)
    assert calls[0][1]["imageIds"] == [{"imageDigest": f"sha256:{'a' * 64}"}]
    _, calls = wanted(f"{REGISTRY}/api", there)
    assert calls[0][1]["imageIds"] == [{"imageTag": "latest"}]


def test_an_image_that_the_registry_lacks_is_known_to_be_gone():
    read, _ = wanted(f"{REGISTRY}/api:1.5.0", NotFound("ImageNotFoundException"))
    assert read.found is False


@pytest.mark.parametrize(
    "image",
    [
        "nginx:1",
        "docker.io/library/nginx:1",
        "999999999999.dkr.ecr.ap-northeast-1.amazonaws.com/api:1",
        "123456789012.dkr.ecr.us-east-1.amazonaws.com/api:1",
    ],
)
def test_registries_that_cannot_be_asked_say_so(image):
    read, calls = wanted(image, {})
    assert read.found is None
    assert read.why
    assert calls == []


def test_a_refused_look_at_the_registry_is_no_missing_image():
    with pytest.raises(Denied):
        wanted(f"{REGISTRY}/api:1.5.0", Denied("ecr:DescribeImages", "no"))


# -- roles -------------------------------------------------------------------------------------------------------------


def role_answers(**changes):
    values = {
        "Path": "/",
        "RoleName": "r",
        "RoleId": "AROAEXAMPLEEXAMPLE00",
        "CreateDate": datetime(2026, 1, 1, tzinfo=UTC),
    }
    allow = quote(json.dumps({"Statement": {"Effect": "Allow", "Action": "logs:*", "Resource": "*"}}))
    return {
        "iam:GetRole": lambda **p: {
            "Role": {
                **values,
                "Arn": f"arn:aws:iam::123456789012:role/{p['RoleName']}",
                "AssumeRolePolicyDocument": quote(json.dumps(TRUST)),
            }
        },
        "iam:ListAttachedRolePolicies": {
            "AttachedPolicies": [{"PolicyName": "p", "PolicyArn": "arn:aws:iam::123456789012:policy/p"}]
        },
        "iam:ListRolePolicies": {"PolicyNames": ["start"]},
        "iam:GetPolicy": {"Policy": {"DefaultVersionId": "v3"}},
        "iam:GetPolicyVersion": {"PolicyVersion": {"Document": allow}},
        "iam:GetRolePolicy": {"RoleName": "r", "PolicyName": "start", "PolicyDocument": allow},
        **changes,
    }


def test_both_roles_are_read_with_trust_and_all_policies():
    aws = FakeAws(role_answers())
    execution, task = roles.roles(aws, SCOPE, definition())
    assert (execution.use, execution.name, task.use) == ("execution", "portfolio-execution", "task")
    assert execution.trusts_tasks is True
    assert len(execution.statements) == 2
    assert execution.inline == ("start",)
    assert execution.whole
    versions = [p["VersionId"] for action, p in aws.calls if action == "iam:GetPolicyVersion"]
    assert versions == ["v3", "v3"]


def test_a_role_that_iam_does_not_know_is_no_gap():
    (execution, _) = roles.roles(
        FakeAws(role_answers(**{"iam:GetRole": NotFound("NoSuchEntity")})), SCOPE, definition()
    )
    assert not execution.exists


def test_of_a_role_with_many_policies_it_is_known_that_not_all_were_read():
    many = {"AttachedPolicies": [{"PolicyArn": f"arn:aws:iam::123456789012:policy/policy-{n}"} for n in range(12)]}
    aws = FakeAws(role_answers(**{"iam:ListAttachedRolePolicies": many}))
    execution, _ = roles.roles(aws, SCOPE, definition())
    assert not execution.whole
    assert sum(action == "iam:GetPolicy" for action, _ in aws.calls) == 20


def test_a_definition_without_roles_asks_iam_nothing():
    aws = FakeAws({})
    assert roles.roles(aws, SCOPE, definition(execution_role="", task_role="")) == ()
    assert aws.calls == []


# -- instances ---------------------------------------------------------------------------------------------------------


def test_instances_of_the_cluster_are_read_with_what_they_have_left():
    values = {
        "containerInstanceArn": "arn:aws:ecs:ap-northeast-1:123456789012:container-instance/portfolio-cluster/1",
        "ec2InstanceId": "i-0a",
        "status": "ACTIVE",
        "agentConnected": True,
        "remainingResources": [
            {"name": "CPU", "type": "INTEGER", "integerValue": 512},
            {"name": "MEMORY", "type": "INTEGER", "integerValue": 900},
        ],
    }
    aws = FakeAws(
        {
            "ecs:ListContainerInstances": {"containerInstanceArns": [values["containerInstanceArn"]]},
            "ecs:DescribeContainerInstances": {"containerInstances": [values]},
        }
    )
    (read,) = starts.instances(aws, SCOPE, service(launch="EC2"))
    assert (read.id, read.usable, read.cpu_left, read.memory_left_mib) == ("i-0a", True, 512, 900)


def test_fargate_has_no_instances_to_ask_for():
    aws = FakeAws({})
    assert starts.instances(aws, SCOPE, service()) == ()
    assert aws.calls == []


def test_a_cluster_without_instances_is_asked_once():
    aws = FakeAws({"ecs:ListContainerInstances": {"containerInstanceArns": []}})
    assert starts.instances(aws, SCOPE, service(launch="EC2")) == ()
