"""The form of a gate: its name, what it checks, where its facts are read, and its rule over what was read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Generic, Literal, TypeVar

from ..core.evidence import Reading
from ..core.model import Fact
from ..core.plan import Plan
from ..core.ports import Reader
from ..core.settings import Settings
from ..core.text import Text
from .answers import SAID_CHARS, GateAnswer

T = TypeVar("T")
ChangeKind = Literal["fix", "recovery", "undo", "automatic_undo"]
EVERY_CHANGE: tuple[ChangeKind, ...] = ("fix", "recovery", "undo", "automatic_undo")
FIXES_AND_RECOVERIES: tuple[ChangeKind, ...] = ("fix", "recovery")
FIXES: tuple[ChangeKind, ...] = ("fix",)


@dataclass(frozen=True, slots=True)
class Given(Generic[T]):
    """A fact that no AWS reader of a gate gives: it comes from the ledger, or from the incident's own readings.

    Attributes:
        source: where it is read, as reports name it.
    """

    name: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GateFacts:
    """Everything that the gates judge, as read right before the change.

    Attributes:
        change: what kind of change it is; it decides which gates are asked.
        now: ISO 8601.
        readings: each reading by its reader, or by its `Given`.
    """

    change: ChangeKind
    plan: Plan
    now: str
    settings: Settings
    readings: Mapping[Any, Reading[Any]] = field(default_factory=dict)

    def reading(self, of: Reader[..., T] | Given[T]) -> Reading[T]:
        """What was read, a gap where nothing was."""
        return self.readings.get(of) or Reading(gap="not read", source=of.source)

    def get(self, of: Reader[..., T] | Given[T]) -> T:
        """The value.

        Raises:
            Unchecked: it could not be read.
        """
        return self.reading(of).get()


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that a gate checks: a row of its table in the documents.

    Attributes:
        part: its name within the gate, empty where it is the gate's only one.
        title: what it is called in reports.
        permits, asks, refuses: when it answers so; empty where it never does.
        read_from: the calls that its facts come from.
        asked_of: the kinds of change that it is asked of, among those of its gate.
    """

    title: Text
    permits: Text
    read_from: tuple[str, ...]
    asks: Text = field(default_factory=lambda: Text("", ""))
    refuses: Text = field(default_factory=lambda: Text("", ""))
    part: str = ""
    asked_of: tuple[ChangeKind, ...] = EVERY_CHANGE


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """One check, or a few that belong together, before a change.

    Attributes:
        name: of its file; it stands in brackets in reports, in the ledger and in the metric.
        title: what it is called in reports.
        checks: what it checks, in the order of its answers.
        judge: its answers. Pure; a fact that could not be read may be left to raise `Unchecked`: then a person is asked.
        asked_of: the kinds of change that it is asked of.
        silent: why it gives no answer at all where it is asked; None where it always gives one.
        escalates: its refusal is told on the high topic.
    """

    name: str
    title: Text
    checks: tuple[Check, ...]
    judge: Callable[[GateFacts], tuple[GateAnswer, ...]]
    asked_of: tuple[ChangeKind, ...] = EVERY_CHANGE
    silent: Text | None = None
    escalates: bool = False

    def check(self, part: str) -> Check | None:
        """The check of that name; None where there is none."""
        return next((c for c in self.checks if c.part == part), None)


def resting_on(answer: GateAnswer, *facts: Fact) -> GateAnswer:
    """The answer with the facts that it rests on, each value bounded."""
    return replace(answer, facts=tuple(replace(f, value=f.value[:SAID_CHARS]) for f in facts))
