"""What a proof found, and what every proof module offers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a proof ended.

    Attributes:
        proof: its name, e.g. `crash matrix`.
        runs: how many situations were played to their end.
        violations: one line each: which run, what was wrong. Empty where the proof holds.
        figures: what else was counted, in the order to print.
    """

    proof: str
    runs: int
    violations: tuple[str, ...] = ()
    figures: Mapping[str, str | int] = field(default_factory=dict)


class Proof(Protocol):
    """What a module of this package offers, beside `NAME`."""

    def __call__(self, *, bounded: bool, jobs: int, say: Say) -> Outcome:
        """Plays every situation and gives what was found.

        Args:
            bounded: the short form of `make test`: seconds, not minutes.
            jobs: how many processes may work at once.
            say: takes one line of progress.
        """
