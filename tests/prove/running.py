"""Runs the work of all proofs side by side, so that no processor waits for the longest of them."""

import gc
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor, as_completed
from contextlib import ExitStack
from dataclasses import dataclass, replace
from importlib import import_module
from multiprocessing import get_context
from typing import Any

from .outcome import Outcome, Part, Say, Task

PARTS = ("least_privilege", "fuzz", "storm", "model_check", "matrices")

BROKE_CHARS = 400


@dataclass(frozen=True, slots=True)
class Done:
    """What a task gave, and how long it took; where it broke, what broke it, which is a violation too."""

    result: Any
    took_s: float
    broke: str = ""


def parts() -> Mapping[str, Part]:
    """The part of each proof, by the proof's name, in the order in which they are told."""
    modules: list[Any] = [import_module(f"tests.prove.{name}") for name in PARTS]
    return {name: part for part in modules for name in part.NAMES}


def prove(
    names: Sequence[str] = (), *, bounded: bool, jobs: int, say: Say = lambda _: None
) -> tuple[tuple[Outcome, float], ...]:
    """Every outcome, with the seconds of work that it took; what proofs share is counted at the first of them.

    Args:
        names: of proofs, as in `parts`; all where none is named.
        bounded: the short form of `make test`: seconds, not minutes.
        jobs: how many processes may work at once.
        say: takes one line of progress.
    """
    known = parts()
    asked = [n for n in known if n in names or not names]
    owned = {id(known[n]): known[n] for n in asked}.values()
    wanted = {id(p): [n for n in asked if known[n] is p] for p in owned}
    tasks = {id(p): tuple(p.tasks(bounded=bounded, names=wanted[id(p)])) for p in owned}
    done = _all([t for result in tasks.values() for t in result], jobs, say)
    found: list[tuple[Outcome, float]] = []
    for part in owned:
        own = [done[id(task)] for task in tasks[id(part)]]
        outcomes = part.outcomes([d.result for d in own if not d.broke], bounded=bounded, names=wanted[id(part)])
        broken = tuple(d.broke for d in own if d.broke)
        outcomes = tuple(replace(o, violations=(*broken, *o.violations)) for o in outcomes)
        spent_s = sum(d.took_s for d in own)
        found += [(outcome, 0 if n else spent_s) for n, outcome in enumerate(outcomes)]
    return tuple(found)


def workers(count: int) -> ProcessPoolExecutor:
    """Processes that begin as new and look for garbage between tasks only: within one it takes a seventh of the time."""
    return ProcessPoolExecutor(count, mp_context=get_context("spawn"), initializer=gc.disable)


def tidily(run: Callable[[], Any]) -> Any:
    """What `run` gives, with its garbage gone."""
    try:
        return run()
    finally:
        gc.collect()


def _all(tasks: Sequence[Task], jobs: int, say: Say) -> Mapping[int, Done]:
    """Each task's end, by the task's identity; the heaviest begin first."""
    done: dict[int, Done] = {}
    with ExitStack() as stack:
        hands = threading.local()
        feeding = stack.enter_context(ThreadPoolExecutor(jobs))
        heaviest_first = sorted(tasks, key=lambda t: -t.weight)
        running = {feeding.submit(_in_process, hands, stack, task): task for task in heaviest_first}
        for future in as_completed(running):
            task = running[future]
            done[id(task)] = ended = future.result()
            say(f"{len(done)} of {len(tasks)}: {ended.broke or task.about}, {ended.took_s:.0f} s")
    return done


def _in_process(hands: threading.local, stack: ExitStack, task: Task) -> Done:
    """In this thread's own process for such tasks: only what has one thread can be forked."""
    kind = "forks" if task.forks else "threads"
    if not hasattr(hands, kind):
        pool = stack.enter_context(workers(1))
        setattr(hands, kind, pool)
    began = time.monotonic()
    try:
        result, broke = getattr(hands, kind).submit(tidily, task.run).result(), ""
    except Exception as error:  # noqa: BLE001  # the other tasks' figures are not lost with it
        result, broke = None, f"{task.about}: broke by {type(error).__name__}: {error}"[:BROKE_CHARS]
        delattr(hands, kind)  # its process may be gone
    return Done(result, time.monotonic() - began, broke)
