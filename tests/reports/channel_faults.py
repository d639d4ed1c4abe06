"""What is wrong with one report in each of its channels: lengths that are passed, texts that act, an undo that is gone."""

import json
import re
from collections.abc import Iterator

from remediator.core.settings import Settings
from remediator.reports.blocks import CONSOLE, PRIORITY, Report
from remediator.reports.channels.amazon_q import (
    DESCRIPTION_CHARS,
    STEP_CHARS,
    STEPS,
    SUMMARY_CHARS,
    TITLE_CHARS,
    chat_message,
)
from remediator.reports.channels.email import MAIL_CHARS, RULE, email_text
from remediator.reports.channels.json_report import report_json
from remediator.reports.channels.mrkdwn import plain
from remediator.reports.channels.slack import slack_message, texts_of
from remediator.reports.channels.sns import sns_messages
from tests.prove.shown import ACTS, CODE, HIDDEN, PARTED, texts
from tests.reports.notification_schema import faults as notification_faults

SLACK_BLOCKS, SLACK_HEADER, SLACK_SECTION, SLACK_ELEMENTS = 50, 150, 3_000, 10  # Source: Slack, Block Kit reference
PAGER_VALUE = 2_000  # ours: an ARN has 1,600 at most
SNS_BYTES, SUBJECT_CHARS, ATTRIBUTES = 262_144, 100, 10  # Source: Amazon SNS, Publish
LINK = re.compile(rf"<{re.escape(CONSOLE)}[\w:/.-]+\|[^<>|]+>")


def faults(report: Report, language: str) -> Iterator[str]:
    """Each thing that is wrong, in words."""
    yield from (f"mail: {f}" for f in mail(report, language))
    yield from (f"chat: {f}" for f in chat(report, language))
    yield from (f"slack: {f}" for f in slack(report, language))
    yield from (f"sns: {f}" for f in sns(report, language))
    yield from (f"json: {f}" for f in as_json(report, language))


def mail(report: Report, language: str) -> Iterator[str]:
    """The e-mail."""
    text = email_text(report, language)
    yield from _longer("it", text, MAIL_CHARS)
    yield from _hidden(text)
    if report.undo and f"remediator undo {report.incident}" not in text:
        yield "no undo"
    yield from _order(report, {b.part for b in report.blocks if f"\n{b.title.in_(language)}" in text})


def chat(report: Report, language: str) -> Iterator[str]:
    """The custom notification."""
    message = chat_message(report, language)
    content, metadata = message["content"], message["metadata"]
    yield from notification_faults(message)
    yield from _longer("title", content["title"], TITLE_CHARS)
    yield from _longer("description", content["description"], DESCRIPTION_CHARS)
    yield from _longer("summary", metadata["summary"], SUMMARY_CHARS)
    yield from (f for step in content["nextSteps"] for f in _longer("step", step, STEP_CHARS))
    if len(content["nextSteps"]) > STEPS:
        yield f"{len(content['nextSteps'])} steps"
    for where, text in texts({"content": content, "summary": metadata["summary"]}):
        yield from (f"{where}: {f}" for f in _acts(text))
    if report.undo and f"remediator undo {report.incident}" not in content["description"]:
        yield "no undo"
    yield from _order(report, _shown(report, language, content["description"]) | {"left"})


def slack(report: Report, language: str) -> Iterator[str]:
    """Block Kit."""
    message = slack_message(report, language)
    blocks = message["blocks"]
    if len(blocks) > SLACK_BLOCKS:
        yield f"{len(blocks)} blocks"
    yield from _longer("header", blocks[0]["text"]["text"], SLACK_HEADER)
    for block in blocks:
        if len(block.get("elements", ())) > SLACK_ELEMENTS:
            yield "too many elements"
        if block["type"] == "section" and not block["text"]["text"].strip():
            yield "an empty section"  # Slack refuses the whole message
    for text in (message["text"], *texts_of(message)):
        yield from _longer("section", text, SLACK_SECTION)
        yield from _acts(LINK.sub("", text))
    whole = "\n".join(texts_of(message))
    if report.undo and f"remediator undo {report.incident}" not in whole:
        yield "no undo"
    if report.incident not in blocks[-1]["elements"][0]["text"]:
        yield "the footer does not name the incident"
    yield from _order(report, _shown(report, language, whole))


def sns(report: Report, language: str) -> Iterator[str]:
    """What is published, the pager's body with it."""
    settings = Settings(language=language, languages={"pager": language})
    found, paged = sns_messages(report, settings)
    for message in (found, paged):
        size = len(message.message.encode()) + sum(len(k) + len(v.encode()) + 6 for k, v in message.attributes.items())
        if size > SNS_BYTES:
            yield f"{size} bytes"
        if not message.subject.isascii() or not message.subject.isprintable() or len(message.subject) >= SUBJECT_CHARS:
            yield f"subject {message.subject!r}"
        if len(message.attributes) > ATTRIBUTES:
            yield "too many attributes"
    for where, text in texts(json.loads(paged.message)):
        yield from _longer(f"pager {where}", text, PAGER_VALUE)
        yield from (f"pager {where}: {f}" for f in _hidden(text))
    if "\n" + RULE not in json.loads(found.message)["default"][-3_000:]:
        yield "the end of the mail was cut off"


def as_json(report: Report, language: str) -> Iterator[str]:
    """The JSON rendering, which has no limit but that of its parts."""
    value = report_json(report, (language,))
    yield from (f"{where}: {f}" for where, text in texts(value) for f in _hidden(text))
    if json.loads(json.dumps(value)) != value:
        yield "it is no JSON"


def _longer(what: str, text: str, limit: int) -> Iterator[str]:
    if len(text) > limit:
        yield f"{what} has {len(text)} characters of {limit}"


def _hidden(text: str) -> Iterator[str]:
    if found := HIDDEN.search(text):
        yield f"holds {found[0]!r}"


def _acts(text: str) -> Iterator[str]:
    yield from _hidden(PARTED.sub("", text))
    bare = CODE.sub("", text)
    yield from (f"{what} outside of code: {bare[:200]!r}" for acts, what in ACTS if acts.search(bare))
    yield from (f"{what} in code" for acts, what in ACTS[:2] for code in CODE.findall(text) if acts.search(code))


def _shown(report: Report, language: str, text: str) -> set[str]:
    lines = text.splitlines()
    titles = {b.part: f"*{plain(b.title.in_(language))}*" for b in report.blocks}
    return {part for part, title in titles.items() if any(line.startswith(title) for line in lines)}


def _order(report: Report, shown: set[str]) -> Iterator[str]:
    """Whatever was left out is no more important than whatever is shown."""
    left_out = {b.part for b in report.blocks} - shown
    kept = {b.part for b in report.blocks} & shown
    yield from (f"{part} is never cut" for part in left_out if PRIORITY[part] == 0)
    for out in left_out:
        if less := [part for part in kept if PRIORITY[part] > PRIORITY[out]]:
            yield f"{out} was cut before {less}"
