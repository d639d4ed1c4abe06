"""One task's life: created, started, ended by its program or by its service, told of at each step, forgotten in an hour.

The records stand in ministack's own table of tasks, in AWS's shape; members that begin with `_` never leave it.
"""

import uuid
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from ministack.services import ecs

from . import agenda, images, interfaces, logs, programs
from .admin import ACCOUNT, REGION
from .events import emit
from .programs import SIGKILL, Program

PULLED_S, STARTED_S = 8.0, 15.0  # since the task was created; Fargate with a small image
SIGTERM_S = 30.0  # AWS's stopTimeout by default: the portfolio's program does not heed SIGTERM
DETACHED_S = 20.0  # Fargate takes its network interface away before the task is STOPPED
REMEMBERED_S = 3600.0
TIMES = ("createdAt", "connectivityAt", "pullStartedAt", "pullStoppedAt", "startedAt", "stoppingAt")
TIMES_OF_END = ("executionStoppedAt", "stoppedAt")
ONLY_INSIDE = ("tags", "healthStatus")
Listener = Callable[[dict[str, Any]], None]

listeners: list[Listener] = []


def launch(
    asked: Mapping[str, Any], definition: Mapping[str, Any], cluster: str, deployment: str = ""
) -> dict[str, Any]:
    """A task that is about to start.

    Args:
        asked: members of RunTask's or a service's own request.
        definition: the record of the task definition.
        cluster: its name.
        deployment: id of the service's deployment that starts it.
    """
    number = uuid.uuid4().hex
    arn = f"arn:aws:ecs:{REGION}:{ACCOUNT}:task/{cluster}/{number}"
    attachment = interfaces.attach(asked.get("networkConfiguration") or {}, asked.get("_tags_of_interface") or {})
    task = {
        **_asked(asked, definition, cluster),
        **_fresh(arn, attachment),
        "containers": [_container(arn, number, c, attachment) for c in definition["containerDefinitions"]],
        "startedBy": deployment or asked.get("startedBy"),
        "_deployment_id": deployment,
        "_turn": 0,
        "_program": programs.start(definition["containerDefinitions"][0]["image"]),
    }
    ecs._tasks[arn] = task
    ecs._tags[arn] = list(task["tags"])
    _tell(task)
    agenda.after(PULLED_S, lambda: _pulled(task))
    agenda.after(STARTED_S, lambda: _started(task))
    return task


def stop(task: dict[str, Any], code: str, reason: str) -> None:
    """Ends a task from outside: its program is asked, does not listen, and is killed."""
    if task["desiredStatus"] == "STOPPED":
        return
    ran = task["startedAt"] is not None
    _stopping(task, code, reason)
    agenda.after(SIGTERM_S if ran else 0, lambda: _ended(task, SIGKILL if ran else None, ""))


def of_service(cluster: str, name: str) -> Iterator[dict[str, Any]]:
    """Every remembered task of a service."""
    arn, group = f"arn:aws:ecs:{REGION}:{ACCOUNT}:cluster/{cluster}", f"service:{name}"
    return (t for t in list(ecs._tasks.values()) if t["group"] == group and t["clusterArn"] == arn)


def at_address(address: str) -> dict[str, Any] | None:
    """The running task that has an address."""
    live = (t for t in ecs._tasks.values() if t["lastStatus"] == "RUNNING")
    return next((t for t in live if interfaces.address_of(t) == address), None)


def turn(image: str, program: Program, at_most: int | None) -> int:
    """Lets tasks that run an image run another program from now on; gives how many did."""
    live = [t for t in ecs._tasks.values() if t["desiredStatus"] == "RUNNING" and t["containers"][0]["image"] == image]
    turned = live[:at_most]
    for task in turned:
        task["_program"] = program
        if task["startedAt"] is not None:
            _run(task)
    return len(turned)


def memory_limit_mib(task: Mapping[str, Any]) -> int:
    """What its first container may use."""
    return int(task["containers"][0].get("memory") or task["memory"])


def ran_s(task: Mapping[str, Any]) -> float:
    """For how long it runs the program that it runs."""
    return agenda.now() - float(task["_since"])


def _asked(asked: Mapping[str, Any], definition: Mapping[str, Any], cluster: str) -> dict[str, Any]:
    launch_type, provider = ecs._task_capacity(asked.get("launchType"), asked.get("capacityProviderStrategy"))
    fargate = launch_type == "FARGATE"
    return {
        "attributes": [{"name": "ecs.cpu-architecture", "value": "x86_64"}],
        "capacityProviderName": provider,
        "clusterArn": f"arn:aws:ecs:{REGION}:{ACCOUNT}:cluster/{cluster}",
        "cpu": definition.get("cpu", "256"),
        "enableExecuteCommand": bool(asked.get("enableExecuteCommand")),
        "ephemeralStorage": definition.get("ephemeralStorage") or {"sizeInGiB": 20},
        "group": asked.get("group") or f"family:{definition['family']}",
        "launchType": launch_type,
        "memory": definition.get("memory", "512"),
        "overrides": {"containerOverrides": [{"name": c["name"]} for c in definition["containerDefinitions"]]},
        "platformFamily": "Linux" if fargate else None,
        "platformVersion": "1.4.0" if fargate else None,
        "tags": list(asked.get("tags") or ()),
        "taskDefinitionArn": definition["taskDefinitionArn"],
    }


def _fresh(arn: str, attachment: Mapping[str, Any] | None) -> dict[str, Any]:
    zone = f"{REGION}a" if attachment is None else interfaces.zone_of(attachment)
    return {
        **dict.fromkeys((*TIMES, *TIMES_OF_END, "stopCode", "stoppedReason")),
        "attachments": [attachment] if attachment else [],
        "availabilityZone": zone,
        "connectivity": "CONNECTED",
        "createdAt": agenda.now(),
        "desiredStatus": "RUNNING",
        "healthStatus": "UNKNOWN",
        "lastStatus": "PROVISIONING",
        "taskArn": arn,
        "version": 1,
        "_since": agenda.now(),
    }


def _container(
    task: str, number: str, response: Mapping[str, Any], attachment: Mapping[str, Any] | None
) -> dict[str, Any]:
    own = (
        {"attachmentId": attachment["id"], "privateIpv4Address": interfaces.address(attachment)} if attachment else None
    )
    return {
        "containerArn": f"{task.replace(':task/', ':container/')}/{uuid.uuid4()}",
        "taskArn": task,
        "name": response["name"],
        "image": response["image"],
        "imageDigest": images.digest(response["image"]),
        "runtimeId": f"{number}-{int(number[:8], 16)}",
        "lastStatus": "PENDING",
        "networkInterfaces": [own] if own else [],
        "healthStatus": "UNKNOWN",
        "cpu": str(response.get("cpu", 0)),
        "memory": str(response["memory"]) if response.get("memory") else None,
        "exitCode": None,
        "reason": None,
    }


def _pulled(task: dict[str, Any]) -> None:
    if task["desiredStatus"] == "RUNNING":
        _move(task, "PENDING", connectivityAt=agenda.now() - 3, pullStartedAt=agenda.now())


def _started(task: dict[str, Any]) -> None:
    if task["desiredStatus"] != "RUNNING":
        return
    for container in task["containers"]:
        container["lastStatus"] = "RUNNING"
    interfaces.attached(task)
    _move(task, "RUNNING", pullStoppedAt=agenda.now() - 2, startedAt=agenda.now())
    logs.write(task, (f"INFO portfolio.api listens on {programs.PORT}",))
    _run(task)


def _run(task: dict[str, Any]) -> None:
    """From now on it runs its program; an end that an earlier program had planned is off."""
    task["_since"], task["_turn"] = agenda.now(), task["_turn"] + 1
    turn_now, end = task["_turn"], task["_program"].end(memory_limit_mib(task))
    if end is None:
        return

    def die() -> None:
        if task["desiredStatus"] == "RUNNING" and task["_turn"] == turn_now:
            _stopping(task, end.stop_code, end.stopped_reason)
            _ended(task, end.exit_code, end.reason)

    agenda.after(end.after_s, die)


def _stopping(task: dict[str, Any], code: str, reason: str) -> None:
    logs.write(task, task["_program"].log_lines)
    task.update(desiredStatus="STOPPED", stopCode=code, stoppedReason=reason, stoppingAt=agenda.now())
    _move(task, "DEACTIVATING")


def _ended(task: dict[str, Any], exit_code: int | None, reason: str) -> None:
    first = task["containers"][0]
    for container in task["containers"]:
        container.update(lastStatus="STOPPED", exitCode=exit_code if container is first else SIGKILL)
    first["reason"] = reason or None
    _move(task, "DEPROVISIONING", executionStoppedAt=agenda.now())
    agenda.after(DETACHED_S, lambda: _stopped(task))


def _stopped(task: dict[str, Any]) -> None:
    interfaces.detach(task)
    _move(task, "STOPPED", stoppedAt=agenda.now())
    agenda.after(REMEMBERED_S, lambda: ecs._tasks.pop(task["taskArn"], None))


def _move(task: dict[str, Any], status: str, **times: float) -> None:
    task.update(times, lastStatus=status, version=task["version"] + 1)
    _tell(task)
    for listener in listeners:
        listener(task)


def _tell(task: Mapping[str, Any]) -> None:
    """The event `ECS Task State Change`, as things are now."""
    plain = ecs._sanitize({k: v for k, v in task.items() if k not in ONLY_INSIDE})
    detail = {**plain, "updatedAt": moment(agenda.now())}
    detail.update({name: moment(plain[name]) for name in (*TIMES, *TIMES_OF_END) if name in plain})
    detail["attachments"] = [{**a, "type": "eni"} for a in plain["attachments"]]
    detail["containers"] = [{k: v for k, v in c.items() if k != "healthStatus"} for c in plain["containers"]]
    agenda.tell(lambda: emit("aws.ecs", "ECS Task State Change", detail, [task["taskArn"]]))


def moment(at: float) -> str:
    """As ECS's events write it."""
    found = datetime.fromtimestamp(at, UTC)
    return f"{found:%Y-%m-%dT%H:%M:%S}.{found.microsecond // 1000:03d}Z"
