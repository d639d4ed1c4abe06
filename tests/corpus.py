"""The events of `tests/events` with what its README expects of each."""

import json
from functools import cache
from pathlib import Path
from typing import Any

EVENTS = Path(__file__).parent / "events"


@cache
def expected() -> dict[str, str]:
    """File name -> what is expected of the event, as the README's table says."""
    rows = [line.split("|") for line in (EVENTS / "README.md").read_text("utf-8").splitlines() if ".json |" in line]
    return {row[1].strip(): row[2].strip() for row in rows}


def files(*prefixes: str) -> list[str]:
    """The files whose expectation begins with one of `prefixes`; all where none is given."""
    return [file for file, wanted in expected().items() if wanted.startswith(prefixes or ("",))]


def event(file: str) -> dict[str, Any]:
    """One raw event, fresh each time."""
    read: dict[str, Any] = json.loads((EVENTS / file).read_text("utf-8"))
    return read
