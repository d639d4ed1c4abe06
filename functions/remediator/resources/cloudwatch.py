"""How CloudWatch is asked for a metric."""

from collections.abc import Mapping
from typing import Any


def query(
    id: str, namespace: str, name: str, dimensions: Mapping[str, str], stat: str, period_s: int = 60
) -> Mapping[str, Any]:
    """One query of GetMetricData; `id` names its answer."""
    listed = [{"Name": n, "Value": v} for n, v in dimensions.items()]
    metric = {"Namespace": namespace, "MetricName": name, "Dimensions": listed}
    return {"Id": id, "MetricStat": {"Metric": metric, "Period": period_s, "Stat": stat}}
