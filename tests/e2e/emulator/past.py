"""A past for what a story has just made: services that have run for days, tables and targets that were fine."""

from typing import Any

from ministack.services import alb, cloudfront, dynamodb, ecs

from . import agenda, clock, demand, metrics, releases, site, traffic, trail
from .admin import act

MINUTE_S, COARSE_S, HOUR_S = 60, 300, 3600
FINE_FOR_S = 2 * HOUR_S  # before that CloudWatch itself keeps minutes for 15 days; nobody asks for so many here
HEALTHY_MEMORY_PCT, HEALTHY_CPU_PCT = 58.0, 22.0


@act("past")
def give_a_past(
    hours: float = 26, reads_per_s: float = 0, writes_per_s: float = 0, table: str = "portfolio-users"
) -> dict[str, Any]:
    """Every service and deployment of now is so many hours older, and all that time everything was well.

    Tasks stay as old as they are: how long a task lived tells how soon trouble comes again.

    Args:
        hours: how long.
        reads_per_s: what was asked of `table` and served all that time, and goes on being asked.
        writes_per_s: the same of writes.
        table: the table.
    """
    seconds = hours * HOUR_S
    with agenda.LOCK:
        agenda.catch_up()
        _age_services(seconds)
        trail.age(seconds)
        times = list(_times(agenda.now(), seconds))
        written = _write_targets(times) + _write_services(times) + _write_sites(times, seconds)
        if table in dynamodb._tables and (reads_per_s or writes_per_s):
            demand.ask(table, reads_per_s=reads_per_s, writes_per_s=writes_per_s)
            written += _write_table(table, times)
    return {"hours": hours, "datapoints": written}


def _times(until: float, seconds: float) -> Any:
    """Starts of periods with their lengths, oldest first: five minutes long ago, one lately."""
    end = until // MINUTE_S * MINUTE_S
    at = (end - seconds) // COARSE_S * COARSE_S
    while at < end:
        length = COARSE_S if at < (end - FINE_FOR_S) // COARSE_S * COARSE_S else MINUTE_S
        yield at, length
        at += length


def _age_services(seconds: float) -> None:
    for service in ecs._services.values():
        service["createdAt"] -= seconds
        releases.shift(service["serviceArn"], seconds)
        for dated in (*service["deployments"], *service["events"]):
            for name in ("createdAt", "updatedAt"):
                if name in dated:
                    dated[name] -= seconds
    for definition in ecs._task_defs.values():
        definition["registeredAt"] = agenda.now() - seconds


def _write_targets(times: list[Any]) -> int:
    written = 0
    for group in alb._tgs.values():
        for balancer in group["LoadBalancerArns"]:
            of_group, of_balancer = traffic.dimensions_of(group, balancer), traffic.dimensions_of_balancer(balancer)
            count = max(len(alb._targets.get(group["TargetGroupArn"], ())), 1)
            for at, length in times:
                minutes = length / MINUTE_S
                metrics.put(traffic.ALB, "HealthyHostCount", of_group, at, count, times=minutes)
                metrics.put(traffic.ALB, "UnHealthyHostCount", of_group, at, 0, times=minutes)
                for dimensions in (of_group, of_balancer):
                    for name in ("RequestCount", "HTTPCode_Target_2XX_Count"):
                        metrics.put(traffic.ALB, name, dimensions, at, traffic.USUAL_PER_S * length)
                metrics.put(traffic.ALB, "TargetResponseTime", of_group, at, 0.04, times=minutes)
                written += 7
    return written


def _write_services(times: list[Any]) -> int:
    for service in ecs._services.values():
        named = {"ClusterName": service["clusterArn"].rsplit("/", 1)[-1], "ServiceName": service["serviceName"]}
        for at, length in times:
            metrics.put(traffic.ECS, "MemoryUtilization", named, at, HEALTHY_MEMORY_PCT, times=length / MINUTE_S)
            metrics.put(traffic.ECS, "CPUUtilization", named, at, HEALTHY_CPU_PCT, times=length / MINUTE_S)
    return 2 * len(times) * len(list(ecs._services.values()))


def _write_sites(times: list[Any], seconds: float) -> int:
    for distribution in cloudfront._distributions.values():
        distribution["LastModifiedTime"] = clock.iso(agenda.now() - seconds)
        for at, _ in times:
            site.tell(distribution["Id"], (200,), at)
    return 3 * len(times) * len(list(cloudfront._distributions.values()))


def _write_table(table: str, times: list[Any]) -> int:
    for at, length in times:
        for direction in demand.DIRECTIONS:
            units = demand.asked_per_s(table, "", direction) * length
            if units:
                metrics.put(demand.DYNAMODB, f"Consumed{direction}CapacityUnits", {"TableName": table}, at, units)
    return 2 * len(times)
