"""Round trips in sequence, by slope: the same story with a nearer and a farther AWS."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sandbox.scenarios import Scenario

from .recording.timeline import Called, by_slope, counted, first_report, last_write, longest_chain, until
from .recording.watch import Watch
from .stories import Heard, candidates, hear

NEAR_S = 0.030  # within a region, with the service's own time
FAR_S = 0.130
End = Callable[[Sequence[Called]], Called | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Depth:
    """How far it is to one moment of an incident.

    Attributes:
        calls: API requests that had begun by then.
        by_name: the same by operation.
        in_sequence: of them, by slope, with checkpoints that cost nothing.
        with_checkpoints: by slope, with checkpoints as far away as the rest of AWS.
        chain: requests of the longest chain on the timeline, checkpoints with them: a second way to the same figure.
        checkpoints: what was written down by then, one text for each request.
    """

    calls: int
    by_name: Mapping[str, int]
    in_sequence: float
    with_checkpoints: float
    chain: int
    checkpoints: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """One runbook: from the start of remediate to the last write of its fix and to the first report; None: no such."""

    runbook: str
    story: str
    fix: Depth | None
    report: Depth | None


def fixing_story(watch: Watch, runbook: str) -> Scenario | None:
    """The first story in which that runbook's fix is made in the first invocation, None where there is none."""
    return next((s for s in candidates(runbook) if last_write(hear(watch, s).first_invocation())), None)


def reach(watch: Watch, runbook: str) -> Reach | None:
    """Of the first story in which the runbook's fix is made in the first invocation; None where there is none."""
    chosen = fixing_story(watch, runbook)
    if chosen is None:
        return None
    heard = partial(_heard, watch, chosen)
    plain = (heard(NEAR_S, 0), heard(FAR_S, 0))
    whole = (heard(NEAR_S, NEAR_S), heard(FAR_S, FAR_S))
    fix = _depth(plain, whole, last_write)
    return Reach(runbook=runbook, story=chosen.name, fix=fix, report=_depth(plain, whole, first_report))


def _heard(watch: Watch, scenario: Scenario, call_s: float, checkpoint_s: float) -> Heard:
    """The story, slow during remediate's first invocation only."""
    moment: list[datetime] = []
    watch.call_s, watch.checkpoint_s = call_s, checkpoint_s
    watch.slow = lambda at: bool(call_s) and (not moment or at == moment[0])
    watch.on_invoke = moment.append
    try:
        return hear(watch, scenario)
    finally:
        watch.call_s, watch.checkpoint_s, watch.slow, watch.on_invoke = 0, 0, lambda _: True, lambda _: None


def _depth(plain: tuple[Heard, Heard], whole: tuple[Heard, Heard], end: End) -> Depth | None:
    took = [_took_s(h, end) for h in (*plain, *whole)]
    times = [t for t in took if t is not None]
    if len(times) < len(took):
        return None
    called = whole[1].first_invocation()
    last = end(called)
    assert last is not None  # its time was taken
    before = until(called, last)
    calls = [c for c in before if c.kind == "call"]
    return Depth(
        calls=len(calls),
        by_name=counted(calls),
        in_sequence=round(by_slope(times[0], times[1], FAR_S - NEAR_S), 2),
        with_checkpoints=round(by_slope(times[2], times[3], FAR_S - NEAR_S), 2),
        chain=longest_chain(before, last),
        checkpoints=tuple(c.name for c in before if c.kind == "checkpoint"),
    )


def _took_s(heard: Heard, end: End) -> float | None:
    last = end(heard.first_invocation())
    return None if last is None else last.ended_s - heard.start_s
