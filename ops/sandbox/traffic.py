"""What CloudWatch knows of the portfolio: figures of each minute, made from how the tasks were then."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from .fleet import Fleet
from .service import Service
from .tasks import Task
from .wire import Fake, Parameters

REQUESTS_PER_S = 20
SAMPLE_S = 10
OVERLOAD_PCT = 12.0  # requests that fail where half of the tasks are missing, in proportion
LONG_WARM_UP_S = 60
CPU_IDLE_PCT = 8.0
CPU_BUSY_PCT = 30.0
ANSWER_S = 0.045
Sample = Callable[[Service, datetime], float | None]


class Traffic:
    """Metrics of services and of their load balancer."""

    def __init__(self, fleet: Fleet, now: Callable[[], datetime]) -> None:
        self._fleet = fleet
        self._now = now

    def fakes(self) -> Mapping[str, Fake]:
        """CloudWatch's operations on metrics."""
        return {"GetMetricData": self.get_metric_data, "GetMetricStatistics": self.get_metric_statistics}

    def get_metric_data(self, asked: Parameters) -> dict[str, Any]:
        """The values of each metric asked for; a metric that nobody writes has none. Metric math is not modelled."""
        order = -1 if asked.get("ScanBy", "TimestampDescending") == "TimestampDescending" else 1
        results = []
        for query in asked["MetricDataQueries"]:
            if "MetricStat" not in query:
                raise NotImplementedError(f"the sandbox has no metric math: {query.get('Expression')}")
            if not query.get("ReturnData", True):
                continue
            stat = query["MetricStat"]
            points = list(self._points(stat["Metric"], stat["Stat"], stat["Period"], asked))[::order]
            results.append(
                {
                    "Id": query["Id"],
                    "Label": query.get("Label", stat["Metric"]["MetricName"]),
                    "Timestamps": [at for at, _ in points],
                    "Values": [value for _, value in points],
                    "StatusCode": "Complete",
                }
            )
        return {"MetricDataResults": results, "Messages": []}

    def get_metric_statistics(self, asked: Parameters) -> dict[str, Any]:
        """The same by the older operation."""
        found: dict[datetime, dict[str, Any]] = {}
        for stat in asked.get("Statistics", ()):
            for at, value in self._points(asked, stat, asked["Period"], asked):
                found.setdefault(at, {"Timestamp": at, "Unit": "None"})[stat] = value
        return {"Label": asked["MetricName"], "Datapoints": list(found.values())}

    def error_share(self, service: Service, at: datetime) -> float:
        """Share of the service's requests that failed at that moment, 0 to 1."""
        tasks = [t for t in self._fleet.tasks_of(service) if t.running(at)]
        healthy = sum(t.healthy(at) for t in tasks)
        if healthy == 0:
            return 1.0
        missing = max(0.0, 1 - healthy / service.desired) if service.desired else 0.0
        blocked = max((self._blocking_pct(t, at) for t in tasks), default=0.0)
        return min(1.0, missing * OVERLOAD_PCT * 2 / 100 + blocked / 100)

    def _points(
        self, metric: Parameters, stat: str, period_s: int, asked: Parameters
    ) -> Iterator[tuple[datetime, float]]:
        dimensions = {d["Name"]: d["Value"] for d in metric.get("Dimensions", ())}
        name = (str(metric["Namespace"]), str(metric["MetricName"]))
        sample, service = self._samples().get(name), self._service(dimensions)
        if sample is None or service is None:
            return
        start = _floor(asked["StartTime"], period_s)
        while start < min(asked["EndTime"], self._now()):
            values = self._values(sample, service, start, period_s)
            if values:
                yield start, _statistic(stat, values)
            start += timedelta(seconds=period_s)

    def _values(self, sample: Sample, service: Service, start: datetime, period_s: int) -> list[float]:
        moments = (start + timedelta(seconds=s) for s in range(0, period_s, SAMPLE_S))
        found = (sample(service, at) for at in moments if at <= self._now())
        return [v for v in found if v is not None]

    def _samples(self) -> Mapping[tuple[str, str], Sample]:
        ecs, elb = "AWS/ECS", "AWS/ApplicationELB"
        return {
            (ecs, "MemoryUtilization"): self._memory_pct,
            (ecs, "CPUUtilization"): self._cpu_pct,
            (elb, "RequestCount"): self._requests,
            (elb, "HTTPCode_Target_5XX_Count"): self._target_errors,
            (elb, "HTTPCode_ELB_5XX_Count"): self._balancer_errors,
            (elb, "HTTPCode_ELB_503_Count"): self._balancer_errors,
            (elb, "HealthyHostCount"): lambda s, at: float(sum(t.healthy(at) for t in self._fleet.tasks_of(s))),
            (elb, "UnHealthyHostCount"): self._unhealthy,
            (elb, "TargetResponseTime"): lambda s, at: ANSWER_S * (1 + 4 * self.error_share(s, at)),
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
        return (CPU_BUSY_PCT * healthy + CPU_IDLE_PCT * (len(tasks) - healthy)) / len(tasks) if tasks else None

    def _requests(self, service: Service, at: datetime) -> float | None:
        return None if self.error_share(service, at) >= 1.0 else float(REQUESTS_PER_S * SAMPLE_S)  # none is routed

    def _target_errors(self, service: Service, at: datetime) -> float | None:
        share = self.error_share(service, at)
        return None if share in (0.0, 1.0) else REQUESTS_PER_S * SAMPLE_S * share  # zero is not written

    def _balancer_errors(self, service: Service, at: datetime) -> float | None:
        return float(REQUESTS_PER_S * SAMPLE_S) if self.error_share(service, at) >= 1.0 else None

    def _unhealthy(self, service: Service, at: datetime) -> float:
        return float(sum(t.running(at) and not t.healthy(at) for t in self._fleet.tasks_of(service)))


def _floor(moment: datetime, period_s: int) -> datetime:
    return moment - timedelta(seconds=moment.timestamp() % period_s)


def _statistic(stat: str, values: Sequence[float]) -> float:
    """Of the samples of one period: host counts and percentages are levels, counts add up."""
    if stat == "Sum":
        return sum(values)
    if stat == "SampleCount":
        return float(len(values))
    if stat == "Minimum":
        return min(values)
    if stat == "Maximum":
        return max(values)
    if stat.startswith("p"):
        ranked = sorted(values)
        return ranked[min(len(ranked) - 1, int(len(ranked) * float(stat[1:]) / 100))]
    return sum(values) / len(values)
