"""The tapes and events that fresh processes are measured with, taken from the sandbox."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sandbox.scenarios import Scenario, load_all

from ..depth import fixing_story
from ..probe import BATCH
from ..stories import Heard, answers, hear, repeated, told_again
from .tape import Exchange
from .timeline import Called
from .watch import Seen, Watch

FLOOR_CALLS = ("ecs:DescribeServices", "ecs:UpdateService", "sns:Publish")


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One entry's event with what it is answered.

    Attributes:
        module: what a fresh process imports.
        tape: name of the exchanges.
        calls: API requests that one event takes; checkpoints are among them.
        settings: None for the floor, which has none.
        again: a batch of repeats, and the tape of another process that gets it.
    """

    module: str
    tape: str
    calls: int
    event: Mapping[str, Any]
    now: datetime
    settings: Mapping[str, Any] | None
    again: Mapping[str, Any] | None = None
    again_tape: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What is played: the parts by name, the tapes, the functions' environment, and the whole story for its cost."""

    parts: Mapping[str, Part]
    tapes: Mapping[str, Sequence[Exchange]]
    environment: Mapping[str, str]
    story: Heard


def recorded(watch: Watch, runbook: str) -> Recorded:
    """From the story that stands for `runbook`, and from one in which a person approves."""
    story = fixing_story(watch, runbook)
    if story is None:
        raise LookupError(f"no story in which {runbook} makes its fix in its first invocation")
    heard = hear(watch, story)
    again = hear(watch, story, [told_again(heard, watch, BATCH)])
    asked: dict[str, Any] = {}
    approved = hear(watch, _asking(), [answers(watch, asked)])
    first = [s for s in heard.seen if s.at == heard.started_at]
    tapes = {
        "floor": _kept([s for s in heard.seen if s.called.name in FLOOR_CALLS]),
        "intake": _kept([s for s in first if s.called.who == "intake"][: _until_invoke(first)]),
        "remediate": _kept([s for s in first if s.called.who == "remediate"]),
        "intake again": _kept([s for s in again.seen if s.called.who == "intake" and _second_later(again, s)]),
        "approve": _kept([s for s in approved.seen if s.called.who == "approve"]),
    }
    parts = _parts(heard, tapes, asked, approved)
    return Recorded(parts=parts, tapes=tapes, environment=heard.environment, story=heard)


def _parts(
    heard: Heard, tapes: Mapping[str, Sequence[Exchange]], asked: Mapping[str, Any], approved: Heard
) -> dict[str, Part]:
    now = heard.started_at
    checkpoints = sum(c.kind == "checkpoint" for c in heard.first_invocation())
    event = json.loads(heard.opening["Records"][0]["body"])
    return {
        "floor": Part(module="floor", tape="floor", calls=3, event=event, now=now, settings=None),
        "intake": Part(
            module="remediator.handlers.intake",
            tape="intake",
            calls=len(tapes["intake"]),
            event=heard.opening,
            now=now,
            settings=heard.settings,
            again=repeated(heard.opening, BATCH),
            again_tape="intake again",
        ),
        "remediate": Part(
            module="remediator.remediation.workflow",
            tape="remediate",
            calls=len(tapes["remediate"]) + checkpoints,
            event=durable_event(heard.incident),
            now=now,
            settings=heard.settings,
        ),
        "approve": Part(
            module="remediator.handlers.approve",
            tape="approve",
            calls=len(tapes["approve"]),
            event=asked["event"],
            now=asked["at"],
            settings=approved.settings,
        ),
    }


def durable_event(incident: str) -> Mapping[str, Any]:
    """What Lambda hands to a durable function when its execution begins."""
    execution = {
        "Id": "1",  # the last part of the ARN
        "Type": "EXECUTION",
        "Status": "STARTED",
        "StartTimestamp": 1_800_000_000_000,
        "ExecutionDetails": {"InputPayload": json.dumps({"incident": incident})},
    }
    return {
        "DurableExecutionArn": f"arn:aws:lambda:ap-northeast-1:123456789012:function:remediate:1/durable-execution/{incident}/1",
        "CheckpointToken": "first",
        "InitialExecutionState": {"Operations": [execution], "NextMarker": ""},
    }


def _asking() -> Scenario:
    """A story in which somebody approves and the change is made."""
    return next(s for s in load_all() if s.acts and s.acts[0].after_question_s and s.expected.verdict == "fixed")


def _kept(seen: Sequence[Seen]) -> list[Exchange]:
    return [s.kept for s in seen if s.kept]


def _until_invoke(first: Sequence[Seen]) -> int:
    called: list[Called] = [s.called for s in first if s.called.who == "intake"]
    return 1 + next(i for i, c in enumerate(called) if c.name == "lambda:Invoke")


def _second_later(heard: Heard, seen: Seen) -> bool:
    return (seen.at - heard.started_at).total_seconds() == 1
