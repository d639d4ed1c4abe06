"""The registry of patches: what ministack lacks, which name is replaced for it, and whether it is still lacking.

>>> @patch(of="ministack.services.ecs._stop_task", lacks="tells EventBridge nothing of a stopped task")
... def tell_of_stops(original):
...     def stop_task(data):
...         ...
...     return stop_task
"""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

Replace = Callable[[Any], Any]


class MissingNameError(RuntimeError):
    """A name that a patch replaces does not exist: another version of ministack is installed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patch:
    """One name of ministack and what takes its place.

    Args:
        of: the dotted name, of a function, a class's method or a module's attribute.
        at: keys to follow from there, where the thing stands in a table.
        lacks: what ministack does wrong or not at all, for the docs.
        still: says in a process without patches whether it is lacking still.
    """

    of: str
    at: tuple[str, ...] = ()
    lacks: str
    name: str
    replace: Replace
    still: Callable[[], bool] | None

    def holder(self) -> Any:
        """What holds the name.

        Raises:
            MissingNameError: there is no such name.
        """
        names = self.of.split(".")
        holder: Any = _module(names)
        path = names[len(holder.__name__.split(".")) :]
        for part in path if self.at else path[:-1]:
            holder = self._step(holder, part)
        for key in self.at[:-1]:
            holder = self._step(holder, key)
        self._step(holder, self._last)
        return holder

    def apply(self) -> None:
        """Puts the replacement in its place."""
        holder = self.holder()
        original = self._step(holder, self._last)
        if isinstance(holder, dict):
            holder[self._last] = self.replace(original)
        else:
            setattr(holder, self._last, self.replace(original))

    @property
    def _last(self) -> str:
        return self.at[-1] if self.at else self.of.rsplit(".", 1)[-1]

    def _step(self, holder: Any, name: str) -> Any:
        found = holder.get(name, _NONE) if isinstance(holder, dict) else getattr(holder, name, _NONE)
        if found is _NONE:
            place = "".join(f"[{k!r}]" for k in self.at)
            raise MissingNameError(f"ministack has no {self.of}{place} (patch {self.name}: {self.lacks})")
        return found


_NONE = object()
_declared: list[Patch] = []


def patch(
    *, of: str, lacks: str, at: tuple[str, ...] = (), still: Callable[[], bool] | None = None
) -> Callable[[Replace], Replace]:
    """Declares that the decorated function makes the replacement of `of` from the original."""

    def declare(replace: Replace) -> Replace:
        name = f"{replace.__module__.rsplit('.', 1)[-1]}.{replace.__name__}"
        found = Patch(of=of, at=at, lacks=lacks, name=name, replace=replace, still=still)
        _declared.append(found)
        return replace

    return declare


def declared() -> tuple[Patch, ...]:
    """Every patch of the modules imported so far, in the order in which they are applied."""
    return tuple(_declared)


def apply_all() -> None:
    """Applies every declared patch, or none.

    Raises:
        MissingNameError: ministack lacks a patched name.
    """
    for each in _declared:
        each.holder()
    for each in _declared:
        each.apply()


def says(of: str, *words: str) -> bool:
    """Whether the source of the thing named `of` holds all the words."""
    names = of.split(".")
    found: Any = _module(names)
    for part in names[len(found.__name__.split(".")) :]:
        found = getattr(found, part)
    source = inspect.getsource(found)
    return all(word in source for word in words)


def silent(of: str, *words: str) -> Callable[[], bool]:
    """A `still` for a gap that is gone when the source of `of` holds one of the words."""
    return lambda: not any(says(of, word) for word in words)


def speaks(of: str, *words: str) -> Callable[[], bool]:
    """A `still` for a fault that is there as long as the source of `of` holds all the words."""
    return lambda: says(of, *words)


def _module(names: list[str]) -> Any:
    for length in range(len(names), 0, -1):
        try:
            return import_module(".".join(names[:length]))
        except ModuleNotFoundError as error:
            if error.name != ".".join(names[:length]) and not _is_attribute(error):
                raise
    raise MissingNameError(f"no module of {'.'.join(names)}")


def _is_attribute(error: ModuleNotFoundError) -> bool:
    return "is not a package" in str(error)
