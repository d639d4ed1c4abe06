"""Crash matrix: the process dies around every AWS call and checkpoint, a new one resumes from what is stored.

Before every question that changes AWS the fake AWS is copied; in the copy the worker is gone and the story goes on without
it. Points between two changes of AWS are one situation, since a dead process leaves nothing else behind. Without `FULL`, the
same change in the same step is played once in the stories of a runbook and not in each. A seeded sample of all points is
played to the end with a worker that is killed by SIGKILL, so that these shortenings are themselves tested.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any, ClassVar, NoReturn

from sandbox.scenarios import Scenario

from .forked import ForkedLaptop, changes_state
from .questions import sort_of, step_of
from .truth import Reference, untruths
from .universes import Way
from .worker import Asked, Got, Invocation, Worker

NAME = "crash matrix"
AGAIN_AFTER_S = 5.0  # as the testing package: Lambda invokes again a moment later
SEED = 6


@dataclass(slots=True, kw_only=True)
class Crashes:
    """Which deaths are new.

    Attributes:
        played: how often each sort of situation was, in the stories of one runbook.
        repeated: how often each is played.
        around: only those that have to do with this step.
        step: the last that a checkpoint was about.
    """

    played: Counter[str] = field(default_factory=Counter)
    repeated: int = 1
    around: str = ""
    step: str = ""

    def at(self, number: int, asked: Asked) -> tuple[Way, ...]:
        """The death before question `number`, if it is to be played."""
        ways: tuple[Way, ...] = ()
        if changes_state(asked):
            sort = sort_of(asked, self.step)
            self.played[sort] += 1
            if self.played[sort] <= self.repeated and self.around in sort:
                ways = (Way(NAME, f"{number} {sort}"),)
        self.step = step_of(asked) or self.step
        return ways


@dataclass(slots=True)
class Killing:
    """The worker of question number `at` is killed, before AWS has taken it or after."""

    at: int
    taken: bool
    killed: bool = False
    nobody_dies: ClassVar[bool] = False

    def before(self, laptop: ForkedLaptop, worker: Invocation, asked: Asked) -> Got | None:
        """Perhaps kills."""
        del asked
        if not self.taken and laptop.asked == self.at:
            self.killed = True
            _killed_for_good(worker)

    def after(self, laptop: ForkedLaptop, worker: Invocation, asked: Asked, answer: Any) -> Any:
        """Perhaps kills."""
        del asked
        if self.taken and laptop.asked == self.at:
            self.killed = True
            _killed_for_good(worker)
        return answer


def _killed_for_good(worker: Invocation) -> NoReturn:
    assert isinstance(worker, Worker)  # whoever is to be killed has a process
    worker.kill()


def sigkills(scenario: Scenario, reference: Reference, sampled: int) -> tuple[int, tuple[str, ...]]:
    """The story once for each of so many points, whole: how many there were, and what was wrong."""
    drawn = Random(f"{SEED} {scenario.name}")  # noqa: S311  # it hides nothing
    points = sorted(drawn.sample(range(1, reference.asked + 1), min(sampled, reference.asked)))
    found = [(at, wrong) for at in points for wrong in _killed(scenario, reference, at, taken=drawn.random() < 0.5)]
    return len(points), tuple(f"{scenario.name} killed at {at}: {wrong}" for at, wrong in found)


def _killed(scenario: Scenario, reference: Reference, at: int, *, taken: bool) -> Sequence[str]:
    """What was wrong; reads side by side may share one answer, so a play may end a question or two before `at`."""
    for point in range(at, 0, -1):
        watch = Killing(point, taken)
        wrong = tuple(_wrong(scenario, reference, watch))
        if watch.killed or wrong:
            return wrong
    return ("no worker ever asked",)


def _wrong(scenario: Scenario, reference: Reference, watch: Killing) -> Iterator[str]:
    with ForkedLaptop(watch, AGAIN_AFTER_S) as laptop:
        try:
            scenario.play(laptop)
        except (TimeoutError, AssertionError) as error:
            yield f"{type(error).__name__}: {error}"[:300]
            return
        yield from untruths(laptop, reference)
