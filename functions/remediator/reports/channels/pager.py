"""A Report as plain JSON for pagers and ticket systems: stable keys, one value each.

Its two sentences are in English unless the deployment declares another language for the pagers' topic: rules of pagers
match on words. `status` is a word for machines and always English.
"""

from typing import Any

from ...core.text import Language
from ...redaction.redact import bounded
from ..blocks import Report

SUMMARY_CHARS = 500


def pager_body(report: Report, language: Language = "en") -> dict[str, Any]:
    """The body; keys are only ever added. `dedup_key` is the incident's id, `verdict` null while it is open."""
    return {
        "incident": report.incident,
        "dedup_key": report.incident,
        "level": report.level,
        "stage": report.stage,
        "status": report.status.en,
        "verdict": report.verdict.value if report.verdict else None,
        "runbook": report.runbook,
        "cause": report.cause,
        "resource": report.resource.arn,
        "resource_kind": report.resource.kind,
        "region": report.resource.region,
        "account": report.resource.account,
        "summary": bounded(report.summary.in_(language), SUMMARY_CHARS),
        "action": bounded(report.action.in_(language), SUMMARY_CHARS),
        "opened_at": report.opened_at,
        "at": report.at,
        "reference": report.reference,
        "undo": report.undo,
    }
