"""What no runbook can look into, told to people all the same: an alarm that is nobody's, an event not understood."""

import json

from ...core.model import Notice
from ...core.settings import Settings
from ...core.text import Text
from ..compose import ascii_subject
from ..sentences import told, told_text
from .amazon_q import TITLE_CHARS
from .mrkdwn import code, fitting
from .sns import Message, structured
from .text_columns import wrapped

NOTICE_CHARS = 1_500
CHAT_TEXT_CHARS, CHAT_ABOUT_CHARS = 2_000, 600  # escaped; together within a chat's description
_UNTOUCHED = Text(
    "Nothing was looked into and nothing was changed: a person has to look.",
    "調査も変更も行っていません。人による確認が必要です。",
)
_HEAD = Text("NOTICE", "お知らせ")


def notice_message(notice: Notice, settings: Settings) -> Message:
    """The message for the topic of the notice's level, in the language of that topic."""
    language = settings.language_of(notice.level)
    about, text = told(notice.about, 200), told_text(notice.text, NOTICE_CHARS).in_(language)
    untouched, head = _UNTOUCHED.in_(language), _HEAD.in_(language)
    mail = "\n".join((*wrapped(f"{head}: {about}"), "", *wrapped(text), "", *wrapped(untouched), ""))
    chat = {
        "version": "1.0",
        "source": "custom",
        "content": {
            "textType": "client-markdown",
            "title": fitting(f"{head}: {about}", TITLE_CHARS),
            "description": "\n".join(
                (fitting(text, CHAT_TEXT_CHARS), untouched, fitting(about, CHAT_ABOUT_CHARS, code))
            ),
            "keywords": [notice.level, "notice"],
        },
        "metadata": {"summary": fitting(text, TITLE_CHARS), "eventType": "remediator.notice"},
    }
    return Message(
        topic=notice.level,
        subject=ascii_subject(f"[NOTICE] [{notice.level}] {about}"),
        message=structured(mail, json.dumps(chat, ensure_ascii=False)),
        attributes={"level": notice.level, "stage": "notice"},
        structured=True,
    )
