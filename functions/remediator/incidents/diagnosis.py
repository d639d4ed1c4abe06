"""Evidence to Diagnosis to Decision: deterministic, so a replay says the same again."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..core.evidence import Unchecked
from ..core.model import Fact
from ..core.plan import Advise, Decision
from ..core.runbook import AnyRunbook, Holds, RuledOut, Setting, finding
from ..core.text import Text
from ..resources.iam.session_policy import narrow

NOTHING_HOLDS = Text(
    "No row of the guide explains what was read; a person has to look.",
    "読み取った内容を説明できる項目がガイドにありません。人による確認が必要です。",
)


@dataclass(frozen=True, slots=True)
class ConfirmedCause:
    """A cause that holds, with the facts that show it."""

    cause: str
    title: Text
    advice: Text
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class Excluded:
    """A cause that the evidence speaks against."""

    cause: str
    title: Text
    because: Text


@dataclass(frozen=True, slots=True)
class Open:
    """A cause that could not be checked, and why."""

    cause: str
    title: Text
    why: str


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What is known of the causes. `held` is ranked: the first is what is acted on."""

    held: tuple[ConfirmedCause, ...]
    ruled_out: tuple[Excluded, ...]
    unchecked: tuple[Open, ...]

    @property
    def cause(self) -> str | None:
        """Row id of the first cause, None where none holds."""
        return self.held[0].cause if self.held else None


def diagnose(runbook: AnyRunbook, evidence: Any, setting: Setting) -> Diagnosis:
    """Which causes hold (the most often seen first, then in the guide's order), are ruled out, or stay open."""
    found = [(c, finding(c, evidence, setting)) for c in runbook.causes]
    held = sorted(((c, f) for c, f in found if isinstance(f, Holds)), key=lambda pair: -pair[1].weight)
    named = f"{runbook.id}."
    return Diagnosis(
        held=tuple(ConfirmedCause(named + c.id, c.title, c.advice, f.facts) for c, f in held),
        ruled_out=tuple(Excluded(named + c.id, c.title, f.because) for c, f in found if isinstance(f, RuledOut)),
        unchecked=tuple(Open(named + c.id, c.title, f) for c, f in found if isinstance(f, str)),
    )


def decide(runbook: AnyRunbook, diagnosis: Diagnosis, evidence: Any, setting: Setting) -> Decision:
    """The first fix of the first cause that has something to do; otherwise what to advise, and why no fix was made."""
    if diagnosis.cause is None:
        return _elsewhere(runbook, evidence, setting) or Advise(NOTHING_HOLDS)
    cause = runbook.cause(diagnosis.cause.split(".", 1)[1])
    advised: list[Advise] = []
    for fix in cause.fixes:
        try:
            decision = narrow(fix(evidence, setting))
        except Unchecked as gap:
            return Advise(Text(f"Not decided: {gap}", f"判断できません: {gap}"), passed_over=_reasons(advised))
        if not isinstance(decision, Advise):
            return decision
        advised.append(decision)
    return replace(advised[-1], passed_over=_reasons(advised[:-1])) if advised else Advise(cause.advice)


def _elsewhere(runbook: AnyRunbook, evidence: Any, setting: Setting) -> Decision | None:
    try:
        return runbook.belongs_elsewhere(evidence, setting)
    except Unchecked:
        return None


def _reasons(advised: Sequence[Advise]) -> tuple[Text, ...]:
    return tuple(dict.fromkeys(a.why for a in advised))
