"""A Report as JSON for programs: `--json` of the terminal, and queues (SQS) that are subscribed to a level's topic.

Whatever people read is an object by language, `{"en": "...", "ja": "..."}`, with the languages that were asked for.
Moments are ISO 8601 in UTC; within sentences they stand on the clock of `zone` with UTC beside. Texts from outside are
redacted and bounded, and not escaped: whoever shows them escapes for the place where they show them.

    schema      `remediator.report/1`; keys are only ever added to it, a change of meaning is another number
    incident, thread, stage, level, runbook, cause, verdict, at, opened_at, zone
                as the ledger has them; `cause` and `verdict` are null while they are not known
    status      one English word for machines: `FIXED`; `told.status` is the word for people
    resource    `kind`, `arn`, `name`, `region`, `account`
    told        `status`, `title`, `summary`, `action`: texts by language
    blocks      in the order of the report: `part` (the name that tells what it answers), `top` (of the first lines),
                `title`, and `items`, each of one `kind`:
                    statement   `text`
                    fact        `label`, `value`; `source` and `at`, null where the report names none
                    step        `name`, `before`, `after` of one changed value
                    command     `line`, exact and quoted; `lead` tells what it is for, null where its place tells it;
                                `brief` is a shorter command that does the same, null where there is none
                    quote       `line`, as it stands in a log
    left_out    how many of its blocks are not here, the least important ones: over 0 only where a message had no room
    undo        the shortest exact command that takes the change back, null where there is nothing to take back
    reference   of the open question to a person, null where nothing is asked
    links       by name: `resource` is its page in the console; empty where no safe address can be made
"""

from collections.abc import Sequence
from typing import Any, Final

from ...core.text import Language, Text
from ..blocks import TOP, Block, Command, Item, Quote, Report, Shown, Statement, Step, console_page

SCHEMA: Final = "remediator.report/1"
BOTH: Final[tuple[Language, ...]] = ("en", "ja")


def report_json(report: Report, languages: Sequence[Language] = BOTH, *, left_out: int = 0) -> dict[str, Any]:
    """The report as JSON values, its texts in `languages`; `left_out` tells how many blocks it had besides."""
    resource, page = report.resource, console_page(report.resource)
    return {
        "schema": SCHEMA,
        "incident": report.incident,
        "thread": report.thread or report.incident,
        "stage": report.stage,
        "level": report.level,
        "status": report.status.en,
        "verdict": report.verdict.value if report.verdict else None,
        "runbook": report.runbook,
        "cause": report.cause,
        "resource": {
            "kind": resource.kind,
            "arn": resource.arn,
            "name": resource.name,
            "region": resource.region,
            "account": resource.account,
        },
        "at": report.at,
        "opened_at": report.opened_at,
        "zone": report.zone,
        "told": {
            "status": _told(report.status, languages),
            "title": _told(report.title, languages),
            "summary": _told(report.summary, languages),
            "action": _told(report.action, languages),
        },
        "blocks": [_block(b, languages) for b in report.blocks],
        "left_out": left_out,
        "undo": report.undo,
        "reference": report.reference,
        "links": {"resource": page} if page else {},
    }


def _told(text: Text, languages: Sequence[Language]) -> dict[str, str]:
    return {language: text.in_(language) for language in languages}


def _block(block: Block, languages: Sequence[Language]) -> dict[str, Any]:
    return {
        "part": block.part,
        "top": block.part in TOP,
        "title": _told(block.title, languages),
        "items": [_item(i, languages) for i in block.items],
    }


def _item(item: Item, languages: Sequence[Language]) -> dict[str, Any]:
    match item:
        case Statement(text):
            return {"kind": "statement", "text": _told(text, languages)}
        case Shown(label, value, source, at):
            said = {"label": _told(label, languages), "value": _told(value, languages)}
            return {"kind": "fact", **said, "source": source or None, "at": at or None}
        case Step(name, before, after):
            return {"kind": "step", "name": name, "before": before, "after": after}
        case Quote(line):
            return {"kind": "quote", "line": line}
        case Command():
            lead = _told(item.lead, languages) if item.lead else None
            return {"kind": "command", "line": item.line, "lead": lead, "brief": item.brief}
