"""A Report as what is published: one message to its level's topic (mail and chat in one), one to the pagers' topic."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from ..core.settings import Settings, Topic
from ..core.text import Language
from .blocks import Report
from .chat import chat_message
from .mail import email_text
from .pager import pager_body

MESSAGE_BYTES = 250_000  # SNS takes 256 KiB, attributes included


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One publish.

    Attributes:
        subject: ASCII, under 100 characters.
        message: JSON text. `{"default", "https"}` where `structured`: SNS then sends `default` to mail and `https` to
            chat (`MessageStructure=json`).
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
            message=_mail_and_chat(report, settings.language_of(report.level)),
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


def _mail_and_chat(report: Report, language: Language) -> str:
    chat = _text(chat_message(report, language))
    mail = email_text(report, language)
    return structured(mail, chat)


def structured(mail: str, chat: str) -> str:
    """Both forms as SNS takes them; the mail is shortened where both together would be too large."""
    text = _text({"default": mail, "https": chat})
    over = len(text.encode()) - MESSAGE_BYTES
    while over > 0:
        kept = mail.encode()[: max(0, len(mail.encode()) - over)].decode(errors="ignore")
        mail = kept.rsplit("\n", 1)[0]
        text = _text({"default": mail, "https": chat})
        over = len(text.encode()) - MESSAGE_BYTES
    return text


def _text(value: Mapping[str, object]) -> str:
    return json.dumps(value, ensure_ascii=False)
