"""What CloudWatch knows of the portfolio's services and targets, made from how they were at each moment."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial

from ..applications import HEALTHY, Application
from ..ecs.fleet import Fleet
from ..ecs.service import Service
from ..ecs.tasks import Task
from ..history import History
from ..load_balancing.balancer import Balancer
from ..load_balancing.targets import Targets
from .metrics import SAMPLE_S, Sample

REQUESTS_PER_S = 20
OVERLOAD_PCT = 12.0  # requests that fail where half of the tasks are missing, in proportion
STARTING = timedelta(minutes=3)  # so long nobody misses a task that is added
LONG_WARM_UP_S = 60
CPU_IDLE_PCT = 8.0
CPU_BUSY_PCT = 30.0
ANSWER_S = 0.045
SLOW_SHARE = 0.05  # of requests to a program that is slow: p99 shows them, the average does not
CROWDED_PCT = 70.0  # above it, requests wait for CPU
CROWDED_STEP_PCT = 5.0  # each so many percent above it cost the time of one more answer
USUAL_TASKS = 2  # as many as the usual load keeps at its usual CPU
ZONES = "ac"  # of the load balancer's subnets
LATE_S = 6.0  # what answers too late for its health check
OfService = Callable[[Service, datetime], float | None]


class Traffic:
    """Metrics of services, of their load balancer and of its targets.

    Attributes:
        load: how many times the usual work requests make.
        zones: letter of a zone whose network is ill, and how many times as long its answers take.
        table_wait_s: how long each answer waits for the table.
    """

    def __init__(self, fleet: Fleet, targets: Targets, balancer: Balancer) -> None:
        self._fleet = fleet
        self._targets = targets
        self._balancer = balancer
        self.load: History[float] = History(1.0)
        self.zones: History[Mapping[str, float]] = History({})
        self.table_wait_s: Callable[[datetime], float] = lambda _: 0.0

    def source(self, namespace: str, name: str, dimensions: Mapping[str, str]) -> Sample | None:
        """What writes a metric of AWS/ECS or AWS/ApplicationELB."""
        if namespace == "AWS/ApplicationELB" and name in HOSTS and "TargetGroup" in dimensions:
            return self._hosts(HOSTS[name], dimensions["TargetGroup"])
        if name == "TargetResponseTime" and "AvailabilityZone" in dimensions:
            return self._zone_answer_s(dimensions)
        sample, service = self._samples().get((namespace, name)), self._service(dimensions)
        return partial(sample, service) if sample and service else None

    def error_share(self, service: Service, at: datetime) -> float:
        """Share of the service's requests that failed at that moment, 0 to 1."""
        tasks = [t for t in self._fleet.tasks_of(service) if t.running(at)]
        serving = sum(t.serves(at) for t in tasks)
        if serving == 0:
            return 1.0
        needed = min(service.desired_at(at), service.desired_at(at - STARTING))
        missing = max(0.0, 1 - serving / needed) if needed else 0.0
        blocked = max((self._blocking_pct(t, at) for t in tasks), default=0.0)
        return min(1.0, missing * OVERLOAD_PCT * 2 / 100 + blocked / 100)

    def _hosts(self, state: str, group: str) -> Sample | None:
        if not self._targets.arn.endswith(group):
            return None
        return lambda at: float(self._targets.count(state, at))

    def _samples(self) -> Mapping[tuple[str, str], OfService]:
        ecs, elb = "AWS/ECS", "AWS/ApplicationELB"
        return {
            (ecs, "MemoryUtilization"): self._memory_pct,
            (ecs, "CPUUtilization"): self._cpu_pct,
            (elb, "RequestCount"): self._requests,
            (elb, "HTTPCode_Target_5XX_Count"): self._target_errors,
            (elb, "HTTPCode_ELB_5XX_Count"): self._balancer_errors,
            (elb, "HTTPCode_ELB_502_Count"): self._closed,
            (elb, "HTTPCode_ELB_503_Count"): self._not_routed,
            (elb, "HTTPCode_ELB_504_Count"): self._too_late,
            (elb, "TargetResponseTime"): self._answer_s,
        }

    def _service(self, dimensions: Mapping[str, str]) -> Service | None:
        services = self._fleet.services
        if "ServiceName" in dimensions:
            return services.get(dimensions["ServiceName"])
        if "TargetGroup" in dimensions:
            named = dimensions["TargetGroup"]
            return next((s for s in services.values() if s.target_group.endswith(named)), None)
        return next((s for s in services.values() if s.target_group), None) if "LoadBalancer" in dimensions else None

    def _blocking_pct(self, task: Task, at: datetime) -> float:
        warming = not task.healthy(at) and task.age_s(at) > LONG_WARM_UP_S
        return task.program.warming_error_pct if warming else 0.0

    def _memory_pct(self, service: Service, at: datetime) -> float | None:
        tasks = [t for t in self._fleet.tasks_of(service) if t.running(at)]
        if not tasks:
            return None
        used = sum(t.memory_mib(at) for t in tasks)
        return 100 * used / sum(t.definition.task_memory_mib or t.definition.memory_mib for t in tasks)

    def _cpu_pct(self, service: Service, at: datetime) -> float | None:
        tasks = [t for t in self._fleet.tasks_of(service) if t.running(at)]
        healthy = sum(t.healthy(at) for t in tasks)
        if not tasks:
            return None
        load = self.load.at(at)
        busy_pct = CPU_BUSY_PCT if load == 1.0 else min(100.0, CPU_BUSY_PCT * load * USUAL_TASKS / max(1, healthy))
        return (busy_pct * healthy + CPU_IDLE_PCT * (len(tasks) - healthy)) / len(tasks)

    def _requests(self, service: Service, at: datetime) -> float | None:
        return None if self.error_share(service, at) >= 1.0 else float(REQUESTS_PER_S * SAMPLE_S)  # none is routed

    def _target_errors(self, service: Service, at: datetime) -> float | None:
        share = self.error_share(service, at)
        if share == 1.0:
            return None
        own = max((p.errors_pct / 100 for p in self._programs(service, at)), default=0.0)
        return _counted(min(1.0, share + own))

    def _balancer_errors(self, service: Service, at: datetime) -> float | None:
        counts = (self._closed(service, at), self._not_routed(service, at), self._too_late(service, at))
        return sum(c for c in counts if c) or None

    def _not_routed(self, service: Service, at: datetime) -> float | None:
        """503: no target takes requests."""
        return _counted(1.0) if self.error_share(service, at) >= 1.0 else None

    def _closed(self, service: Service, at: datetime) -> float | None:
        """502: targets break connections off."""
        return _counted(max((p.closes_pct / 100 for p in self._programs(service, at)), default=0.0))

    def _too_late(self, service: Service, at: datetime) -> float | None:
        """504: targets have not answered when the load balancer gives up."""
        late = any(p.slow_answer_s > self._balancer.idle_s(at) for p in self._programs(service, at))
        return _counted(SLOW_SHARE if late else 0.0)

    def _programs(self, service: Service, at: datetime) -> list[Application]:
        """What runs in the tasks that serve; before its fault, each was healthy."""
        serving = (t for t in self._fleet.tasks_of(service) if t.running(at) and t.serves(at))
        return [HEALTHY if t.well_until and at < t.well_until else t.program for t in serving]

    def _answer_s(self, service: Service, at: datetime) -> float:
        """The slowest answers. What the load balancer gave up on counts as long as it waited."""
        slow = max((p.slow_answer_s for p in self._programs(service, at)), default=0.0)
        if slow:
            return min(slow, float(self._balancer.idle_s(at)))
        late = any(t.program.answers_late and t.running(at) and not t.well(at) for t in self._fleet.tasks_of(service))
        if late:
            return LATE_S
        return self._near_s(service, at) * max(self.zones.at(at).values(), default=1.0)

    def _near_s(self, service: Service, at: datetime) -> float:
        """Of requests whose way is short."""
        crowded = 1 + max(0.0, (self._cpu_pct(service, at) or 0.0) - CROWDED_PCT) / CROWDED_STEP_PCT
        own_s = max([ANSWER_S, *(p.steady_answer_s for p in self._programs(service, at))])
        return own_s * crowded * (1 + 4 * self.error_share(service, at)) + self.table_wait_s(at)

    def _zone_answer_s(self, dimensions: Mapping[str, str]) -> Sample | None:
        """Of requests through one zone of the load balancer."""
        zone, service = dimensions["AvailabilityZone"][-1], self._service(dimensions)
        if zone not in ZONES or service is None:
            return None
        return lambda at: self._near_s(service, at) * self.zones.at(at).get(zone, 1.0)


def _counted(share: float) -> float | None:
    """That share of the requests of one sample; zero is not written."""
    return REQUESTS_PER_S * SAMPLE_S * share or None


HOSTS = {"HealthyHostCount": "healthy", "UnHealthyHostCount": "unhealthy"}
