"""Stories that only a deployment can tell: a request by hand, an undo, a crash, a queue that fails, IAM's own word."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from remediator.core.plan import Plan
from remediator.core.serialization import from_json
from remediator.resources.iam.session_policy import session_policy
from sandbox.scenarios import Ending

from .emulator_process import ACCOUNT, REGION
from .stage import Stage
from .story import Act, Story
from .targets import LONG_GRACE, closed
from .tasks import ASKED_AND_APPROVED, LEAKS, OUT_OF_MEMORY, falls_ill, refuse, service

CLOSED = "alb_targets_unhealthy.security_group_closed"
RAISED = Ending(cause=OUT_OF_MEMORY, action="raise_memory", verdict="fixed")
LEDGER_CALLS = frozenset(f"dynamodb:{c}" for c in ("GetItem", "PutItem", "UpdateItem", "TransactWriteItems"))
HURRIED_S = 1  # in place of minutes of hiding


# -- an engineer replays, and lets it act ------------------------------------------------------------------------------


def _unnoticed(stage: Stage) -> None:
    """The trouble begins while no rule of the product listens."""
    events = stage.client("events")
    for rule in events.list_rules(NamePrefix="Remediator")["Rules"]:
        events.disable_rule(Name=rule["Name"])
    falls_ill(**LEAKS)(stage)


def _stopped_twice(stage: Stage) -> list[str]:
    ecs = stage.client("ecs")
    listed = ecs.list_tasks(cluster="portfolio-cluster", desiredStatus="STOPPED")["taskArns"]
    tasks = ecs.describe_tasks(cluster="portfolio-cluster", tasks=listed)["tasks"] if listed else []
    stopped = [t["taskArn"] for t in tasks if "stoppedAt" in t]
    return stopped if len(stopped) > 1 else []


def _replay_and_apply(stage: Stage) -> None:
    task = stage.client("ecs").describe_tasks(cluster="portfolio-cluster", tasks=_stopped_twice(stage))["tasks"][0]
    event = {
        "version": "0",
        "id": "7e2a9c53-0d1f-4b6e-8f57-2f0f4ad5b3c1",
        "detail-type": "ECS Task State Change",
        "source": "aws.ecs",
        "account": ACCOUNT,
        "time": _as_event(task["stoppedAt"]),
        "region": REGION,
        "resources": [task["taskArn"]],
        "detail": json.loads(json.dumps(task, default=_as_event)),
    }
    request = {"replay": event, "apply": True, "by": "sato@example.com"}
    response = stage.invoke(stage.product.outputs["IntakeFunction"], request)
    if response[0].get("how") != "replay_apply":
        raise AssertionError(response)


def _as_event(value: datetime) -> str:
    return value.isoformat().replace("+00:00", "Z")


# -- an undo -----------------------------------------------------------------------------------------------------------


def _take_back(stage: Stage) -> None:
    changed = next(r for r in stage.records() if r.get("change"))  # another incident may have noticed it first
    incident = changed["pk"].removeprefix("incident#")
    stage.invoke(stage.product.outputs["IntakeFunction"], {"undo": incident, "by": "sato@example.com"})


def _is_closed_again(stage: Stage) -> bool:
    groups = stage.client("ec2").describe_security_groups(GroupIds=[stage.portfolio["TaskGroup"]])
    return not groups["SecurityGroups"][0]["IpPermissions"]


# -- a crash -----------------------------------------------------------------------------------------------------------


def _dies_after_the_write(stage: Stage) -> None:
    stage.world(do="kill_worker", function="Remediate", action="ecs:UpdateService", when="after_call")
    falls_ill(**LEAKS)(stage)


def _written_once(stage: Stage) -> bool:
    made = [c for c in stage.emulator.view("calls") if c["action"] == "ecs:UpdateService" and "-fix-" in c["principal"]]
    return len(made) == 1


def _died_once(stage: Stage) -> bool:
    return bool(sum(x["died"] for x in stage.emulator.view("executions")) == 1)


# -- a queue that fails ------------------------------------------------------------------------------------------------


def _without_the_ledger(stage: Stage) -> None:
    """Intake may not use its ledger, so that its messages fail until they are in the dead-letter queue."""
    denied = {"Effect": "Deny", "Action": "dynamodb:*", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [denied]})
    role = _role_of(stage, stage.product.outputs["IntakeFunction"])
    stage.client("iam").put_role_policy(RoleName=role, PolicyName="broken", PolicyDocument=policy)
    stage.world(do="hurry_queue", queue=_intake_queue(stage), visibility_s=HURRIED_S)
    falls_ill(**LEAKS)(stage)


def _dead_letters(stage: Stage) -> int:
    sqs = stage.client("sqs")
    response = sqs.get_queue_attributes(QueueUrl=_dead_queue(stage), AttributeNames=["ApproximateNumberOfMessages"])
    return int(response["Attributes"]["ApproximateNumberOfMessages"])


def _mended_and_redriven(stage: Stage) -> None:
    role = _role_of(stage, stage.product.outputs["IntakeFunction"])
    stage.client("iam").delete_role_policy(RoleName=role, PolicyName="broken")
    sqs = stage.client("sqs")
    attributes = sqs.get_queue_attributes(QueueUrl=_dead_queue(stage), AttributeNames=["QueueArn"])["Attributes"]
    stage.let_pass(HURRIED_S)
    sqs.start_message_move_task(SourceArn=attributes["QueueArn"])


def _role_of(stage: Stage, function: str) -> str:
    role = stage.client("lambda").get_function_configuration(FunctionName=function)["Role"]
    return str(role).rpartition("/")[2]


def _intake_queue(stage: Stage) -> str:
    return next(u for u in _queues(stage) if "InboxIntake" in u and "Dead" not in u).rpartition("/")[2]


def _dead_queue(stage: Stage) -> str:
    return next(u for u in _queues(stage) if "InboxIntakeDead" in u)


def _queues(stage: Stage) -> list[str]:
    return list(stage.client("sqs").list_queues()["QueueUrls"])


# -- IAM's own word ----------------------------------------------------------------------------------------------------


def _write_elsewhere(stage: Stage) -> None:
    """What was approved for one service is sent to another that has opted in as well: IAM alone stands between."""
    asking = next(r for r in stage.records() if r["state"] == "asking")
    plan = from_json(Plan, _read(asking["plan"]))
    ecs = stage.client("ecs")
    there = ecs.create_service(
        cluster="portfolio-cluster",
        serviceName="another-service",
        taskDefinition=service(stage)["taskDefinition"],
        desiredCount=0,
        tags=[{"key": "auto-remediation", "value": "auto"}],
    )["service"]
    narrowed = _as_fix_role(stage, session_policy(plan.calls))
    try:
        narrowed.update_service(cluster="portfolio-cluster", service=there["serviceName"], desiredCount=1)
    except ClientError as error:
        if error.response["Error"]["Code"] != "AccessDeniedException":
            raise
    else:
        raise AssertionError("the narrowed session wrote to a service that its plan does not name")
    refuse(stage)


def _as_fix_role(stage: Stage, policy: str) -> Any:
    """An ECS client with the fix role, narrowed to `policy`, as remediate would assume it."""
    role = _role_of(stage, stage.product.outputs["RemediateFunction"])
    lets = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "sts:AssumeRole"}
    trust = json.dumps({"Version": "2012-10-17", "Statement": [lets]})
    stage.client("iam").update_assume_role_policy(RoleName=role, PolicyDocument=trust)
    remediate = _assumed(stage.client("sts"), f"arn:aws:iam::{ACCOUNT}:role/{role}")
    sts = stage.emulator.client_as("sts", *remediate)
    fix = f"arn:aws:iam::{ACCOUNT}:role/remediator-{REGION}-fix-ecs-task-restarting"
    return stage.emulator.client_as("ecs", *_assumed(sts, fix, Policy=policy))


def _assumed(sts: Any, role: str, **narrowed: str) -> tuple[str, str, str]:
    keys: Mapping[str, str] = sts.assume_role(RoleArn=role, RoleSessionName="a-person", **narrowed)["Credentials"]
    return keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"]


def _read(stored: Any) -> Any:
    return json.loads(stored) if isinstance(stored, str) else stored


STORIES = (
    Story(
        name="replayed-and-applied",
        begin=_unnoticed,
        acts=(Act(what="tasks were killed", when=_stopped_twice, do=_replay_and_apply),),
        expected=RAISED,
        agrees=False,
    ),
    Story(
        name="taken-back",
        begin=closed,
        portfolio=LONG_GRACE,
        acts=(ASKED_AND_APPROVED, Act(what="it is fixed", when=Stage.all_closed, do=_take_back)),
        expected=Ending(cause=CLOSED, action="admit_load_balancer", verdict="fixed", incidents=2),
        shown={"the rule is gone again": _is_closed_again},
        agrees=False,
        needs=("ec2:RevokeSecurityGroupIngress",),
    ),
    Story(
        name="crash-after-the-write",
        begin=_dies_after_the_write,
        expected=RAISED,
        shown={"the worker was killed once": _died_once, "the service was updated once": _written_once},
        agrees=False,
    ),
    Story(
        name="dead-letters-redriven",
        begin=_without_the_ledger,
        acts=(Act(what="a message is in the dead-letter queue", when=_dead_letters, do=_mended_and_redriven),),
        expected=RAISED,
        denied=LEDGER_CALLS,
        agrees=False,
    ),
    Story(
        name="approved-for-another",
        begin=falls_ill(**LEAKS),
        mode="approve",
        acts=(Act(what="the program asks", when=Stage.question, do=_write_elsewhere),),
        expected=Ending(cause=OUT_OF_MEMORY, action="held back", verdict="not_fixed", refusal="refuse"),
        denied=frozenset(("ecs:UpdateService",)),
        agrees=False,
        stays=True,
    ),
)
