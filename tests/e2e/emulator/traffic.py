"""Requests of users, and what the load balancer, its targets and the service tell of each minute."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ministack.services import alb, ecs

from . import agenda, fleet, metrics, programs, targets, tasks
from .admin import act

MINUTE_S = 60
USUAL_PER_S = 20.0
USUAL_CPU_PCT = 22.0
WARMING_LONG_S = 60
SHAPE_OF_LATENCY = (0.6, 1.0, 1.6)  # fastest, middle, slowest of what a program's requests take
ALB, ECS = "AWS/ApplicationELB", "AWS/ECS"
IDLE_TIMEOUT, USUAL_IDLE_S = "idle_timeout.timeout_seconds", 60

_per_s = [USUAL_PER_S]
_served: set[str] = set()


@dataclass(frozen=True, slots=True, kw_only=True)
class Shares:
    """What becomes of a minute's requests; shares of one."""

    answered: float = 0
    failed: float = 0  # the application says 5xx
    gateway: tuple[int, float] = (502, 0.0)  # the load balancer says it itself
    refused: float = 0  # connections that fail
    latency_ms: float = 0
    late: float = 0  # take `late_s`, whether the load balancer has waited so long or not
    late_s: float = 0


@act("traffic")
def set_traffic(requests_per_s: float = USUAL_PER_S) -> dict[str, Any]:
    """So many requests of users a second reach each load balancer from now on."""
    _per_s[0] = requests_per_s
    return {"requests_per_s": requests_per_s}


@agenda.each_minute(1)
def tell_of_the_minute() -> None:
    """The datapoints of the minute that has just ended."""
    at = agenda.now() - MINUTE_S
    for group in alb._tgs.values():
        for arn in group["LoadBalancerArns"]:
            _tell_of_group(at, group, arn)
    for service in ecs._services.values():
        if service["status"] == "ACTIVE":
            _tell_of_service(at, service)


def dimensions_of(group: Mapping[str, Any], balancer: str) -> dict[str, str]:
    """Of a target group's metrics."""
    return {"TargetGroup": group["TargetGroupArn"].rsplit(":", 1)[1], **dimensions_of_balancer(balancer)}


def dimensions_of_balancer(arn: str) -> dict[str, str]:
    """Of a load balancer's own metrics."""
    return {"LoadBalancer": arn.split(":loadbalancer/", 1)[1]}


def _tell_of_group(at: float, group: Mapping[str, Any], balancer: str) -> None:
    of_group, of_balancer = dimensions_of(group, balancer), dimensions_of_balancer(balancer)
    used = [t for t in targets.of_group(group["TargetGroupArn"]) if t.state in ("healthy", "unhealthy")]
    if not used and not targets.of_group(group["TargetGroupArn"]):
        return  # nobody was ever registered
    healthy = sum(t.state == "healthy" for t in used)
    metrics.put(ALB, "HealthyHostCount", of_group, at, healthy)
    metrics.put(ALB, "UnHealthyHostCount", of_group, at, len(used) - healthy)
    requests = _per_s[0] * MINUTE_S
    if healthy:
        _served.add(group["TargetGroupArn"])
    if not requests or group["TargetGroupArn"] not in _served:
        return  # nobody asks for what was never there
    shares = _shares(group, used, idle_timeout_s(balancer))
    for dimensions in (of_group, of_balancer):
        _sum("RequestCount", dimensions, at, requests)
        _sum("HTTPCode_Target_2XX_Count", dimensions, at, requests * shares.answered)
        _sum("HTTPCode_Target_5XX_Count", dimensions, at, requests * shares.failed)
        _sum("TargetConnectionErrorCount", dimensions, at, requests * shares.refused)
    code, share = shares.gateway
    _sum("HTTPCode_ELB_5XX_Count", of_balancer, at, requests * share)
    _sum(f"HTTPCode_ELB_{code}_Count", of_balancer, at, requests * share)
    for part in SHAPE_OF_LATENCY if shares.latency_ms else ():
        times = requests * (1 - shares.late) / len(SHAPE_OF_LATENCY)
        metrics.put(ALB, "TargetResponseTime", of_group, at, part * shares.latency_ms / 1000, times=times)
    if shares.late:
        metrics.put(ALB, "TargetResponseTime", of_group, at, shares.late_s, times=requests * shares.late)


def _sum(name: str, dimensions: Mapping[str, str], at: float, count: float) -> None:
    """Counts that are zero are not told, as AWS does."""
    if round(count) > 0:
        metrics.put(ALB, name, dimensions, at, round(count))


def idle_timeout_s(balancer: str) -> float:
    """How long the load balancer waits for an answer."""
    values = {a["Key"]: a["Value"] for a in alb._lb_attrs.get(balancer) or ()}
    return float(values.get(IDLE_TIMEOUT) or USUAL_IDLE_S)


def _shares(group: Mapping[str, Any], used: list[targets.Target], idle_s: float) -> Shares:
    """Requests go to healthy targets, to all where none is; what is missing of a service's tasks fails.

    What takes longer than the load balancer waits is 504 to its client, and all its time counts as the target's.
    """
    chosen = [t for t in used if t.state == "healthy"] or used
    service = _service_of(group)
    wanted = max(int(service["desiredCount"]) if service else len(used), len(chosen), 1)
    if not chosen:
        return Shares(gateway=(503, 1.0))
    codes = [_code(t) for t in chosen]
    missing = (wanted - len(chosen)) / wanted
    each = (1 - missing) / len(codes)
    failed = each * sum(c is not None and c >= 500 for c in codes)
    silent = each * sum(c is None or c == programs.LATE for c in codes)
    warming = _warming_share(service) * (1 - missing)
    programs_there = [t["_program"] for t in map(tasks.at_address, (c.id for c in chosen)) if t is not None]
    late = each * sum(p.late_pct / 100 for p in programs_there)
    late_s = max((p.late_s for p in programs_there), default=0.0)
    cut_off = late if late_s >= idle_s else 0.0
    return Shares(
        answered=max(0.0, 1 - missing - failed - silent - warming - cut_off),
        failed=failed + warming,
        gateway=(504, silent + cut_off) if silent + cut_off else (502, missing),
        refused=silent,
        latency_ms=_latency_ms(chosen),
        late=late,
        late_s=late_s,
    )


def _code(target: targets.Target) -> int | None:
    """What users get: an application that fails its health check for its path alone serves them well."""
    group = alb._tgs[target.group]
    if not targets.is_reached(group, target):
        return None
    task = tasks.at_address(target.id)
    return 200 if task is None else task["_program"].answers("/users", tasks.ran_s(task))


def _latency_ms(chosen: list[targets.Target]) -> float:
    there = [t for t in map(tasks.at_address, (c.id for c in chosen)) if t is not None]
    return max((t["_program"].latency_ms for t in there), default=40.0)


def _service_of(group: Mapping[str, Any]) -> Mapping[str, Any] | None:
    active = [s for s in ecs._services.values() if s["status"] == "ACTIVE"]
    return next((s for s in active if any(g == group["TargetGroupArn"] for g, _ in fleet.places(s))), None)


def _warming_share(service: Mapping[str, Any] | None) -> float:
    if service is None:
        return 0.0
    cluster = service["clusterArn"].rsplit("/", 1)[-1]
    running = [t for t in tasks.of_service(cluster, service["serviceName"]) if t["lastStatus"] == "RUNNING"]
    slow = [t for t in running if WARMING_LONG_S < tasks.ran_s(t) < t["_program"].ready_after_s]
    return max((t["_program"].warming_error_pct / 100 for t in slow), default=0.0)


def _tell_of_service(at: float, service: Mapping[str, Any]) -> None:
    cluster = service["clusterArn"].rsplit("/", 1)[-1]
    named = {"ClusterName": cluster, "ServiceName": service["serviceName"]}
    there = [t for t in tasks.of_service(cluster, service["serviceName"]) if t["lastStatus"] == "RUNNING"]
    if not there:
        return
    metrics.put(ECS, "CPUUtilization", named, at, *([USUAL_CPU_PCT] * len(there)))
    metrics.put(ECS, "MemoryUtilization", named, at, *map(_memory_pct, there))


def _memory_pct(task: Mapping[str, Any]) -> float:
    limit = tasks.memory_limit_mib(task)
    return 100 * float(task["_program"].uses_mib(tasks.ran_s(task), limit)) / limit


def _last_look(task: dict[str, Any]) -> None:
    """A task's memory is known up to its end, which seldom falls on a full minute."""
    service = fleet.of_task(task)
    if service is not None and task["lastStatus"] == "DEACTIVATING" and task["startedAt"] is not None:
        named = {"ClusterName": task["clusterArn"].rsplit("/", 1)[-1], "ServiceName": service["serviceName"]}
        metrics.put(ECS, "MemoryUtilization", named, agenda.now(), _memory_pct(task))


tasks.listeners.append(_last_look)
