"""What a task needs before its container runs: room, roles, a way to AWS's services, secrets, its image.

Each is looked up in the account as it stands at that moment, so that only what ends the cause lets the next task start.
The words are of the forms that AWS documents for stopped tasks and service events.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import unquote

from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.ec2.models import ec2_backends
from moto.iam.models import iam_backends

from .. import names
from ..account import Account
from ..vpc.network import TASKS_CIDR, Network
from ..wire import Fake, Parameters
from .service import Service
from .tasks import Definition, Ending, Task

HTTPS = 443
TIMES_OUT_S = 45  # from the first try to the last one given up
FAILS_S = 8
SIZES = {256: (512, 1024, 2048), 512: (1024, 2048, 3072, 4096), 1024: tuple(range(2048, 8193, 1024))}
ECR_PULL = ("ecr:BatchCheckLayerAvailability", "ecr:GetDownloadUrlForLayer", "ecr:BatchGetImage")
HOSTS = {"ecr.api": "api.ecr", "secretsmanager": "secretsmanager", "logs": "logs"}
PREFIX = "ResourceInitializationError: unable to pull secrets or registry auth: "
NO_ROOM = (
    "Capacity is unavailable at this time. Please try again later or in a different availability zone. "
    "For more information, see the Troubleshooting section of the Amazon ECS Developer Guide."
)


@dataclass(frozen=True, slots=True)
class Unplaced:
    """Why ECS could not even make a task: the service's message, and the event that tells of it."""

    words: str
    event: str
    reason: str


@dataclass(slots=True)
class Starting:
    """What starts meet.

    Attributes:
        room_from: Fargate has no room before that moment; None: always.
        secrets: ARNs of the secrets that there are.
        instances: the cluster's container instances with the CPU units and MiB that each has left; None: room for all.
    """

    account: Account
    network: Network
    room_from: datetime | None = None
    secrets: frozenset[str] = frozenset()
    instances: Mapping[str, tuple[int, int]] | None = None

    def fakes(self) -> Mapping[tuple[str, str], Fake]:
        """Operations by service and name."""
        return {
            ("ecs", "ListContainerInstances"): self.list_container_instances,
            ("ecs", "DescribeContainerInstances"): self.describe_container_instances,
        }

    def list_container_instances(self, _: Parameters) -> dict[str, Any]:
        """All of the cluster's."""
        return {"containerInstanceArns": [_instance_arn(id) for id in self.instances or ()]}

    def describe_container_instances(self, asked: Parameters) -> dict[str, Any]:
        """Known ones, with what they have left; unknown ones as failures."""
        known = {_instance_arn(id): (id, left) for id, left in (self.instances or {}).items()}
        arns = asked["containerInstances"]
        return {
            "containerInstances": [_instance(a, *known[a]) for a in arns if a in known],
            "failures": [{"arn": a, "reason": "MISSING"} for a in arns if a not in known],
        }

    def unplaced(self, service: Service, definition: Definition, at: datetime) -> Unplaced | None:
        """Why a task of the revision cannot be made now, None where it can."""
        fargate = service.launch_type == "FARGATE"
        if fargate and self.room_from and at < self.room_from:
            return Unplaced(
                f"was unable to place a task. Reason: {NO_ROOM}", "SERVICE_TASK_PLACEMENT_FAILURE", "RESOURCE:FARGATE"
            )
        if not fargate and self.instances is not None and not self._fits(definition):
            closest = next(iter(self.instances), "")
            words = "was unable to place a task because no container instance met all of its requirements."
            if closest:
                words += f" The closest matching (container-instance {closest}) has insufficient memory available."
            return Unplaced(words, "SERVICE_TASK_PLACEMENT_FAILURE", "RESOURCE:MEMORY")
        size = (definition.cpu_units, definition.task_memory_mib)
        if fargate and size[1] not in SIZES.get(size[0], ()):
            words = f"No Fargate configuration exists for given values: {size[0]} CPU, {size[1]} memory."
            text = f"was unable to place a task. Reason: {words}"
            return Unplaced(text, "SERVICE_TASK_CONFIGURATION_FAILURE", words)
        role = _role(definition.execution_role)
        if role is None or not _trusts_tasks(role):
            words = (
                f"ECS was unable to assume the role '{definition.execution_role}' that was provided for this task. "
                "Please verify that the role being passed has the proper trust relationship and permissions "
                "and that your IAM user has permissions to pass this role."
            )
            text = f"failed to launch a task with (error {words})."
            return Unplaced(text, "SERVICE_TASK_CONFIGURATION_FAILURE", words)
        return None

    def _fits(self, definition: Definition) -> bool:
        left = (self.instances or {}).values()
        return any(cpu >= definition.cpu_units and mib >= definition.memory_mib for cpu, mib in left)

    def fault(self, task: Task) -> Ending | None:
        """How the start of a task fails, None where its container runs; the first thing that fails decides."""
        return next((f for f in self._faults(task) if f), None)

    def _faults(self, task: Task) -> Iterator[Ending | None]:
        definition = task.definition
        yield self._registry_auth(task)
        for secret in definition.secrets:
            yield self._secret(task, secret)
        yield self._image(task)
        yield self._logs(task)

    def _registry_auth(self, task: Task) -> Ending | None:
        if not self.reaches("ecr.api"):
            words = "The task cannot pull registry auth from Amazon ECR: There is a connection issue between the task and Amazon ECR. "
            return _failed(PREFIX + words + "Check your task network configuration. " + _post("ecr.api"), TIMES_OUT_S)
        before = "execution resource retrieval failed: unable to retrieve ecr registry auth: "
        return self._refused(task, "ecr:GetAuthorizationToken", "*", PREFIX + before)

    def _secret(self, task: Task, secret: str) -> Ending | None:
        before = PREFIX + "execution resource retrieval failed: unable to retrieve secret from asm: "
        fetching = f"service call has been retried 1 time(s): failed to fetch secret {secret} from secrets manager: "
        if not self.reaches("secretsmanager"):
            words = (
                f"{PREFIX}unable to retrieve secret from asm: There is a connection issue between the task and AWS Secrets "
                f"Manager. Check your task network configuration. failed to fetch secret {secret} from secrets manager: "
                "operation error Secrets Manager: GetSecretValue, canceled, context deadline exceeded"
            )
            return _failed(words, TIMES_OUT_S)
        if refused := self._refused(task, "secretsmanager:GetSecretValue", secret, before + fetching):
            return refused
        if secret in self.secrets:
            return None
        gone = "ResourceNotFoundException: Secrets Manager can't find the specified secret. status code: 400"
        return _failed(before + fetching + gone)

    def _image(self, task: Task) -> Ending | None:
        image = task.definition.image
        pulling = (
            f"CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref {image}: "
        )
        if not (self.reaches("ecr.dkr") and self.reaches("s3")):
            head = f'failed to do request: Head "https://{image.replace(":", "/manifests/")}": dial tcp 10.0.8.5:443: i/o timeout'
            return _failed("Task failed to start", TIMES_OUT_S, pulling + head)
        repository = f"arn:aws:ecr:{names.REGION}:{names.ACCOUNT}:repository/{names.REPOSITORY}"
        if not all(_allows(task.definition.execution_role, action, repository) for action in ECR_PULL):
            return _failed(
                "Task failed to start", FAILS_S, pulling + "pulling from host failed with status code 403 Forbidden"
            )
        tag = image.rsplit(":", 1)[1]
        if self.account.tags.get(tag) in self.account.images:
            return None
        return _failed(f"{pulling}{image}: not found")

    def _logs(self, task: Task) -> Ending | None:
        group = task.definition.log_group
        if not group:
            return None
        before = "ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: "
        if not self.reaches("logs"):
            return _failed(
                before + f"failed to create Cloudwatch log stream: {_post('logs')} : exit status 1", TIMES_OUT_S
            )
        arn = f"arn:aws:logs:{names.REGION}:{names.ACCOUNT}:log-group:{group}:*"
        return self._refused(task, "logs:CreateLogStream", arn, before + "failed to create Cloudwatch log stream: ")

    def _refused(self, task: Task, action: str, resource: str, before: str) -> Ending | None:
        role = task.definition.execution_role
        if _allows(role, action, resource):
            return None
        who = f"arn:aws:sts::{names.ACCOUNT}:assumed-role/{role.rsplit('/', 1)[-1]}/{task.id}"
        why = f"because no identity-based policy allows the {action} action status code: 400"
        return _failed(
            f"{before}AccessDeniedException: User: {who} is not authorized to perform: {action} on resource: {resource} {why}"
        )

    def reaches(self, service: str) -> bool:
        """Whether the tasks' subnet has an open way to that service of AWS: an endpoint, else a NAT gateway."""
        here, subnet = ec2_backends[DEFAULT_ACCOUNT_ID][names.REGION], self.network.task_subnet
        table = next(
            (t for t in here.route_tables.values() if any(a.get("SubnetId") == subnet for a in t.associations)), None
        )
        named = f"com.amazonaws.{names.REGION}.{service}"
        endpoints = [e for e in here.vpc_end_points.values() if e.service_name == named]
        for endpoint in endpoints:
            if endpoint.vpc_endpoint_type == "Interface" and endpoint.private_dns_enabled:
                return any(self._admits(here, group) for group in endpoint.security_group_ids)
            if table and table.id in (endpoint.route_table_ids or ()):
                return self._lets_out(here)
        routes = table.routes if table else ()
        out = any(r.destination_cidr_block == "0.0.0.0/0" and r.nat_gateway for r in routes)
        return out and self._lets_out(here)

    def _admits(self, here: Any, group: str) -> bool:
        rules = here.get_security_group_from_id(group).ingress_rules
        return self._lets_out(here) and any(
            _of_https(r)
            and (
                r.source_group.get("GroupId") == self.network.task_group
                or r.ip_range.get("CidrIp") in ("0.0.0.0/0", TASKS_CIDR)
            )
            for r in rules
        )

    def _lets_out(self, here: Any) -> bool:
        return any(_of_https(r) for r in here.get_security_group_from_id(self.network.task_group).egress_rules)


def _instance_arn(id: str) -> str:
    return names.ecs_arn(f"container-instance/{names.CLUSTER}/{names.hexadecimal('instance', id)}")


def _instance(arn: str, id: str, left: tuple[int, int]) -> dict[str, Any]:
    figures = zip(("CPU", "MEMORY"), left, strict=True)
    remaining = [{"name": name, "type": "INTEGER", "integerValue": value} for name, value in figures]
    return {
        "containerInstanceArn": arn,
        "ec2InstanceId": id,
        "status": "ACTIVE",
        "agentConnected": True,
        "remainingResources": remaining,
    }


def _failed(reason: str, takes_s: float = FAILS_S, container_reason: str = "") -> Ending:
    return Ending("TaskFailedToStart", reason, None, container_reason, takes_s)


def _post(service: str) -> str:
    host = f"https://{HOSTS[service]}.{names.REGION}.amazonaws.com/"
    return f'RequestError: send request failed caused by: Post "{host}": dial tcp 10.0.8.5:443: i/o timeout'


def _of_https(rule: Any) -> bool:
    return rule.ip_protocol == "-1" or (rule.ip_protocol in ("tcp", "6") and rule.from_port <= HTTPS <= rule.to_port)


def _role(arn: str) -> Any:
    return next((r for r in iam_backends[DEFAULT_ACCOUNT_ID]["aws"].roles.values() if r.arn == arn), None)


def _trusts_tasks(role: Any) -> bool:
    return "ecs-tasks.amazonaws.com" in unquote(str(role.assume_role_policy_document))


def _allows(role_arn: str, action: str, resource: str) -> bool:
    role = _role(role_arn)
    documents = [json.loads(unquote(d)) if isinstance(d, str) else d for d in role.policies.values()] if role else []
    statements: list[Mapping[str, Any]] = [s for d in documents for s in d["Statement"]]
    return any(
        s["Effect"] == "Allow" and _matches(s["Action"], action) and _matches(s["Resource"], resource)
        for s in statements
    )


def _matches(patterns: Any, text: str) -> bool:
    listed = [patterns] if isinstance(patterns, str) else patterns
    return any(fnmatchcase(text, p) for p in listed)
