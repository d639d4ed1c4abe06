"""A value over time: what it was at any moment, and what it will be from a moment that is already known."""

from bisect import bisect_right
from datetime import datetime
from typing import Generic, TypeVar

T = TypeVar("T")


class History(Generic[T]):
    """Starts with `first`, which has always been so; every later entry holds from its moment on."""

    def __init__(self, first: T) -> None:
        self._first = first
        self._since: list[datetime] = []
        self._values: list[T] = []

    def at(self, moment: datetime) -> T:
        """What it is or will be at that moment."""
        place = bisect_right(self._since, moment)
        return self._values[place - 1] if place else self._first

    @property
    def last(self) -> tuple[datetime | None, T]:
        """What it comes to, and from when on; None: it has always been so."""
        return (self._since[-1], self._values[-1]) if self._since else (None, self._first)

    def set(self, value: T, *, at: datetime, now: datetime) -> None:
        """Holds from `at` on; what was to come after `now` does not come any more."""
        kept = bisect_right(self._since, now)
        del self._since[kept:], self._values[kept:]
        if value != self.at(now):
            self._since.append(at)
            self._values.append(value)

    def next_after(self, moment: datetime) -> datetime | None:
        """When it changes next, None where it does not."""
        place = bisect_right(self._since, moment)
        return self._since[place] if place < len(self._since) else None
