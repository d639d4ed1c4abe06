"""A report as typed blocks with priorities, so that each channel can cut the least important first."""

import re
from dataclasses import dataclass
from typing import Literal

from ..core.model import Level, Resource, Verdict
from ..core.text import Text
from ..core.timestamps import UTC_NAME
from ..incidents.case import Stage

Part = Literal[
    "broke", "done", "approval", "proof", "undo", "left",
    "undo_exact", "approval_exact", "users", "cause", "noticed", "changed", "logged", "passed_over", "ruled_out", "unchecked", "change", "gates", "evidence", "drift", "log", "cost", "switch", "clocks",
]  # fmt: skip


TOP: tuple[Part, ...] = ("broke", "done", "approval", "proof", "undo", "left")  # what ten seconds must show


# Where a channel is short of room, the highest goes first. 0 is never cut.
PRIORITY: dict[Part, int] = {
    "undo": 0, "undo_exact": 0, "done": 1, "broke": 2, "approval": 3, "left": 4, "proof": 5, "approval_exact": 6, "drift": 7, "log": 8,
    "cause": 9, "unchecked": 10, "users": 11, "noticed": 11, "changed": 11, "logged": 11, "change": 12, "gates": 13, "clocks": 13, "switch": 14, "evidence": 15, "cost": 16, "passed_over": 17, "ruled_out": 18,
}  # fmt: skip
# The console finds the page of a resource by its ARN. Only the commercial partition's console has this address.
CONSOLE = "https://console.aws.amazon.com/go/view?arn="
PLAIN_ARN = re.compile(r"arn:aws:[a-z0-9-]{1,40}:[a-z0-9-]{0,25}:\d{0,12}:[\w:/.-]{1,1000}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Statement:
    """One sentence."""

    text: Text


@dataclass(frozen=True, slots=True)
class Shown:
    """One fact: what was read, where and when (ISO 8601, UTC); source and moment may be empty."""

    label: Text
    value: Text
    source: str = ""
    at: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One value before and after a change."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Command:
    """One shell command, exact and quoted; each word is an argument or a flag with its value.

    Attributes:
        lead: what it is for, where its place does not say so.
        brief: for channels that are short of room, a shorter command that does the same.
    """

    words: tuple[str, ...]
    lead: Text | None = None
    brief: str | None = None

    @property
    def line(self) -> str:
        """The command in one line."""
        return " ".join(self.words)


@dataclass(frozen=True, slots=True)
class Quote:
    """One line as it stands in a log, indented as there."""

    line: str


Item = Statement | Shown | Step | Command | Quote


@dataclass(frozen=True, slots=True)
class Block:
    """Items under one title; `part` says what they answer."""

    part: Part
    title: Text
    items: tuple[Item, ...]

    def in_short(self, most_chars: int) -> "Block":
        """The same where its commands have at most so many characters together, else with the one that does the same."""
        commands = [i for i in self.items if isinstance(i, Command)]
        brief = next((c.brief for c in commands if c.brief), None)
        if brief is None or sum(len(c.line) for c in commands) <= most_chars:
            return self
        return Block(self.part, self.title, (Command((brief,)),))

    @property
    def priority(self) -> int:
        """0 is never cut; the highest is cut first."""
        return PRIORITY[self.part]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Everything that any channel shows of one incident at one moment. Outside text in it is redacted and bounded.

    Attributes:
        incident: its id.
        thread: that chat channels keep its reports in: the incident's id, or that of the one that told of it first.
        status: one word, `FIXED`.
        subject: ASCII, under 100 characters: what SNS takes.
        summary: one sentence for previews and pagers.
        action: what was done, or why nothing was.
        reference: of the open question to a person, None where nothing is asked.
        zone: IANA name of the zone whose clock people read; moments here are UTC, texts have both.
        undo: one command that takes the change back as a whole, None where there is nothing to take back.
    """

    incident: str
    stage: Stage
    level: Level
    at: str
    opened_at: str
    resource: Resource
    runbook: str
    cause: str | None
    verdict: Verdict | None
    status: Text
    title: Text
    subject: str
    summary: Text
    action: Text
    blocks: tuple[Block, ...]
    reference: str | None = None
    undo: str | None = None
    thread: str = ""
    zone: str = UTC_NAME


def without_least(blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    """The blocks without the least important one; those that are never cut stay."""
    cuttable = [b for b in blocks if b.priority > 0]
    if not cuttable:
        return blocks
    least = max(cuttable, key=lambda b: b.priority)
    return tuple(b for b in blocks if b is not least)


def console_page(resource: Resource) -> str:
    """Where the console shows the resource; empty where its ARN holds anything that an address would have to escape."""
    return f"{CONSOLE}{resource.arn}" if PLAIN_ARN.fullmatch(resource.arn) else ""
