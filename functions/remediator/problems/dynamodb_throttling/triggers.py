"""Events that start `dynamodb_throttling`."""

from ...events.triggers import alarm_on
from ...resources.dynamodb.model import THROTTLE_METRICS

TRIGGERS = (alarm_on("AWS/DynamoDB", *THROTTLE_METRICS),)
