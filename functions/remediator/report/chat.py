"""A Report as an Amazon Q Developer custom notification: shown in Slack and Teams, one thread per incident.

Source of the field set: AWS, Amazon Q Developer in chat applications, custom notifications. A message that does not keep
to it is dropped without a word, so nothing but these fields is ever sent.
"""

import re
from typing import Any

from ..core.redact import bounded
from ..core.text import Language
from .blocks import TOP, Block, Command, Item, Quote, Report, Shown, Statement, Step, without_least
from .moments import within

DESCRIPTION_CHARS = 2_900  # no limit is documented; Slack's own for one section is 3,000
TITLE_CHARS = 150  # Slack: header
SUMMARY_CHARS = 250
STEP_CHARS = 300
STEPS = 5
COMMAND_CHARS = 1_200  # a longer one gives way to the program's own short command
BUTTONS = "remediator"  # what the custom actions' criteria ask for

_MENTION = re.compile(r"@(?=(?:here|channel|everyone|all)\b)", re.IGNORECASE)
_EDGE = re.compile(r"(?<![\w])_|_(?![\w])")
_LOOK_ALIKE = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "*": "∗", "~": "∼", "`": "'"})


def chat_message(report: Report, language: Language) -> dict[str, Any]:
    """The notification as JSON values; details are left out, the least important first, where it would be too long."""
    title = f"{report.status.in_(language)} [{report.level}]: {report.resource.name} - {report.title.in_(language)}"
    context = {"ActionGroup": BUTTONS, "incidentId": report.incident}
    if report.reference:
        context["reference"] = report.reference
    return {
        "version": "1.0",
        "source": "custom",
        "id": f"{report.incident}-{report.stage}",
        "content": {
            "textType": "client-markdown",
            "title": plain(bounded(title, TITLE_CHARS)),
            "description": _description(report, language),
            "nextSteps": _next_steps(report, language),
            "keywords": [k for k in (report.level, report.stage, report.runbook, report.verdict or "") if k],
        },
        "metadata": {
            "threadId": report.thread or report.incident,
            "summary": plain(bounded(report.summary.in_(language), SUMMARY_CHARS)),
            "eventType": f"remediator.{report.stage}",
            "relatedResources": [report.resource.arn],
            "additionalContext": context,
            "enableCustomActions": True,
        },
    }


def plain(text: str) -> str:
    """`text` that no chat client takes for a mention, a link or formatting; it reads the same."""
    unlinked = text.replace("](", "] (").replace("://", ":\u200b//")
    return _EDGE.sub("ˍ", _MENTION.sub("@\u200b", unlinked)).translate(_LOOK_ALIKE)


def code(text: str) -> str:
    """`text` as code: nothing in it is formatted, linked or mentioned."""
    return f"`{_entities(text).replace('`', chr(39))}`" if text.strip() else "-"


def _entities(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _description(report: Report, language: Language) -> str:
    blocks = report.blocks
    text = _rendered(blocks, report, language)
    while len(text) > DESCRIPTION_CHARS and (fewer := without_least(blocks)) != blocks:
        blocks = fewer
        text = _rendered(blocks, report, language)
    return text


def _rendered(blocks: tuple[Block, ...], report: Report, language: Language) -> str:
    return "\n".join(_block(b, report, language) for b in blocks if not _is_next_steps(b))


def _is_next_steps(block: Block) -> bool:
    """Whether the notification's own list of next steps says all of it."""
    return block.part == "left" and len(block.items) <= STEPS and all(isinstance(i, Statement) for i in block.items)


def _block(block: Block, report: Report, language: Language) -> str:
    title = f"*{plain(block.title.in_(language))}*"
    lines = [_item(i, report, language) for i in block.items]
    if block.part in TOP and isinstance(block.items[0], Statement):
        return "\n".join((f"{title}  {lines[0]}", *lines[1:]))
    return "\n".join((title, *lines))


def _item(item: Item, report: Report, language: Language) -> str:
    match item:
        case Statement(text):
            return plain(text.in_(language))
        case Shown(label, value, source, at):
            where = ", ".join(t for t in (source, within(at, report.at, report.zone) if at else "") if t)
            told = f"• {plain(label.in_(language))}: {code(value.in_(language))}"
            return f"{told} ({plain(where)})" if where else told
        case Step(name, before, after):
            return f"• {plain(name)}: {code(before)} → {code(after)}"
        case Quote(line):
            return code(line)
        case Command():
            return _command(item, language)


def _command(command: Command, language: Language) -> str:
    line = _entities(command.line)
    if len(line) > COMMAND_CHARS:
        line = _entities(command.brief or "") or line
    lead = f"{plain(command.lead.in_(language))}\n" if command.lead else ""
    return f"{lead}```{line}```"


def _next_steps(report: Report, language: Language) -> list[str]:
    left = next((b for b in report.blocks if b.part == "left"), None)
    texts = [i.text.in_(language) for i in left.items if isinstance(i, Statement)] if left else []
    return [plain(bounded(t, STEP_CHARS)) for t in texts[:STEPS]]
