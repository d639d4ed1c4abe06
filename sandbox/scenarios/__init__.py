"""Stories that the sandbox can play, each with the end that it must have. One file per runbook."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from remediator.core.text import Text

from ..laptop import Act, Laptop
from ..world import World

COUNTS = ("fixes", "threads", "escalations", "leases")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ending:
    """How a story ends. Two are equal where all is equal that both say.

    Attributes:
        cause: row id of the guide, None where no cause was named.
        action: the fix that was applied, `told`, `watched`, `held back`, `handed over`, or `ignored` where no incident was opened.
        undone: the program took its own change back.
        verdict: of the incident, empty where there was none.
        refusal: the gate that refused, or the answer of the person who did.
        incidents: how many there were in the end; those that became part of another one do not count.
        noticed: row ids that those named, in the order of their opening.
        fixes: changes that were applied, None where it is not said.
        threads: in which people were told, None where it is not said.
        escalations: messages that told of a missed clock, None where it is not said.
        leases: what each look at what was lent found and how it ended, in order, `calm: fixed`: a verdict, `undone`,
            `extended` or `let_go`; None where it is not said. None of them counts as an incident above.
    """

    cause: str | None = None
    action: str = "ignored"
    undone: bool = False
    verdict: str = ""
    refusal: str = ""
    incidents: int = 1
    noticed: tuple[str, ...] = ()
    fixes: int | None = None
    threads: int | None = None
    escalations: int | None = None
    leases: tuple[str, ...] | None = None

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Ending):
            return NotImplemented
        pairs = [(f.name, getattr(self, f.name), getattr(other, f.name)) for f in fields(Ending)]
        return all(mine == theirs or (n in COUNTS and None in (mine, theirs)) for n, mine, theirs in pairs)

    __hash__ = None  # type: ignore[assignment]  # equal ones may say different things


def handed_over(cause: str, fixes: int | None = None) -> Ending:
    """It goes on in another incident, which names the row and tells of both in one thread."""
    return Ending(cause=cause, action="handed over", verdict="handed_over", noticed=(cause,), threads=1, fixes=fixes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One story.

    Attributes:
        name: what an engineer types.
        shows: what is to be seen in it.
        begin: sets the world up.
        acts: what people and outside causes do later.
        lasts_s: the story goes on at least so long.
        sweeps: the schedule's orders to look at alarms come every quarter of an hour.
        leases_s: what is lent within the story comes due in its time, for so long; 0: the story is over before.
        looks_like: the row whose tell-tale fact is there although another row is the cause.
    """

    name: str
    title: Text
    shows: Text
    begin: Callable[[World], None]
    expected: Ending
    acts: tuple[Act, ...] = ()
    lasts_s: float = 0
    sweeps: bool = False
    leases_s: float = 0
    looks_like: str | None = None

    def play(self, laptop: Laptop) -> None:
        """Plays the story to its end on an open laptop."""
        self.begin(laptop.world)
        if self.sweeps:
            laptop.sweep()
        if self.leases_s:
            laptop.await_leases(self.leases_s)
        laptop.run(self.acts, self.lasts_s)


@cache
def load_all() -> tuple[Scenario, ...]:
    """Every scenario of this folder, in the order of the files and within them."""
    files = sorted(m.name for m in iter_modules(__path__))
    return tuple(s for name in files for s in import_module(f"{__name__}.{name}").SCENARIOS)


def by_name(name: str) -> Scenario:
    """The scenario of that name.

    Raises:
        KeyError: there is none; the message names those there are.
    """
    known = {s.name: s for s in load_all()}
    if name not in known:
        raise KeyError(f"no scenario {name}; known are {', '.join(known)}")
    return known[name]
