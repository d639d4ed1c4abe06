"""A Report as an Amazon Q Developer custom notification: shown in Slack and Teams, one thread per incident.

Source of the field set: AWS, Amazon Q Developer in chat applications, custom notifications. A message that does not keep
to it is dropped without a word, so nothing but these fields is ever sent.
"""

from typing import Any

from ...core.text import Language
from ..blocks import Block, Report, Statement, without_least
from .mrkdwn import block_lines, fitting, title_line

DESCRIPTION_CHARS = 2_900  # no limit is documented; Slack's own for one section is 3,000
TITLE_CHARS = 150  # Slack: header
SUMMARY_CHARS = 250
STEP_CHARS = 300
STEPS = 5
BUTTONS = "remediator"  # what the custom actions' criteria ask for


def chat_message(report: Report, language: Language) -> dict[str, Any]:
    """The notification as JSON values; details are left out, the least important first, where it would be too long."""
    title = title_line(report, language)
    context = {"ActionGroup": BUTTONS, "incidentId": report.incident}
    if report.reference:
        context["reference"] = report.reference
    return {
        "version": "1.0",
        "source": "custom",
        "id": f"{report.incident}-{report.stage}",
        "content": {
            "textType": "client-markdown",
            "title": fitting(title, TITLE_CHARS),
            "description": _description(report, language),
            "nextSteps": _next_steps(report, language),
            "keywords": [k for k in (report.level, report.stage, report.runbook, report.verdict or "") if k],
        },
        "metadata": {
            "threadId": report.thread or report.incident,
            "summary": fitting(report.summary.in_(language), SUMMARY_CHARS),
            "eventType": f"remediator.{report.stage}",
            "relatedResources": [report.resource.arn],
            "additionalContext": context,
            "enableCustomActions": True,
        },
    }


def _description(report: Report, language: Language) -> str:
    blocks = report.blocks
    text = _rendered(blocks, report, language)
    while len(text) > DESCRIPTION_CHARS and (fewer := without_least(blocks)) != blocks:
        blocks = fewer
        text = _rendered(blocks, report, language)
    return text


def _rendered(blocks: tuple[Block, ...], report: Report, language: Language) -> str:
    return "\n".join(line for b in blocks if not _is_next_steps(b) for line in block_lines(b, report, language))


def _is_next_steps(block: Block) -> bool:
    """Whether the notification's own list of next steps says all of it."""
    return block.part == "left" and len(block.items) <= STEPS and all(isinstance(i, Statement) for i in block.items)


def _next_steps(report: Report, language: Language) -> list[str]:
    left = next((b for b in report.blocks if b.part == "left"), None)
    texts = [i.text.in_(language) for i in left.items if isinstance(i, Statement)] if left else []
    return [fitting(t, STEP_CHARS) for t in texts[:STEPS]]
