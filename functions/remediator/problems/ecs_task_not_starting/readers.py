"""Readers of what a task start needs: ECS's messages, the revision's setup, roles, images, instances."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ...core.errors import NotFound
from ...core.ports import Aws, Permission, Scope, reads
from ...core.timestamps import after, iso
from ...redaction.redact import outside
from ...resources.ecs.capacity import Instance
from ...resources.ecs.kind import ECS_SERVICE
from ...resources.ecs.model import Service, TaskDefinition
from ...resources.ecs.task_setup import LogTarget, SecretRef, TaskSetup, WantedImage, ecr_name

SERVICE = "arn:{partition}:ecs:{region}:{account}:service/*"
HOUR_S = 3600  # ECS remembers stopped tasks for about an hour; its messages are looked at as far back
SAID_KEPT = 30
TEXT_CHARS = 1000  # of an event's reason, as stopped tasks keep
VALUE_CHARS = 200
IMAGES_ASKED = 10  # a task definition holds at most 10 containers
INSTANCES_READ = 100  # DescribeContainerInstances takes at most 100
TASK_FIELDS = ("cpu", "memory", "networkMode", "taskRoleArn", "executionRoleArn", "pidMode", "ipcMode")
CONTAINER_FIELDS = (
    "image",
    "cpu",
    "memory",
    "memoryReservation",
    "essential",
    "user",
    "workingDirectory",
    "privileged",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceMessage:
    """What ECS said of a service at a moment, redacted; `event` is the name of a service action, if it was one."""

    at: str
    text: str
    event: str = ""


@reads(Permission("ecs:DescribeServices", SERVICE))
def said(aws: Aws, scope: Scope) -> tuple[ServiceMessage, ...]:
    """What ECS said of the service in the last hour, newest first: its messages, and the signals' service actions.

    Raises:
        NotFound: the task belongs to no service.
    """
    resource = scope.incident.resource
    if not ECS_SERVICE.is_kind_of(resource):
        raise NotFound(f"{resource.name} is a one-off task; no service owns it")
    found = aws.call("ecs:DescribeServices", cluster=resource.cluster, services=[resource.name])["services"]
    since = after(scope.now, -HOUR_S)
    events = [
        ServiceMessage(at=iso(m["createdAt"]), text=_words(m["message"])) for s in found for m in s.get("events", ())
    ]
    kept = [s for s in (*_signalled(scope), *events) if s.at >= since]
    return tuple(sorted(kept, key=lambda s: s.at, reverse=True)[:SAID_KEPT])


def _signalled(scope: Scope) -> Iterator[ServiceMessage]:
    for signal in scope.incident.signals:
        if signal.kind == "ecs_service_action":
            event = str(signal.facts.get("eventName", ""))
            yield ServiceMessage(at=signal.at, text=_words(str(signal.facts.get("reason", ""))) or event, event=event)


def _words(text: str) -> str:
    return outside(text, TEXT_CHARS)


@reads(Permission("ecs:DescribeTaskDefinition"))
def setup(aws: Aws, scope: Scope, definition: TaskDefinition) -> TaskSetup:
    """What the failing revision asks for; no value of an environment variable is kept."""
    del scope
    found = aws.call("ecs:DescribeTaskDefinition", taskDefinition=definition.arn)["taskDefinition"]
    return _setup(found)


@reads(Permission("ecs:DescribeTaskDefinition"))
def good_setup(aws: Aws, scope: Scope, good_definition: TaskDefinition) -> TaskSetup:
    """The same of the last good revision; empty where there is none."""
    del scope
    if not good_definition.arn:
        return TaskSetup()
    found = aws.call("ecs:DescribeTaskDefinition", taskDefinition=good_definition.arn)["taskDefinition"]
    return _setup(found)


def _setup(response: Mapping[str, Any]) -> TaskSetup:
    containers = response["containerDefinitions"]
    logs = [c.get("logConfiguration", {}) for c in containers]
    return TaskSetup(
        arn=response["taskDefinitionArn"],
        fields={
            place: outside(value, VALUE_CHARS) for place, value in (*_of_task(response), *_of_containers(containers))
        },
        images=tuple(dict.fromkeys(c["image"] for c in containers if c.get("image"))),
        secrets=tuple(_secrets(containers)),
        registry_secrets=tuple(
            c["repositoryCredentials"]["credentialsParameter"] for c in containers if c.get("repositoryCredentials")
        ),
        logs=tuple(dict.fromkeys(_log(x["options"]) for x in logs if _to_cloudwatch(x))),
        env_files=tuple(f["value"] for c in containers for f in c.get("environmentFiles", ())),
    )


def _to_cloudwatch(logs: Mapping[str, Any]) -> bool:
    return logs.get("logDriver") == "awslogs" and "awslogs-group" in logs.get("options", {})


def _log(options: Mapping[str, str]) -> LogTarget:
    return LogTarget(
        group=options["awslogs-group"],
        region=options.get("awslogs-region", ""),
        creates_group=options.get("awslogs-create-group") == "true",
    )


def _secrets(containers: list[Mapping[str, Any]]) -> Iterator[SecretRef]:
    for container in containers:
        options = container.get("logConfiguration", {}).get("secretOptions", ())
        for secret in (*container.get("secrets", ()), *options):
            yield SecretRef(container=container["name"], name=secret["name"], source=secret["valueFrom"])


def _of_task(response: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield from ((name, str(response[name])) for name in TASK_FIELDS if response.get(name))
    if platform := response.get("runtimePlatform"):
        yield "runtimePlatform", "/".join(str(platform[k]) for k in sorted(platform))
    if needed := response.get("requiresCompatibilities"):
        yield "requiresCompatibilities", ", ".join(sorted(needed))
    if storage := response.get("ephemeralStorage"):
        yield "ephemeralStorage", f"{storage['sizeInGiB']} GiB"
    for volume in response.get("volumes", ()):
        kinds = ", ".join(sorted(k for k in volume if k != "name" and volume[k]))
        file_system = volume.get("efsVolumeConfiguration", {}).get("fileSystemId", "")
        yield f"volume {volume.get('name', '')}", f"{kinds} {file_system}".strip() or "empty"


def _of_containers(containers: list[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    for c in containers:
        at = c["name"]
        yield from ((f"{at}.{name}", str(c[name])) for name in CONTAINER_FIELDS if c.get(name) not in (None, "", 0))
        yield from ((f"{at}.{name}", " ".join(c[name])) for name in ("command", "entryPoint") if c.get(name))
        yield from ((f"{at}.environment {e['name']}", "set") for e in c.get("environment", ()))
        yield from ((f"{at}.environmentFile {n}", f["value"]) for n, f in enumerate(c.get("environmentFiles", ())))
        yield from ((f"{at}.secret {s['name']}", s["valueFrom"]) for s in c.get("secrets", ()))
        yield from (
            (f"{at}.mount {m.get('containerPath')}", str(m.get("sourceVolume"))) for m in c.get("mountPoints", ())
        )
        ports = ", ".join(str(p.get("containerPort")) for p in c.get("portMappings", ()))
        yield from ((f"{at}.ports", ports),) if ports else ()
        yield from _of_logs(at, c.get("logConfiguration", {}))
        if check := c.get("healthCheck"):
            yield f"{at}.healthCheck", " ".join(check.get("command", ()))


def _of_logs(at: str, logs: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The driver with its options: those of `awslogs` with values, of others by name, as they may hold tokens."""
    if not logs:
        return
    yield f"{at}.logDriver", str(logs.get("logDriver", ""))
    shown = logs.get("logDriver") == "awslogs"
    for name, value in sorted(logs.get("options", {}).items()):
        yield f"{at}.log {name}", str(value) if shown else "set"


@reads(Permission("ecr:DescribeImages", "arn:{partition}:ecr:{region}:{account}:repository/*"))
def wanted_images(aws: Aws, scope: Scope, setup: TaskSetup) -> tuple[WantedImage, ...]:
    """Whether each image of the failing revision is in its registry; only this account's ECR can be asked.

    Raises:
        Denied: IAM refused the look.
    """
    return tuple(_wanted(aws, scope, image) for image in setup.images[:IMAGES_ASKED])


def _wanted(aws: Aws, scope: Scope, image: str) -> WantedImage:
    name, here = ecr_name(image), scope.incident.resource
    if name is None:
        return WantedImage(image=image, why="not in ECR: its registry cannot be asked")
    if (name.registry, name.region) != (here.account, here.region):
        return WantedImage(image=image, why="in the ECR of another account or region: it cannot be asked")
    by = {"imageDigest": name.reference} if name.by_digest else {"imageTag": name.reference}
    try:
        response = aws.call(
            "ecr:DescribeImages", registryId=name.registry, repositoryName=name.repository, imageIds=[by]
        )
    except NotFound as gone:
        return WantedImage(image=image, found=False, why=outside(str(gone), VALUE_CHARS))
    pushed = response["imageDetails"][0].get("imagePushedAt")
    return WantedImage(image=image, found=True, pushed_at=iso(pushed) if pushed else "")


@reads(
    Permission("ecs:ListContainerInstances", "arn:{partition}:ecs:{region}:{account}:cluster/*"),
    Permission("ecs:DescribeContainerInstances", "arn:{partition}:ecs:{region}:{account}:container-instance/*"),
)
def instances(aws: Aws, scope: Scope, service: Service) -> tuple[Instance, ...]:
    """What the cluster's container instances have left, at most 100 of them; none for a service on Fargate."""
    del scope
    if service.launch == "FARGATE":
        return ()
    cluster = service.cluster
    arns = aws.pages("ecs:ListContainerInstances", "containerInstanceArns", INSTANCES_READ, cluster=cluster)
    if not arns:
        return ()
    response = aws.call("ecs:DescribeContainerInstances", cluster=cluster, containerInstances=list(arns))
    return tuple(_instance(i) for i in response["containerInstances"])


def _instance(response: Mapping[str, Any]) -> Instance:
    left = {r["name"]: r.get("integerValue", 0) for r in response.get("remainingResources", ())}
    whole = {r["name"]: r.get("integerValue", 0) for r in response.get("registeredResources", ())}
    return Instance(
        id=response.get("ec2InstanceId", "") or response["containerInstanceArn"].rsplit("/", 1)[-1],
        status=response.get("status", ""),
        connected=bool(response.get("agentConnected")),
        cpu_left=left.get("CPU", 0),
        memory_left_mib=left.get("MEMORY", 0),
        cpu=whole.get("CPU", 0),
        memory_mib=whole.get("MEMORY", 0),
    )
