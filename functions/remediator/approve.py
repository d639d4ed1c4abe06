"""Lambda entry: a person's answer to one open question. It names exactly one plan; another plan's name is refused."""

from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools import Logger

from .aws.approval_desk import answer_question
from .aws.runtime import current
from .core.errors import ForAPerson

logger = Logger(service="remediator")


def handle(event: Mapping[str, Any], _context: Any) -> Mapping[str, Any]:
    """`{"reference": "<incident>-<8 hex>", "answer": "approve" | "refuse" | "hold", "by": "..."}` gives what became of it.

    The answer always says `accepted` and, where it is False, `why` and what is asked now.
    """
    try:
        outcome = answer_question(current(), event)
    except ForAPerson as error:
        outcome = {"accepted": False, "why": str(error)}
    logger.info("answered", extra={"outcome": outcome})
    return outcome
