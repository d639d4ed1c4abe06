"""Stories about a table whose requests are throttled."""

from collections.abc import Callable
from typing import Any

from .stage import Stage
from .story import Story
from .tasks import ASKED_AND_APPROVED

TABLE = "portfolio-users"


def _asked(**demand: Any) -> Callable[[Stage], None]:
    """So much is asked of the table from now on."""

    def begin(stage: Stage) -> None:
        stage.world(do="demand", table=TABLE, **demand)

    return begin


def _owned(stage: Stage) -> None:
    """Application Auto Scaling owns the reads, between 5 and 10 units."""
    stage.client("application-autoscaling").register_scalable_target(
        ServiceNamespace="dynamodb",
        ResourceId=f"table/{TABLE}",
        ScalableDimension="dynamodb:table:ReadCapacityUnits",
        MinCapacity=5,
        MaxCapacity=10,
    )
    _asked(reads_per_s=14)(stage)


def _reads_are_raised(stage: Stage) -> bool:
    table = stage.client("dynamodb").describe_table(TableName=TABLE)["Table"]
    return bool(table["ProvisionedThroughput"]["ReadCapacityUnits"] > 10)


def _loan_is_put_down(stage: Stage) -> bool:
    """The program's only other schedule, the sweep's, lives in a group of its own."""
    schedules = stage.client("scheduler").list_schedules()["Schedules"]
    return [str(s["GroupName"]).startswith("remediator-leases-") for s in schedules].count(True) == 1


def _muted(stage: Stage) -> None:
    stage.world(do="mute", alarm=f"portfolio-{TABLE}-read-throttled")
    _asked(reads_per_s=14)(stage)


STORIES = (
    Story(
        name="too-little-capacity",
        begin=_asked(reads_per_s=14),
        shown={
            "the table has more read capacity": _reads_are_raised,
            "what was lent will be looked at again": _loan_is_put_down,
        },
        needs=("dynamodb:UpdateTable",),
    ),
    Story(name="autoscaled", begin=_owned, needs=("application-autoscaling:RegisterScalableTarget",)),
    Story(name="table-muted", begin=_muted, lasts_s=900),
    Story(
        name="hot-key",
        begin=_asked(reads_per_s=4000, hot_key_pct=90),
        portfolio={"ReadUnits": "6000"},
        acts=(ASKED_AND_APPROVED,),
        needs=("dynamodb:UpdateContributorInsights",),
    ),
)
