"""Items of a report in the mark-up that Slack and Amazon Q Developer in chat applications share, within a known length.

Whatever is told is escaped here: nobody is mentioned, nothing is linked and nothing is formatted by a text from outside.
"""

import re
from collections.abc import Callable

from ...core.text import Language, Text
from ...redaction.redact import bounded
from ..blocks import TOP, Block, Command, Item, Quote, Report, Shown, Statement, Step
from ..moments import within
from ..status import LEVELS

COMMAND_CHARS = 1_200  # a longer one gives way to the program's own short command
ITEM_CHARS = 1_100  # ours, escaped: a sentence of 600 characters with its signs; a command is bounded by itself
UNDO_CHARS = 1_300  # of all exact undo commands together: they are never cut, so they must never fill a message

_MENTION = re.compile(r"@(?=(?:here|channel|everyone|all)\b)", re.IGNORECASE)
_EDGE = re.compile(r"(?<![\w])_|_(?![\w])")
_LOOK_ALIKE = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "*": "∗", "~": "∼", "`": "'"})
_NOT_HERE = Text(
    "(The command does not fit into a chat; the e-mail has it.)",
    "（コマンドをチャットに表示できないため、メールを参照してください。）",
)


def plain(text: str) -> str:
    """`text` that no chat client takes for a mention, a link or formatting; it reads the same."""
    unlinked = text.replace("](", "] (").replace("://", ":\u200b//")
    return _EDGE.sub("ˍ", _MENTION.sub("@\u200b", unlinked)).translate(_LOOK_ALIKE)


def code(text: str) -> str:
    """`text` as code: nothing in it is formatted, linked or mentioned."""
    return f"`{entities(text).replace('`', chr(39))}`" if text.strip() else "-"


def entities(text: str) -> str:
    """`text` with the three signs escaped that Slack reads as mark-up."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def fitting(text: str, limit: int, escape: Callable[[str], str] = plain) -> str:
    """`text` escaped, at most `limit` characters of it; cut before it is escaped, so that no escape is cut in two."""
    room = limit
    while len(found := escape(bounded(text, room))) > limit:
        room = max(1, min(room - 1, room * limit // len(found)))
    return found


def title_line(report: Report, language: Language) -> str:
    """What is read first: how it stands, how bad, where, and what."""
    how = f"{report.status.in_(language)} [{LEVELS[report.level].in_(language)}]"
    return f"{how}: {report.resource.name} - {report.title.in_(language)}"


def block_lines(block: Block, report: Report, language: Language) -> list[str]:
    """The block: its title in bold, then its items, each at most `ITEM_CHARS` but for commands."""
    title = f"*{plain(block.title.in_(language))}*"
    lines = [item_line(i, report, language) for i in block.in_short(UNDO_CHARS).items]
    if block.part in TOP and isinstance(block.items[0], Statement):
        return [f"{title}  {lines[0]}", *lines[1:]]
    return [title, *lines]


def item_line(item: Item, report: Report, language: Language) -> str:
    """One item."""
    match item:
        case Statement(text):
            return fitting(text.in_(language), ITEM_CHARS)
        case Shown(label, value, source, at):
            where = ", ".join(t for t in (source, within(at, report.at, report.zone) if at else "") if t)
            found = f"• {fitting(label.in_(language), 200)}: {fitting(value.in_(language), 600, code)}"
            return f"{found} ({fitting(where, 280)})" if where else found
        case Step(name, before, after):
            return f"• {fitting(name, 150)}: {fitting(before, 450, code)} → {fitting(after, 450, code)}"
        case Quote(line):
            return fitting(line, ITEM_CHARS, code)
        case Command():
            return _command(item, language)


def _command(command: Command, language: Language) -> str:
    line = entities(command.line)
    if (
        len(line) > COMMAND_CHARS or "`" in line
    ):  # a backtick could end the code, and changed it would be another command
        line = entities(command.brief or "")
    lead = f"{fitting(command.lead.in_(language), 300)}\n" if command.lead else ""
    return f"{lead}```{line}```" if line else lead + _NOT_HERE.in_(language)
