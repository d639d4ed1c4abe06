"""A piece of an event, read by name: what is missing or of another kind is named, outside text is bounded."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ..redaction.redact import ESCAPES
from .errors import EventNotUnderstood
from .timestamps import iso, moment

NAME_CHARACTERS = 255  # AWS's own bound for names of clusters, services, families, tables and alarms
REASON_CHARACTERS = 1000
ARN_CHARACTERS = 600
LARGEST = 2**63 - 1
HIDDEN = ("Cc", "Cf", "Cs", "Zl", "Zp")  # controls, text direction, half a character, line separators
ARN = re.compile(r"arn:(aws[a-z-]*):([a-z0-9-]+):([a-z0-9-]*):(\d{12}):(.+)", re.ASCII | re.DOTALL)


def bounded(text: str, most: int) -> str:
    """Outside text for one line of a report: at most `most` characters, controls and line breaks gone."""
    if text.isprintable():  # the usual case; it rules out all that is hidden, and every space but the plain one
        kept = text[: 4 * most].strip()
        return kept if len(kept) <= most else kept[: most - 1] + "…"
    shown = ESCAPES.sub("", text[: 4 * most])  # whole: what is left of one would part a secret from its name
    one_line = (" " if c in "\t\n\v\f\r" else c for c in shown)
    kept = "".join(c for c in one_line if unicodedata.category(c) not in HIDDEN).strip()
    return kept if len(kept) <= most else kept[: most - 1] + "…"


@dataclass(frozen=True, slots=True)
class Part:
    """An object within an event; `path` is where it stands. Every method raises EventNotUnderstood for a wrong kind."""

    values: Mapping[str, Any]
    path: str = ""

    def __bool__(self) -> bool:
        return bool(self.values)

    def where(self, name: str) -> str:
        """The full name of a member, as errors give it: `detail.state.value`."""
        return f"{self.path}.{name}" if self.path else name

    def text(self, name: str, most: int = NAME_CHARACTERS) -> str:
        """The text of that name, bounded; empty where there is none."""
        return bounded(self._of_kind(name, str, "text") or "", most)

    def needed(self, name: str, most: int = NAME_CHARACTERS) -> str:
        """The text of that name, which must be there."""
        return self.text(name, most) or _missing(self.where(name))

    def whole(self, name: str) -> int | None:
        """The whole number of that name, None where there is none."""
        value: int | None = self._of_kind(name, int, "whole number")
        if isinstance(value, bool) or abs(value or 0) > LARGEST:
            raise EventNotUnderstood(f"{self.where(name)} is no whole number")
        return value

    def time(self, name: str) -> str:
        """The moment of that name as ISO 8601 in UTC; empty where there is none."""
        value = self.values.get(name)
        if value in (None, ""):
            return ""
        try:
            return iso(value if isinstance(value, datetime) else moment(value))
        except (TypeError, ValueError, OverflowError) as error:
            raise EventNotUnderstood(f"{self.where(name)} is no time") from error

    def part(self, name: str) -> "Part":
        """The object of that name, an empty one where there is none."""
        return Part(self._of_kind(name, Mapping, "object") or {}, self.where(name))

    def needed_part(self, name: str) -> "Part":
        """The object of that name, which must be there."""
        return self.part(name) or _missing(self.where(name))

    def parts(self, name: str, most: int) -> tuple["Part", ...]:
        """The first `most` objects of the list of that name."""
        return tuple(Part(_kind(item, Mapping, where, "object"), where) for where, item in self._listed(name, most))

    def texts(self, name: str, most: int) -> tuple[str, ...]:
        """The first `most` texts of the list of that name, each bounded as ARNs are."""
        return tuple(bounded(_kind(i, str, where, "text"), ARN_CHARACTERS) for where, i in self._listed(name, most))

    def _listed(self, name: str, most: int) -> Iterator[tuple[str, Any]]:
        items = self._of_kind(name, list | tuple, "list") or ()
        return ((f"{self.where(name)}[{n}]", item) for n, item in enumerate(items[:most]))

    def _of_kind(self, name: str, kind: Any, words: str) -> Any:
        value = self.values.get(name)
        return None if value is None else _kind(value, kind, self.where(name), words)


def _kind(value: Any, kind: Any, where: str, words: str) -> Any:
    if not isinstance(value, kind):
        raise EventNotUnderstood(f"{where} is no {words}")
    return value


def _missing(name: str) -> Any:
    raise EventNotUnderstood(f"{name} is missing")


@dataclass(frozen=True, slots=True)
class Place:
    """Partition, region and account that an event's own ARN stands in; other ARNs are built from it."""

    partition: str
    region: str
    account: str

    def arn(self, service: str, path: str, *, world: bool = False) -> str:
        """The ARN of a resource here; `world` for services without a region."""
        region = "" if world else self.region
        return f"arn:{self.partition}:{service}:{region}:{self.account}:{path}"


def place_of(arn: str, service: str, where: str) -> tuple[Place, str]:
    """Where an ARN of `service` stands, and what follows its account.

    Raises:
        EventNotUnderstood: it is no such ARN; `where` names the member that it was read from.
    """
    found = ARN.fullmatch(arn)
    if not found or found[2] != service:
        raise EventNotUnderstood(f"{where} is no ARN of {service}")
    return Place(found[1], found[3], found[4]), found[5]
