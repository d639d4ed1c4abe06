"""Crash and fault matrix in one: each story is played once, copied wherever it might go wrong, and the copies live on after it.

A copy ends where it is, value by value, as the undisturbed story, or a copy that ended well, has been: from there on the two
are one.
"""

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from sandbox.scenarios import by_name, load_all

from . import crash_matrix, fault_matrix
from .crash_matrix import Crashes
from .fault_matrix import Fault, Faults, ends_step
from .forked import ForkedLaptop, changes_state
from .outcome import Outcome, Task
from .truth import Reference, writes_of
from .universes import Told, Universes, Waiting, of_proof
from .worker import Asked, Got, Invocation, Worker

NAMES = ("crash_matrix", "fault_matrix")
FULL = bool(os.environ.get("FULL"))  # hours instead of minutes
SAMPLED = 20 if FULL else 1  # points of a story that are played with SIGKILL, whole
EVERY_NTH = 1 if FULL else 8  # story
LONGEST_GROUP = 20
STORY_S = 12  # roughly
BOUNDED = (("wrong-path",),)
BOUNDED_PARTS = 8  # each sort of read, and of the program's own calls, fails in every eighth step


@dataclass(slots=True, kw_only=True)
class Matrices(Universes):
    """Looks on and copies.

    Attributes:
        crashes: which deaths are to be played, None for none.
        faults: which faults are to be played, None for none.
        digests: every situation of the original.
        changing: its questions that change something.
        fault: in a copy, what fails there.
    """

    crashes: Crashes | None = None
    faults: Faults | None = None
    digests: set[str] = field(default_factory=set)
    changing: int = 0
    fault: Fault | None = None
    _step: Waiting | None = None  # the copy of the step that goes on
    _fresh: bool = True  # a step begins with the next question

    def before(self, laptop: ForkedLaptop, worker: Invocation, asked: Asked) -> Got | None:
        """In the original, copies; in a copy, perhaps fails."""
        if self.copied:
            return self._met().before(worker, asked) if self._met() else None
        assert isinstance(worker, Worker)  # the original's can be copied
        if self.faults:
            if self._fresh and self.faults.may_be_new():
                self._step = self.copy(worker)
            self._fresh = False
            if asked.kind == "aws":
                self.faults.calls.add(asked.name)
        if self.crashes and (ways := self.crashes.at(laptop.asked, asked)):
            self.copy(worker, *ways)
        self.changing += changes_state(asked)
        return None

    def after(self, laptop: ForkedLaptop, worker: Invocation, asked: Asked, answer: Any) -> Any:
        """In a copy, ends it where it is one again with what went well."""
        del worker
        if not self.copied:
            self._note(laptop, asked)
            return answer
        fault = self._met()
        learned = fault.after(asked, answer) if fault else answer
        if fault is None or fault.over:
            self.look(laptop, asked)
        return learned

    def _met(self) -> Fault | None:
        if self.fault is None and self.way and self.way.fault:
            self.fault = Fault(*self.way.fault)
        return self.fault

    def _note(self, laptop: ForkedLaptop, asked: Asked) -> None:
        if asked.kind == "checkpoint":
            self.digests.add(laptop.digest())
        if self.faults and ends_step(asked):
            ways = self.faults.ended(asked)
            if self._step and ways:
                self._step.ways = ways
            elif self._step:
                self.dismiss(self._step)
            self._step, self._fresh = None, True

    def ended(self, laptop: ForkedLaptop) -> Reference:
        """How the original went."""
        lost = len(laptop.dead_letters)
        return Reference(writes_of(laptop), frozenset(self.digests), laptop.asked, self.changing, lost)


@dataclass(frozen=True, slots=True)
class Played:
    """What became of one story."""

    story: str
    reference: Reference
    told: tuple[Told, ...]
    killed: int
    killed_wrong: tuple[str, ...]

    def violations(self, proof: str) -> tuple[str, ...]:
        """What was wrong in the situations of one proof."""
        wrong = tuple(f"{self.story}, {t.way.where}: {w}" for t in of_proof(self.told, proof) for w in t.wrong)
        return (*wrong, *self.killed_wrong) if proof == crash_matrix.NAME else wrong


def of_stories(
    stories: Sequence[str], crashes: Crashes | None, faults: Faults | None, sampled: int
) -> tuple[Played, ...]:
    """All crashes and faults of the stories of one runbook that none of them has had before."""
    return tuple(of_story(s, crashes, faults, 0 if n % EVERY_NTH else sampled) for n, s in enumerate(stories))


def of_story(story: str, crashes: Crashes | None, faults: Faults | None, sampled: int) -> Played:
    """The crashes and faults of one story that are new to `crashes` and `faults`."""
    scenario = by_name(story)
    if crashes:
        crashes.step = ""
    if faults:
        faults.begin()
    watch = Matrices(crashes=crashes, faults=faults)
    reference = watch.play(
        scenario.play, watch.ended, lambda laptop, known: fault_matrix.wrong(laptop, known, watch.fault)
    )
    killed, wrong = crash_matrix.sigkills(scenario, reference, sampled) if crashes else (0, ())
    return Played(story, reference, tuple(watch.told), killed, wrong)


def groups(*, bounded: bool) -> tuple[tuple[str, ...], ...]:
    """The stories of each runbook, all of them; or one that stands for all."""
    if bounded:
        return BOUNDED
    by_place: dict[str, list[str]] = {}
    for scenario in load_all():
        cause = scenario.expected.cause or "none"
        by_place.setdefault(cause.partition(".")[0], []).append(scenario.name)
    parts = (names[n : n + LONGEST_GROUP] for names in by_place.values() for n in range(0, len(names), LONGEST_GROUP))
    return tuple(map(tuple, parts))


def tasks(*, bounded: bool, names: Sequence[str]) -> tuple[Task, ...]:
    """A task for each group of stories. In the short form few calls fail, each in one way, by turns."""
    crashes = Crashes(repeated=10**9 if FULL else 1) if "crash_matrix" in names else None
    fails, sampled = "fault_matrix" in names, 1 if bounded else SAMPLED
    return tuple(
        Task(
            run=partial(of_stories, group, crashes, _faults(part, bounded=bounded) if fails else None, sampled),
            about=f"matrices of {len(group)} stories, last {group[-1]}",
            weight=STORY_S * len(group),
            forks=True,
        )
        for part, group in enumerate(groups(bounded=bounded))
    )


def _faults(part: int, *, bounded: bool) -> Faults:
    return Faults(parts=BOUNDED_PARTS) if bounded else Faults(brief=not FULL, part=part)


def outcomes(results: Sequence[Any], *, bounded: bool, names: Sequence[str]) -> tuple[Outcome, ...]:
    """What both found, or the one that was asked for."""
    del bounded
    played: list[Played] = [one for group in results for one in group]
    of = {"crash_matrix": _of_crashes, "fault_matrix": _of_faults}
    return tuple(of[name](played) for name in NAMES if name in names)


def _of_crashes(played: Sequence[Played]) -> Outcome:
    found = [t for one in played for t in of_proof(one.told, crash_matrix.NAME)]
    killed = sum(one.killed for one in played)
    return Outcome(
        proof=crash_matrix.NAME,
        runs=len(found) + killed,
        violations=tuple(v for one in played for v in one.violations(crash_matrix.NAME)),
        figures={
            "stories": len(played),
            "points before and after calls and checkpoints": 2 * sum(one.reference.asked for one in played),
            "situations among them that differ": sum(one.reference.changing for one in played),
            "situations played, by fork": len(found),
            "of those to the end": sum(t.whole for t in found),
            "killed by SIGKILL, played to the end": killed,
        },
    )


def _of_faults(played: Sequence[Played]) -> Outcome:
    found = [t for one in played for t in of_proof(one.told, fault_matrix.NAME)]
    hows = Counter(t.way.fault[1] for t in found if t.way.fault)
    return Outcome(
        proof=fault_matrix.NAME,
        runs=len(found),
        violations=tuple(v for one in played for v in one.violations(fault_matrix.NAME)),
        figures={
            "stories": len(played),
            "faults": len(found),
            **hows,
            "played to the end": sum(t.whole for t in found),
        },
    )
