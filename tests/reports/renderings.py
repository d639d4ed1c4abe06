"""One report as every channel shows it, as one text that can be read and reviewed.

E-mail and chat stand whole, in both languages. Of Slack stands what differs from chat, of JSON what it is made of: the
rest are the same words. (`test_report_slack` and `test_report_json` hold these whole, for reports of every kind.)
"""

import difflib
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any, Protocol

from remediator.core.serialization import Json, from_json
from remediator.core.settings import Settings
from remediator.incidents.case import Case
from remediator.incidents.record import IncidentRecord as Dossier
from remediator.incidents.record import record_of as dossier_of
from remediator.reports.blocks import Report
from remediator.reports.channels.amazon_q import chat_message
from remediator.reports.channels.email import email_text
from remediator.reports.channels.json_report import report_json
from remediator.reports.channels.pager import pager_body
from remediator.reports.channels.slack import slack_message, texts_of
from remediator.reports.compose import compose
from remediator.reports.page.timeline import timeline

LANGUAGES = ("en", "ja")
REQUEST_ID = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")
NO_REQUEST = "00000000-0000-0000-0000-000000000000"


class Ended(Protocol):
    """What is left of a story: the ledger's records, what was published, and the settings it was played with."""

    records: Sequence[Json]
    reports: Sequence[Any]
    settings: Settings


def story_told(reports: Iterable[Report]) -> str:
    """The question, where one was asked, and the last report of a story, in every channel and both languages."""
    return "".join(f"{line.rstrip()}\n" for r in reports for line in told(r).splitlines()).lstrip("\n")


def pages_told(played: Ended) -> str:
    """What only an incident's page shows, its timeline, in both languages."""
    lines = []
    for dossier in dossiers(played):
        for language in LANGUAGES:
            lines.append(_head(f"timeline of {dossier.incident.id}, {language}"))
            lines += [f"{h.at[11:19]} {h.kind}: {h.what.in_(language)}" for h in timeline(dossier)]
    return "".join(f"{line}\n" for line in lines)


def dossiers(played: Ended) -> Iterator[Dossier]:
    """Everything that the ledger has of each incident that people were told of."""
    for record in played.records:
        dossier = dossier_of({name: without_request_ids(v) if isinstance(v, str) else v for name, v in record.items()})
        if dossier.reports:
            yield dossier


def without_request_ids(text: str) -> str:
    """The world numbers its requests, and reads that run side by side come in any order."""
    return REQUEST_ID.sub(NO_REQUEST, text)


def told(report: Report) -> str:
    """The report in every channel."""
    return "\n".join(line for part in _parts(report) for line in part)


def last_of_each(played: Ended) -> list[tuple[Any, Report]]:
    """The newest question and the newest other report that were published, each as it is made again from the ledger."""
    kept = {r["pk"]: r for r in played.records}
    newest: dict[bool, tuple[Any, Case]] = {}
    for published in played.reports:
        stage, incident = published.attributes.get("stage", ""), published.attributes.get("incident", "")
        stored = kept.get(f"incident#{incident}", {}).get(f"case_{stage}")
        if published.chat and stored:
            newest[stage == "ask"] = (published, from_json(Case, json.loads(without_request_ids(stored))))
    found = [newest[asks] for asks in (True, False) if asks in newest]
    return [(published, compose(case, played.settings)) for published, case in found]


def _parts(report: Report) -> Iterator[list[str]]:
    for language in LANGUAGES:
        yield [_head(f"{report.stage}, {language}, e-mail to the topic {report.level}")]
        if language == "en":
            yield [f"Subject: {report.subject}", ""]
        yield email_text(report, language).splitlines()
        chat = _chat(report, language)
        yield [_head(f"{report.stage}, {language}, chat"), *chat]
        yield [_head(f"{report.stage}, {language}, Slack, as it differs from chat"), *_slack(report, language, chat)]
    yield [_head(f"{report.stage}, pager"), *_pager(report)]
    yield [_head(f"{report.stage}, JSON"), *_json(report)]


def _head(what: str) -> str:
    return f"\n======== {what} ========"


def _chat(report: Report, language: str) -> list[str]:
    content = chat_message(report, language)["content"]
    return [content["title"], *content["description"].splitlines(), *(f"next: {step}" for step in content["nextSteps"])]


def _slack(report: Report, language: str, chat: list[str]) -> list[str]:
    message = slack_message(report, language)
    shown = [line for text in texts_of(message) for line in text.splitlines()]
    made_of = " ".join(f"{kind} x{len(list(found))}" for kind, found in groupby(b["type"] for b in message["blocks"]))
    lines = difflib.unified_diff(chat, shown, lineterm="", n=0)
    return [*(line for line in lines if not line.startswith(("---", "+++", "@@"))), f"blocks: {made_of}"]


def _pager(report: Report) -> list[str]:
    english, japanese = pager_body(report, "en"), pager_body(report, "ja")
    lines = [f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in english.items()]
    return lines + [f"{n} (ja): {v}" for n, v in japanese.items() if v != english[n]]


def _json(report: Report) -> list[str]:
    """What it is made of, without the texts that the mail shows already."""
    value = report_json(report)
    blocks = (f"{b['part']}: {' '.join(i['kind'] for i in b['items'])}" for b in value["blocks"])
    return [", ".join(value), *blocks, f"links: {value['links']}"]
