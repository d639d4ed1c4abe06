"""The aims beside the figures. Where they come from is told in docs/performance.md."""

from dataclasses import dataclass
from typing import Literal

FIX_LIMIT = 2  # read once, then write: with fewer round trips a fix would be blind
REPORT_LIMIT = 3
OWN_TRIPS_TO_FIX = 2
OWN_TRIPS_TO_REPORT = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One figure.

    Attributes:
        of: what it is a figure of; figures of the same stand together.
        what: in words.
        value: None where it could not be measured; `why` then says so.
        aim: None where there is none: it explains another figure.
        better: which side of the aim is good.
    """

    of: str
    what: str
    value: float | None
    unit: str = ""
    aim: float | None = None
    better: Literal["less", "more"] = "less"
    why: str = ""

    @property
    def met(self) -> bool | None:
        """Whether the aim is reached; None where there is no aim or no figure, which is never a pass."""
        if self.aim is None or self.value is None:
            return None
        return self.value <= self.aim if self.better == "less" else self.value >= self.aim

    @property
    def verdict(self) -> str:
        """For people."""
        if self.value is None:
            return "not measured"
        return {None: "", True: "met", False: "NOT MET"}[self.met]
