"""Lambda entry: a person's answer to one open question. It names exactly one plan; another plan's name is refused."""

import json
from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools import Logger

from .aws.approval_desk import answer_question
from .aws.runtime import current
from .core.answering import NotAnAnswer, answer_from
from .core.errors import ForAPerson

OK, BAD_REQUEST, CONFLICT = 200, 400, 409

logger = Logger(service="remediator")


def handle(event: Mapping[str, Any], _context: Any) -> Mapping[str, Any]:
    """`{"reference": "<incident>-<8 hex>", "answer": "approve" | "refuse" | "hold", "by": "..."}` gives what became of it.

    `{"reference": "<incident>", "answer": "ack", "by": "..."}` says that a person has taken the incident over.

    The answer always says `accepted` and, where it is False, `why` and what is asked now. By the function's URL the same
    stands in the body, and the status tells: 200 taken, 400 no answer at all, 409 not taken.
    """
    try:
        outcome = answer_question(current(), answer_from(event))
        status = OK if outcome["accepted"] else CONFLICT
    except NotAnAnswer as error:
        outcome, status = {"accepted": False, "why": str(error)}, BAD_REQUEST
    except ForAPerson as error:
        outcome, status = {"accepted": False, "why": str(error)}, CONFLICT
    logger.info("answered", extra={"outcome": outcome})
    return _http(status, outcome) if "requestContext" in event else outcome


def _http(status: int, outcome: Mapping[str, Any]) -> Mapping[str, Any]:
    body = json.dumps(outcome, ensure_ascii=False)
    return {"statusCode": status, "headers": {"content-type": "application/json"}, "body": body}
