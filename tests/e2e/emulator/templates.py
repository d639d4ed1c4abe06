"""What CloudFormation of ministack refuses in the product's template or reads in its own way."""

from typing import Any

from .patches import patch, speaks

CLOUDFORMATION = "ministack.services.cloudformation.provisioners"
OF_ONE_METRIC = ("MetricName", "Namespace", "Statistic", "ExtendedStatistic", "Period", "Dimensions", "Unit")


@patch(
    of=f"{CLOUDFORMATION}._cw_metric_alarm_record",
    lacks="refuses alarms with metric math",
    still=speaks(f"{CLOUDFORMATION}._cw_metric_alarm_record", "(metric math) is not supported"),
)
def take_alarms_with_metric_math(original: Any) -> Any:
    """An alarm on `Metrics` is kept with them; `alarms.py` evaluates it."""

    def record(name: str, props: dict[str, Any]) -> dict[str, Any]:
        if not props.get("Metrics"):
            return dict(original(name, props))
        stand_in = {"MetricName": "-", "Namespace": "-", **{k: v for k, v in props.items() if k != "Metrics"}}
        alarm = dict(original(name, stand_in))
        for key in OF_ONE_METRIC:
            alarm.pop(key, None)
        return {**alarm, "Metrics": [_as_the_api_takes_it(query) for query in props["Metrics"]]}

    return record


def _as_the_api_takes_it(query: dict[str, Any]) -> dict[str, Any]:
    """Templates write numbers and truth values as text where they like."""
    values = {**query, "ReturnData": str(query.get("ReturnData", True)).lower() == "true"}
    if "MetricStat" in query:
        values["MetricStat"] = {**query["MetricStat"], "Period": int(query["MetricStat"]["Period"])}
    if "Period" in query:
        values["Period"] = int(query["Period"])
    return values
