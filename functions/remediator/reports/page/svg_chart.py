"""A metric as a small SVG picture: its values, and marks where something happened. No script, no outside source.

Colours come from the page's CSS variables, so that light, dark and print each have their own.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from typing import Literal

from ...core.text import Language, Text
from ...core.timestamps import UTC_NAME, iso, moment
from ...resources.metric_series import Series
from ..moments import clock

WIDTH, HEIGHT = 640, 150
LEFT, RIGHT, TOP, BOTTOM = 46, 26, 20, 22
GAP_S = 150  # two minutes without a value are not joined by a line
LABEL_WIDTH = 46
MarkKind = Literal["opened", "change", "undo", "end"]
IMPORTANCE: tuple[MarkKind, ...] = ("change", "undo", "end", "opened")
WORDS: dict[MarkKind, Text] = {
    "opened": Text("opened", "開始"),
    "change": Text("change", "変更"),
    "undo": Text("undone", "取消"),
    "end": Text("closed", "終了"),
}


@dataclass(frozen=True, slots=True)
class Mark:
    """A moment that the picture shows (ISO 8601, UTC)."""

    at: str
    kind: MarkKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """The time axis that the pictures of one page share, so that they can be compared at a glance.

    Attributes:
        start, end: seconds since 1970, at least a minute apart.
        zone: IANA name of the clock on which its ends are told.
    """

    start: float
    end: float
    marks: tuple[Mark, ...] = ()
    zone: str = UTC_NAME

    @classmethod
    def of(cls, plots: Sequence[Series], marks: Sequence[Mark] = (), zone: str = UTC_NAME) -> "Axis":
        """From the first to the last moment of all that is drawn; of nothing, a minute that nobody sees."""
        moments = [_seconds(at) for s in plots for at, _ in s.points] + [_seconds(m.at) for m in marks] or [0.0]
        return cls(start=min(moments), end=max(*moments, min(moments) + 60), marks=tuple(marks), zone=zone)


def picture(series: Series, axis: Axis, language: Language) -> str:
    """The SVG of one metric; empty where it has no value. Its label says in words what it shows."""
    if not series.points:
        return ""
    frame = _Frame(axis, top=_round_up(max(v for _, v in series.points)))
    values = [v for _, v in series.points]
    said = Text(
        f"{series.wanted.label.en}: from {_figure(values[0])} to {_figure(values[-1])}, highest {_figure(max(values))}, "
        f"lowest {_figure(min(values))}",
        f"{series.wanted.label.ja}: {_figure(values[0])} から {_figure(values[-1])}、最大 {_figure(max(values))}、最小 {_figure(min(values))}",
    ).in_(language)
    parts = (
        *(_grid(frame, value) for value in (0.0, frame.top / 2, frame.top)),
        *(_line(frame, run) for run in _runs(series.points)),
        *(_marked(frame, m) for m in axis.marks),
        *_labels(frame, language),
        _moment(frame, axis.start, "start"),
        _moment(frame, axis.end, "end"),
    )
    return (
        f'<svg class="plot" role="img" aria-label="{escape(said)}" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'preserveAspectRatio="xMidYMid meet">{"".join(parts)}</svg>'
    )


@dataclass(frozen=True, slots=True)
class _Frame:
    """From moments (seconds since 1970) and values to places in the picture."""

    axis: Axis
    top: float

    def x(self, seconds: float) -> float:
        start = self.axis.start
        return LEFT + (seconds - start) / (self.axis.end - start) * (WIDTH - LEFT - RIGHT)

    def y(self, value: float) -> float:
        return HEIGHT - BOTTOM - value / self.top * (HEIGHT - TOP - BOTTOM)


def _seconds(at: str) -> float:
    return moment(at).timestamp()


def _round_up(value: float) -> float:
    """The next 1, 2 or 5 of some power of ten."""
    size = 1.0
    while size < value:
        size *= 10
    while size / 10 >= value > 0:
        size /= 10
    return next((size * f for f in (0.1, 0.2, 0.5, 1.0) if size * f >= value), size)


def _figure(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:.3g}"


def _runs(points: Sequence[tuple[str, float]]) -> list[list[tuple[float, float]]]:
    runs: list[list[tuple[float, float]]] = []
    for at, value in points:
        here = (_seconds(at), value)
        if runs and here[0] - runs[-1][-1][0] <= GAP_S:
            runs[-1].append(here)
        else:
            runs.append([here])
    return runs


def _line(frame: _Frame, run: Sequence[tuple[float, float]]) -> str:
    places = [f"{frame.x(s):.1f},{frame.y(v):.1f}" for s, v in run]
    if len(places) == 1:
        x, y = places[0].split(",")
        return f'<circle class="line" cx="{x}" cy="{y}" r="2"></circle>'
    return f'<polyline class="line" points="{" ".join(places)}"></polyline>'


def _grid(frame: _Frame, value: float) -> str:
    y = frame.y(value)
    return (
        f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"></line>'
        f'<text class="tick" x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{_figure(value)}</text>'
    )


def _marked(frame: _Frame, mark: Mark) -> str:
    x = frame.x(_seconds(mark.at))
    return f'<line class="mark {mark.kind}" x1="{x:.1f}" x2="{x:.1f}" y1="{TOP - 4}" y2="{HEIGHT - BOTTOM}"></line>'


def _labels(frame: _Frame, language: Language) -> Iterator[str]:
    """The words of the marks; where two would overlap, the less important one has its line only."""
    taken: list[float] = []
    for mark in sorted(frame.axis.marks, key=lambda m: IMPORTANCE.index(m.kind)):
        x = frame.x(_seconds(mark.at))
        if all(abs(x - other) > LABEL_WIDTH for other in taken):
            taken.append(x)
            words = WORDS[mark.kind].in_(language)
            yield f'<text class="mark {mark.kind}" x="{x:.1f}" y="{TOP - 7}" text-anchor="middle">{words}</text>'


def _moment(frame: _Frame, seconds: float, anchor: Literal["start", "end"]) -> str:
    at = iso(datetime.fromtimestamp(seconds, UTC))
    return f'<text class="tick" x="{frame.x(seconds):.1f}" y="{HEIGHT - 6}" text-anchor="{anchor}">{escape(clock(at, at, frame.axis.zone))}</text>'
