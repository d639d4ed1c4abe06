"""Lambda entry, only where a Slack webhook is declared: each message of the levels' topics to one Slack channel."""

from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools import Logger

from ..aws.runtime import current, prepare
from ..core.errors import EventNotUnderstood
from ..notifications.slack_channel import SlackChannel
from ..notifications.slack_webhook import Webhook

logger = Logger(service="remediator")
prepare("dynamodb", "secretsmanager")


def handle(event: Mapping[str, Any], _context: Any) -> list[str]:
    """What became of each record of an SNS event.

    Whatever cannot be posted is raised: Lambda tries twice more, then the event lies in the dead-letter queue.

    Raises:
        EventNotUnderstood: it is no event of SNS.
        Retryable, ForAPerson: Slack is away for now, or a person must act.
    """
    records = event.get("Records")
    if not isinstance(records, list) or not records:
        raise EventNotUnderstood("no Records: this function is invoked by SNS only")
    runtime = current()
    channel = SlackChannel(runtime, Webhook(runtime))
    outcomes = [channel.tell(record) for record in records]
    logger.info("told", extra={"outcomes": outcomes})
    return outcomes
