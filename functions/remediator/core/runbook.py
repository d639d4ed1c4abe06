"""A runbook: one problem of the guide as a value. Everything else (rules, roles, docs, tests) is derived from it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from .evidence import EvidenceClass, Unchecked, declared
from .model import OPT_IN_TAG, Fact, Signal, Verdict
from .plan import Change, Decision, Plan
from .ports import Permission
from .settings import Settings, Workload
from .text import Text

E = TypeVar("E", bound=EvidenceClass)
O = TypeVar("O", bound=EvidenceClass)  # noqa: E741  # outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger:
    """Which events start a runbook.

    Attributes:
        kind: of the Signal.
        pattern: EventBridge event pattern that lets these events through; the rule is made from it.
        accepts: whether this one signal is this runbook's.
    """

    kind: str
    pattern: Mapping[str, Any]
    accepts: Callable[[Signal], bool]


@dataclass(frozen=True, slots=True)
class Holds:
    """The cause holds; `weight` ranks it (how often it was seen), equal weights keep the guide's order."""

    facts: tuple[Fact, ...]
    weight: float = 1


@dataclass(frozen=True, slots=True)
class RuledOut:
    """The evidence speaks against the cause."""

    because: Text


Finding = Holds | RuledOut


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What a planner may know besides the evidence: limits, workload, the moment, the incident's id."""

    now: str
    settings: Settings
    workload: Workload | None = None
    opened_at: str = ""
    incident: str = ""


@dataclass(frozen=True, slots=True)
class Planner(Generic[E]):
    """A pure function from Evidence to a Decision, with the writes that its plans may hold and what it does in words."""

    run: Callable[[E, Setting], Decision]
    permissions: tuple[Permission, ...]
    does: Text

    @property
    def name(self) -> str:
        """The function's own name: the fix's name in ledger and reports."""
        return self.run.__name__

    def __call__(self, evidence: E, setting: Setting) -> Decision:
        """What the function decides; raises `Unchecked` through a gap."""
        return self.run(evidence, setting)


def writes(*permissions: Permission, does: Text) -> Callable[[Callable[[E, Setting], Decision]], Planner[E]]:
    """Declares what plans of the decorated planner may call; the fix role of the runbook holds just that."""

    def declare(run: Callable[[E, Setting], Decision]) -> Planner[E]:
        return Planner(run, permissions, does)

    return declare


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause(Generic[E]):
    """One row of the guide.

    Attributes:
        id: the row's suffix, `out_of_memory`; `<runbook>.<id>` everywhere else.
        holds: predicate; may raise `Unchecked` through a gap.
        advice: what a person can do about it.
        confirm: what shows a person that it is this cause, and no other.
        look: commands for that; what differs from case to case stands in angle brackets.
        fixes: tried in order; the first that is not Advise decides, else the last Advise stands.
    """

    id: str
    title: Text
    holds: Callable[[E, Setting], Finding]
    advice: Text
    confirm: Text = field(default_factory=lambda: Text("", ""))
    look: tuple[str, ...] = ()
    fixes: tuple[Planner[E], ...] = ()


@dataclass(frozen=True, slots=True)
class Judgement:
    """One look at the outcome.

    Attributes:
        verdict: None while it is too early to tell.
        persists: whether the symptom was seen since the change (or the opening); decides when time runs out.
        worse: the metric that the plan names has moved for the worse.
    """

    verdict: Verdict | None
    facts: tuple[Fact, ...]
    persists: bool = False
    worse: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class VerificationContext(Generic[E]):
    """What a judge knows: the evidence before, the change (None where none was made) and the moment."""

    before: E
    change: Change | None
    now: str
    since: str  # when the change was applied, or the incident opened where none was made


def owning_stack(evidence: Any) -> str | None:
    """The name of the CloudFormation stack in the field `stack` of the evidence; None where none owns it or nobody knows."""
    read = getattr(evidence, "stack", None)
    owner = read.or_none() if read is not None else None
    return owner.name if owner and owner.name else None


def tag_of(field_name: str) -> Callable[[Any], str | None]:
    """Gives the opt-in tag of what that field of the evidence holds: a resource with tags, or the tags themselves."""

    def read(evidence: Any) -> str | None:
        held = getattr(evidence, field_name).get()
        tags: Mapping[str, str] = held if isinstance(held, Mapping) else held.tags
        return tags.get(OPT_IN_TAG)

    return read


@dataclass(frozen=True, slots=True, kw_only=True)
class Runbook(Generic[E, O]):
    """One problem of the guide.

    Attributes:
        guide: the problem of the guide; empty where the guide has none and the rows are ours.
        evidence: what is read before the diagnosis.
        outcome: what is read to prove a fix, independent of the call that made it.
        judge: pure; what the outcome says.
        opt_in_tag: the opt-in tag's text of the resource that fixes write to, None where it has none; `Unchecked`
            through a gap.
        current_values: what the values that plans replace are now, by the names of `Plan.before`.
        situation: what the report says of the situation: since when, users affected, how the service stands.
        symptom_present: whether its own symptom is among what was read; where another runbook handed over and it is not, the
            report tells the other's symptom.
        belongs_elsewhere: asked where no cause of its own holds: whether what was read is another runbook's, which then goes on.
        hands_back: its changes give back what was lent: nothing is ill, so nothing is watched where it changes nothing, and a
            change that worked is no strike against the next one.
        look_every_s: pause between two looks while watching or verifying.
        give_up_after_s: a fix that is not proved by then ends as `cannot_tell` or `not_fixed`.
    """

    id: str
    title: Text
    symptom: Text
    guide: str
    triggers: tuple[Trigger, ...]
    evidence: type[E]
    causes: tuple[Cause[E], ...]
    outcome: type[O]
    judge: Callable[[O, VerificationContext[E]], Judgement]
    opt_in_tag: Callable[[E], str | None]
    current_values: Callable[[E], Mapping[str, Any]]
    situation: Callable[[E], tuple[Fact, ...]]
    stack: Callable[[E], str | None] = owning_stack
    symptom_present: Callable[[E], bool] = field(default=lambda _: True)
    belongs_elsewhere: Callable[[E, Setting], Decision | None] = field(default=lambda *_: None)
    hands_back: bool = False
    look_every_s: int = 60
    give_up_after_s: int = 1800

    def reads(self) -> tuple[Permission, ...]:
        """Every permission its readers declare, each once, in order of action."""
        found = {p for cls in (self.evidence, self.outcome) for d in declared(cls) for p in d.reader.permissions}
        return tuple(sorted(found, key=lambda p: (p.action, p.on)))

    def writes(self) -> tuple[Permission, ...]:
        """Every permission its planners declare."""
        found = {p for cause in self.causes for fix in cause.fixes for p in fix.permissions}
        return tuple(sorted(found, key=lambda p: (p.action, p.on)))

    def cause(self, id: str) -> Cause[E]:
        """The cause of that row suffix."""
        return next(c for c in self.causes if c.id == id)


def finding(cause: Cause[E], evidence: E, setting: Setting) -> Finding | str:
    """What the evidence says of one cause; a text says why it could not be checked."""
    try:
        return cause.holds(evidence, setting)
    except Unchecked as gap:
        return str(gap)


AnyRunbook = Runbook[Any, Any]
AnyPlan = Plan
