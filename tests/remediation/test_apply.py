import json
from dataclasses import replace
from types import SimpleNamespace

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from remediator.aws.runtime import WRITES, Environment, Runtime
from remediator.core.errors import Defect, Denied, Retryable, Unknown
from remediator.core.plan import Call
from remediator.core.settings import Settings
from remediator.incidents.apply_result import Applied
from remediator.remediation import apply as fix
from tests.fakes import checked, operation
from tests.problems.ecs_task_restarting.samples import evidence
from tests.problems.ecs_task_restarting.setting import OOM_LOOP, decision_on
from tests.samples import DEFINITION, plan

SECRET = "postgres://user:hunter2@db/app"
REVISION = {
    "taskDefinitionArn": f"{DEFINITION}:42",
    "family": "portfolio-api",
    "status": "ACTIVE",
    "revision": 42,
    "cpu": "256",
    "memory": "512",
    "networkMode": "awsvpc",
    "requiresCompatibilities": ["FARGATE"],
    "containerDefinitions": [
        {"name": "api", "image": "i", "environment": [{"name": "DATABASE_URL", "value": SECRET}]},
    ],
}
CREDENTIALS = {"AccessKeyId": "AKIAIOSFODNN7EXAMPLE", "SecretAccessKey": "s" * 40, "SessionToken": "t"}


class Names:
    """Of operations, by the client's method."""

    def __getitem__(self, method):
        return "".join(part.capitalize() for part in method.split("_"))


class Client:
    """One service's client: answers by method, requests checked against botocore's model."""

    def __init__(self, service, answers, sent):
        self._service, self._answers, self._sent = service, answers, sent
        model = SimpleNamespace(operation_model=lambda name: operation(f"{service}:{name}"))
        self.meta = SimpleNamespace(service_model=model, method_to_api_mapping=Names())

    def __getattr__(self, method):
        def send(**parameters):
            name = Names()[method]
            checked(operation(f"{self._service}:{name}").input_shape, parameters, name)
            self._sent.append((name, parameters))
            answer = self._answers[name]
            if isinstance(answer, Exception):
                raise answer
            return answer

        return send


class Clients:
    def __init__(self, **answers):
        self.answers = {
            "AssumeRole": {"Credentials": CREDENTIALS},
            "DescribeTaskDefinition": {"taskDefinition": REVISION},
            "RegisterTaskDefinition": {"taskDefinition": {"taskDefinitionArn": f"{DEFINITION}:43", "x": SECRET}},
            "UpdateService": {"service": {"serviceName": "s"}, "ResponseMetadata": {"RequestId": "r-1"}},
            **answers,
        }
        self.sent = []
        self.roles = []

    def __call__(self, service, region=""):
        return Client(service, self.answers, self.sent)

    def as_role(self, service, credentials):
        self.roles.append((service, credentials["AccessKeyId"]))
        return Client(service, self.answers, self.sent)


def runtime_of(clients):
    return Runtime(
        settings=Settings(),
        environment=Environment(fix_role_prefix="arn:aws:iam::123456789012:role/remediator-fix-"),
        clients=clients,
    )


@pytest.fixture
def memory():
    return decision_on(evidence(*OOM_LOOP))


def test_the_fix_role_is_assumed_with_exactly_the_plans_permissions(memory):
    clients = Clients()
    fix.apply(runtime_of(clients), "incident-1", memory, memory.calls)
    asked = dict(clients.sent)["AssumeRole"]
    assert asked["RoleArn"].endswith(":role/remediator-fix-ecs-task-restarting")
    assert asked["RoleSessionName"] == "remediator-incident-1"
    allowed = {a for s in json.loads(asked["Policy"])["Statement"] for a in s["Action"]}
    assert allowed == {"ecs:RegisterTaskDefinition", "ecs:UpdateService", "iam:PassRole"}


def test_every_write_goes_with_the_fix_roles_credentials(memory):
    clients = Clients()
    fix.apply(runtime_of(clients), "incident-1", memory, memory.calls)
    assert clients.roles == [("ecs", CREDENTIALS["AccessKeyId"])] * 2


def test_the_new_revision_differs_in_memory_only_and_the_service_moves_to_it(memory):
    clients = Clients()
    fix.apply(runtime_of(clients), "incident-1", memory, memory.calls)
    sent = dict(clients.sent)
    registered = sent["RegisterTaskDefinition"]
    assert registered["memory"] == "1024"
    assert registered["containerDefinitions"] == REVISION["containerDefinitions"]
    assert not {"revision", "status", "taskDefinitionArn"} & set(registered)
    assert sent["UpdateService"]["taskDefinition"] == f"{DEFINITION}:43"


def test_no_environment_of_a_container_is_kept_with_the_change(memory):
    change = fix.apply(runtime_of(Clients()), "incident-1", memory, memory.calls)
    assert SECRET not in repr(change)
    assert change.answers[0] == {"taskDefinition.taskDefinitionArn": f"{DEFINITION}:43"}
    assert change.requests[1] == "ecs:UpdateService r-1"


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "UpdateService"), Denied),
        (ClientError({"Error": {"Code": "ThrottlingException", "Message": "slow"}}, "UpdateService"), Retryable),
        (
            ClientError(
                {"Error": {"Code": "ServerException"}, "ResponseMetadata": {"HTTPStatusCode": 500}}, "UpdateService"
            ),
            Unknown,
        ),
        (ReadTimeoutError(endpoint_url="https://ecs"), Unknown),
    ],
)
def test_a_failed_write_says_whether_it_may_have_been_made_and_is_sent_once(error, kind):
    clients = Clients(UpdateService=error)
    lengthen = plan()
    with pytest.raises(kind):
        fix.apply(runtime_of(clients), "incident-1", lengthen, lengthen.calls)
    assert [name for name, _ in clients.sent].count("UpdateService") == 1


@pytest.mark.parametrize("answer", [{}, {"ResponseMetadata": {"RequestId": "r-1"}}, {"message": '{"half": [<an'}])
def test_a_write_whose_answer_is_empty_or_torn_may_have_been_made(answer):
    clients = Clients(UpdateService=answer)
    with pytest.raises(Unknown, match="empty or cannot be read"):
        fix.apply(runtime_of(clients), "incident-1", plan(), plan().calls)
    assert [name for name, _ in clients.sent].count("UpdateService") == 1


def test_a_lost_answer_of_assume_role_is_no_lost_write():
    clients = Clients(AssumeRole=ReadTimeoutError(endpoint_url="https://sts"))
    with pytest.raises(Retryable):
        fix.apply(runtime_of(clients), "incident-1", plan(), plan().calls)


def test_writes_are_configured_to_be_sent_once():
    assert WRITES.retries == {"mode": "standard", "total_max_attempts": 1}


def test_the_undo_is_made_through_the_same_door():
    clients = Clients()
    undo = replace(plan()).undo
    fix.apply(runtime_of(clients), "incident-1", plan(), undo)
    assert dict(clients.sent)["UpdateService"]["healthCheckGracePeriodSeconds"] == 0


REFUSED = ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "UpdateService")


def test_what_was_made_before_a_refusal_is_a_change_that_says_what_is_missing():
    first = Call(action="ecs:StopServiceDeployment", parameters={"serviceDeploymentArn": "d"}, arn="*")
    clients = Clients(StopServiceDeployment={"serviceDeploymentArn": "d"}, UpdateService=REFUSED)
    change = fix.apply(runtime_of(clients), "incident-1", plan(), (first, *plan().calls))
    assert change.requests == ("ecs:StopServiceDeployment",)
    assert "ecs:UpdateService is not allowed" in change.refused
    found = Applied(change=change).note()
    assert found is not None
    assert "part only (ecs:StopServiceDeployment)" in found.en


def test_what_only_prepares_a_refused_call_is_no_change(memory):
    with pytest.raises(Denied):
        fix.apply(runtime_of(Clients(UpdateService=REFUSED)), "incident-1", memory, memory.calls)


def test_a_port_is_opened_to_a_security_group_and_never_to_addresses():
    clients = Clients(AuthorizeSecurityGroupIngress={"Return": True})
    with pytest.raises(Defect, match="IpRanges"):
        fix.apply(runtime_of(clients), "incident-1", plan(), (ingress({"IpRanges": [{"CidrIp": "0.0.0.0/0"}]}),))
    assert clients.sent == []
    fix.apply(runtime_of(clients), "incident-1", plan(), (ingress({}),))
    assert [name for name, _ in clients.sent] == ["AssumeRole", "AuthorizeSecurityGroupIngress"]


def ingress(more):
    rule = {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "UserIdGroupPairs": [{"GroupId": "sg-1"}], **more}
    parameters = {"GroupId": "sg-2", "IpPermissions": [rule]}
    return Call(
        action="ec2:AuthorizeSecurityGroupIngress", parameters=parameters, arn="arn:aws:ec2:r:1:security-group/sg-2"
    )
