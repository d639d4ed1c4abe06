"""What a question of a worker is about, in words that are the same in every story."""

import re

from .worker import Asked


def step_of(asked: Asked) -> str:
    """The step that a checkpoint is about, without the number of its turn; empty for anything else."""
    updates = asked.body[1] if asked.kind == "checkpoint" else ()
    return re.sub(r"\d+", "#", updates[-1].name or "") if updates else ""


def sort_of(asked: Asked, step: str) -> str:
    """A change in words that are the same wherever it is made: what, of which sort of item or topic, in which step."""
    found = asked.parameters or {}
    key = str(found.get("Key", {}).get("pk", {}).get("S", "")).partition("#")[0]
    what = key or str(found.get("TopicArn", "")).rpartition("-")[2] or step_of(asked)
    return f"{asked.kind} {asked.name} {what} after {step}"
