"""Why a task failed to start, as far as its own texts tell. `ecs.meaning` says that it failed; this says why."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ...core.text import Text, same
from ..phrase_rules import LOOKED_AT_CHARS, decided_by, plain
from .model import TaskStop
from .start_failure_rules import StartRow, tells

SILENT = ("", "task failed to start", "essential container in task exited")
_NAMES: Mapping[str, re.Pattern[str]] = {
    "role": re.compile(r"arn:aws[a-z-]{0,10}:iam::[\w-]{1,24}:role/[\w+=,.@/-]{1,512}"),
    "caller": re.compile(r"arn:aws[a-z-]{0,10}:sts::[\w-]{1,24}:assumed-role/[\w+=,.@/-]{1,512}"),
    "secret": re.compile(r"arn:aws[a-z-]{0,10}:secretsmanager:[\w*.-]{0,30}:[\w*-]{0,24}:secret:[\w+=,.@/*!-]{1,512}"),
    "parameter": re.compile(r"arn:aws[a-z-]{0,10}:ssm:[\w-]{0,30}:[\w-]{0,24}:parameter/[\w./-]{1,512}"),
    "action": re.compile(r"not authorized to perform:? ?([a-z0-9-]{2,40}:[A-Za-z]{2,64})"),
    "image": re.compile(
        r"(?:resolve (?:ref|reference)|manifest for|pull access denied for|repository|image|unpack image) "
        r"[\"'`]?((?:[a-z0-9.-]{1,128}(?::\d{2,5})?/)?[a-z0-9._/-]{1,256}(?::[\w.-]{1,128})?(?:@sha256:[0-9a-f]{1,64})?)"
        r"(?=[\s\"'`,;]|: |:?$)"
    ),
    "endpoint": re.compile(r"https?://([A-Za-z0-9.-]{1,253})"),
    "host": re.compile(r"(?:dial tcp:? (?:lookup )?|lookup )([A-Za-z0-9.-]{1,253}(?::\d{1,5})?)"),
    "log_group": re.compile(r"log group:? ['\"]?(/[\w./#-]{1,512})"),
    "file_system": re.compile(r"\bfs-[0-9a-f]{4,17}\b"),
}
NOTHING_SAID = Text("ECS gives no reason", "ECS は理由を示していません")
NOT_DOCUMENTED = Text("no words that AWS documents a cause for", "AWS が原因を説明している語句がありません")


@dataclass(frozen=True, slots=True, kw_only=True)
class StartFailure:
    """What the texts of one start that failed tell.

    Attributes:
        row: suffix of the row of `ecs_task_not_starting`; None where these texts alone do not tell.
        because: which words decided, or why none could.
        code: id of the error table, empty where none fits.
        named: what the text names, by kind: role, caller, secret, parameter, action (that was refused), image,
            endpoint, host, log_group, file_system. As AWS wrote it: redact before it is shown.
    """

    row: StartRow | None
    because: Text
    code: str = ""
    named: Mapping[str, str] = field(default_factory=dict)


def start_failure(stop: TaskStop) -> StartFailure:
    """Why `stop` failed to start. The first of its texts that tells decides: the stop's reason, then the containers'."""
    untold: StartFailure | None = None
    for text in _texts(stop):
        failure = start_failure_text(text)
        if failure.row:
            return failure
        untold = untold or failure
    return untold or StartFailure(
        row=None, because=NOTHING_SAID, code="error.ecs.client_error" if _failed(stop) else ""
    )


def start_failure_text(text: str) -> StartFailure:
    """The same of one text alone, such as what stands behind `was unable to place a task. Reason:`."""
    code, names = _code(plain(text).strip()), named(text)
    if (found := tells(text)) is None:
        return StartFailure(row=None, because=NOT_DOCUMENTED, code=code, named=names)
    row, word, why = found
    return StartFailure(row=row, because=same(f"“{decided_by(text, word)}”: ") + why, code=code, named=names)


def named(text: str) -> Mapping[str, str]:
    """What the text names; the first of each kind."""
    looked_at = text[:LOOKED_AT_CHARS]
    found = {kind: pattern.search(looked_at) for kind, pattern in _NAMES.items()}
    return {kind: (hit[1] if hit.re.groups else hit[0]).rstrip(".:,") for kind, hit in found.items() if hit}


def _texts(stop: TaskStop) -> Iterator[str]:
    for text in (stop.reason, *(c.reason for c in stop.containers)):
        if text.strip().rstrip(".").lower() not in SILENT:
            yield text


def _failed(stop: TaskStop) -> bool:
    return stop.stop_code == "TaskFailedToStart" or "failed to start" in stop.reason.lower()


def _code(text: str) -> str:
    """The guide's error code that the text amounts to. Source: the guide's table of ECS errors."""
    if "resource:cpu" in text or "insufficient cpu" in text or "cpu configuration is above" in text:
        return "error.ecs.resource_cpu"
    if "resource:memory" in text or "insufficient memory" in text or "memory configuration is above" in text:
        return "error.ecs.resource_memory"
    if text == "attribute" or "missing an attribute" in text or "unable to assume" in text:
        return "error.ecs.missing_attribute"
    return "error.ecs.client_error" if "failed to start" in text or "error:" in text[:60] else ""
