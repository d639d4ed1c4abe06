"""One file per problem of the guide. Adding a problem is adding a file here, and its test."""

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from ..core.lease import KIND as LEASE_DUE
from ..core.model import Signal
from ..core.runbook import AnyRunbook
from ..events.internal import KIND as HANDED_OVER
from ..events.recovery_requests import KIND as ASKED_FOR


@cache
def load_all() -> tuple[AnyRunbook, ...]:
    """Every runbook of this folder, in order of name.

    Raises:
        ValueError: a file whose RUNBOOK has another id than the file.
    """
    names = sorted(m.name for m in iter_modules(__path__))
    return tuple(_load(name) for name in names)


def _load(name: str) -> AnyRunbook:
    runbook: AnyRunbook = import_module(f"{__name__}.{name}").RUNBOOK
    if runbook.id != name:
        raise ValueError(f"runbooks/{name}.py: its id is {runbook.id}")
    return runbook


def by_id(id: str) -> AnyRunbook:
    """The runbook of that id.

    Raises:
        KeyError: there is none.
    """
    return {r.id: r for r in load_all()}[id]


def route(signal: Signal) -> AnyRunbook | None:
    """The runbook that looks into `signal`, None where there is none; what the program or a person sends names it."""
    if signal.kind in (HANDED_OVER, ASKED_FOR, LEASE_DUE):
        return next((r for r in load_all() if r.id == signal.facts.get("runbook")), None)
    for runbook in load_all():
        if any(t.kind == signal.kind and t.accepts(signal) for t in runbook.triggers):
            return runbook
    return None
