"""Copies of the fake AWS: each lives on from where it was made, until it is where things have gone well before."""

import json
import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from .forked import ForkedLaptop
from .truth import Reference, wrong_writes
from .worker import Asked, Worker

COPY_AT_MOST_S = 60  # real seconds; then it is killed, which is told as a violation
WRONG_TOLD = 5


@dataclass(slots=True, kw_only=True)
class Universes:
    """Who looks on in the original and in its copies.

    Attributes:
        reference: how the story goes where nothing fails.
        told: what became of each copy: `where`, `wrong`, and whether it was played to the end (`whole`).
        mine: in a copy, the pipe to the original.
        good: situations of copies that ended well.
        seen: situations that this copy has passed through.
    """

    reference: Reference
    told: list[dict[str, Any]] = field(default_factory=list)
    mine: int | None = None
    good: set[str] = field(default_factory=set)
    seen: list[str] = field(default_factory=list)

    @property
    def copied(self) -> bool:
        """Whether this is a copy."""
        return self.mine is not None

    def copy(self, where: str, worker: Worker, arm: Callable[[], None] = lambda: None, *, trusted: bool = True) -> None:
        """Makes a copy in which `worker` is gone, and waits for its end.

        Args:
            where: for the report.
            worker: which lives on in the original.
            arm: called in the copy.
            trusted: whether what it passed through is good for other copies too, if it ends well.
        """
        read, write = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(read)
            signal.alarm(COPY_AT_MOST_S)
            self.mine = write
            arm()
            worker.forsake()
        os.close(write)
        with os.fdopen(read, "rb") as pipe:
            text = pipe.read()
        os.waitpid(pid, 0)
        told = json.loads(text) if text else {"wrong": ["the copy ended without a word"], "whole": True, "seen": []}
        if trusted and not told["wrong"]:
            self.good.update(told["seen"])
        self.told.append({**told, "where": where})

    def end(self, wrong: Iterator[str], *, whole: bool) -> None:
        """Ends this copy, if it is one."""
        if self.mine is not None:
            told = {"wrong": list(wrong)[:WRONG_TOLD], "whole": whole, "seen": self.seen}
            os.write(self.mine, json.dumps(told).encode())
            os._exit(0)

    def look(self, laptop: ForkedLaptop, asked: Asked) -> None:
        """At a checkpoint of a copy: ends it where it is one again with what went well."""
        if self.copied and asked.kind == "checkpoint":
            here = laptop.digest()
            if here in self.reference.digests or here in self.good:
                self.end(wrong_writes(laptop, self.reference), whole=False)
            self.seen.append(here)

    def play(self, story: Callable[[ForkedLaptop], None], wrong: Callable[[ForkedLaptop], Iterator[str]]) -> None:
        """Plays the story, and every copy of it; a copy never comes back from here."""
        with ForkedLaptop(self) as laptop:
            try:
                story(laptop)
            except BaseException as error:  # a copy must never go on as if it were the original
                self.end(iter([f"{type(error).__name__}: {error}"[:300]]), whole=True)
                raise
            self.end(wrong(laptop), whole=True)

    def before(self, laptop: ForkedLaptop, worker: Worker, asked: Asked) -> Any:
        """See `Watch`."""
        raise NotImplementedError

    def after(self, laptop: ForkedLaptop, worker: Worker, asked: Asked, answer: Any) -> Any:
        """See `Watch`."""
        raise NotImplementedError
