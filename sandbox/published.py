"""What the sandbox's SNS published, and the context that Lambda gives a handler."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from remediator.core.serialization import Json

from .names import REMEDIATE_ALIAS
from .wire import Request


@dataclass(frozen=True, slots=True)
class Report:
    """One publish as SNS got it.

    Attributes:
        level: the topic: high, medium, low or pager.
        mail: what an e-mail shows; the whole message where it has one form only.
        chat: the custom notification for Amazon Q Developer, None where there is none.
    """

    at: datetime
    level: str
    subject: str
    mail: str
    chat: Json | None
    attributes: Mapping[str, str]


def report_of(request: Request) -> Report:
    """What SNS got in `request`, as its readers see it."""
    sent = request.parameters
    forms: Json = {"default": sent["Message"]}
    if sent.get("MessageStructure") == "json":
        forms = json.loads(sent["Message"])
    return Report(
        at=request.at,
        level=sent["TopicArn"].rsplit("-", 1)[-1],
        subject=sent.get("Subject", ""),
        mail=forms["default"],
        chat=json.loads(forms["https"]) if "https" in forms else None,
        attributes={k: str(v.get("StringValue", "")) for k, v in sent.get("MessageAttributes", {}).items()},
    )


def lambda_context() -> Any:
    """What Lambda tells an entry of its invocation."""
    return SimpleNamespace(
        function_name="remediator",
        memory_limit_in_mb=512,
        invoked_function_arn=REMEDIATE_ALIAS,
        aws_request_id="00000000-0000-4000-8000-000000000000",
        get_remaining_time_in_millis=lambda: 60_000,
    )
