"""What the patches of the platform make of ministack: rights, deliveries, durable executions, crashes, its clock."""

import io
import json
import zipfile
from datetime import timedelta

import pytest
from botocore.exceptions import ClientError

from .assembly import synthesise
from .emulator_process import ACCOUNT, REGION, Emulator

pytestmark = pytest.mark.e2e
PROBE = """
import os, time
from aws_durable_execution_sdk_python import durable_execution
from aws_durable_execution_sdk_python.config import *
from aws_durable_execution_sdk_python.retries import RetryStrategyConfig, create_retry_strategy

AGAIN = create_retry_strategy(RetryStrategyConfig(max_attempts=4, initial_delay=Duration.from_seconds(5)))

def flaky(told):
    if told.attempt < 3:
        raise ValueError("again")
    return told.attempt

def clock_runs_out(branch):
    branch.wait(Duration.from_seconds(300), name="clock")
    return "expired"

@durable_execution
def handle(event, context):
    if "fail" in event:
        raise RuntimeError("asked to")
    time.sleep(event.get("busy_s", 0))
    tries = context.step(flaky, name="flaky", config=StepConfig(retry_strategy=AGAIN))
    context.wait(Duration.from_seconds(60), name="a minute")
    question = context.create_callback(name="question")
    raced = context.parallel(
        [ParallelBranch(lambda _: question.result(), name="answer"), ParallelBranch(clock_runs_out, name="clock")],
        name="race",
        config=ParallelConfig(completion_config=CompletionConfig.first_successful()),
    )
    return {"tries": tries, "answer": raced.get_results(), "as": os.environ["AWS_REGION"]}
"""


@pytest.fixture(scope="module")
def world(installed):
    with Emulator(python=installed) as running:
        yield running


def trusting(**principal):
    return json.dumps(
        {
            "Statement": [{"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}],
            "Version": "2012-10-17",
        }
    )


def allowing(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **s} for s in statements]})


def role(world, name, policy, trust=None):
    iam = world.client("iam")
    trust = trust or trusting(AWS=f"arn:aws:iam::{ACCOUNT}:root")
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    iam.put_role_policy(RoleName=name, PolicyName="it", PolicyDocument=policy)
    return arn


def as_role(world, service, arn, sts=None, **session):
    assumed = (sts or world.client("sts")).assume_role(RoleArn=arn, RoleSessionName="test", **session)
    keys = assumed["Credentials"]
    return world.client_as(service, keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])


def refused(world, action):
    return [d["resource"] for d in world.view("denials") if d["action"] == action]


# -- rights -----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def services(world):
    """Two ECS services: `mine` has opted in, `theirs` has not."""
    ecs = world.client("ecs")
    ecs.create_cluster(clusterName="here")
    ecs.register_task_definition(family="app", containerDefinitions=[{"name": "app", "image": "app", "memory": 128}])
    for name, mode in (("mine", "auto"), ("theirs", "off")):
        tags = [{"key": "auto-remediation", "value": mode}]
        ecs.create_service(cluster="here", serviceName=name, taskDefinition="app", desiredCount=0, tags=tags)


OPTED_IN = {
    "Action": "ecs:UpdateService",
    "Resource": f"arn:aws:ecs:{REGION}:{ACCOUNT}:service/*",
    "Condition": {"StringEquals": {"aws:ResourceTag/auto-remediation": ["auto", "approve"]}},
}


def test_a_write_is_let_through_by_the_tags_of_its_resource_alone(world, services):
    ecs = as_role(world, "ecs", role(world, "tagged", allowing(OPTED_IN)))
    ecs.update_service(cluster="here", service="mine", desiredCount=0)
    with pytest.raises(ClientError, match="AccessDenied"):
        ecs.update_service(cluster="here", service="theirs", desiredCount=0)
    assert refused(world, "ecs:UpdateService") == [f"arn:aws:ecs:{REGION}:{ACCOUNT}:service/here/theirs"]


def test_a_session_policy_narrows_the_role(world, services):
    arn = role(world, "narrowed", allowing(OPTED_IN))
    other = allowing({**OPTED_IN, "Resource": f"arn:aws:ecs:{REGION}:{ACCOUNT}:service/here/other"})
    with pytest.raises(ClientError, match="AccessDenied"):
        as_role(world, "ecs", arn, Policy=other).update_service(cluster="here", service="mine", desiredCount=0)


def test_a_role_can_be_trusted_to_one_other_role(world):
    may_assume = allowing({"Action": "sts:AssumeRole", "Resource": "*"})
    only = json.loads(trusting(AWS=f"arn:aws:iam::{ACCOUNT}:root"))
    only["Statement"][0]["Condition"] = {"ArnEquals": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/trusted"}}
    target = role(world, "target", allowing({"Action": "ecs:ListClusters", "Resource": "*"}), json.dumps(only))
    trusted, other = (as_role(world, "sts", role(world, name, may_assume)) for name in ("trusted", "other"))
    assert as_role(world, "ecs", target, sts=trusted).list_clusters()
    with pytest.raises(ClientError, match="AccessDenied"):
        as_role(world, "ecs", target, sts=other)


def test_a_task_definition_may_name_only_roles_that_may_be_passed(world):
    register = {"Action": "ecs:RegisterTaskDefinition", "Resource": f"arn:aws:ecs:{REGION}:{ACCOUNT}:task-definition/*"}
    passes = {
        "Action": "iam:PassRole",
        "Resource": f"arn:aws:iam::{ACCOUNT}:role/app-*",
        "Condition": {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}},
    }
    ecs = as_role(world, "ecs", role(world, "registers", allowing(register, passes)))
    container = {"name": "a", "image": "a", "memory": 128}
    app, admin = (role(world, name, allowing(register)) for name in ("app-task", "admin"))
    ecs.register_task_definition(family="passed", taskRoleArn=app, containerDefinitions=[container])
    with pytest.raises(ClientError, match=f"iam:PassRole on resource: {admin}"):
        ecs.register_task_definition(family="passed", taskRoleArn=admin, containerDefinitions=[container])


# -- events -----------------------------------------------------------------------------------------------------------


def queue(world, name, policy=None):
    sqs = world.client("sqs")
    url = sqs.create_queue(QueueName=name, Attributes={"Policy": policy} if policy else {})["QueueUrl"]
    return url, f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}"


def received(world, url):
    world.let_pass()
    told = world.client("sqs").receive_message(QueueUrl=url).get("Messages", [])
    return [json.loads(m["Body"]) for m in told]


def lets_rules_in(name):
    service = {"Service": "events.amazonaws.com"}
    return allowing({"Principal": service, "Action": "sqs:SendMessage", "Resource": f"arn:aws:sqs:*:*:{name}"})


def test_an_event_of_aws_arrives_in_its_envelope_and_what_a_queue_refuses_is_dead(world):
    open_url, open_arn = queue(world, "open", lets_rules_in("open"))
    shut_url, shut_arn = queue(world, "shut")
    dead_url, dead_arn = queue(world, "dead", lets_rules_in("dead"))
    events = world.client("events")
    events.put_rule(Name="stops", EventPattern=json.dumps({"source": ["aws.ecs"]}))
    targets = [("o", open_arn), ("s", shut_arn)]
    events.put_targets(
        Rule="stops", Targets=[{"Id": i, "Arn": a, "DeadLetterConfig": {"Arn": dead_arn}} for i, a in targets]
    )
    entry = {"Source": "aws.ecs", "DetailType": "ECS Task State Change", "Detail": "{}", "Resources": ["arn:x"]}
    assert events.put_events(Entries=[entry])["FailedEntryCount"] == 0
    [event] = received(world, open_url)
    assert {"version", "id", "time", "account", "region", "resources", "source", "detail-type", "detail"} == set(event)
    assert (event["account"], event["region"], event["resources"]) == (ACCOUNT, REGION, ["arn:x"])
    assert received(world, shut_url) == []
    assert [e["id"] for e in received(world, dead_url)] == [event["id"]]


# -- durable executions -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def probe(world):
    return probe_on(world)


def probe_on(world):
    """A durable function of its own in the product's bundle."""
    code = io.BytesIO(next(a for a in synthesise().assets() if a.zipped).content())
    with zipfile.ZipFile(code, "a") as bundle:
        bundle.writestr("probe.py", PROBE)
    may = allowing({"Action": "lambda:*", "Resource": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:probe:*"})
    arn = role(world, "probe", may, trusting(Service="lambda.amazonaws.com"))
    functions = world.client("lambda")
    functions.create_function(
        FunctionName="probe",
        Runtime="python3.13",
        Handler="probe.handle",
        Role=arn,
        Code={"ZipFile": code.getvalue()},
        DurableConfig={"ExecutionTimeout": 3600, "RetentionPeriodInDays": 1},
        Timeout=60,
    )
    functions.publish_version(FunctionName="probe")
    functions.create_alias(FunctionName="probe", Name="live", FunctionVersion="1")
    return functions


def start(probe, name, **event):
    return probe.invoke(
        FunctionName="probe",
        Qualifier="live",
        InvocationType="Event",
        DurableExecutionName=name,
        Payload=json.dumps(event),
    )["DurableExecutionArn"]


def until(world, name, true, within_s=3600):
    for _ in range(within_s):
        [found] = [e for e in world.view("executions") if e["name"] == name]
        if true(found):
            return found
        world.let_pass(1)
    raise AssertionError(f"not within {within_s} s of the world: {found}")


def asked(execution):
    return any(o["name"] == "clock" and o["type"] == "WAIT" for o in execution["operations"])


def over(execution):
    return execution["status"] != "RUNNING"


def test_an_execution_retries_waits_and_is_answered(world, probe):
    arn = start(probe, "answered")
    assert start(probe, "answered") == arn, "the same name and payload is the same execution"
    with pytest.raises(ClientError, match="DurableExecutionAlreadyStartedException"):
        start(probe, "answered", other=True)
    until(world, "answered", asked)
    events = probe.get_durable_execution_history(DurableExecutionArn=arn)["Events"]
    [callback] = [e["CallbackStartedDetails"]["CallbackId"] for e in events if e["EventType"] == "CallbackStarted"]
    probe.send_durable_execution_callback_success(CallbackId=callback, Result=b"yes")
    ended = until(world, "answered", over)
    told = json.loads(ended["result"])
    assert (ended["status"], ended["version"], told["tries"], told["answer"]) == ("SUCCEEDED", "1", 3, ["yes"])
    waited = {e["EventType"]: e["EventTimestamp"] for e in events if e.get("Name") == "a minute"}
    assert waited["WaitSucceeded"] - waited["WaitStarted"] == timedelta(seconds=60)


def test_nobody_answers_and_the_clock_of_the_world_runs_out(world, probe):
    start(probe, "unanswered")
    assert json.loads(until(world, "unanswered", over)["result"])["answer"] == ["expired"]


def test_a_failure_is_told_on_the_bus(world, probe):
    url, arn = queue(world, "failures", lets_rules_in("failures"))
    events = world.client("events")
    events.put_rule(Name="f", EventPattern=json.dumps({"source": ["aws.lambda"], "detail": {"status": ["FAILED"]}}))
    events.put_targets(Rule="f", Targets=[{"Id": "q", "Arn": arn}])
    start(probe, "failed", fail=True)
    until(world, "failed", over)
    [event] = received(world, url)
    assert event["detail-type"] == "Durable Execution Status Change"
    assert event["detail"]["durableExecutionName"] == "failed"
    assert event["detail"]["functionArn"].endswith(":function:probe:1")


def test_a_worker_that_is_killed_is_invoked_again_from_its_checkpoints(world, probe):
    world.world(do="kill_worker", function="probe", action="lambda:CheckpointDurableExecution", times=2)
    start(probe, "crashed")
    ended = until(world, "crashed", over)
    assert (ended["status"], ended["died"]) == ("SUCCEEDED", 2)


# -- the way back -----------------------------------------------------------------------------------------------------


def test_an_act_or_a_view_that_does_not_exist_is_named(world):
    with pytest.raises(Exception, match="hurry_queue"):
        world.world(do="nothing")
    with pytest.raises(Exception, match="denials"):
        world.view("nothing")
