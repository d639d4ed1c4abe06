"""Services, tasks and deployments in the shapes of ECS's API."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from ..names import ACCOUNT, CLUSTER, digest, ecs_arn, hexadecimal, number, uuid
from .fleet import BREAKER_AT_LEAST
from .service import Deployment, Service
from .tasks import PULL_S, Definition, Task

Shape = dict[str, Any]


def task_arn(task: Task) -> str:
    """The task's ARN."""
    return ecs_arn(f"task/{CLUSTER}/{task.id}")


def task(task: Task, service: Service | None) -> Shape:
    """One task as DescribeTasks gives it; events are made from the same."""
    definition = task.definition
    shape: Shape = {
        "attachments": [_interface(task)],
        "attributes": [{"name": "ecs.cpu-architecture", "value": "x86_64"}],
        "availabilityZone": "ap-northeast-1a",
        "clusterArn": ecs_arn(f"cluster/{CLUSTER}"),
        "connectivity": "CONNECTED" if task.started_at else "DISCONNECTED",
        "containers": [_container(task)],
        "cpu": str(definition.cpu_units),
        "createdAt": task.created_at,
        "desiredStatus": "RUNNING" if task.live else "STOPPED",
        "enableExecuteCommand": False,
        "group": task.group,
        "lastStatus": task.status,
        "launchType": service.launch_type if service else "FARGATE",
        "memory": str(definition.task_memory_mib or definition.memory_mib),
        "overrides": {"containerOverrides": [{"name": definition.container}]},
        "startedBy": task.started_by,
        "taskArn": task_arn(task),
        "taskDefinitionArn": definition.arn,
        "version": task.version,
    }
    if service and service.launch_type == "EC2":
        host = hexadecimal("instance", CLUSTER)
        shape["containerInstanceArn"] = ecs_arn(f"container-instance/{CLUSTER}/{host}")
    else:
        shape |= {"platformVersion": "1.4.0", "ephemeralStorage": {"sizeInGiB": 20}}
    return {**shape, **_moments(task), **_stop(task)}


def service(service: Service, live: Sequence[Task]) -> Shape:
    """One service as DescribeServices gives it, without its tags."""
    shape: Shape = {
        "serviceArn": service.arn,
        "serviceName": service.name,
        "clusterArn": ecs_arn(f"cluster/{CLUSTER}"),
        "loadBalancers": _load_balancers(service),
        "serviceRegistries": [],
        "status": "ACTIVE",
        **_counts(service.desired, live),
        "launchType": service.launch_type,
        "taskDefinition": service.primary.definition.arn,
        "deploymentConfiguration": _configuration(service),
        "deployments": [_shown(service, d, live) for d in service.shown],
        "roleArn": f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS",
        "events": [_event(service, at, words) for at, words in service.events[:100]],
        "createdAt": service.created_at,
        "placementConstraints": [],
        "placementStrategy": [],
        "networkConfiguration": service.network,
        "healthCheckGracePeriodSeconds": service.grace_s,
        "schedulingStrategy": "REPLICA",
        "deploymentController": {"type": "ECS"},
        "enableECSManagedTags": True,
        "propagateTags": "SERVICE",
        "enableExecuteCommand": False,
        "availabilityZoneRebalancing": "ENABLED",
    }
    if service.launch_type == "FARGATE":
        shape |= {"platformVersion": "1.4.0", "platformFamily": "Linux"}
    return shape


def tags(of: dict[str, str]) -> list[Shape]:
    """Tags as ECS writes them: lower-case keys."""
    return [{"key": k, "value": v} for k, v in of.items()]


def deployment_arn(service: Service, deployment: Deployment) -> str:
    """ARN of a service deployment; its id is not the one of the task sets it shows as."""
    return ecs_arn(f"service-deployment/{CLUSTER}/{service.name}/{hexadecimal('deployment', deployment.id, length=21)}")


def revision_arn(service: Service, definition: Definition) -> str:
    """ARN of a service revision."""
    return ecs_arn(f"service-revision/{CLUSTER}/{service.name}/{number('revision', service.name, definition.arn)}")


def brief(service: Service, deployment: Deployment) -> Shape:
    """A service deployment as ListServiceDeployments gives it."""
    values = {
        "serviceDeploymentArn": deployment_arn(service, deployment),
        "serviceArn": service.arn,
        "clusterArn": ecs_arn(f"cluster/{CLUSTER}"),
        "createdAt": deployment.created_at,
        "startedAt": deployment.created_at,
        "targetServiceRevisionArn": revision_arn(service, deployment.definition),
        "status": deployment.status,
    }
    return {**values, "finishedAt": deployment.finished_at} if deployment.finished_at else values


def deployment(service: Service, deployment: Deployment, live: Sequence[Task], now: datetime) -> Shape:
    """A service deployment as DescribeServiceDeployments gives it."""
    shape = brief(service, deployment)
    counts = _counts(service.desired, [t for t in live if t.started_by == deployment.id])
    target = {
        "arn": shape.pop("targetServiceRevisionArn"),
        "requestedTaskCount": counts["desiredCount"],
        "runningTaskCount": counts["runningCount"],
        "pendingTaskCount": counts["pendingCount"],
    }
    before = service.deployments[: service.deployments.index(deployment)]
    shape |= {
        "updatedAt": deployment.finished_at or now,
        "sourceServiceRevisions": [{"arn": revision_arn(service, before[-1].definition)}] if before else [],
        "targetServiceRevision": target,
        "deploymentConfiguration": _configuration(service),
        "deploymentCircuitBreaker": _breaker(service, deployment),
        "alarms": {"status": "DISABLED"},
    }
    if deployment.rolls_back_to and deployment.rollback_at:
        shape["rollback"] = {
            "reason": deployment.rollback_reason,
            "startedAt": deployment.rollback_at,
            "serviceRevisionArn": revision_arn(service, deployment.rolls_back_to),
        }
    return shape


def revision(service: Service, deployment: Deployment) -> Shape:
    """A service revision as DescribeServiceRevisions gives it."""
    definition = deployment.definition
    image = {
        "containerName": definition.container,
        "image": definition.image,
        "imageDigest": digest(definition.image),
    }
    shape: Shape = {
        "serviceRevisionArn": revision_arn(service, definition),
        "serviceArn": service.arn,
        "clusterArn": ecs_arn(f"cluster/{CLUSTER}"),
        "taskDefinition": definition.arn,
        "launchType": service.launch_type,
        "loadBalancers": _load_balancers(service),
        "serviceRegistries": [],
        "networkConfiguration": service.network,
        "containerImages": [image],
        "guardDutyEnabled": False,
        "createdAt": deployment.created_at,
    }
    if service.launch_type == "FARGATE":
        shape |= {"platformVersion": "1.4.0", "platformFamily": "Linux"}
    return shape


def _counts(desired: int, live: Sequence[Task]) -> Shape:
    return {
        "desiredCount": desired,
        "runningCount": sum(t.status == "RUNNING" for t in live),
        "pendingCount": sum(t.status == "PENDING" for t in live),
    }


def _shown(service: Service, deployment: Deployment, live: Sequence[Task]) -> Shape:
    primary = deployment is service.primary
    words = f"ECS deployment {deployment.id} {deployment.rollout.lower().replace('_', ' ')}."
    return {
        "id": deployment.id,
        "status": "PRIMARY" if primary else "ACTIVE",
        "taskDefinition": deployment.definition.arn,
        **_counts(service.desired if primary else 0, [t for t in live if t.started_by == deployment.id]),
        "failedTasks": deployment.failed_tasks,
        "createdAt": deployment.created_at,
        "updatedAt": deployment.finished_at or deployment.created_at,
        "launchType": service.launch_type,
        "networkConfiguration": service.network,
        "rolloutState": deployment.rollout,
        "rolloutStateReason": words,
    }


def _load_balancers(service: Service) -> list[Shape]:
    if not service.target_group:
        return []
    named = {"containerName": service.container, "containerPort": service.port}
    return [{"targetGroupArn": service.target_group, **named}]


def _configuration(service: Service) -> Shape:
    breaker = {"enable": service.breaker_rolls_back, "rollback": service.breaker_rolls_back}
    return {
        "deploymentCircuitBreaker": breaker,
        "maximumPercent": 200,
        "minimumHealthyPercent": 100,
        "strategy": "ROLLING",
        "bakeTimeInMinutes": 0,
    }


def _breaker(service: Service, deployment: Deployment) -> Shape:
    if not service.breaker_rolls_back:
        return {"status": "DISABLED", "failureCount": deployment.failed_tasks, "threshold": 0}
    fired = deployment.rolls_back_to is not None
    watching = "MONITORING" if deployment.finished_at is None else "MONITORING_COMPLETE"
    return {
        "status": "TRIGGERED" if fired else watching,
        "failureCount": deployment.failed_tasks,
        "threshold": BREAKER_AT_LEAST,
    }


def _event(service: Service, at: datetime, words: str) -> Shape:
    return {"id": uuid("event", service.name, at, words), "createdAt": at, "message": words}


def _interface(task: Task) -> Shape:
    values = {
        "subnetId": "subnet-0a1b2c3d4e5f60718",
        "networkInterfaceId": f"eni-{hexadecimal('eni', task.id, length=17)}",
        "macAddress": "06:70:b5:0a:1d:ab",
        "privateDnsName": f"ip-{task.address.replace('.', '-')}.ap-northeast-1.compute.internal",
        "privateIPv4Address": task.address,
    }
    return {
        "id": uuid("attachment", task.id),
        "type": "ElasticNetworkInterface",
        "status": "ATTACHED" if task.live else "DELETED",
        "details": [{"name": k, "value": v} for k, v in values.items()],
    }


def _container(task: Task) -> Shape:
    definition = task.definition
    shape: Shape = {
        "containerArn": ecs_arn(f"container/{CLUSTER}/{task.id}/{uuid('container', task.id)}"),
        "taskArn": task_arn(task),
        "name": definition.container,
        "image": definition.image,
        "imageDigest": digest(definition.image),
        "runtimeId": f"{task.id}-{number('runtime', task.id, length=10)}",
        "lastStatus": "RUNNING" if task.status == "DEPROVISIONING" else task.status,
        "networkBindings": [],
        "networkInterfaces": [
            {"attachmentId": uuid("attachment", task.id), "privateIpv4Address": task.address},
        ],
        "healthStatus": "UNKNOWN",
        "cpu": "0",
    }
    if task.status == "STOPPED" and task.exit_code is not None:
        shape["exitCode"] = task.exit_code
    if task.container_reason:
        shape["reason"] = task.container_reason
    return shape


def _moments(task: Task) -> Shape:
    pulled = task.created_at + timedelta(seconds=PULL_S - 2)
    named = {
        "connectivityAt": task.created_at + timedelta(seconds=4) if task.started_at else None,
        "pullStartedAt": task.created_at + timedelta(seconds=6) if task.started_at else None,
        "pullStoppedAt": pulled if task.started_at else None,
        "startedAt": task.started_at,
        "stoppingAt": task.stopping_at,
        "executionStoppedAt": task.stopped_at if task.status == "STOPPED" else None,
        "stoppedAt": task.stopped_at if task.status == "STOPPED" else None,
    }
    return {k: v for k, v in named.items() if v is not None}


def _stop(task: Task) -> Shape:
    return {} if task.live else {"stopCode": task.stop_code, "stoppedReason": task.stopped_reason}
