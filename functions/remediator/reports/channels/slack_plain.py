"""What the topics carry besides reports, as Slack Block Kit: storms and notices, the product's own alarms."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from ...redaction.redact import outside
from ..sentences import told
from .mrkdwn import fitting
from .slack import MESSAGE_CHARS, SECTION_CHARS, Json, context, framed, parts, section

LOOKED_AT_CHARS: Final = 3 * MESSAGE_CHARS


def slack_text(subject: str, text: str, incident: str) -> Json:
    """The body for a message that is no report, with the id that it goes by where it has one.

    It shows what was written for e-mail; of an alarm its meaning and its reason; of a notification made for chat its title
    and its text.
    """
    title, body = _title_and_text(subject, text)
    title = told(title) or "remediator"
    lines = outside(body, LOOKED_AT_CHARS).strip().splitlines()
    sections = [section(part) for part in parts(_kept(lines))]
    return framed(title, lines[0] if lines else title, [*sections, *([context(told(incident))] if incident else [])])


def _title_and_text(subject: str, text: str) -> tuple[str, str]:
    held = _object(text)
    content = held.get("content")
    if isinstance(content, Mapping):
        return str(content.get("title") or subject), str(content.get("description") or text)
    if "AlarmName" in held:
        said = (held.get("AlarmDescription"), held.get("NewStateReason"), held.get("AlarmArn"))
        return f"{held.get('NewStateValue', '')}: {held['AlarmName']}", "\n".join(str(s) for s in said if s)
    return subject, text


def _object(text: str) -> Mapping[str, Any]:
    try:
        read = json.loads(text)
    except ValueError:
        return {}
    return read if isinstance(read, Mapping) else {}


def _kept(lines: list[str]) -> Iterator[str]:
    """The first lines that fit, escaped; the last one that is kept may be cut."""
    room = MESSAGE_CHARS
    for line in lines:
        if room <= 1:
            return
        escaped = fitting(line, min(room, SECTION_CHARS))
        room -= len(escaped) + 1
        yield escaped
