"""Copies of the fake AWS: made where something might go wrong, they stand still until the story has ended where nothing did.

Then they live on, one after another, each in the ways that it is given, until it is where things have gone well before.
"""

import os
import signal
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import Any, NoReturn

from .forked import ForkedLaptop
from .truth import Reference, wrong_writes
from .worker import Asked, Invocation, Worker, as_new

COPY_AT_MOST_S = 60  # real seconds; then it is killed, which is told as a violation
ORPHAN_AT_MOST_S = 1_800  # real seconds that a copy stands still for an original that may have been killed
WRONG_TOLD = 5


@dataclass(frozen=True, slots=True)
class Way:
    """One way on from where a copy was made.

    Attributes:
        proof: whose situation it is.
        where: for the report.
        fault: which call fails how; None where nothing but the death of the worker happens.
        trusted: whether what it passes through is good for other copies too, if it ends well.
    """

    proof: str
    where: str
    fault: tuple[str, str] | None = None
    trusted: bool = True


@dataclass(frozen=True, slots=True)
class Told:
    """What became of one way: what was wrong, whether it went to the story's end, and where it passed through."""

    way: Way
    wrong: tuple[str, ...]
    whole: bool = True
    seen: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Go:
    """What a copy needs to live on: how it should have gone, what else is good, and its ways."""

    reference: Reference
    good: frozenset[str]
    ways: tuple[Way, ...]


@dataclass(slots=True)
class Waiting:
    """A copy that stands still: the line to it, its process, and the ways that are meant for it."""

    line: Connection
    pid: int
    ways: tuple[Way, ...] = ()

    def dismiss(self) -> None:
        """It is not needed."""
        self.line.send(None)
        self.bury()

    def bury(self) -> None:
        """It has ended."""
        self.line.close()
        os.waitpid(self.pid, 0)


@dataclass(slots=True, kw_only=True)
class Universes:
    """Who looks on in the original and in its copies.

    Attributes:
        told: what became of each way.
        mine: in a copy that lives on, the line to who made it.
        way: in such a copy, what happens in it.
        reference: in such a copy, how the story goes where nothing fails.
        good: situations of copies that ended well.
        seen: situations that this copy has passed through.
        waiting: copies that stand still.
    """

    told: list[Told] = field(default_factory=list)
    mine: Connection | None = None
    way: Way | None = None
    reference: Reference | None = None
    good: set[str] = field(default_factory=set)
    seen: list[str] = field(default_factory=list)
    waiting: list[Waiting] = field(default_factory=list)

    @property
    def copied(self) -> bool:
        """Whether this is a copy that lives on."""
        return self.mine is not None

    @property
    def nobody_dies(self) -> bool:
        """In a copy the one death that it is for lies behind it."""
        return self.copied

    def copy(self, worker: Worker, *ways: Way) -> Waiting:
        """Makes a copy that stands still, in which `worker` is gone when it lives on."""
        ours, theirs = Pipe()
        pid = os.fork()
        if pid == 0:
            ours.close()
            for other in self.waiting:
                other.line.close()
            signal.alarm(ORPHAN_AT_MOST_S)
            self._stand_still(theirs, worker)
        theirs.close()
        made = Waiting(ours, pid, ways)
        self.waiting.append(made)
        return made

    def dismiss(self, waiting: Waiting) -> None:
        """This copy is not needed."""
        self.waiting.remove(waiting)
        waiting.dismiss()

    def release(self, reference: Reference) -> None:
        """The original has ended: lets every copy go its ways, one after another."""
        for waiting in self.waiting:
            if not waiting.ways:
                waiting.dismiss()
                continue
            waiting.line.send(Go(reference, frozenset(self.good), waiting.ways))
            for way in waiting.ways:
                self._hear(way, waiting.line)
            waiting.bury()
        self.waiting.clear()

    def _stand_still(self, line: Connection, worker: Worker) -> NoReturn:
        try:
            go: Go | None = line.recv()
        except EOFError:
            go = None
        if go is None:
            os._exit(0)
        self.reference, self.good = go.reference, set(go.good)
        for way in go.ways[:-1]:
            self._elsewhere(way, worker)
            line.send(self.told[-1])
        self._live_on(go.ways[-1], line, worker)

    def _elsewhere(self, way: Way, worker: Worker) -> None:
        """A copy of this copy goes that way, and this one waits."""
        ours, theirs = Pipe()
        pid = os.fork()
        if pid == 0:
            ours.close()
            self._live_on(way, theirs, worker)
        theirs.close()
        self._hear(way, ours)
        ours.close()
        os.waitpid(pid, 0)

    def _hear(self, way: Way, line: Connection) -> None:
        try:
            found: Told = line.recv()
        except EOFError:
            found = Told(way, ("the copy ended without a word",))
        if way.trusted and not found.wrong:
            self.good.update(found.seen)
        self.told.append(found)

    def _live_on(self, way: Way, line: Connection, worker: Worker) -> NoReturn:
        signal.alarm(COPY_AT_MOST_S)
        self.mine, self.way = line, way
        as_new()
        worker.forsake()

    def end(self, wrong: Iterator[str], *, whole: bool) -> None:
        """Ends this copy, if it is one."""
        if self.mine is not None and self.way is not None:
            seen = tuple(self.seen) if self.way.trusted else ()
            self.mine.send(Told(self.way, tuple(wrong)[:WRONG_TOLD], whole, seen))
            os._exit(0)

    def look(self, laptop: ForkedLaptop, asked: Asked) -> None:
        """At a checkpoint of a copy: ends it where it is one again with what went well."""
        if self.reference is not None and asked.kind == "checkpoint":
            here = laptop.digest()
            if here in self.reference.digests or here in self.good:
                self.end(wrong_writes(laptop, self.reference), whole=False)
            self.seen.append(here)

    def play(
        self,
        story: Callable[[ForkedLaptop], None],
        ended: Callable[[ForkedLaptop], Reference],
        wrong: Callable[[ForkedLaptop, Reference], Iterator[str]],
    ) -> Reference:
        """Plays the story, and then every copy of it; a copy never comes back from here.

        Args:
            story: of the original, in which nothing fails, and of its copies.
            ended: says at the end of the original how it went.
            wrong: says at the end of a copy what is wrong.
        """
        with ForkedLaptop(self) as laptop:
            try:
                story(laptop)
            except BaseException as error:  # a copy must never go on as if it were the original
                self.end(iter([f"{type(error).__name__}: {error}"[:300]]), whole=True)
                raise
            if self.reference is not None:
                self.end(wrong(laptop, self.reference), whole=True)
            reference = ended(laptop)
            self.release(reference)
        return reference

    def before(self, laptop: ForkedLaptop, worker: Invocation, asked: Asked) -> Any:
        """See `Watch`."""
        raise NotImplementedError

    def after(self, laptop: ForkedLaptop, worker: Invocation, asked: Asked, answer: Any) -> Any:
        """See `Watch`."""
        raise NotImplementedError


def of_proof(tolds: Sequence[Told], proof: str) -> tuple[Told, ...]:
    """What was told for one proof."""
    return tuple(t for t in tolds if t.way.proof == proof)
