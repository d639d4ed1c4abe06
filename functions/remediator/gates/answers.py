"""What a gate answers: Permit, Ask, or Refusal with the gate's name, the reason, and the facts that it rests on."""

from collections.abc import Collection
from dataclasses import dataclass

from ..core.model import Fact
from ..core.text import Text
from ..core.timestamps import seconds_between

SAME_MOMENT_S = 120  # ours: a call, the deployment that it starts and its record are that far apart at most
TOLD = 3  # ours: more than so many calls or names make no message clearer
SAID_CHARS = 120


@dataclass(frozen=True, slots=True)
class Permit:
    """The gate has nothing against the change; `note` tells what it could not look at.

    Attributes:
        part: which of the gate's checks it is, where it has several.
        facts: what was read, when, and by which call.
    """

    gate: str
    note: Text | None = None
    part: str = ""
    facts: tuple[Fact, ...] = ()


@dataclass(frozen=True, slots=True)
class Ask:
    """A person must approve; `why` is shown to them. `part` and `facts` as of `Permit`."""

    gate: str
    why: Text
    part: str = ""
    facts: tuple[Fact, ...] = ()


@dataclass(frozen=True, slots=True)
class Refusal:
    """No change. `gate` names it in report, ledger and metric. `part` and `facts` as of `Permit`."""

    gate: str
    why: Text
    part: str = ""
    facts: tuple[Fact, ...] = ()


GateAnswer = Permit | Ask | Refusal


def not_undone(refusal: Refusal) -> Text:
    """What is said where a change made things worse and may not be taken back by the program."""
    made_worse = Text("It made things worse and was not taken back: ", "悪化しましたが、元に戻していません: ")
    return made_worse + refusal.why


def unknown(gate: str, why: str) -> GateAnswer:
    """A gate that cannot read its fact asks a person."""
    return Ask(gate, Text(f"could not be checked: {why}", f"確認できません: {why}"))


@dataclass(frozen=True, slots=True)
class Passed:
    """The gates' answers together."""

    answers: tuple[GateAnswer, ...]

    @property
    def refusal(self) -> Refusal | None:
        """The first Refusal in the gates' order."""
        return next((a for a in self.answers if isinstance(a, Refusal)), None)

    @property
    def asks(self) -> tuple[Ask, ...]:
        """Every gate that wants a person."""
        return tuple(a for a in self.answers if isinstance(a, Ask))


def same_moment(at: str, moments: Collection[str]) -> bool:
    """Whether one of `moments` lies within `SAME_MOMENT_S` of `at`."""
    return any(m and abs(seconds_between(m, at)) <= SAME_MOMENT_S for m in moments)
