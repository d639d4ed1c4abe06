"""Real reports, as the READMEs show one of each kind: of two stories of the sandbox, with the program's own renderings."""

import html
import io
import json
import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from rich.console import Console

from remediator.core.text import Language
from remediator.reports.blocks import TOP, Report
from remediator.reports.channels.amazon_q import chat_message
from remediator.reports.channels.email import email_text
from remediator.reports.channels.json_report import report_json
from remediator.reports.channels.mrkdwn import plain
from remediator.reports.channels.pager import pager_body
from remediator.reports.channels.slack import slack_message, texts_of
from remediator.reports.compose import compose
from sandbox.scenarios import by_name

from ..commands.demo import play
from ..commands.demo_pages import Kept
from ..incidents.incident import on_terminal

FIXED, ASKED = "out-of-memory", "out-of-memory-ec2"
EXAMPLES = "docs/examples"
COLUMNS = 80
MORE = "[...]"
REQUEST_ID = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")
NO_REQUEST = "00000000-0000-0000-0000-000000000000"  # the sandbox numbers its requests in any order
SECTION = "<!-- a real {name}: begin -->", "<!-- a real {name}: end -->"


@cache
def _incident(story: str) -> Kept:
    return play(by_name(story), keeps=True).kept[0]


def _report(story: str, stage: str) -> Report:
    kept = _incident(story)
    return compose(next(t.case for t in kept.dossier.reports if t.case.stage == stage), kept.settings)


def _head_of(report: Report, lines: list[str], language: Language) -> list[str]:
    """The lines that are read first; where the details begin, a mark that there is more."""
    details = {f"*{plain(b.title.in_(language))}*" for b in report.blocks if b.part not in TOP}
    first = next((n for n, line in enumerate(lines) if line in details), len(lines))
    return [*lines[:first], MORE]


def _as_read(lines: list[str]) -> str:
    """Lines of chat without their markup: headings as they stand, commands set in."""
    text = html.unescape("\n".join(lines))
    return re.sub(r"```(.+?)```", r"    \1", re.sub(r"^\*(.+?)\*", r"\1", text, flags=re.MULTILINE))


def _mail(language: Language) -> str:
    return email_text(_report(FIXED, "final"), language).split("\n-----", 1)[0].rstrip()


def _chat(language: Language) -> str:
    report = _report(ASKED, "ask")
    content = chat_message(report, language)["content"]
    steps = [f"{n}. {step}" for n, step in enumerate(content["nextSteps"], 1)]
    return _as_read([content["title"], *_head_of(report, content["description"].splitlines(), language), *steps])


def _slack(language: Language) -> str:
    report = _report(FIXED, "final")
    lines = [line for text in texts_of(slack_message(report, language)) for line in text.splitlines()]
    return _as_read(_head_of(report, lines, language))


def _pager(language: Language) -> str:
    return _json(pager_body(_report(ASKED, "ask"), language))


def _program(language: Language) -> str:
    value = report_json(_report(FIXED, "final"), (language,))
    return _json({name: part for name, part in value.items() if name != "blocks"})


def _terminal(language: Language) -> str:
    kept = _incident(FIXED)
    console = Console(file=io.StringIO(), width=COLUMNS, record=True, force_terminal=False)
    console.print(on_terminal(kept.dossier, kept.settings, language))
    return "\n".join(line.rstrip() for line in console.export_text().splitlines()).rstrip()


def _json(value: Mapping[str, Any]) -> str:
    return REQUEST_ID.sub(NO_REQUEST, json.dumps(value, indent=2, ensure_ascii=False))


KINDS: dict[str, tuple[str, Callable[[Language], str]]] = {
    "mail": ("text", _mail),
    "chat message": ("text", _chat),
    "Slack message": ("text", _slack),
    "page for a pager": ("json", _pager),
    "report as JSON": ("json", _program),
    "terminal": ("text", _terminal),
}


def with_reports(text: str, language: Language) -> str:
    """`text` with each real report that it shows, between its two marks, made anew.

    Raises:
        ValueError: a kind of report is not shown.
    """
    for name, (syntax, shown) in KINDS.items():
        begin, end = (mark.format(name=name) for mark in SECTION)
        head, rest = text.split(begin, 1)
        _, tail = rest.split(end, 1)
        text = f"{head}{begin}\n````{syntax}\n{shown(language)}\n````\n{end}{tail}"
    return text


def examples() -> dict[str, str]:
    """Whole messages as they are sent, by the name of their file: for whoever builds on them."""
    asked, fixed = _report(ASKED, "ask"), _report(FIXED, "final")
    made = {"report.json": report_json(fixed), "pager.json": pager_body(asked)}
    for language in ("en", "ja"):
        made |= {
            f"chat.{language}.json": chat_message(asked, language),
            f"slack.{language}.json": slack_message(fixed, language),
        }
    return {f"{EXAMPLES}/{name}": _json(value) + "\n" for name, value in made.items()}
