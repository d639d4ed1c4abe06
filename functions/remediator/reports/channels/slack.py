"""A Report as Slack Block Kit, for an incoming webhook.

Source of the limits: Slack, Block Kit reference: a message has at most 50 blocks, a header 150 characters, the text of a
section 3,000, a context block 10 elements. `verbatim` keeps Slack from making links and mentions out of bare text;
what is mark-up is escaped all the same.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from ...core.text import Language, Text
from ..blocks import TOP, Block, Report, console_page, without_least
from ..moments import clock
from .mrkdwn import block_lines, fitting, plain, title_line

BLOCKS_AT_MOST: Final = 50
HEADER_CHARS: Final = 150
SECTION_CHARS: Final = 3_000
MESSAGE_CHARS: Final = 6_000  # ours: two screens; the e-mail has it all
SUMMARY_CHARS: Final = 300  # ours: what a notification shows of a message
_NO_MARKUP = str.maketrans({"<": "‹", ">": "›", "&": "＆"})
_LEFT_OUT = Text(
    "Less important details were left out; the e-mail has them.",
    "重要度の低い詳細は省略しました。メールを参照してください。",
)
_CONSOLE = Text("console", "コンソール")
_FOOT = (Text("incident", "インシデント"), Text("guide row", "ガイドの項目"), Text("opened / told", "検知 / 報告"))

Json = dict[str, Any]


def slack_message(report: Report, language: Language) -> Json:
    """The body for the webhook; details are left out, the least important first, where there would be too much."""
    blocks, sections = report.blocks, _sections(report.blocks, report, language)
    while _too_much(sections) and (fewer := without_least(blocks)) != blocks:
        blocks, sections = fewer, _sections(fewer, report, language)
    left_out = [context(_LEFT_OUT.in_(language))] if len(blocks) < len(report.blocks) else []
    title = title_line(report, language)
    return framed(title, report.summary.in_(language), [*sections, *left_out, _foot(report, language)])


def framed(title: str, summary: str, blocks: list[Json]) -> Json:
    """A body with a header; `summary` is what a notification shows of it."""
    header = {"type": "plain_text", "text": fitting(title, HEADER_CHARS, _header), "emoji": False}
    return {"text": fitting(summary, SUMMARY_CHARS), "blocks": [{"type": "header", "text": header}, *blocks]}


def _header(text: str) -> str:
    """As plain text: Slack reads no mark-up there and no escapes, so the signs of mark-up give way to their likes."""
    return plain(text.translate(_NO_MARKUP))


def _too_much(sections: list[Json]) -> bool:
    """Whether the sections leave no room for header, remark and footer, or are more than anybody reads."""
    return len(sections) > BLOCKS_AT_MOST - 3 or sum(map(_length, sections)) > MESSAGE_CHARS


def _length(block: Json) -> int:
    return len(block["text"]["text"]) if "text" in block else 0


def _sections(blocks: tuple[Block, ...], report: Report, language: Language) -> list[Json]:
    """What ten seconds must show, a line, the details."""
    top = [s for b in blocks if b.part in TOP for s in _section_of(b, report, language)]
    details = [s for b in blocks if b.part not in TOP for s in _section_of(b, report, language)]
    return [*top, {"type": "divider"}, *details] if details else top


def _section_of(block: Block, report: Report, language: Language) -> Iterator[Json]:
    return map(section, parts(block_lines(block, report, language)))


def parts(lines: Iterable[str]) -> Iterator[str]:
    """The lines put together into texts that a section takes; each line is short enough by itself."""
    part = ""
    for line in lines:
        if part and len(part) + 1 + len(line) > SECTION_CHARS:
            yield part
            part = line
        else:
            part = f"{part}\n{line}" if part else line
    if part.strip():
        yield part


def section(text: str) -> Json:
    """A section of escaped text."""
    return {"type": "section", "text": _mrkdwn(text)}


def _mrkdwn(text: str) -> Json:
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def context(text: str) -> Json:
    """A line in small letters."""
    return {"type": "context", "elements": [_mrkdwn(fitting(text, SECTION_CHARS))]}


def _foot(report: Report, language: Language) -> Json:
    opened = clock(report.opened_at, zone=report.zone)
    values = (
        report.incident,
        report.cause or report.runbook,
        f"{opened} / {clock(report.at, report.opened_at, report.zone)}",
    )
    found = [f"{label.in_(language)}: {fitting(value, 500)}" for label, value in zip(_FOOT, values, strict=True)]
    page = console_page(report.resource)
    link = [f"<{page}|{_CONSOLE.in_(language)}>"] if page else []
    return {"type": "context", "elements": [_mrkdwn(text) for text in (*found, *link)]}


def texts_of(message: Mapping[str, Any]) -> Iterator[str]:
    """Each text that the message shows, in order: what people read of it."""
    for block in message["blocks"]:
        held = (*([block["text"]] if "text" in block else []), *block.get("elements", ()))
        yield from (element["text"] for element in held)
