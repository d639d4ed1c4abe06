"""CloudWatch's throttle metrics of DynamoDB: one for each direction and cause."""

from collections.abc import Mapping
from typing import Literal

Direction = Literal["read", "write"]


DIRECTIONS: tuple[Direction, ...] = ("read", "write")


ThrottleCause = Literal["provisioned", "key_range", "max_on_demand", "account_limit"]


# Throttle causes and the middle of their metrics' names. Source: AWS, DynamoDB metrics and dimensions.
METRIC_OF: Mapping[ThrottleCause, str] = {
    "provisioned": "ProvisionedThroughput",
    "key_range": "KeyRangeThroughput",
    "max_on_demand": "MaxOnDemandThroughput",
    "account_limit": "AccountLimit",
}


def throttle_metric(direction: Direction, cause: ThrottleCause | None = None) -> str:
    """`WriteProvisionedThroughputThrottleEvents`; without a cause the total, `WriteThrottleEvents`."""
    return f"{direction.capitalize()}{METRIC_OF[cause] if cause else ''}ThrottleEvents"


THROTTLE_METRICS: tuple[str, ...] = (
    "ThrottledRequests",
    *(throttle_metric(d) for d in DIRECTIONS),
    *(throttle_metric(d, c) for d in DIRECTIONS for c in METRIC_OF),
)
