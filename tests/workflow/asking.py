"""Questions to the sandbox's fakes, each held to botocore's models in what is asked and in what is answered."""

from datetime import timedelta
from typing import Any

from botocore.validate import ParamValidator

from remediator.aws.client import CLIENT_OF
from sandbox import names
from sandbox.dynamodb.user_table import INDEX
from sandbox.world import World
from tests.fakes import checked, operation

REALLY_ZERO = "NumberOfDecreasesToday, value: 0"  # DynamoDB answers it, whatever its model says


def ask(world: World, action: str, /, **parameters: Any) -> dict[str, Any]:
    """The fake's answer to an API call by IAM's name of it."""
    prefix, name = action.split(":")
    checked(operation(action).input_shape, parameters, f"{action} is asked")
    world.moment()
    answer: dict[str, Any] = world.fakes[CLIENT_OF.get(prefix, prefix), name](parameters)
    _checked_answer(action, answer)
    return answer


def _checked_answer(action: str, answer: dict[str, Any]) -> None:
    shape = operation(action).output_shape
    assert set(answer) <= set(shape.members), f"{action} answers {set(answer)}"
    report = ParamValidator().validate(answer, shape).generate_report()
    assert [line for line in report.splitlines() if REALLY_ZERO not in line] == [], action


def table(world: World) -> dict[str, Any]:
    """The portfolio's table as DescribeTable gives it."""
    response: dict[str, Any] = ask(world, "dynamodb:DescribeTable", TableName=names.TABLE)["Table"]
    return response


def set_units(world: World, read: int, write: int, index: str = "") -> dict[str, Any]:
    """UpdateTable with provisioned units of the table or its index."""
    units = {"ProvisionedThroughput": {"ReadCapacityUnits": read, "WriteCapacityUnits": write}}
    of_index = {"GlobalSecondaryIndexUpdates": [{"Update": {"IndexName": index, **units}}]}
    return ask(world, "dynamodb:UpdateTable", TableName=names.TABLE, **(of_index if index else units))


def throttled(world: World, metric: str, *, index: bool = False, minutes: int = 5) -> list[float]:
    """Sums of a metric of the table or its index in the minutes just past, oldest first; a zero is not written."""
    dimensions = {"TableName": names.TABLE, **({"GlobalSecondaryIndexName": INDEX} if index else {})}
    return sums(world, "AWS/DynamoDB", metric, dimensions, minutes=minutes)


def sums(
    world: World, namespace: str, metric: str, dimensions: dict[str, str], *, stat: str = "Sum", minutes: int = 5
) -> list[float]:
    """A metric's values of the minutes just past, oldest first."""
    named = [{"Name": name, "Value": value} for name, value in dimensions.items()]
    asked = {"Metric": {"Namespace": namespace, "MetricName": metric, "Dimensions": named}, "Period": 60, "Stat": stat}
    now = world.clock.now()
    answer = ask(
        world,
        "cloudwatch:GetMetricData",
        MetricDataQueries=[{"Id": "m", "MetricStat": asked}],
        StartTime=now - timedelta(minutes=minutes),
        EndTime=now,
        ScanBy="TimestampAscending",
    )
    values: list[float] = answer["MetricDataResults"][0]["Values"]
    return values
