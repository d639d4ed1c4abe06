"""How a scenario ended, in one short row that can be read and reviewed: its end, and the lines that people read first.

The rows of the scenarios of one problem stand in one file, `scenario_rows/<problem>.txt`.
"""

import fcntl
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from remediator.reports.channels.email import RULE, email_text
from sandbox.scenarios import Ending, Scenario, load_all
from tests.ops.played import Played
from tests.reports.renderings import last_of_each

FOLDER = Path(__file__).parent / "scenario_rows"
NO_CAUSE = "no_cause"
COMMAND = " remediator "  # of an answer: it names the plan by a digest


def row_of(played: Played) -> str:
    """The row: name, how it ended, what was asked, and each block of the first lines of the last English mail in a line."""
    tops = {report.stage == "ask": _top(email_text(report, "en")) for _, report in last_of_each(played)}
    asked = [block.split(COMMAND)[0] for block in tops.get(True, [])[1:] if block.startswith(("DONE", "DECIDE"))]
    lines = [f"ended: {_in_words(played.ending)}", *(f"asked: {block}" for block in asked), *tops.get(False, [])]
    return "\n".join((played.story, *(f"  {line}" for line in lines))) + "\n"


def file_of(scenario: Scenario) -> Path:
    """Where its row stands: with those of the same problem."""
    return FOLDER / f"{(scenario.expected.cause or NO_CAUSE).split('.')[0]}.txt"


def rows_in(file: Path) -> dict[str, str]:
    """Every row of the file, by the name of its scenario."""
    rows = re.split(r"\n(?=\S)", file.read_text(encoding="utf-8")) if file.exists() else []
    return {row.split("\n", 1)[0]: row.rstrip("\n") + "\n" for row in rows}


def write(scenario: Scenario, row: str, in_full: frozenset[str]) -> None:
    """Puts the row into its file, in the order of the scenarios, and takes out what is no row of this file any more."""
    file = file_of(scenario)
    FOLDER.mkdir(exist_ok=True)
    with _alone():
        rows = rows_in(file) | {scenario.name: row}
        own = [s.name for s in load_all() if file_of(s) == file and s.name not in in_full]
        made = file.with_suffix(".new")
        made.write_text("".join(rows[name] for name in own if name in rows), encoding="utf-8")
        made.replace(file)


@contextmanager
def _alone() -> Iterator[None]:
    """Another process of this run may have the next row to write."""
    held = os.open(FOLDER, os.O_RDONLY)
    try:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
    finally:
        os.close(held)


def _top(mail: str) -> list[str]:
    """The mail above its first rule: the headline, and each block in one line."""
    blocks = re.split(r"\n+(?=\S)", mail.split(RULE, maxsplit=1)[0].strip())
    return [" ".join(block.split()) for block in blocks]


def _in_words(ending: Ending) -> str:
    told = {
        "cause": ending.cause or "none",
        "action": ending.action,
        "verdict": ending.verdict or "none",
        "refused by": ending.refusal,
        "undone by itself": "yes" if ending.undone else "",
        "incidents": "" if ending.incidents == 1 else str(ending.incidents),
        "fixes": "" if ending.fixes is None else str(ending.fixes),
        "noticed": " ".join(ending.noticed),
        "loans": " ".join(ending.leases or ()),
    }
    return "; ".join(f"{name} {value}" for name, value in told.items() if value)
