"""What one incident costs at list prices, from what was counted in the sandbox. docs/performance.md names the prices."""

import base64
import json
from collections.abc import Iterable, Mapping
from math import ceil
from typing import Any

from .recording.watch import Seen
from .stories import Heard

# US East (N. Virginia), USD, without free tiers; other regions differ by up to about a third.
LAMBDA_REQUEST = 0.20e-6
LAMBDA_GB_SECOND = 0.0000133334  # arm64
DURABLE_OPERATION = 8.00e-6
DURABLE_GB_WRITTEN = 0.25
DYNAMODB_WRITE_UNIT = 0.625e-6
DYNAMODB_READ_UNIT = 0.125e-6
SNS_PUBLISH = 0.50e-6
SNS_EMAIL = 20e-6
SQS_REQUEST = 0.40e-6
METRIC_REQUESTED = 0.01e-3
LOG_GB = 0.50

MEMORY_GB = 0.5
CPU_SHARE = 512 / 1769  # 1,769 MB are one vCPU
ROUND_TRIP_S = 0.030
LOG_BYTES_A_STEP = 700
SQS_REQUESTS_A_SIGNAL = 3  # sent, received, deleted
READERS = 3  # e-mail addresses that get each report


def cost_usd(story: Heard, own_cpu_ms_a_call: float) -> Mapping[str, float]:
    """By service, for the whole story; Lambda's time as if every call waited for the one before it.

    Args:
        story: of one incident.
        own_cpu_ms_a_call: the function's whole CPU, divided by its calls, on one full vCPU.
    """
    calls = [s for s in story.seen if s.called.kind == "call"]
    updates = [u for s in story.seen for u in s.updates]
    operations = {u.operation_id for u in updates}
    waits = sum(u.operation_type.value == "WAIT" and u.action.value == "START" for u in updates)
    checkpoints = len(story.seen) - len(calls)
    busy_s = (len(calls) + checkpoints) * (ROUND_TRIP_S + own_cpu_ms_a_call / 1000 / CPU_SHARE)
    invocations = 1 + waits + len(story.batches)
    payload = sum(len(u.payload or "") for u in updates)
    published = sum(s.called.name == "sns:Publish" for s in calls)
    return {
        "Lambda": invocations * LAMBDA_REQUEST + busy_s * MEMORY_GB * LAMBDA_GB_SECOND,
        "durable operations": (1 + len(operations)) * DURABLE_OPERATION + payload / 1e9 * DURABLE_GB_WRITTEN,
        "DynamoDB": sum(map(_dynamodb_usd, calls)),
        "SNS": published * (SNS_PUBLISH + READERS * SNS_EMAIL),
        "SQS": sum(len(b["Records"]) for _, b in story.batches) * SQS_REQUESTS_A_SIGNAL * SQS_REQUEST,
        "CloudWatch metrics": sum(_metrics(s) for s in calls) * METRIC_REQUESTED,
        "CloudWatch Logs": (len(operations) + invocations * 3) * LOG_BYTES_A_STEP / 1e9 * LOG_GB,
    }


def _metrics(seen: Seen) -> int:
    return len(seen.parameters.get("MetricDataQueries", ())) if seen.called.name == "cloudwatch:GetMetricData" else 0


def _dynamodb_usd(seen: Seen) -> float:
    """An update is billed by its item, which it gives back; JSON on the wire is a little larger than the item."""
    if not seen.called.name.startswith("dynamodb:") or seen.kept is None:
        return 0.0
    answered = len(base64.b64decode(seen.kept.answer))
    if seen.called.name == "dynamodb:GetItem":
        return max(1, ceil(answered / 4096)) * DYNAMODB_READ_UNIT
    if seen.called.name == "dynamodb:TransactWriteItems":
        items = seen.parameters["TransactItems"]
        return 2 * sum(_units(item) for item in items) * DYNAMODB_WRITE_UNIT
    return max(1, ceil(answered / 1024), _units(seen.parameters)) * DYNAMODB_WRITE_UNIT


def _units(asked: Mapping[str, Any] | Iterable[Any]) -> int:
    return max(1, ceil(len(json.dumps(asked, default=str)) / 1024))
