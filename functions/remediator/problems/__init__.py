"""One package per problem of the guide, one module per row. Nothing is loaded here but what is asked for."""

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from ..core.lease import KIND as LEASE_DUE
from ..core.model import Signal
from ..core.runbook import AnyRunbook, Trigger
from ..events.internal import KIND as HANDED_OVER
from ..events.recovery_requests import KIND as ASKED_FOR


@cache
def ids() -> tuple[str, ...]:
    """The ids of all problems, in order: the names of the packages of this folder."""
    return tuple(sorted(m.name for m in iter_modules(__path__) if m.ispkg))


@cache
def triggers() -> Mapping[str, tuple[Trigger, ...]]:
    """The triggers of every problem by its id; only the modules `triggers` are loaded."""
    return {id: import_module(f"{__name__}.{id}.triggers").TRIGGERS for id in ids()}


@cache
def load(id: str) -> AnyRunbook:
    """The runbook of one problem; no other problem is loaded.

    Raises:
        KeyError: there is no such problem.
        ValueError: its RUNBOOK has another id than its package.
    """
    if id not in ids():
        raise KeyError(id)
    runbook: AnyRunbook = import_module(f"{__name__}.{id}.runbook").RUNBOOK
    if runbook.id != id:
        raise ValueError(f"problems/{id}/runbook.py: its id is {runbook.id}")
    return runbook


def load_all() -> tuple[AnyRunbook, ...]:
    """Every runbook, in order of id.

    Raises:
        ValueError: a RUNBOOK has another id than its package.
    """
    return tuple(load(id) for id in ids())


def route(signal: Signal) -> str | None:
    """The id of the problem that `signal` starts, None where it starts none.

    What the product itself or a person sends names the problem.
    """
    if signal.kind in (HANDED_OVER, ASKED_FOR, LEASE_DUE):
        named = signal.facts.get("runbook")
        return named if isinstance(named, str) and named in ids() else None
    return next((id for id, found in triggers().items() if _accepted(found, signal)), None)


def _accepted(found: tuple[Trigger, ...], signal: Signal) -> bool:
    return any(t.kind == signal.kind and t.accepts(signal) for t in found)
