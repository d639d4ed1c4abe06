"""A person's answer as it reaches the approve function: invoked directly, by its URL, from a chat or a dashboard. Pure."""

import json
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ..core.settings import ChatApprovals
from ..core.text import Text
from ..redaction.redact import outside

Way = Literal["invoke", "url", "chat", "dashboard"]
ANSWERS = ("approve", "refuse", "hold")  # to a question: what they name is a plan
ORDERS = ("undo", "replay")  # what they name is an incident, and intake starts another one
WORDS = (*ANSWERS, "ack", *ORDERS)
BY_CHARS = 200
BODY_CHARS = 2_000  # ours: an answer has under a hundred
CHANNEL = "the chat channel's role (person unknown)"
USER_ROLE = "a chat user's own role (named by CloudTrail's record of this invoke)"
VIEWER = "a viewer of the dashboard (named by CloudTrail's record of this invoke)"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalAnswer:
    """One answer.

    Attributes:
        reference: `<incident>-<8 hex of the plan hash>`, or the incident alone where no plan is answered; as it was sent.
        answer: as it was sent.
        by: who it is recorded of: by the URL the caller's ARN as AWS authenticated it, by direct invoke what the caller says.
    """

    reference: str
    answer: str
    by: str
    way: Way


class NotAnAnswer(ValueError):
    """What was sent is none; the message says what would be one."""


def answer_from(event: Mapping[str, Any]) -> ApprovalAnswer:
    """The answer that an event of the approve function brings.

    The URL's event is AWS's payload format 2.0, with `requestContext.authorizer.iam.userArn` where its authentication is
    AWS_IAM. A chat's event carries `"via": "chat"` and no person: what it may say of one is not looked at; nor is it of a
    dashboard's, to which CloudWatch adds `widgetContext`. A chat's command has a hundred characters, so that its button
    sends the brief form `{"approve": "<reference>"}`.

    Raises:
        NotAnAnswer: a body that is no JSON object, or a caller whom AWS did not authenticate.
    """
    if "requestContext" in event:
        return _by_url(event)
    if len(event) == 1 and (word := next(iter(event))) in WORDS:
        return ApprovalAnswer(reference=str(event[word]), answer=word, by="", way="chat")
    way = _way(event)
    by = _one_line(event.get("by", "unknown")) if way == "invoke" else ""
    return ApprovalAnswer(
        reference=str(event.get("reference", "")), answer=str(event.get("answer", "")), by=by, way=way
    )


def _way(event: Mapping[str, Any]) -> Way:
    if event.get("via") == "chat":
        return "chat"
    return "dashboard" if "widgetContext" in event else "invoke"


def _by_url(event: Mapping[str, Any]) -> ApprovalAnswer:
    context = event["requestContext"]
    iam = (context.get("authorizer") or {}).get("iam") or {}
    if not iam.get("userArn"):
        raise NotAnAnswer("the URL answers callers that IAM has authenticated, and nobody else")
    if (context.get("http") or {}).get("method") != "POST":
        raise NotAnAnswer("POST the answer")
    response = _body(event)
    return ApprovalAnswer(
        reference=str(response.get("reference", "")),
        answer=str(response.get("answer", "")),
        by=_one_line(iam["userArn"]),
        way="url",
    )


def _body(event: Mapping[str, Any]) -> Mapping[str, Any]:
    text = str(event.get("body") or "")
    try:
        text = b64decode(text, validate=True).decode() if event.get("isBase64Encoded") else text
        parsed = json.loads(text[: BODY_CHARS + 1])
    except (NotBase64, ValueError) as error:
        raise NotAnAnswer("the body is no JSON object with reference and answer") from error
    if not isinstance(parsed, Mapping):
        raise NotAnAnswer("the body is no JSON object with reference and answer")
    return parsed


def who(answer: ApprovalAnswer, chat: ChatApprovals) -> str | Text:
    """Who is recorded; a `Text` says why nobody may answer this way."""
    if answer.way == "dashboard":
        return VIEWER
    if answer.way != "chat":
        return answer.by
    if chat == "off":
        return Text("answers from a chat are off (chat_approvals)", "チャットからの回答は無効です（chat_approvals）")
    return CHANNEL if chat == "channel_role" else USER_ROLE


def _one_line(found: Any) -> str:
    return " ".join(outside(str(found), BY_CHARS).split())
