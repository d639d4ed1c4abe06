"""Readers of ECS: service, stopped tasks, task definitions, deployments and their revisions."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ....core.errors import NotFound
from ....core.model import Resource
from ....core.ports import Aws, Permission, Scope, reads
from ....core.serialization import from_json
from ....core.timestamps import iso
from ..kind import ECS_SERVICE
from ..model import (
    ContainerSpec,
    Deployment,
    Revision,
    RunningTask,
    Service,
    ServiceDeployment,
    TaskDefinition,
    TaskStop,
    last_good,
)
from ..stop_codes import task_stop

SERVICE = "arn:{partition}:ecs:{region}:{account}:service/*"
TASK = "arn:{partition}:ecs:{region}:{account}:task/*"
STOPS_READ = 100  # DescribeTasks takes at most 100
DEPLOYMENTS_READ = 20  # DescribeServiceRevisions takes at most 20


@reads(Permission("ecs:DescribeServices", SERVICE))
def service(aws: Aws, scope: Scope) -> Service:
    """The service of the incident, with its tags; one that is INACTIVE where it was deleted.

    Raises:
        NotFound: the task belongs to no service, or the cluster is gone.
    """
    resource = scope.incident.resource
    if not ECS_SERVICE.is_kind_of(resource):
        raise NotFound(f"{resource.name} is a one-off task; no service owns it")
    answer = aws.call("ecs:DescribeServices", cluster=resource.cluster, services=[resource.name], include=["TAGS"])
    if not answer["services"]:  # ECS forgets a deleted service after a while
        return Service(arn=resource.arn, name=resource.name, cluster=resource.cluster, status="INACTIVE")
    return _service(answer["services"][0])


@reads(
    Permission("ecs:ListTasks", "*"),  # its resource is the container instance: AWS has none for Fargate
    Permission("ecs:DescribeTasks", TASK),
)
def stops(aws: Aws, scope: Scope) -> tuple[TaskStop, ...]:
    """Stopped tasks, newest first: those ECS remembers (about an hour) and those the signals tell of."""
    read = {s.task_arn: s for s in (*signalled(scope), *_remembered(aws, scope.incident.resource))}
    ended = (s for s in read.values() if s.stopped_at)  # ECS lists tasks as stopped while they still stop
    return tuple(sorted(ended, key=lambda s: (s.stopped_at, s.task_arn), reverse=True))


def _remembered(aws: Aws, resource: Resource) -> tuple[TaskStop, ...]:
    whose = {"serviceName": resource.name} if ECS_SERVICE.is_kind_of(resource) else {"family": resource.name}
    try:
        listed = aws.pages(
            "ecs:ListTasks", "taskArns", STOPS_READ, cluster=resource.cluster, desiredStatus="STOPPED", **whose
        )
    except NotFound:  # the service was deleted: what the signals tell is all there is
        return ()
    if not listed:
        return ()
    found = aws.call("ecs:DescribeTasks", cluster=resource.cluster, tasks=list(listed))["tasks"]
    return tuple(task_stop(t) for t in found)


@reads(Permission("ecs:ListTasks", "*"), Permission("ecs:DescribeTasks", TASK))
def running(aws: Aws, scope: Scope) -> tuple[RunningTask, ...]:
    """The service's tasks that run or start, oldest first; at most a hundred of them.

    Raises:
        NotFound: a one-off task has no such company.
    """
    resource = scope.incident.resource
    if not ECS_SERVICE.is_kind_of(resource):
        raise NotFound("a one-off task has no service whose tasks run")
    listed = aws.pages(
        "ecs:ListTasks",
        "taskArns",
        STOPS_READ,
        cluster=resource.cluster,
        desiredStatus="RUNNING",
        serviceName=resource.name,
    )
    found = aws.call("ecs:DescribeTasks", cluster=resource.cluster, tasks=list(listed))["tasks"] if listed else ()
    read = (task_stop(t) for t in found)
    tasks = (
        RunningTask(task_arn=t.task_arn, started_by=t.started_by, created_at=t.created_at, started_at=t.started_at)
        for t in read
    )
    return tuple(sorted(tasks, key=lambda t: (t.created_at, t.task_arn)))


def signalled(scope: Scope) -> tuple[TaskStop, ...]:
    """The stopped tasks that the incident's own signals tell of; no call is made."""
    found = [s for s in scope.incident.signals if s.kind == "ecs_task_stopped"]
    read = [(from_json(TaskStop, signal.facts), signal.at) for signal in found]
    return tuple(replace(stop, stopped_at=stop.stopped_at or at) for stop, at in read)


@reads(Permission("ecs:DescribeTaskDefinition"), Permission("ecs:DescribeServices", SERVICE))
def definition(aws: Aws, scope: Scope) -> TaskDefinition:
    """The task definition that the newest signalled task ran; the service's own where no signal names one."""
    found = [s.task_definition for s in signalled(scope) if s.task_definition]
    named = found[-1] if found else service(aws, scope).task_definition
    if not named:
        raise NotFound("neither a signal nor a service names a task definition")
    return definition_of(aws.call("ecs:DescribeTaskDefinition", taskDefinition=named)["taskDefinition"])


@reads(
    Permission("ecs:ListServiceDeployments", SERVICE),
    Permission("ecs:DescribeServiceRevisions", "arn:{partition}:ecs:{region}:{account}:service-revision/*"),
)
def deployments(aws: Aws, scope: Scope) -> tuple[ServiceDeployment, ...]:
    """The service's deployments of the last 90 days with the revisions they target, newest first."""
    resource = scope.incident.resource
    if not ECS_SERVICE.is_kind_of(resource):
        raise NotFound("a one-off task has no deployments")
    listed = aws.call(
        "ecs:ListServiceDeployments", cluster=resource.cluster, service=resource.name, maxResults=DEPLOYMENTS_READ
    )["serviceDeployments"]
    arns = sorted({d["targetServiceRevisionArn"] for d in listed if "targetServiceRevisionArn" in d})
    found = aws.call("ecs:DescribeServiceRevisions", serviceRevisionArns=arns)["serviceRevisions"] if arns else ()
    revisions = {r["serviceRevisionArn"]: _revision(r) for r in found}
    read = [
        ServiceDeployment(
            arn=d["serviceDeploymentArn"],
            status=d["status"],
            started_at=_time(d.get("startedAt") or d.get("createdAt")),
            revision=revisions.get(d.get("targetServiceRevisionArn", "")),
        )
        for d in listed
    ]
    return tuple(sorted(read, key=lambda d: d.started_at, reverse=True))


@reads(Permission("ecs:DescribeTaskDefinition"))
def good_definition(aws: Aws, scope: Scope, deployments: tuple[ServiceDeployment, ...]) -> TaskDefinition:
    """The task definition of the last good revision; one without name that is not active where there is none."""
    del scope
    good = last_good(deployments)
    if good is None:
        return TaskDefinition(arn="", family="", active=False)
    return definition_of(aws.call("ecs:DescribeTaskDefinition", taskDefinition=good.task_definition)["taskDefinition"])


def _time(value: Any) -> str:
    return iso(value) if hasattr(value, "tzinfo") else str(value or "")


def _service(response: Mapping[str, Any]) -> Service:
    configuration = response.get("deploymentConfiguration", {})
    breaker = configuration.get("deploymentCircuitBreaker", {})
    alarms = configuration.get("alarms", {})
    balancers = tuple(response.get("loadBalancers", ()))
    return Service(
        arn=response["serviceArn"],
        name=response["serviceName"],
        cluster=response["clusterArn"].rsplit("/", 1)[-1],
        status=response["status"],
        desired=response["desiredCount"],
        running=response["runningCount"],
        pending=response.get("pendingCount", 0),
        task_definition=response["taskDefinition"],
        launch=_launch(response),
        providers=tuple(s["capacityProvider"] for s in response.get("capacityProviderStrategy", ())),
        controller=response.get("deploymentController", {}).get("type", "ECS"),
        grace_s=response.get("healthCheckGracePeriodSeconds"),
        breaker_rolls_back=bool(
            (breaker.get("enable") and breaker.get("rollback")) or (alarms.get("enable") and alarms.get("rollback"))
        ),
        deployments=tuple(_deployment(d) for d in response.get("deployments", ())),
        target_groups=tuple(b["targetGroupArn"] for b in balancers if "targetGroupArn" in b),
        network=response.get("networkConfiguration", {}),
        load_balancers=balancers,
        tags={t["key"]: t.get("value", "") for t in response.get("tags", ())},
    )


def _launch(response: Mapping[str, Any]) -> str:
    providers = {s["capacityProvider"] for s in response.get("capacityProviderStrategy", ())}
    if providers:
        return "FARGATE" if providers <= {"FARGATE", "FARGATE_SPOT"} else "EC2"
    return str(response.get("launchType", "EC2"))


def _deployment(response: Mapping[str, Any]) -> Deployment:
    return Deployment(
        id=response["id"],
        status=response["status"],
        task_definition=response["taskDefinition"],
        rollout=response.get("rolloutState", ""),
        created_at=_time(response.get("createdAt")),
        desired=response.get("desiredCount", 0),
        running=response.get("runningCount", 0),
        failed=response.get("failedTasks", 0),
    )


def definition_of(response: Mapping[str, Any]) -> TaskDefinition:
    """One revision, of what DescribeTaskDefinition gives; its environment is not read."""
    return TaskDefinition(
        arn=response["taskDefinitionArn"],
        family=response["family"],
        active=response.get("status", "ACTIVE") == "ACTIVE",
        cpu_units=_whole(response.get("cpu")),
        memory_mib=_whole(response.get("memory")),
        task_role=response.get("taskRoleArn", ""),
        execution_role=response.get("executionRoleArn", ""),
        containers=tuple(_container(c) for c in response["containerDefinitions"]),
    )


def _container(response: Mapping[str, Any]) -> ContainerSpec:
    logs = response.get("logConfiguration", {})
    options = logs.get("options", {}) if logs.get("logDriver") == "awslogs" else {}
    return ContainerSpec(
        name=response["name"],
        image=response.get("image", ""),
        memory_mib=response.get("memory"),
        reserved_mib=response.get("memoryReservation"),
        cpu_units=response.get("cpu", 0),
        log_group=options.get("awslogs-group", ""),
        log_prefix=options.get("awslogs-stream-prefix", ""),
    )


def _revision(response: Mapping[str, Any]) -> Revision:
    images = response.get("containerImages", ())
    return Revision(
        arn=response["serviceRevisionArn"],
        task_definition=response.get("taskDefinition", ""),
        images={i["containerName"]: _pinned(i) for i in images},
        network=response.get("networkConfiguration", {}),
        load_balancers=tuple(response.get("loadBalancers", ())),
    )


def _pinned(image: Mapping[str, Any]) -> str:
    name, digest = str(image.get("image", "")), image.get("imageDigest", "")
    return f"{name.partition('@')[0]}@{digest}" if digest else name


def _whole(value: Any) -> int | None:
    return int(value) if value not in (None, "") else None
