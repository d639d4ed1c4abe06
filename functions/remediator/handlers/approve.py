"""Lambda entry: what people say. An answer names exactly one plan, and another plan's name is refused; an order names an incident."""

import json
from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools import Logger

from ..approvals.request import NotAnAnswer, answer_from
from ..approvals.service import answer_question
from ..aws.runtime import current, prepare
from ..core.errors import ForAPerson, Retryable

OK, BAD_REQUEST, CONFLICT, UNAVAILABLE = 200, 400, 409, 503
AGAIN = "it is not known whether this was taken; say it again, it counts once"

logger = Logger(service="remediator")
prepare("dynamodb", "lambda")


def handle(event: Mapping[str, Any], _context: Any) -> Mapping[str, Any] | str:
    """`{"reference": "<incident>-<8 hex>", "answer": "approve" | "refuse" | "hold", "by": "..."}` gives what became of it.

    `{"reference": "<incident>", "answer": "ack", "by": "..."}` says that a person has taken the incident over; `undo` and
    `replay` in its place begin an incident of their own, which takes back its change, or only looks.

    The answer always says `accepted` and, where it is False, `why` and what is asked now. By the function's URL the same
    stands in the body, and the status tells: 200 taken, 400 no answer at all, 409 not taken, 503 not known, to be said
    `again`. A dashboard gets it as HTML.
    """
    try:
        outcome = answer_question(current(), answer_from(event))
        status = OK if outcome["accepted"] else CONFLICT
    except NotAnAnswer as error:
        outcome, status = {"accepted": False, "why": str(error)}, BAD_REQUEST
    except ForAPerson as error:
        outcome, status = {"accepted": False, "why": str(error)}, CONFLICT
    except Retryable as error:
        outcome, status = {"accepted": False, "again": True, "why": f"{AGAIN} ({error})"}, UNAVAILABLE
    logger.info("answered", extra={"outcome": outcome})
    if "widgetContext" in event:
        return _html(outcome, event["widgetContext"])
    return _http(status, outcome) if "requestContext" in event else outcome


def _html(outcome: Mapping[str, Any], context: Any) -> str:
    from ..reports.dashboard.viewer import viewer_of  # noqa: PLC0415
    from ..reports.dashboard.widget_html import outcome_html  # noqa: PLC0415  # paid where a dashboard asks, and by no other answer

    return outcome_html(outcome, viewer_of(context, current().settings.language))


def _http(status: int, outcome: Mapping[str, Any]) -> Mapping[str, Any]:
    body = json.dumps(outcome, ensure_ascii=False)
    return {"statusCode": status, "headers": {"content-type": "application/json"}, "body": body}
