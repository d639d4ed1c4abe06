"""Crash matrix: the process dies around every AWS call and checkpoint, a new one resumes from what is stored.

The fake AWS is a process of its own and single-threaded; each invocation is a forked worker. Before every question that
changes AWS the fake AWS forks: in the copy the worker is gone and the story goes on without it. A copy ends when it is,
value by value, where the undisturbed story has been: from there on the two are one. Points between two changes of AWS are
one situation, since a dead process leaves nothing else behind; a seeded sample of all points is played to the end
with a worker that is killed by SIGKILL, so that this shortening itself is tested.
"""

import json
import os
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from functools import partial
from multiprocessing import get_context
from random import Random
from typing import Any

from ops.sandbox.scenarios import Scenario, load_all, by_name

from .forked import ForkedLaptop, changes_state
from .outcome import Outcome, Say
from .truth import Reference, untruths, writes_of, wrong_writes
from .worker import Asked, Got, Worker

NAME = "crash matrix"
SAMPLED = 4  # points of each story that are played with SIGKILL, whole
AGAIN_AFTER_S = 5.0  # as the testing package: Lambda invokes again a moment later
COPY_AT_MOST_S = 60  # real seconds; then it is killed, which its story is told as a violation
SEED = 6


@dataclass(slots=True)
class Looking:
    """Counts the questions and notes every situation."""

    digests: set[str] = field(default_factory=set)
    changing: int = 0

    def before(self, laptop: ForkedLaptop, worker: Worker, asked: Asked) -> Got | None:
        """Nothing stands in AWS's way."""

    def after(self, laptop: ForkedLaptop, worker: Worker, asked: Asked, answer: Any) -> Any:
        """Notes where the story stands."""
        del worker
        if changes_state(asked):
            self.changing += 1
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


@dataclass(slots=True)
class Forking:
    """A universe for each situation; in it, nothing but where it ends is watched."""

    reference: Reference
    told: list[dict[str, Any]] = field(default_factory=list)
    mine: int | None = None  # the pipe to the universe that this one came from

    def before(self, laptop: ForkedLaptop, worker: Worker, asked: Asked) -> Got | None:
        """Forks before anything changes; the copy's worker is dead."""
        if self.mine is None and changes_state(asked):
            self._fork(f"{laptop.asked} {asked.kind} {asked.name}", worker)

    def after(self, laptop: ForkedLaptop, worker: Worker, asked: Asked, answer: Any) -> Any:
        """In a copy: ends it where the two are one again. Else: forks once more where an invocation's last change is."""
        del worker
        if self.mine is not None and asked.kind == "checkpoint" and laptop.digest() in self.reference.digests:
            self.end(wrong_writes(laptop, self.reference), whole=False)
        return answer

    def end(self, wrong: Iterator[str], *, whole: bool) -> None:
        """Ends this copy, if it is one, and tells the universe that it came from."""
        if self.mine is not None:
            os.write(self.mine, json.dumps({"wrong": list(wrong)[:5], "whole": whole}).encode())
            os._exit(0)

    def _fork(self, where: str, worker: Worker) -> None:
        read, write = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(read)
            signal.alarm(COPY_AT_MOST_S)
            self.mine = write
            worker.forsake()
        os.close(write)
        with os.fdopen(read, "rb") as pipe:
            text = pipe.read()
        os.waitpid(pid, 0)
        told = json.loads(text) if text else {"wrong": ["the copy ended without a word"], "whole": True}
        self.told.append({**told, "where": where})


@dataclass(frozen=True, slots=True)
class Crashed:
    """What became of one story."""

    story: str
    asked: int
    situations: int
    whole: int
    killed: int
    violations: tuple[str, ...]


def of_story(name: str, sampled: int = SAMPLED) -> Crashed:
    """All crashes of one story."""
    scenario = by_name(name)
    reference = undisturbed(scenario)
    told = _forked(scenario, reference)
    wrong = [f"{name} at {t['where']}: {w}" for t in told for w in t["wrong"]]
    drawn = Random(f"{SEED} {name}")  # noqa: S311  # it hides nothing
    points = sorted(drawn.sample(range(1, reference.asked + 1), min(sampled, reference.asked)))
    for at in points:
        wrong += [f"{name} killed at {at}: {w}" for w in _killed(scenario, reference, at, taken=drawn.random() < 0.5)]
    whole = sum(t["whole"] for t in told)
    return Crashed(name, reference.asked, len(told), whole, len(points), tuple(wrong))


def undisturbed(scenario: Scenario) -> Reference:
    """The story where nobody dies."""
    watch = Looking()
    with ForkedLaptop(watch) as laptop:
        scenario.play(laptop)
        return Reference(
            writes_of(laptop), frozenset(watch.digests), laptop.asked, watch.changing, len(laptop.dead_letters)
        )


def _forked(scenario: Scenario, reference: Reference) -> list[dict[str, Any]]:
    watch = Forking(reference)
    with ForkedLaptop(watch) as laptop:
        try:
            scenario.play(laptop)
        except BaseException as error:  # noqa: BLE001  # a copy must never go on as if it were the original
            watch.end(iter([f"{type(error).__name__}: {error}"[:300]]), whole=True)
            raise
        watch.end(untruths(laptop, reference), whole=True)
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


def stories(*, bounded: bool) -> tuple[str, ...]:
    """All of them, or one of each runbook that makes a change."""
    if not bounded:
        return tuple(s.name for s in load_all())
    return ("out-of-memory", "too-little-capacity", "wrong-path", "policy-lost")


def prove(*, bounded: bool, jobs: int, say: Say) -> Outcome:
    """Plays every crash of every story."""
    return over(NAME, partial(of_story, sampled=1 if bounded else SAMPLED), stories(bounded=bounded), jobs, say)


def over(name: str, play: Callable[[str], Crashed], named: tuple[str, ...], jobs: int, say: Say) -> Outcome:
    """`play` for each story, in processes of their own: only what has one thread can be forked."""
    found: list[Crashed] = []
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn"), max_tasks_per_child=20) as pool:
        for done in as_completed([pool.submit(play, story) for story in named]):
            found.append(done.result())
            say(f"{len(found)} of {len(named)} stories, last {found[-1].story}")
    total: Counter[str] = Counter()
    for one in found:
        total.update(points=2 * one.asked, situations=one.situations, whole=one.whole, killed=one.killed)
    return Outcome(
        proof=name,
        runs=total["situations"] + total["killed"],
        violations=tuple(v for one in found for v in one.violations),
        figures={
            "stories": len(found),
            "points before and after calls and checkpoints": total["points"],
            "situations that differ, forked": total["situations"],
            "of those played to the end": total["whole"],
            "killed by SIGKILL and played to the end": total["killed"],
        },
    )
