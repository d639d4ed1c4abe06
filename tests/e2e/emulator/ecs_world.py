"""ECS with tasks that live: services start and replace them, and what happens is told."""

from typing import Any

from ministack.core.responses import error_response_json, json_response
from ministack.services import ecs

from . import agenda, clock, fleet, tasks
from .admin import ACCOUNT, REGION, act, view
from .patches import patch, silent, speaks

ECS = "ministack.services.ecs"
LOOKS = ("DescribeServices", "DescribeTasks", "ListTasks", "ListServices", "DescribeClusters", "UpdateService")


@patch(
    of=f"{ECS}.time",
    lacks="has no clock but the machine's (ECS, moments)",
    still=speaks(f"{ECS}._ts", "time.time()"),
)
def live_on_the_worlds_clock(_original: Any) -> Any:
    """ECS's moments are the world's."""
    return clock.WorldTime()


@patch(
    of=f"{ECS}._iso",
    lacks="has no clock but the machine's (ECS, dates)",
    still=speaks(f"{ECS}._iso", "now_iso()"),
)
def date_by_the_worlds_clock(_original: Any) -> Any:
    """Dates of clusters, task definitions and services are the world's."""
    return agenda.now


@patch(
    of=f"{ECS}._make_deployment",
    lacks="completes the first deployment of a service before a task has started",
    still=speaks(f"{ECS}._make_deployment", '"COMPLETED" if status == "PRIMARY"'),
)
def begin_in_progress(_original: Any) -> Any:
    """A deployment is in progress until its tasks are healthy."""
    return fleet.new_deployment


@patch(
    of=f"{ECS}._reconcile_service_tasks",
    lacks="starts tasks that are RUNNING at once, for ever, whatever their program does",
    still=silent(f"{ECS}._reconcile_service_tasks", "health"),
)
def schedule(_original: Any) -> Any:
    """The service scheduler of `fleet.py` decides."""
    return fleet.reconcile


@patch(
    of=f"{ECS}._sync_service_targets",
    lacks="takes the targets of stopped tasks away without draining",
    still=silent(f"{ECS}._sync_service_targets", "draining"),
)
def register_as_tasks_come(_original: Any) -> Any:
    """`fleet.py` registers and deregisters each task by itself."""
    return lambda _cluster, _service: None


@patch(
    of=f"{ECS}._stop_task",
    lacks="stops a task at once, and tells nobody",
    still=silent(f"{ECS}._stop_task", "stoppingAt"),
)
def end_tasks(original: Any) -> Any:
    """A stopped task has time to end; also where a service is deleted."""
    return lambda data: _stop(original, data)


@patch(
    of=f"{ECS}._ACTION_MAP",
    at=("StopTask",),
    lacks="stops a task at once, and tells nobody (its table of actions)",
    still=silent(f"{ECS}._stop_task", "stoppingAt"),
)
def end_tasks_when_asked(original: Any) -> Any:
    """The same where the API is called."""
    return lambda data: _stop(original, data)


def _stop(original: Any, data: dict[str, Any]) -> Any:
    with agenda.LOCK:
        agenda.catch_up()
        cluster = ecs._resolve_cluster_name(data.get("cluster", "default"))
        task = ecs._resolve_task(data.get("task", ""), cluster)
        if task is None:
            return original(data)  # it has AWS's words for it
        by_service = data.get("reason") == "Service deleted"
        code = fleet.SCHEDULER if by_service else "UserInitiated"
        tasks.stop(task, code, data.get("reason") or "Task stopped by user")
        return json_response({"task": ecs._sanitize(task)})


@patch(
    of=f"{ECS}._ACTION_MAP",
    at=("RunTask",),
    lacks="starts tasks that are RUNNING at once, for ever (one-off tasks)",
    still=silent(f"{ECS}._run_task", "program"),
)
def run_tasks(_original: Any) -> Any:
    """One-off tasks live like those of a service, and nobody replaces them."""

    def run(data: dict[str, Any]) -> Any:
        with agenda.LOCK:
            agenda.catch_up()
            cluster = ecs._resolve_cluster_name(data.get("cluster", "default"))
            definition = ecs._task_defs.get(ecs._resolve_td_key(data.get("taskDefinition", "")))
            if cluster not in ecs._clusters:
                return error_response_json("ClusterNotFoundException", "Cluster not found.", 400)
            if definition is None:
                return error_response_json("ClientException", "TaskDefinition not found.", 400)
            made = [tasks.launch(data, definition, cluster) for _ in range(int(data.get("count", 1)))]
            return json_response({"tasks": [ecs._sanitize(t) for t in made], "failures": []})

    return run


@patch(
    of=f"{ECS}._dispatch_action",
    lacks="knows of no time that goes by between two calls",
    still=silent(f"{ECS}._describe_services", "agenda", "advance", "due"),
)
def look_at_the_moment(original: Any) -> Any:
    """Whatever is due has happened before a call is answered."""

    def dispatch(action: str, data: dict[str, Any]) -> Any:
        if action not in LOOKS:
            return original(action, data)
        with agenda.LOCK:
            agenda.catch_up()
            return original(action, data)

    return dispatch


# -- acts ----------------------------------------------------------------------------------------------------------------


@act("release")
def release(version: str, cluster: str = "portfolio-cluster", service: str = "portfolio-api-service") -> dict[str, Any]:
    """Someone deploys another version: a new revision with another tag of the same image, and the service moved to it."""
    with agenda.LOCK:
        agenda.catch_up()
        now = ecs._task_defs[ecs._resolve_td_key(ecs._services[f"{cluster}/{service}"]["taskDefinition"])]
        containers = [dict(c) for c in now["containerDefinitions"]]
        containers[0]["image"] = f"{containers[0]['image'].rsplit(':', 1)[0]}:{version}"
        number = ecs._next_task_def_revision(now["family"])
        arn = f"arn:aws:ecs:{REGION}:{ACCOUNT}:task-definition/{now['family']}:{number}"
        made = {"containerDefinitions": containers, "taskDefinitionArn": arn, "revision": number}
        ecs._task_defs[f"{now['family']}:{number}"] = {**now, **made, "registeredAt": agenda.now()}
        _update(cluster, service, taskDefinition=arn)
        return {"taskDefinition": arn, "image": containers[0]["image"]}


@act("scale")
def scale(tasks: int, cluster: str = "portfolio-cluster", service: str = "portfolio-api-service") -> dict[str, Any]:
    """Someone wants another number of tasks."""
    return _update(cluster, service, desiredCount=tasks)


def _update(cluster: str, service: str, **what: Any) -> dict[str, Any]:
    status, _, body = ecs._update_service({"cluster": cluster, "service": service, **what})
    if status != 200:
        raise ValueError(body.decode())
    return {"updated": service, **what}


@view("state")
def state() -> dict[str, Any]:
    """Services with their deployments, and every remembered task; for debugging."""
    with agenda.LOCK:
        agenda.catch_up()
        return {
            "now": clock.iso(),
            "services": [ecs._sanitize(s) for s in ecs._services.values()],
            "tasks": [{**ecs._sanitize(t), "program": repr(t["_program"])} for t in ecs._tasks.values()],
        }
