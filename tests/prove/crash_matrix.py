"""Crash matrix: the process dies around every AWS call and checkpoint, a new one resumes from what is stored.

The fake AWS is a process of its own and single-threaded; each invocation is a forked worker. Before every question that
changes AWS the fake AWS forks: in the copy the worker is gone and the story goes on without it. A copy ends when it is,
value by value, where the undisturbed story, or a copy that ended well, has been: from there on the two are one.
Points between two changes of AWS are one situation, since a dead process leaves nothing else behind. Without `FULL`, the
same change in the same step is played once in the stories of a runbook and not in each. A seeded sample of all points is
played to the end with a worker that is killed by SIGKILL, so that these shortenings are themselves tested.
"""

import os
import re
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from functools import partial
from multiprocessing import get_context
from random import Random
from typing import Any

from ops.sandbox.scenarios import Scenario, by_name, load_all

from .forked import ForkedLaptop, changes_state
from .outcome import Outcome, Say
from .truth import Reference, untruths, writes_of
from .universes import Universes
from .worker import Asked, Got, Worker

NAME = "crash matrix"
FULL = bool(os.environ.get("FULL"))  # hours instead of minutes
SAMPLED = 20 if FULL else 1  # points of a story that are played with SIGKILL, whole
EVERY_NTH = 1 if FULL else 3  # story
REPEATED = 10**9 if FULL else 1
AGAIN_AFTER_S = 5.0  # as the testing package: Lambda invokes again a moment later
LONGEST_GROUP = 20
BOUNDED = (
    ("out-of-memory", "too-little-capacity", "scaled-to-zero", "delete-protected"),
    ("wrong-path", "policy-lost", "slow-busy-tasks", "image-missing"),
)  # one of each runbook
SEED = 6


@dataclass(slots=True)
class Looking:
    """Counts the questions and notes every situation."""

    digests: set[str] = field(default_factory=set)
    changing: int = 0
    sorts: set[str] = field(default_factory=set)
    step: str = ""

    def before(self, laptop: ForkedLaptop, worker: Worker, asked: Asked) -> Got | None:
        """Nothing stands in AWS's way."""

    def after(self, laptop: ForkedLaptop, worker: Worker, asked: Asked, answer: Any) -> Any:
        """Notes where the story stands."""
        del worker
        if changes_state(asked):
            self.changing += 1
            self.sorts.add(sort_of(asked, self.step))
        self.step = step_of(asked) or self.step
        if asked.kind == "checkpoint":
            self.digests.add(laptop.digest())
        return answer


@dataclass(slots=True)
class Killing(Looking):
    """The worker of question number `at` is killed, before AWS has taken it or after."""

    at: int = 0
    taken: bool = False
    killed: bool = False

    def before(self, laptop: ForkedLaptop, worker: Worker, asked: Asked) -> Got | None:
        """Perhaps kills."""
        if not self.taken and laptop.asked == self.at:
            self.killed = True
            worker.kill()

    def after(self, laptop: ForkedLaptop, worker: Worker, asked: Asked, answer: Any) -> Any:
        """Perhaps kills."""
        if self.taken and laptop.asked == self.at:
            self.killed = True
            worker.kill()
        return answer


@dataclass(slots=True, kw_only=True)
class Forking(Universes):
    """A universe for each situation; in it, nothing but where it ends is watched."""

    played: Counter[str]  # how often each sort of situation was, in the stories of one runbook
    around: str = ""
    step: str = ""

    def before(self, laptop: ForkedLaptop, worker: Worker, asked: Asked) -> Got | None:
        """Forks before anything changes; the copy's worker is dead."""
        if not self.copied and changes_state(asked):
            sort = sort_of(asked, self.step)
            self.played[sort] += 1
            if self.played[sort] <= REPEATED and self.around in sort:
                self.copy(f"{laptop.asked} {sort}", worker)
        self.step = step_of(asked) or self.step
        return None

    def after(self, laptop: ForkedLaptop, worker: Worker, asked: Asked, answer: Any) -> Any:
        """In a copy: ends it where it is one again with what went well."""
        del worker
        self.look(laptop, asked)
        return answer


def step_of(asked: Asked) -> str:
    """The step that a checkpoint is about, without the number of its turn; empty for anything else."""
    updates = asked.body[1] if asked.kind == "checkpoint" else ()
    return re.sub(r"\d+", "#", updates[-1].name or "") if updates else ""


def sort_of(asked: Asked, step: str) -> str:
    """A change in words that are the same wherever it is made: what, of which sort of item or topic, in which step."""
    told = asked.parameters or {}
    key = str(told.get("Key", {}).get("pk", {}).get("S", "")).partition("#")[0]
    what = key or str(told.get("TopicArn", "")).rpartition("-")[2] or step_of(asked)
    return f"{asked.kind} {asked.name} {what} after {step}"


@dataclass(frozen=True, slots=True)
class Crashed:
    """What became of one story."""

    story: str
    asked: int
    changing: int
    situations: int
    whole: int
    killed: int
    violations: tuple[str, ...]


def of_stories(names: tuple[str, ...], sampled: int = SAMPLED, around: str = "") -> tuple[Crashed, ...]:
    """All crashes of the stories of one runbook, or only those that have to do with the step `around`."""
    played: Counter[str] = Counter()
    return tuple(of_story(name, played, 0 if n % EVERY_NTH else sampled, around) for n, name in enumerate(names))


def of_story(name: str, played: Counter[str], sampled: int = SAMPLED, around: str = "") -> Crashed:
    """The crashes of one story that the others have not had often enough."""
    scenario = by_name(name)
    reference, sorts = undisturbed(scenario)
    new = any(played[sort] < REPEATED for sort in sorts)
    told = _forked(scenario, reference, played, around) if new else []
    wrong = [f"{name} at {t['where']}: {w}" for t in told for w in t["wrong"]]
    drawn = Random(f"{SEED} {name}")  # noqa: S311  # it hides nothing
    points = sorted(drawn.sample(range(1, reference.asked + 1), min(sampled, reference.asked)))
    for at in points:
        wrong += [f"{name} killed at {at}: {w}" for w in _killed(scenario, reference, at, taken=drawn.random() < 0.5)]
    whole = sum(t["whole"] for t in told)
    return Crashed(name, reference.asked, reference.changing, len(told), whole, len(points), tuple(wrong))


def undisturbed(scenario: Scenario) -> tuple[Reference, frozenset[str]]:
    """The story where nobody dies, and the sorts of its changes."""
    watch = Looking()
    with ForkedLaptop(watch) as laptop:
        scenario.play(laptop)
        lost = len(laptop.dead_letters)
        known = Reference(writes_of(laptop), frozenset(watch.digests), laptop.asked, watch.changing, lost)
        return known, frozenset(watch.sorts)


def _forked(scenario: Scenario, reference: Reference, played: Counter[str], around: str) -> list[dict[str, Any]]:
    watch = Forking(reference=reference, played=played, around=around)
    watch.play(scenario.play, lambda laptop: untruths(laptop, reference))
    return watch.told


def _killed(scenario: Scenario, reference: Reference, at: int, *, taken: bool) -> Iterator[str]:
    watch = Killing(at=at, taken=taken)
    with ForkedLaptop(watch, AGAIN_AFTER_S) as laptop:
        try:
            scenario.play(laptop)
        except (TimeoutError, AssertionError) as error:
            yield f"{type(error).__name__}: {error}"[:300]
            return
        if not watch.killed:
            yield "the worker that was to be killed never asked"
        yield from untruths(laptop, reference)


def groups(*, bounded: bool) -> tuple[tuple[str, ...], ...]:
    """The stories of each runbook, all of them, long groups first; or one of each runbook that changes something."""
    if bounded:
        return BOUNDED
    by_place: dict[str, list[str]] = {}
    for scenario in load_all():
        cause = scenario.expected.cause or "none"
        by_place.setdefault(cause.partition(".")[0], []).append(scenario.name)
    parts = (names[n : n + LONGEST_GROUP] for names in by_place.values() for n in range(0, len(names), LONGEST_GROUP))
    return tuple(sorted(map(tuple, parts), key=len, reverse=True))


def prove(*, bounded: bool, jobs: int, say: Say) -> Outcome:
    """Plays the crashes of every story."""
    return over(NAME, partial(of_stories, sampled=1 if bounded else SAMPLED), groups(bounded=bounded), jobs, say)


def over(
    name: str,
    play: Callable[[tuple[str, ...]], tuple[Crashed, ...]],
    named: tuple[tuple[str, ...], ...],
    jobs: int,
    say: Say,
) -> Outcome:
    """`play` for each group of stories, in processes of their own: only what has one thread can be forked."""
    found: list[Crashed] = []
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        for done in as_completed([pool.submit(play, group) for group in named]):
            found += done.result()
            bad = sum(len(one.violations) for one in found)
            say(f"{len(found)} of {sum(map(len, named))} stories, last {found[-1].story}, {bad} violations")
    total: Counter[str] = Counter()
    for one in found:
        total.update(points=2 * one.asked, changing=one.changing, whole=one.whole, killed=one.killed)
        total.update(situations=one.situations)
    return Outcome(
        proof=name,
        runs=total["situations"] + total["killed"],
        violations=tuple(v for one in found for v in one.violations),
        figures={
            "stories": len(found),
            "points before and after calls and checkpoints": total["points"],
            "situations among them that differ": total["changing"],
            "situations played, by fork": total["situations"],
            "of those to the end": total["whole"],
            "killed by SIGKILL, played to the end": total["killed"],
        },
    )
