"""ECS events: a stopped task, a service action of WARN or ERROR, a failed deployment. Others are ignored."""

import re
from collections.abc import Mapping

from ..core.errors import EventNotUnderstood
from ..core.event_fields import ARN_CHARACTERS, REASON_CHARACTERS, Part, Place, place_of
from ..core.model import Ignored, Level, Resource, Signal
from ..core.serialization import to_json
from ..resources.ecs.model import TaskStop
from ..resources.ecs.stop_codes import NORMAL, StopMeaning, meaning, parse_task_stop

NAME = re.compile(r"[\w-]{1,255}", re.ASCII)


FAMILY = re.compile(r"(?::task-definition/|^family:)([\w-]{1,255})(?::\d+)?$", re.ASCII)


IN_WORDS: Mapping[StopMeaning, str] = {
    "finished": "it ended by itself with exit code 0",
    "scale_in_or_deployment": "its service scaled in or was deployed",
    "user_stop": "somebody stopped it",
    "spot_or_host": "its Spot capacity or its host went away",
    "maintenance": "AWS retired or maintained what it ran on",
    "start_cancelled": "it was stopped before it began to start",
    "not_stopped": "it has not stopped",
}


def task_state(event: Part) -> Signal | Ignored:
    """`ECS Task State Change`: a signal where a task stopped for a reason that is no part of normal work."""
    detail = event.needed_part("detail")
    status = detail.needed("lastStatus")
    if status != "STOPPED":
        return Ignored(f"the task is {status}, not STOPPED")
    stop = parse_task_stop(detail)
    means = meaning(stop)
    if means in NORMAL:
        return Ignored(f"task {stop.task_id} stopped normally: {IN_WORDS[means]}")
    place, cluster = _cluster(detail)
    resource, level = _of_task(stop, place, cluster)
    at = stop.stopped_at or detail.time("updatedAt") or event.time("time")
    moment = stop.stopped_at or str(detail.whole("version") or at)
    return Signal(
        kind="ecs_task_stopped",
        resource=resource,
        level=level,
        at=at or detail.needed("stoppedAt"),
        key=f"{stop.task_arn}@{moment}",
        facts={**to_json(stop), "meaning": means, "cluster": cluster},
    )


def service_action(event: Part) -> Signal | Ignored:
    """`ECS Service Action`: a signal for WARN and ERROR, such as a task that cannot be placed."""
    detail = event.needed_part("detail")
    severity, name = detail.needed("eventType"), detail.needed("eventName")
    if severity == "INFO":
        return Ignored(f"ECS only informs: {name}")
    if severity not in ("WARN", "ERROR"):
        raise EventNotUnderstood(f"{detail.where('eventType')} is none of INFO, WARN and ERROR")
    down = severity == "ERROR" or name == "SERVICE_TASK_START_IMPAIRED"
    return _of_service(event, detail, "ecs_service_action", "high" if down else "medium")


def deployment_state(event: Part) -> Signal | Ignored:
    """`ECS Deployment State Change`: a signal where a deployment failed."""
    detail = event.needed_part("detail")
    name = detail.needed("eventName")
    if name != "SERVICE_DEPLOYMENT_FAILED":
        return Ignored(f"no failed deployment: {name}")
    return _of_service(event, detail, "ecs_deployment_failed", "high")


def _of_service(event: Part, detail: Part, kind: str, level: Level) -> Signal:
    resource = _service(event, detail)
    name, deployment = detail.needed("eventName"), detail.text("deploymentId")
    at = detail.time("updatedAt") or detail.time("createdAt") or event.time("time") or event.needed("time")
    values = {"eventName": name, "reason": detail.text("reason", REASON_CHARACTERS), "cluster": resource.cluster}
    return Signal(
        kind=kind,
        resource=resource,
        level=level,
        at=at,
        key=f"{deployment or resource.arn}@{name}@{at}",
        facts={**values, "deployment": deployment} if deployment else values,
    )


def _service(event: Part, detail: Part) -> Resource:
    arn = next((r for r in event.texts("resources", 20) if ":service/" in r), "")
    place, path = place_of(arn, "ecs", "resources")
    names = path.removeprefix("service/").split("/")
    cluster = _cluster(detail)[1] if detail.text("clusterArn") else names[0]
    if len(names) > 2 or not NAME.fullmatch(cluster) or not NAME.fullmatch(names[-1]):
        raise EventNotUnderstood("resources names no ECS service")
    if len(names) == 1 and not detail.text("clusterArn"):
        raise EventNotUnderstood(f"{detail.where('clusterArn')} is missing")  # ARNs of before 2018 name no cluster
    return Resource("ecs_service", place.arn("ecs", f"service/{cluster}/{names[-1]}"))


def _cluster(detail: Part) -> tuple[Place, str]:
    place, path = place_of(detail.needed("clusterArn", ARN_CHARACTERS), "ecs", detail.where("clusterArn"))
    name = path.removeprefix("cluster/")
    if not NAME.fullmatch(name):
        raise EventNotUnderstood(f"{detail.where('clusterArn')} names no cluster")
    return place, name


def _of_task(stop: TaskStop, place: Place, cluster: str) -> tuple[Resource, Level]:
    if stop.of_service:
        name = stop.group.removeprefix("service:")
        if not NAME.fullmatch(name):
            raise EventNotUnderstood("detail.group names no service")
        return Resource("ecs_service", place.arn("ecs", f"service/{cluster}/{name}")), "high"
    found = FAMILY.search(stop.task_definition) or FAMILY.search(stop.group)
    if not found:
        raise EventNotUnderstood("detail.taskDefinitionArn is missing, and detail.group names no family")
    # The cluster stands in no such ARN of AWS's: it is ours, because stopped tasks are listed by cluster and family.
    return Resource("ecs_task_family", place.arn("ecs", f"task-definition/{cluster}/{found[1]}")), "low"
