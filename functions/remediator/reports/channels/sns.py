"""A Report as what is published: one message to its level's topic (mail, chat and JSON in one), one to the pagers' topic."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from ...core.settings import Settings, Topic
from ...core.text import Language
from ..blocks import Report
from .amazon_q import chat_message
from .email import email_text
from .json_report import report_json
from .pager import pager_body

MESSAGE_BYTES = 250_000  # SNS takes 256 KiB, attributes included


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One publish.

    Attributes:
        subject: ASCII, under 100 characters.
        message: JSON text. `{"default", "https", "sqs"}` where `structured`: SNS then sends `default` to mail, `https` to
            chat and `sqs`, the report as JSON, to the queues of programs (`MessageStructure=json`); what is no report has
            no `sqs`, and a queue gets the mail's text.
        attributes: at most 10, for filter policies.
    """

    topic: Topic
    subject: str
    message: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    structured: bool = False


def sns_messages(report: Report, settings: Settings) -> tuple[Message, ...]:
    """What to publish for `report`, each message in the language of its topic."""
    attributes = {
        "level": report.level,
        "stage": report.stage,
        "incident": report.incident,
        "runbook": report.runbook,
        "verdict": report.verdict.value if report.verdict else "open",
        "resource_kind": report.resource.kind,
        "at": report.at,
    }
    return (
        Message(
            topic=report.level,
            subject=report.subject,
            message=_forms(report, settings.language_of(report.level)),
            attributes=attributes,
            structured=True,
        ),
        Message(
            topic="pager",
            subject=report.subject,
            message=_text(pager_body(report, settings.language_of("pager"))),
            attributes=attributes,
        ),
    )


def _forms(report: Report, language: Language) -> str:
    mail, chat = email_text(report, language), _text(chat_message(report, language))
    room = MESSAGE_BYTES - _size(_text({"default": mail, "https": chat, "sqs": ""}))
    return structured(mail, chat, _data(report, language, room))


def _data(report: Report, language: Language, room: int) -> str:
    """The report as JSON text; where it has no room within the message, the least important blocks are left out of it."""
    blocks = list(report.blocks)
    while True:
        text = _text(
            report_json(replace(report, blocks=tuple(blocks)), (language,), left_out=len(report.blocks) - len(blocks))
        )
        if not blocks or _size(_text({"": text})) <= room:
            return text
        blocks.remove(max(blocks, key=lambda b: b.priority))


def structured(mail: str, chat: str, data: str = "") -> str:
    """All forms as SNS takes them; the mail is shortened where together they would be too large."""
    others = {"https": chat, **({"sqs": data} if data else {})}
    text = _text({"default": mail, **others})
    over = _size(text) - MESSAGE_BYTES
    while over > 0:
        kept = mail.encode()[: max(0, len(mail.encode()) - over)].decode(errors="ignore")
        mail = kept.rsplit("\n", 1)[0]
        text = _text({"default": mail, **others})
        over = _size(text) - MESSAGE_BYTES
    return text


def _size(text: str) -> int:
    return len(text.encode())


def _text(value: Mapping[str, object]) -> str:
    return json.dumps(value, ensure_ascii=False)
