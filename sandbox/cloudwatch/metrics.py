"""CloudWatch's operations on metrics: figures of each minute, made from how the world was then."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from ..wire import Fake, Parameters

SAMPLE_S = 10
ADDED_UP = ("Sum", "SampleCount")
LOOKS = 6  # of a level, in one period
Sample = Callable[[datetime], float | None]  # of the ten seconds from that moment on; None: nothing is written
Source = Callable[[str, str, Mapping[str, str]], Sample | None]  # by namespace, name and dimensions


class Metrics:
    """Every metric that some part of the world writes; one that nobody writes has no values."""

    def __init__(self, sources: Sequence[Source], now: Callable[[], datetime]) -> None:
        self._sources = sources
        self._now = now

    def fakes(self) -> Mapping[str, Fake]:
        """CloudWatch's operations on metrics."""
        return {"GetMetricData": self.get_metric_data, "GetMetricStatistics": self.get_metric_statistics}

    def get_metric_data(self, asked: Parameters) -> dict[str, Any]:
        """The values of each metric asked for. Metric math is not modelled."""
        order = -1 if asked.get("ScanBy", "TimestampDescending") == "TimestampDescending" else 1
        results = []
        for query in asked["MetricDataQueries"]:
            if "MetricStat" not in query:
                raise NotImplementedError(f"the sandbox has no metric math: {query.get('Expression')}")
            if not query.get("ReturnData", True):
                continue
            stat = query["MetricStat"]
            window = (asked["StartTime"], asked["EndTime"])
            points = list(self._points(stat["Metric"], stat["Stat"], stat["Period"], *window))[::order]
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
            for at, value in self._points(asked, stat, asked["Period"], asked["StartTime"], asked["EndTime"]):
                found.setdefault(at, {"Timestamp": at, "Unit": "None"})[stat] = value
        return {"Label": asked["MetricName"], "Datapoints": list(found.values())}

    def minute(self, sample: Sample, stat: str, start: datetime, period_s: int = 60) -> float | None:
        """The datapoint of the period that begins at `start`, None where nothing was written."""
        step_s = SAMPLE_S if stat in ADDED_UP else max(SAMPLE_S, period_s // LOOKS)
        moments = (start + timedelta(seconds=s) for s in range(0, period_s, step_s))
        values = [v for at in moments if at <= self._now() and (v := sample(at)) is not None]
        return _statistic(stat, values) if values else None

    def sample_of(self, namespace: str, name: str, dimensions: Mapping[str, str]) -> Sample | None:
        """What writes the metric, None where nothing does."""
        found = (source(namespace, name, dimensions) for source in self._sources)
        return next((s for s in found if s), None)

    def _points(
        self, metric: Parameters, stat: str, period_s: int, start: datetime, end: datetime
    ) -> Iterator[tuple[datetime, float]]:
        dimensions = {d["Name"]: d["Value"] for d in metric.get("Dimensions", ())}
        sample = self.sample_of(str(metric["Namespace"]), str(metric["MetricName"]), dimensions)
        if sample is None:
            return
        at = start - timedelta(seconds=start.timestamp() % period_s)
        while at < min(end, self._now()):
            value = self.minute(sample, stat, at, period_s)
            if value is not None:
                yield at, value
            at += timedelta(seconds=period_s)


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
