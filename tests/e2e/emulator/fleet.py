"""The service scheduler: keeps a service's tasks running, rolls deployments out, gives up on them, takes them back."""

import random
from collections.abc import Iterator, Mapping
from math import ceil
from typing import Any

from ministack.services import ecs

from . import agenda, interfaces, releases, targets, tasks
from .service_news import say, tell_action, tell_deployment

LOOKS_EVERY_S = 5.0
BREAKER_AT_LEAST, BREAKER_AT_MOST = 3, 200  # AWS: half of the desired count between these
SCHEDULER = "ServiceSchedulerInitiated"

_watched: set[str] = set()


def new_deployment(definition: str, desired: int, status: str = "PRIMARY") -> dict[str, Any]:
    """A deployment that has not begun."""
    number = random.randrange(10**18, 10**19)  # noqa: S311  # nobody guesses it
    return {
        "id": f"ecs-svc/{number}",
        "status": status,
        "taskDefinition": definition,
        "desiredCount": desired,
        "runningCount": 0,
        "pendingCount": 0,
        "failedTasks": 0,
        "launchType": "FARGATE",
        "platformVersion": "1.4.0",
        "platformFamily": "Linux",
        "createdAt": agenda.now(),
        "updatedAt": agenda.now(),
        "rolloutState": "IN_PROGRESS",
        "rolloutStateReason": f"ECS deployment ecs-svc/{number} in progress.",
    }


def reconcile(cluster: str, key: str) -> None:
    """Moves a service towards what it should be; what was asked of it is in its record."""
    with agenda.LOCK:
        agenda.catch_up()
        service = ecs._services.get(key)
        if service is None:
            return
        service["events"] = [e for e in service["events"] if e.get("_ours")]  # ministack makes some up
        _begin_deployments(service)
        _move_targets(cluster, service)
        _work(cluster, service)
        if key not in _watched:
            _watched.add(key)
            agenda.after(LOOKS_EVERY_S, lambda: _look(cluster, key))


def of_task(task: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The service that a task belongs to."""
    kind, _, name = task["group"].partition(":")
    cluster = task["clusterArn"].rsplit("/", 1)[-1]
    found: Mapping[str, Any] | None = ecs._services.get(f"{cluster}/{name}") if kind == "service" else None
    return found


def roll_back(release: dict[str, Any], reason: str) -> None:
    """Makes the revision before a service deployment the primary one again."""
    service = next(s for s in ecs._services.values() if s["serviceArn"] == release["serviceArn"])
    definition = releases.definition_before(release)
    failed = _primary(service)
    releases.take_back(release, reason)
    failed.update(status="ACTIVE", rolloutState="FAILED", rolloutStateReason=reason, updatedAt=agenda.now())
    back = next((d for d in service["deployments"] if d is not failed and d["taskDefinition"] == definition), None)
    if back is None:
        back = new_deployment(definition, service["desiredCount"])
        service["deployments"].insert(0, back)
    back.update(status="PRIMARY", rolloutState="IN_PROGRESS", updatedAt=agenda.now(), _takes_back=failed["id"])
    back.update(rolloutStateReason=f"{reason} Rolling back to deploymentId {back['id']}.", _begun=True, failedTasks=0)
    service["taskDefinition"] = definition
    tell_deployment(service, failed, "ERROR", "SERVICE_DEPLOYMENT_FAILED", reason)
    _work(release["clusterArn"].rsplit("/", 1)[-1], service)


def _look(cluster: str, key: str) -> None:
    service = ecs._services.get(key)
    if service is None or service["status"] != "ACTIVE":
        _watched.discard(key)
        return
    _work(cluster, service)
    agenda.after(LOOKS_EVERY_S, lambda: _look(cluster, key))


def _begin_deployments(service: dict[str, Any]) -> None:
    for deployment in service["deployments"]:
        if "_begun" not in deployment:
            deployment["_begun"] = True
            deployment["launchType"] = service.get("launchType")
            deployment["rolloutStateReason"] = f"ECS deployment {deployment['id']} in progress."
            releases.begin(service, deployment)
            tell_deployment(service, deployment, "INFO", "SERVICE_DEPLOYMENT_IN_PROGRESS")
            _not_steady(service)


def _move_targets(cluster: str, service: dict[str, Any]) -> None:
    """Running tasks leave target groups that the service names no more, and come to those that it names now.

    AWS starts a new deployment for that.
    """
    before, now = service.get("_places", set()), set(places(service))
    service["_places"] = now
    running = [t for t in tasks.of_service(cluster, service["serviceName"]) if t["lastStatus"] == "RUNNING"]
    for address in map(interfaces.address_of, running):
        for group, port in before - now:
            targets.deregister(group, address, port)
        for group, port in now - before:
            targets.register(group, address, port)


def _work(cluster: str, service: dict[str, Any]) -> None:
    if service["status"] != "ACTIVE":
        return
    primary = _primary(service)
    _stop_unhealthy(service)
    mine, old = _live(cluster, service, primary)
    stuck = primary["rolloutState"] == "FAILED"
    room = service["desiredCount"] * _percent(service, "maximumPercent", 200) // 100 - len(old)
    wanted = min(service["desiredCount"], max(room, 0))
    if len(mine) < wanted and not stuck:
        mine = [*mine, *_launch(cluster, service, primary, wanted - len(mine))]
    if len(mine) > service["desiredCount"]:
        _stop(service, primary, mine[service["desiredCount"] :])
    _replace_old(service, primary, mine, old)
    _complete(cluster, service)
    _count(cluster, service)


def _live(cluster: str, service: Mapping[str, Any], primary: Mapping[str, Any]) -> tuple[list[Any], list[Any]]:
    """Tasks that are to run: of the primary deployment, and of older ones."""
    live = [t for t in tasks.of_service(cluster, service["serviceName"]) if t["desiredStatus"] == "RUNNING"]
    mine = [t for t in live if t["_deployment_id"] == primary["id"]]
    return mine, [t for t in live if t["_deployment_id"] != primary["id"]]


def _launch(cluster: str, service: dict[str, Any], primary: Mapping[str, Any], count: int) -> list[dict[str, Any]]:
    definition = ecs._task_defs[ecs._resolve_td_key(primary["taskDefinition"])]
    asked = {**service, "group": f"service:{service['serviceName']}", "tags": []}
    if service.get("enableECSManagedTags"):
        managed = {"aws:ecs:clusterName": cluster, "aws:ecs:serviceName": service["serviceName"]}
        asked["_tags_of_interface"] = managed
    made = [tasks.launch(asked, definition, cluster, str(primary["id"])) for _ in range(count)]
    _not_steady(service)
    say(service, f"has started {count} tasks: {_named(made)}.")
    return made


def _replace_old(service: dict[str, Any], primary: Mapping[str, Any], mine: list[Any], old: list[Any]) -> None:
    """Old tasks go as new ones are healthy, and never below the least that must be healthy."""
    least = ceil(service["desiredCount"] * _percent(service, "minimumHealthyPercent", 100) / 100)
    needed = max(0, least - sum(_healthy(service, t) for t in mine))
    if service["desiredCount"] and primary["rolloutState"] == "FAILED":
        return
    # Those that are not healthy anyway go first.
    ordered = sorted(old, key=lambda t: _healthy(service, t))
    _stop(service, primary, ordered[: len(old) - needed] if needed < len(old) else [])


def _stop(service: dict[str, Any], primary: Mapping[str, Any], which: list[Any]) -> None:
    for task in which:
        tasks.stop(task, SCHEDULER, f"Scaling activity initiated by (deployment {primary['id']})")
    if which:
        _not_steady(service)
        say(service, f"has stopped {len(which)} running tasks: {_named(which)}.")


def _stop_unhealthy(service: dict[str, Any]) -> None:
    cluster = service["clusterArn"].rsplit("/", 1)[-1]
    for task in tasks.of_service(cluster, service["serviceName"]):
        if task["lastStatus"] != "RUNNING" or task["desiredStatus"] != "RUNNING":
            continue
        if agenda.now() - task["startedAt"] < int(service.get("healthCheckGracePeriodSeconds") or 0):
            continue
        for group, port in places(service):
            state = targets.state_of(group, interfaces.address_of(task), port)
            if state is not None and state.state == "unhealthy":
                where = f"(port {port}) is unhealthy in (target-group {group}) due to (reason {state.description})"
                say(service, f"{where}.")
                tasks.stop(task, SCHEDULER, f"Task failed ELB health checks in (target-group {group})")
                break


def _complete(cluster: str, service: dict[str, Any]) -> None:
    primary = _primary(service)
    mine, old = _live(cluster, service, primary)
    steady = len(mine) == service["desiredCount"] and not old and all(_healthy(service, t) for t in mine)
    if not steady:
        return
    service["deployments"] = [primary]
    if primary["rolloutState"] == "IN_PROGRESS":
        said = f"ECS deployment {primary['id']} completed."
        primary.update(rolloutState="COMPLETED", rolloutStateReason=said, updatedAt=agenda.now())
        if release := releases.of_deployment(primary):
            releases.end(release, "ROLLBACK_SUCCESSFUL" if "_takes_back" in primary else "SUCCESSFUL")
        primary.pop("_takes_back", None)
        say(service, f"(deployment {primary['id']}) deployment completed.")
        tell_deployment(service, primary, "INFO", "SERVICE_DEPLOYMENT_COMPLETED", said)
    if not service.get("_steady"):
        service["_steady"] = True
        say(service, "has reached a steady state.")
        tell_action(service, "INFO", "SERVICE_STEADY_STATE")


def _count(cluster: str, service: dict[str, Any]) -> None:
    alive = [t for t in tasks.of_service(cluster, service["serviceName"]) if t["desiredStatus"] == "RUNNING"]
    for deployment in service["deployments"]:
        own = [t["lastStatus"] == "RUNNING" for t in alive if t["_deployment_id"] == deployment["id"]]
        primary = deployment["status"] == "PRIMARY"
        wanted = service["desiredCount"] if primary else len(own)
        deployment.update(runningCount=sum(own), pendingCount=len(own) - sum(own), desiredCount=wanted)
    service["runningCount"] = sum(d["runningCount"] for d in service["deployments"])
    service["pendingCount"] = sum(d["pendingCount"] for d in service["deployments"])
    ecs._recount_cluster(cluster)


def _seen(task: dict[str, Any]) -> None:
    """A task of a service moved on: its target comes or goes, its end may be a failure of the deployment."""
    service = of_task(task)
    if service is None:
        return
    cluster = task["clusterArn"].rsplit("/", 1)[-1]
    for group, port in places(service):
        if task["lastStatus"] == "RUNNING":
            targets.register(group, interfaces.address_of(task), port)
            say(service, f"registered 1 targets in (target-group {group})")
        if task["lastStatus"] == "DEACTIVATING":
            targets.deregister(group, interfaces.address_of(task), port)
    if task["lastStatus"] == "DEACTIVATING" and _failed(task):
        _count_failure(service, task)
    agenda.after(0, lambda: _work(cluster, service))  # not now: what moved it may not be done


def _failed(task: Mapping[str, Any]) -> bool:
    wanted = ("Scaling activity", "Service deleted")
    return task["stopCode"] != "UserInitiated" and not task["stoppedReason"].startswith(wanted)


def _count_failure(service: Mapping[str, Any], task: Mapping[str, Any]) -> None:
    """Of the primary deployment while it rolls out; the circuit breaker counts them."""
    _not_steady(service)
    primary = _primary(service)
    if primary["rolloutState"] != "IN_PROGRESS" or task["_deployment_id"] != primary["id"]:
        return
    primary["failedTasks"] += 1
    breaker = service["deploymentConfiguration"].get("deploymentCircuitBreaker") or {}
    enough = min(max(ceil(service["desiredCount"] / 2), BREAKER_AT_LEAST), BREAKER_AT_MOST)
    if not breaker.get("enable") or primary["failedTasks"] < enough:
        return
    reason = "ECS deployment circuit breaker: tasks failed to start."
    release = releases.of_deployment(primary)
    if breaker.get("rollback") and release and "_takes_back" not in primary and releases.definition_before(release):
        roll_back(release, reason)
        return
    primary.update(rolloutState="FAILED", rolloutStateReason=reason, updatedAt=agenda.now())
    if release:
        releases.end(release, "ROLLBACK_FAILED" if "_takes_back" in primary else "STOPPED", reason)
    tell_deployment(service, primary, "ERROR", "SERVICE_DEPLOYMENT_FAILED", reason)


def _healthy(service: Mapping[str, Any], task: Mapping[str, Any]) -> bool:
    if task["lastStatus"] != "RUNNING" or task["desiredStatus"] != "RUNNING":
        return False
    states = (targets.state_of(group, interfaces.address_of(task), port) for group, port in places(service))
    return all(s is not None and s.state in ("healthy", "unused") for s in states)


def places(service: Mapping[str, Any]) -> Iterator[tuple[str, int]]:
    """Target groups and ports where its tasks are registered."""
    for balancer in service.get("loadBalancers") or ():
        if balancer.get("targetGroupArn"):
            yield balancer["targetGroupArn"], int(balancer["containerPort"])


def _primary(service: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = next(d for d in service["deployments"] if d["status"] == "PRIMARY")
    return found


def _percent(service: Mapping[str, Any], name: str, otherwise: int) -> int:
    return int(service["deploymentConfiguration"].get(name, otherwise))


def _named(which: list[Any]) -> str:
    return " ".join(f"(task {t['taskArn'].rsplit('/', 1)[-1]})" for t in which)


def _not_steady(service: Any) -> None:
    service["_steady"] = False


tasks.listeners.append(_seen)
