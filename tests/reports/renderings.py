"""One report as every channel shows it, as one text that can be read and reviewed.

The e-mail stands in both languages, but for the details that most reports have alike. Of chat and Slack stand the lines that are read first, and of each block of
details its title, its length and a mark of its lines: the words are the e-mail's, and any change of the rendering changes
the mark. The same goes for JSON. Of a question stands what the last report does not have too. (`test_report_mail`, `test_report_chat`, `test_report_slack` and `test_report_json` hold these whole, for
reports of every kind.)
"""

import difflib
import json
import re
from collections.abc import Callable, Iterable, Iterator
from hashlib import sha256
from itertools import groupby
from typing import Any

from remediator.core.serialization import from_json
from remediator.incidents.case import Case
from remediator.incidents.record import record_of
from remediator.reports.blocks import TOP, Report
from remediator.reports.channels.amazon_q import chat_message
from remediator.reports.channels.email import email_text
from remediator.reports.channels.json_report import report_json
from remediator.reports.channels.mrkdwn import plain
from remediator.reports.channels.pager import pager_body
from remediator.reports.channels.slack import slack_message, texts_of
from remediator.reports.compose import compose
from remediator.reports.page.page import incident_page
from remediator.reports.page.timeline import timeline

LANGUAGES = ("en", "ja")
ALIKE = ("evidence", "clocks", "gates", "switch")
REQUEST_ID = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")
NO_REQUEST = "00000000-0000-0000-0000-000000000000"
FOOT = 4  # lines in small letters at the end of a Slack message
# Further renderings that people read, as plain text: name -> (report, language) -> text. Each gets a section of its own.
FURTHER: dict[str, Callable[[Report, str], str]] = {}


def story_told(reports: Iterable[Report]) -> str:
    """The question, where one was asked, and the last report of a story, in every channel and both languages."""
    return "".join(f"{line.rstrip()}\n" for r in reports for line in told(r).splitlines()).lstrip("\n")


def pages_told(laptop) -> str:
    """What only an incident's page shows, its timeline, in both languages, and a mark of the whole page."""
    settings, lines = laptop.runtime.settings, []
    for record in laptop.records():
        dossier = record_of({name: without_request_ids(v) if isinstance(v, str) else v for name, v in record.items()})
        if not dossier.reports:
            continue
        for language in LANGUAGES:
            lines.append(_head(f"page of {dossier.incident.id}, {language}"))
            lines += [f"{h.at[11:19]} {h.kind}: {h.what.in_(language)}" for h in timeline(dossier)]
            lines.append(f"whole page {_mark(incident_page(dossier, settings, language))}")
    return "".join(f"{line}\n" for line in lines)


def without_request_ids(text: str) -> str:
    """The world numbers its requests, and reads that run side by side come in any order."""
    return REQUEST_ID.sub(NO_REQUEST, text)


def told(report: Report) -> str:
    """The report in every channel."""
    return "\n".join(line for part in _parts(report) for line in part)


def last_of_each(laptop) -> list[tuple[Any, Report]]:
    """The newest question and the newest other report that were published, each as it is made again from the ledger."""
    kept = {r["pk"]: r for r in laptop.records()}
    newest: dict[bool, tuple[Any, Case]] = {}
    for published in laptop.reports:
        stage, incident = published.attributes.get("stage", ""), published.attributes.get("incident", "")
        stored = kept.get(f"incident#{incident}", {}).get(f"case_{stage}")
        if published.chat and stored:
            newest[stage == "ask"] = (published, from_json(Case, json.loads(without_request_ids(stored))))
    found = [newest[asks] for asks in (True, False) if asks in newest]
    return [(published, compose(case, laptop.runtime.settings)) for published, case in found]


def _parts(report: Report) -> Iterator[list[str]]:
    for language in LANGUAGES:
        yield [_head(f"{report.stage}, {language}, e-mail to the topic {report.level}")]
        if language == "en":
            yield [f"Subject: {report.subject}", ""]
        yield _mail(report, language)
        chat = _chat(report, language)
        yield [_head(f"{report.stage}, {language}, chat"), *chat]
        yield [_head(f"{report.stage}, {language}, Slack, as it differs from chat"), *_slack(report, language, chat)]
        for name, text in FURTHER.items():
            yield [_head(f"{report.stage}, {language}, {name}"), *text(report, language).splitlines()]
    yield [_head(f"{report.stage}, pager"), *_pager(report)]
    yield [_head(f"{report.stage}, JSON"), *_json(report)]


def _head(what: str) -> str:
    return f"\n======== {what} ========"


def _mark(value: object) -> str:
    """A few signs that change with every change of `value`."""
    return "#" + sha256(json.dumps(value, ensure_ascii=False).encode()).hexdigest()[:8]


def _in_short(report: Report, language: str, lines: list[str]) -> list[str]:
    """The first lines whole; of each block of details its title, how many lines it has, and their mark."""
    details = {f"*{plain(b.title.in_(language))}*" for b in report.blocks if b.part not in TOP}
    held: list[list[str]] = []
    for line in lines:
        title = line.startswith("*") or not held
        held.append([line]) if title or not _is_detail(held[-1], details) else held[-1].append(line)
    return [f"{b[0]}  {len(b) - 1} lines {_mark(b)}" if _is_detail(b, details) else b[0] for b in held]


def _is_detail(block: list[str], details: set[str]) -> bool:
    return block[0] in details


def _mail(report: Report, language: str) -> list[str]:
    """The mail, without the details that most reports have alike; of a question, without all that the last report has too."""
    alike = [
        b.title.in_(language) for b in report.blocks if b.part not in TOP and (b.part in ALIKE or report.stage == "ask")
    ]
    parts = [part.splitlines() for part in email_text(report, language).split("\n\n")]
    short = [[f"{p[0]}  {len(p) - 2} lines {_mark(p)}"] if p and p[0] in alike else ["", *p] for p in parts]
    return [line for part in short for line in part][1:]


def _chat(report: Report, language: str) -> list[str]:
    message = chat_message(report, language)
    content = message["content"]
    steps = [f"next: {step}" for step in content["nextSteps"]]
    described = _in_short(report, language, content["description"].splitlines())
    return [content["title"], *described, *steps, f"whole message {_mark(message)}"]


def _slack(report: Report, language: str, chat: list[str]) -> list[str]:
    message = slack_message(report, language)
    said = [line for text in list(texts_of(message))[:-FOOT] for line in text.splitlines()]
    foot = list(texts_of(message))[-FOOT:]
    made_of = " ".join(f"{kind} x{len(list(found))}" for kind, found in groupby(b["type"] for b in message["blocks"]))
    shown = [*_in_short(report, language, said), *foot, f"whole message {_mark(message)}: {made_of}"]
    lines = difflib.unified_diff(chat, shown, lineterm="", n=0)
    return [line for line in lines if not line.startswith(("---", "+++", "@@"))]


def _pager(report: Report) -> list[str]:
    english, japanese = pager_body(report, "en"), pager_body(report, "ja")
    lines = [f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in english.items()]
    return lines + [f"{n} (ja): {v}" for n, v in japanese.items() if v != english[n]]


def _json(report: Report) -> list[str]:
    """What it is made of, without the texts that the mail shows already."""
    value = report_json(report)
    blocks = (f"{b['part']}: {' '.join(i['kind'] for i in b['items'])} {_mark(b)}" for b in value["blocks"])
    return [", ".join(value), *blocks, f"links: {value['links']}", f"whole {_mark(value)}"]
