"""A Report as plain text for e-mail: the first dozen lines answer what a person asks at night."""

from ...core.text import Language, Text
from ..blocks import TOP, Block, Command, Item, Quote, Report, Shown, Statement, Step, without_least
from ..moments import clock, within
from ..status import LEVELS
from .text_columns import columns, command_lines, padded, wrapped

MAIL_CHARS = 40_000  # of SNS's 256 KiB: the chat form goes in the same message
UNDO_CHARS = 24_000  # a bucket policy has 20 KB at most; more than one of them gives way to the short command
LABEL_COLUMNS = 9
TOP_INDENT = " " * LABEL_COLUMNS
RULE = "-" * 78
_READ = Text("read by", "取得元:")
_LEFT_OUT = Text(
    "(Less important details were left out: the message would be too long.)",
    "（メッセージが長すぎるため、重要度の低い詳細を省略しました。）",
)


def email_text(report: Report, language: Language) -> str:
    """The mail's text; details are left out, the least important first, where it would be too long."""
    blocks = tuple(b.in_short(UNDO_CHARS) for b in report.blocks)
    text = _text(report, blocks, language)
    while len(text) > MAIL_CHARS and (fewer := without_least(blocks)) != blocks:
        blocks = fewer
        text = _text(report, blocks, language)
    return text


def _text(report: Report, blocks: tuple[Block, ...], language: Language) -> str:
    top = [line for b in blocks if b.part in TOP for line in _top(b, language)]
    details = [line for b in blocks if b.part not in TOP for line in ("", *_details(b, language, report))]
    left_out = ["", _LEFT_OUT.in_(language)] if len(blocks) < len(report.blocks) else []
    return "\n".join(
        (*_head(report, language), "", *top, "", RULE, *details, *left_out, "", *_foot(report, language), "")
    )


def _head(report: Report, language: Language) -> list[str]:
    what = f"{report.resource.name} - {report.title.in_(language)}"
    return wrapped(f"{report.status.in_(language)} [{LEVELS[report.level].in_(language)}]  {what}", rest="  ")


def _top(block: Block, language: Language) -> list[str]:
    lines: list[str] = []
    for item in block.items:
        first = padded(block.title.in_(language), LABEL_COLUMNS) if not lines else TOP_INDENT
        lines += _item(item, first, TOP_INDENT, language)
    return lines


def _details(block: Block, language: Language, report: Report) -> list[str]:
    title = block.title.in_(language)
    lines = [title, "." * min(78, columns(title))]
    read: tuple[str, str] = ("", "")
    for item in block.items:
        now = (item.source, item.at) if isinstance(item, Shown) else ("", "")
        if read != now:
            lines += _read_at(read, report, language)
        read = now
        mark = "" if isinstance(item, Statement) and block.part == "cause" else "  "
        lines += _item(item, mark, "    ", language)
    return [*lines, *_read_at(read, report, language)]


def _read_at(read: tuple[str, str], report: Report, language: Language) -> list[str]:
    if not read[0] and not read[1]:
        return []
    text = ", ".join(t for t in (read[0], within(read[1], report.at, report.zone) if read[1] else "") if t)
    return wrapped(f"({_READ.in_(language)} {text})", "      ", "      ")


def _item(item: Item, first: str, rest: str, language: Language) -> list[str]:
    match item:
        case Statement(text):
            return wrapped(text.in_(language), first, rest)
        case Shown(label, value):
            return wrapped(f"{label.in_(language)}: {value.in_(language)}", first, rest)
        case Step(name, before, after):
            return wrapped(f"{name}: {before} -> {after}", first, rest)
        case Quote(line):
            return [rest + line]
        case Command():
            return _command(item, first, rest, language)


def _command(command: Command, first: str, rest: str, language: Language) -> list[str]:
    if command.lead is None:
        return command_lines(command.words, first, rest)
    lead = command.lead.in_(language)
    together = f"{first}{lead} {command.line}"
    if columns(together) <= len(RULE):
        return [together]
    return [*wrapped(lead, first, rest), *command_lines(command.words, rest, rest)]


def _foot(report: Report, language: Language) -> list[str]:
    opened = clock(report.opened_at, zone=report.zone)
    found = (
        (Text("incident", "インシデント"), report.incident),
        (Text("resource", "リソース"), report.resource.arn),
        (Text("opened / told", "検知 / 報告"), f"{opened} / {clock(report.at, report.opened_at, report.zone)}"),
        (Text("guide row", "ガイドの項目"), report.cause or report.runbook),
    )
    return [RULE, *(line for label, value in found for line in wrapped(f"{label.in_(language)}: {value}", rest="  "))]
