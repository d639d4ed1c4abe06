"""Lambda entry: events from the queue (or by hand) open or join incidents and start `remediate`, each exactly once."""

import json
from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from ..aws.emf import count_calls
from ..aws.runtime import current, prepare
from ..core.errors import EventNotUnderstood, RemediatorError
from ..events import parse, parse_body
from ..intake.service import IntakeService
from ..problems import route

logger = Logger(service="remediator")
processor = BatchProcessor(event_type=EventType.SQS)
prepare("dynamodb", "lambda")


def handle(event: Mapping[str, Any], context: Any) -> Any:
    """What became of each event.

    Of an SQS batch, the records that failed: the queue brings them again, then they go to its dead-letter queue.
    Anything else is a manual invoke or an alarm's own Lambda action.

    Raises:
        EventNotUnderstood: a direct invoke that is no event and no request.
    """
    if _from_queue(event):
        return process_partial_response(event=dict(event), record_handler=_record, processor=processor, context=context)
    return [_told(parsed) for parsed in parse(event)]


def _from_queue(event: Mapping[str, Any]) -> bool:
    records = event.get("Records")
    return isinstance(records, list) and bool(records) and "body" in records[0]


def _record(record: SQSRecord) -> None:
    try:
        for parsed in parse_body(record.body):
            _told(parsed)
    except RemediatorError as error:
        what = (
            "event not understood" if isinstance(error, EventNotUnderstood) else "not taken, the queue brings it again"
        )
        logger.exception(what, extra={"message_id": record.message_id})
        raise


def _told(parsed: Any) -> Mapping[str, Any]:
    outcome = IntakeService(current(), route).take(parsed)
    count_calls(current())
    logger.info("taken", extra={"outcome": json.loads(json.dumps(outcome))})
    return outcome
