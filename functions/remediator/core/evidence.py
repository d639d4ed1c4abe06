"""Evidence: a frozen dataclass per runbook whose fields say how they are read. A failed read is a gap."""

from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from .model import Fact
from .ports import Reader
from .text import Text

T = TypeVar("T")


class Unchecked(Exception):
    """A predicate asked for a reading that is a gap; the message says which and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading(Generic[T]):
    """One thing read from AWS: its value, or why there is none.

    Attributes:
        source: the calls it came from.
        read_at: ISO 8601, UTC.
    """

    value: T | None = None
    gap: str | None = None
    source: str = ""
    read_at: str = ""

    def get(self) -> T:
        """The value.

        Raises:
            Unchecked: the reading is a gap; diagnosis then says "could not be checked".
        """
        if self.gap is not None or self.value is None:
            raise Unchecked(self.gap or f"{self.source}: not read")
        return self.value

    def fact(self, label: Text, value: str) -> Fact:
        """A claim of a report that rests on this reading."""
        return Fact(label, value, self.source, self.read_at)

    def or_none(self) -> T | None:
        """The value, or None for a gap: only for what a decision does not rest on."""
        return None if self.gap is not None else self.value


class EvidenceClass(Protocol):
    """Any frozen dataclass whose fields are made by `reading`."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]


@dataclass(frozen=True, slots=True)
class Declared:
    """How one field of an evidence class is read."""

    name: str
    reader: Reader[..., Any]
    after: tuple[str, ...]
    recheck: bool


def reading(reader: Reader[..., T], *, after: tuple[str, ...] = (), recheck: bool = False) -> Reading[T]:
    """Declares a field of an evidence class.

    Args:
        reader: how it is read.
        after: fields whose values the reader takes as further arguments; they are read a level earlier.
        recheck: the plan rests on it, so it is read again right before a write.
    """
    values = {"reader": reader, "after": after, "recheck": recheck}
    return field(default_factory=lambda: Reading(gap="not read"), metadata=values)


def declared(evidence: type[EvidenceClass]) -> tuple[Declared, ...]:
    """How each field of `evidence` is read, in the order of declaration."""
    return tuple(
        Declared(f.name, f.metadata["reader"], f.metadata["after"], f.metadata["recheck"])
        for f in fields(evidence)
        if "reader" in f.metadata
    )


def levels(evidence: type[EvidenceClass], only: frozenset[str] | None = None) -> tuple[tuple[Declared, ...], ...]:
    """The fields in groups that can be read side by side; a later group needs an earlier one.

    Args:
        evidence: the class.
        only: read just these; whatever they need must be known already.
    """
    wanted = [d for d in declared(evidence) if only is None or d.name in only]
    known = {d.name for d in declared(evidence)} - {d.name for d in wanted}
    grouped: list[tuple[Declared, ...]] = []
    while wanted:
        ready = tuple(d for d in wanted if set(d.after) <= known)
        if not ready:
            raise ValueError(f"{evidence}: fields wait for each other: {[d.name for d in wanted]}")
        grouped.append(ready)
        known |= {d.name for d in ready}
        wanted = [d for d in wanted if d not in ready]
    return tuple(grouped)


def rechecked(evidence: type[EvidenceClass]) -> frozenset[str]:
    """The fields that are read again right before a write."""
    return frozenset(d.name for d in declared(evidence) if d.recheck)


def gaps(evidence: EvidenceClass) -> Mapping[str, str]:
    """Field name to reason, for each reading that failed."""
    found = {d.name: getattr(evidence, d.name).gap for d in declared(type(evidence))}
    return {name: gap for name, gap in found.items() if gap is not None}
