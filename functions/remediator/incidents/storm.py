"""A storm: more incidents than a person can read about one by one. Who is told what then. Pure.

The first reports of a quarter of an hour are sent one by one, as many as `limits.storm_reports`; those that follow are told
together. Nothing is dropped: each of them stands in the ledger, works on, and whatever a person must know at once (a
question, a change, an escalation) is still sent by itself.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Literal

from ..core.model import OVER
from ..core.plan import Advise
from ..core.text import Text
from ..gates import loop_breaker
from ..gates.answers import Passed
from .case import Case

IN_SUMMARY = "in summary"
SENT = "sent"
SHARDS = 16  # items that hold what is told together: 10,000 incidents are then 100 KB each, of DynamoDB's 400
STAYS_OPEN_S = 2 * 3600  # after the last first report; an incident with a question that was held lasts no longer
RETOLD_S = 600  # who claimed a message and did not send it has died; somebody else sends it
Kind = Literal["begins", "grows", "over"]
Happened = Literal["held", "asked", "changed", "ended"]
NOTHING = Text("", "")
OPEN_QUESTION, AT_WORK = "asking", "open"
WELL = (*sorted(OVER), "handed_over", "opted_out")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing that happened to an incident of a storm; told twice, it is equal, so a set keeps it once.

    Attributes:
        text: the title of the change, or the verdict.
    """

    incident: str
    what: Happened
    runbook: str = ""
    title: Text = NOTHING
    workload: str = ""
    resource: str = ""
    text: Text = NOTHING


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One incident of a storm as it stands.

    Attributes:
        state: `open`, `asking`, or its verdict.
        changed: the titles of its changes.
        alone: its first report was sent by itself.
    """

    incident: str
    runbook: str = ""
    title: Text = NOTHING
    workload: str = ""
    resource: str = ""
    state: str = AT_WORK
    changed: tuple[Text, ...] = ()
    alone: bool = False

    @property
    def ended(self) -> bool:
        """Whether it has its verdict."""
        return self.state not in (AT_WORK, OPEN_QUESTION)

    @property
    def waits(self) -> bool:
        """Whether a person has something left to do: answer a question, or go on where the program could not."""
        return self.state == OPEN_QUESTION or (self.ended and self.state not in WELL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What one message tells of a storm at `at`."""

    storm: str
    kind: Kind
    began: str
    at: str
    members: tuple[Member, ...] = field(default_factory=tuple)

    def by_problem(self) -> tuple[tuple[str, Text, int], ...]:
        """Runbook, its title and how many incidents, the most first."""
        titles: Mapping[str, Text] = {m.runbook: m.title for m in self.members if m.title.en}
        counted = Counter(m.runbook for m in self.members).most_common()
        return tuple((runbook, titles.get(runbook, Text(runbook, runbook)), n) for runbook, n in counted)

    def by_workload(self) -> tuple[tuple[str, int], ...]:
        """Workload (empty: none is declared) and how many incidents, the most first."""
        return tuple(Counter(m.workload for m in self.members).most_common())

    def by_verdict(self) -> tuple[tuple[str, int], ...]:
        """Verdict and how many incidents, the most first; of those that have ended."""
        return tuple(Counter(m.state for m in self.members if m.ended).most_common())


def speaks_for_itself(case: Case) -> bool:
    """Whether the report of `case` is sent in a storm too.

    It is where a person must know at once: a question, a change (or one that may have been made), an escalation (but not
    of a missed clock: in a storm that would be a message more for each incident); and where a person has asked for it: a
    replay, an undo, a recovery.
    """
    refusal = Passed(case.answers).refusal
    return (
        case.incident.origin != "event"
        or case.stage == "ask"
        or (case.stage == "escalation" and case.late is None)
        or case.change is not None
        or case.undone is not None
        or case.note is not None
        or (refusal is not None and refusal.gate == loop_breaker.NAME)
    )


def first_of_all(case: Case) -> bool:
    """Whether this is surely the first that people hear of the incident."""
    return case.stage == "first" or (
        case.stage == "final" and isinstance(case.decision, Advise) and case.decision.final
    )


def entries_of(case: Case) -> tuple[Entry, ...]:
    """What the report of `case` adds to the storm that its incident is part of."""
    found = [_entry(case, "held")]
    if case.stage == "ask":
        found.append(_entry(case, "asked"))
    if case.change:
        found.append(_entry(case, "changed", case.change.plan.title))
    return tuple(found)


def ended(incident: str, verdict: str) -> Entry:
    """That an incident has its verdict."""
    return Entry(incident=incident, what="ended", text=Text(verdict, verdict))


def _entry(case: Case, what: Happened, text: Text = NOTHING) -> Entry:  # frozen
    incident = case.incident
    if what != "held":
        return Entry(incident=incident.id, what=what, text=text)
    return Entry(
        incident=incident.id,
        what=what,
        runbook=incident.runbook,
        title=case.title,
        workload=incident.workload or "",
        resource=incident.resource.name,
    )


def members_of(entries: Iterable[Entry]) -> tuple[Member, ...]:
    """The incidents that `entries` tell of, in the order of their ids."""
    found: dict[str, Member] = {}
    order = ("held", "asked", "changed", "ended")
    for entry in sorted(entries, key=lambda e: (e.incident, order.index(e.what), e.text.en)):
        found[entry.incident] = _with(found.get(entry.incident, Member(incident=entry.incident)), entry)
    return tuple(found.values())


def _with(member: Member, entry: Entry) -> Member:
    if entry.what == "held":
        return replace(
            member, runbook=entry.runbook, title=entry.title, workload=entry.workload, resource=entry.resource
        )
    if entry.what == "asked":
        return replace(member, state=OPEN_QUESTION)
    if entry.what == "changed":
        still_asks = member.state if member.ended else AT_WORK
        return replace(member, changed=(*member.changed, entry.text), state=still_asks)
    return replace(member, state=entry.text.en)


def shard_of(incident: str) -> int:
    """Which of the items that hold a storm's entries holds those of this incident."""
    return int(sha256(incident.encode()).hexdigest(), 16) % SHARDS


def storm_id(began_s: int) -> str:
    """The name of the storm that began in that second: also its messages' thread."""
    return f"storm-{began_s}"


def is_over(members: tuple[Member, ...], quiet_s: int, window_s: int) -> bool:
    """Whether to close a storm: nothing new for a window, and each incident has ended or had its time."""
    return quiet_s >= window_s and (quiet_s >= STAYS_OPEN_S or all(m.ended for m in members))


def has_grown(held: int, count: int, least: int) -> bool:
    """Whether a storm is worth a word again: it is twice what was told, so a long one sends few of them."""
    return held >= max(2 * count, count + least)
