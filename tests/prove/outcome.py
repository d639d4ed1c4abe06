"""What a proof found, and what every module of proofs offers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A piece of work for a process of its own.

    Attributes:
        run: can be pickled, and so can what it gives.
        about: for the line of progress.
        weight: roughly how many seconds it takes; the longest begin first.
        forks: copies its own process, which therefore must never have had a second thread.
    """

    run: Callable[[], Any]
    about: str
    weight: float = 1
    forks: bool = False


class Part(Protocol):
    """What a module offers, beside `NAMES`: one proof, or several that share their work."""

    NAMES: tuple[str, ...]

    def tasks(self, *, bounded: bool, names: Sequence[str]) -> Sequence[Task]:
        """The work for the proofs of these `names`, all of it or (`bounded`) the short form of `make test`."""

    def outcomes(self, results: Sequence[Any], *, bounded: bool, names: Sequence[str]) -> tuple[Outcome, ...]:
        """What was found, given what the tasks gave, in their order."""
