"""Events that start `dynamodb_throttling`."""

from ...events.triggers import alarm_on
from ...resources.dynamodb.throttle_metrics import THROTTLE_METRICS

TRIGGERS = (alarm_on("AWS/DynamoDB", *THROTTLE_METRICS),)
