"""A request as IAM sees it: each action that it needs, and the ARN that each is checked against.

Source: Service Authorization Reference, the resource types of each action that is named here.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sandbox import names
from sandbox.wire import Request

from .iam import Ask

PLACE = f"{names.REGION}:{names.ACCOUNT}"
STEP_ACTION = {"Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem", "ConditionCheck": "ConditionCheckItem"}
SCALABLE = "application-autoscaling:RegisterScalableTarget"
TARGET = (
    "ServiceNamespace",
    "ResourceId",
    "ScalableDimension",
)  # what names a scalable target; its ARN has an id of its own
PASSED = ("taskRoleArn", "executionRoleArn")


def asks(request: Request) -> Iterator[Ask]:
    """What IAM is asked for the request; `iam:PassRole` and a transaction's steps are questions of their own."""
    sent = request.parameters
    if request.operation == "TransactWriteItems":
        for step in sent["TransactItems"]:
            ((kind, part),) = step.items()
            yield Ask(f"dynamodb:{STEP_ACTION[kind]}", _dynamodb(part, ""))
        return
    context = {"dynamodb:Select": sent["Select"]} if "Select" in sent else {}
    if request.action == SCALABLE:
        context = {name: sent[name] for name in TARGET}
    for arn in _arns(request):
        yield Ask(request.action, arn, context)
    if request.action == "ecs:RegisterTaskDefinition":
        yield from (
            Ask("iam:PassRole", sent[p], {"iam:PassedToService": "ecs-tasks.amazonaws.com"})
            for p in PASSED
            if p in sent
        )
    if request.action == "scheduler:CreateSchedule":
        yield Ask("iam:PassRole", sent["Target"]["RoleArn"], {"iam:PassedToService": "scheduler.amazonaws.com"})


def _arns(request: Request) -> tuple[str, ...]:
    of = OF.get(request.action.split(":")[0])
    if of is None:
        raise NotImplementedError(f"{request.action}: say in asks.py what IAM checks it against")
    found = of(request.parameters, request.operation)
    return (found,) if isinstance(found, str) else tuple(found)


def _cloudwatch(sent: Mapping[str, Any], operation: str) -> str | list[str]:
    if operation in ("GetMetricData", "ListAlarmMuteRules"):
        return "*"
    names = sent.get("AlarmNames", ("*",))  # all of them where none is named
    return [f"arn:aws:cloudwatch:{PLACE}:alarm:{name}" for name in names]


def _ecs(sent: Mapping[str, Any], operation: str) -> str | list[str]:
    if operation in ("ListTasks", "DescribeTaskDefinition"):
        return "*"
    if operation == "RegisterTaskDefinition":
        return f"arn:aws:ecs:{PLACE}:task-definition/{sent['family']}:1"
    cluster = str(sent.get("cluster", "")).rsplit("/", 1)[-1]
    if operation == "ListContainerInstances":
        return f"arn:aws:ecs:{PLACE}:cluster/{cluster}"
    kinds = {
        "services": "service",
        "service": "service",
        "tasks": "task",
        "task": "task",
        "containerInstances": "container-instance",
    }
    for key in (*kinds, "serviceDeploymentArn", "serviceRevisionArns"):
        if key in sent:
            named = sent[key] if isinstance(sent[key], list) else [sent[key]]
            return [n if n.startswith("arn:") else f"arn:aws:ecs:{PLACE}:{kinds[key]}/{cluster}/{n}" for n in named]
    raise NotImplementedError(f"ecs:{operation}")


def _dynamodb(sent: Mapping[str, Any], operation: str) -> str:
    if operation == "BatchGetItem":
        (table,) = sent["RequestItems"]  # the ledger alone is read so
        return f"arn:aws:dynamodb:{PLACE}:table/{table}"
    arn = sent.get("TableArn") or sent.get("ResourceArn")
    if arn:
        return str(arn)
    if "TableName" not in sent:
        return "*"
    index = f"/index/{sent['IndexName']}" if "IndexName" in sent else ""
    return f"arn:aws:dynamodb:{PLACE}:table/{sent['TableName']}{index}"


def _elb(sent: Mapping[str, Any], operation: str) -> str:
    return "*" if operation.startswith("Describe") else str(sent.get("TargetGroupArn") or sent["LoadBalancerArn"])


def _ec2(sent: Mapping[str, Any], operation: str) -> str:
    return "*" if operation.startswith("Describe") else f"arn:aws:ec2:{PLACE}:security-group/{sent['GroupId']}"


def _cloudfront(sent: Mapping[str, Any], operation: str) -> str:
    kinds = {
        "GetOriginAccessControl": "origin-access-control",
        "GetCloudFrontOriginAccessIdentity": "origin-access-identity",
    }
    if "Resource" in sent:
        return str(sent["Resource"])
    return f"arn:aws:cloudfront::{names.ACCOUNT}:{kinds.get(operation, 'distribution')}/{sent.get('DistributionId') or sent['Id']}"


def _iam(sent: Mapping[str, Any], operation: str) -> str:
    del operation
    return str(sent.get("PolicyArn") or f"arn:aws:iam::{names.ACCOUNT}:role/{sent['RoleName']}")


def _logs(sent: Mapping[str, Any], operation: str) -> str:
    del operation
    return f"arn:aws:logs:{PLACE}:log-group:{sent['logGroupName']}:log-stream:{sent.get('logStreamName', '')}"


def _lambda(sent: Mapping[str, Any], operation: str) -> str:
    return str(sent["FunctionName"]) if operation == "Invoke" else f"{names.REMEDIATE_ALIAS.removesuffix('live')}1"


OF: Mapping[str, Callable[[Mapping[str, Any], str], str | list[str]]] = {
    "application-autoscaling": lambda _, operation: (
        "*" if operation.startswith("Describe") else f"arn:aws:application-autoscaling:{PLACE}:scalable-target/0a1b2c"
    ),
    "cloudformation": lambda _, operation: f"arn:aws:cloudformation:{PLACE}:stack/{operation}/0a1b2c",
    "cloudfront": _cloudfront,
    "cloudtrail": lambda *_: "*",
    "cloudwatch": _cloudwatch,
    "dynamodb": _dynamodb,
    "ec2": _ec2,
    "ecr": lambda sent, _: f"arn:aws:ecr:{PLACE}:repository/{sent['repositoryName']}",
    "ecs": _ecs,
    "elasticloadbalancing": _elb,
    "iam": _iam,
    "kms": lambda sent, _: str(sent["KeyId"]),
    "lambda": _lambda,
    "logs": _logs,
    "s3": lambda sent, _: f"arn:aws:s3:::{sent['Bucket']}",
    "scheduler": lambda sent, _: f"arn:aws:scheduler:{PLACE}:schedule/{sent['GroupName']}/{sent['Name']}",
    "sns": lambda sent, _: str(sent["TopicArn"]),
    "sqs": lambda sent, _: f"arn:aws:sqs:{PLACE}:{sent['QueueUrl'].rsplit('/', 1)[-1]}",
    "ssm": lambda sent, _: f"arn:aws:ssm:{PLACE}:parameter{sent['Name']}",
    "sts": lambda sent, _: str(sent["RoleArn"]),
}
