"""What an explanation is, and how hostile input is shown."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from remediator.core.text import Text
from remediator.redaction.redact import outside

Outcome = Literal["incident", "ignore", "unknown", "ok"]
SHOWN_CHARS = 20_000
DEPTH_SHOWN = 30
ITEMS_SHOWN = 2_000
QUOTED_CHARS = 300
ESCAPED = re.compile(r"[\x00-\x1f\x7f-\x9f\"\\]")  # what JSON writes otherwise than it is


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """What one input tells.

    Attributes:
        outcome: `incident` with a cause; `ignore`: understood, nothing is to be done; `ok`: a bucket policy that is
            right; `unknown`: this input alone does not tell, change nothing and look further.
        cause: full row id, only with `incident`.
        because: the words or facts that decided; without secrets.
        also: full ids of other rows that remain possible.
        code: id of the error table, empty where none fits.
        redacted: the input as it may be shown: printable, without secrets, bounded.
    """

    outcome: Outcome
    cause: str | None = None
    because: Text
    also: tuple[str, ...] = ()
    code: str = ""
    redacted: str = ""


def incident(row: str, because: Text, also: tuple[str, ...] = (), code: str = "") -> Explained:
    """A row is the cause."""
    return Explained(outcome="incident", cause=row, because=because, also=tuple(r for r in also if r != row), code=code)


def ignored(because: Text) -> Explained:
    """Understood and no incident."""
    return Explained(outcome="ignore", because=because)


def unknown(because: Text, also: tuple[str, ...] = (), code: str = "") -> Explained:
    """Not told."""
    return Explained(outcome="unknown", because=because, also=also, code=code)


def shown(text: str) -> str:
    """Outside text fit to be shown, whatever it holds."""
    return outside(text, SHOWN_CHARS)


def quoted(text: str) -> str:
    """The same, short and in quotation marks, for use within a sentence."""
    return f"“{' '.join(outside(text, QUOTED_CHARS).split())}”"


def shown_json(value: Any) -> str:
    """A JSON value fit to be shown: each text that JSON writes otherwise is looked at by itself, then the whole."""
    return shown(json.dumps(cleaned(value), ensure_ascii=False))


def cleaned(value: Any, depth: int = DEPTH_SHOWN) -> Any:
    """The value with the secrets gone from those texts that hold line ends or quotes, which later steps write otherwise."""
    if isinstance(value, str):
        return shown(value) if ESCAPED.search(value) else value
    if depth == 0 and isinstance(value, Mapping | list | tuple):
        return "…"
    if isinstance(value, Mapping):
        return {str(k): cleaned(v, depth - 1) for k, v in list(value.items())[:ITEMS_SHOWN]}
    if isinstance(value, list | tuple):
        return [cleaned(v, depth - 1) for v in value[:ITEMS_SHOWN]]
    return value
