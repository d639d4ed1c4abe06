"""CloudWatch's metrics: points on the world's clock, and GetMetricData as AWS answers it."""

import ast
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from ministack.services import cloudwatch

from . import clock
from .patches import patch, speaks

CLOUDWATCH = "ministack.services.cloudwatch"
MINUTE_S = 60
Series = dict[float, float]  # start of a period -> value


def put(namespace: str, name: str, dimensions: Mapping[str, str], at: float, *values: float, times: float = 1) -> None:
    """Datapoints of a moment of the world; each counts `times` times."""
    bucket = cloudwatch._metric_bucket((namespace, name, cloudwatch._dims_key(dict(dimensions))))
    for value in values:
        bucket.append(
            {"Timestamp": at, "Value": float(value), "Count": times, "Unit": "None", "Dimensions": dict(dimensions)}
        )


def series(metric: Mapping[str, Any], stat: str, period: int, start: float, end: float) -> Series:
    """One statistic by period of a metric as the API names it (Namespace, MetricName, Dimensions)."""
    named = cloudwatch._dims_key(cloudwatch._dims_from_list(metric.get("Dimensions") or []))
    points = cloudwatch._metrics.get((metric["Namespace"], metric["MetricName"], named)) or []
    periods: dict[float, list[Any]] = defaultdict(list)
    for point in list(points):
        if start <= point["Timestamp"] < end:
            periods[point["Timestamp"] // period * period].append(point)
    values = {at: cloudwatch._stat_value(cloudwatch._calc_stats(p), stat, p) for at, p in periods.items()}
    return {at: float(v) for at, v in sorted(values.items()) if v is not None}


def evaluate(queries: Sequence[Mapping[str, Any]], start: float, end: float) -> dict[str, Series]:
    """Every query by its id; expressions after what they refer to."""
    found: dict[str, Series] = {}
    for query in queries:
        if "MetricStat" in query:
            stat = query["MetricStat"]
            found[query["Id"]] = series(stat["Metric"], stat["Stat"], int(stat["Period"]), start, end)
    for query in queries:
        if "MetricStat" not in query:
            period = int(query.get("Period") or MINUTE_S)
            found[query["Id"]] = _Expression(found, period, start, end).value(query["Expression"])
    return found


class UnsupportedError(ValueError):
    """An expression beyond ids, numbers, + - * / and FILL."""


class _Expression:
    """Metric math over ids, numbers, the four operations and FILL(id, number)."""

    def __init__(self, known: Mapping[str, Series], period: int, start: float, end: float) -> None:
        self._known = known
        first = -(-start // period) * period
        self._times = [
            first + n * period for n in range(max(0, int((end - first) // period) + 1)) if first + n * period < end
        ]

    def value(self, text: str) -> Series:
        got = self._of(ast.parse(text.strip(), mode="eval").body)
        return got if isinstance(got, dict) else dict.fromkeys(self._times, got)

    def _of(self, node: ast.expr) -> Series | float:
        match node:
            case ast.Constant(value=int() | float() as number):
                return float(number)
            case ast.Name(id=name) if name in self._known:
                return self._known[name]
            case ast.Call(func=ast.Name(id="FILL"), args=[what, ast.Constant(value=int() | float() as number)]):
                given = self._of(what)
                values = given if isinstance(given, dict) else {}
                return {at: values.get(at, float(number)) for at in self._times}
            case ast.BinOp(left=left, op=op, right=right):
                return self._both(self._of(left), self._of(right), op)
        raise UnsupportedError(f"metric math beyond the emulator's: {ast.unparse(node)}")

    def _both(self, left: Series | float, right: Series | float, op: ast.operator) -> Series | float:
        if not isinstance(left, dict) and not isinstance(right, dict):
            return _apply(op, left, right)
        times = set(self._times)
        for side in (left, right):
            times &= set(side) if isinstance(side, dict) else times
        pick = lambda side, at: side[at] if isinstance(side, dict) else side  # noqa: E731
        divides = isinstance(op, ast.Div)
        return {
            at: _apply(op, pick(left, at), pick(right, at))
            for at in sorted(times)
            if not (divides and pick(right, at) == 0)
        }


def _apply(op: ast.operator, left: float, right: float) -> float:
    match op:
        case ast.Add():
            return left + right
        case ast.Sub():
            return left - right
        case ast.Mult():
            return left * right
        case ast.Div():
            return left / right
    raise UnsupportedError(f"metric math beyond the emulator's: {op!r}")


# -- what CloudWatch's own API lacks -----------------------------------------------------------------------------------


@patch(
    of=f"{CLOUDWATCH}.time",
    lacks="has no clock but the machine's (CloudWatch)",
    still=speaks(f"{CLOUDWATCH}._evict_old_metrics", "time.time()"),
)
def live_on_the_worlds_clock(_original: Any) -> Any:
    """CloudWatch's moments are the world's."""
    return clock.WorldTime()


@patch(
    of=f"{CLOUDWATCH}._get_metric_data",
    lacks="has no metric math, gives the oldest datapoint first and ignores ScanBy",
    still=speaks(f"{CLOUDWATCH}._get_metric_data", "Expressions not implemented"),
)
def answer_queries(original: Any) -> Any:
    """Metrics and simple math, the newest first unless asked otherwise."""

    def get_metric_data(params: Any, asked: dict[str, Any], is_cbor: bool, is_json: bool = False) -> Any:
        if not (is_cbor or is_json):
            return original(params, asked, is_cbor, is_json)
        start, end = cloudwatch._parse_ts(asked["StartTime"]), cloudwatch._parse_ts(asked["EndTime"])
        queries = asked["MetricDataQueries"]
        try:
            found = evaluate(queries, start, end)
        except UnsupportedError as error:
            return cloudwatch._error("ValidationError", str(error), 400, use_json=is_json, use_cbor=is_cbor)
        newest_first = asked.get("ScanBy", "TimestampDescending") == "TimestampDescending"
        results = [_result(q, found[q["Id"]], newest_first) for q in queries if q.get("ReturnData", True)]
        if is_cbor:
            result = [cloudwatch._cbor_metric_data_result(r) for r in results]
            return cloudwatch._cbor_ok({"MetricDataResults": result, "Messages": []})
        return cloudwatch._json_ok({"MetricDataResults": results, "Messages": []})

    return get_metric_data


def _result(query: Mapping[str, Any], values: Series, newest_first: bool) -> dict[str, Any]:
    times = sorted(values, reverse=newest_first)
    named = query.get("MetricStat", {}).get("Metric", {}).get("MetricName") or query["Id"]
    return {
        "Id": query["Id"],
        "Label": query.get("Label") or named,
        "Timestamps": [cloudwatch._ts_iso(at) for at in times],
        "Values": [values[at] for at in times],
        "StatusCode": "Complete",
    }
