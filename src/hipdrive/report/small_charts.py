"""Trends as small drawings, all on one scale of days: SVG without a script, for pages that open from the disk.

The geometry is reckoned here, the template writes it down; colours are those of the page.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Final

from hipdrive.report.training_words import LIGHT_MARKS, point_words, scale_of, short_day, shown_curves
from hipdrive.training.trends import Curve, Point, Trend

WIDTH, HEIGHT = 280.0, 150.0
LEFT, RIGHT, TOP, BOTTOM = 32.0, 14.0, 14.0, 22.0
MOST_GAP: Final = timedelta(days=100)  # longer without a value, and no line is drawn across; proposal
MOST_TICKS: Final = 5  # of the values
MOST_DAY_TICKS: Final = 5
BAR_SHARE: Final = 0.66  # of its week
LEAST_BAR: Final = 2.0  # so that a zero is seen
MARGIN_SHARE: Final = 0.08  # of the values, kept free above and below where the scale has no ends
SHORT_DAYS: Final = 45  # of a time in which weeks, not months, are named
LONG_DAYS: Final = 800  # of a time from which on only years are


@dataclass(frozen=True)
class Bar:
    """Value of a week. `style` is a class of the page, `mark` a letter above it."""

    x: float
    y: float
    width: float
    height: float
    style: str
    mark: str
    words: str


@dataclass(frozen=True)
class Dot:
    """A single value."""

    x: float
    y: float
    style: str
    words: str


@dataclass(frozen=True)
class Path:
    """A line, or a field where a value may well be."""

    style: str
    d: str


@dataclass(frozen=True)
class Label:
    """Words at the end of a curve, or beside a scale."""

    x: float
    y: float
    style: str
    text: str


@dataclass(frozen=True)
class SmallChart:
    """Everything that is drawn of one trend, in units of a drawing of `WIDTH` to `HEIGHT`.

    Attributes
    ----------
    usual : tuple of float or None
        x, y, width and height of the range that is usual or wanted.
    fields, lines : tuple of Path
    bars : tuple of Bar
    dots : tuple of Dot
    labels : tuple of Label
        At the ends of curves.
    across : tuple of (float, str)
        Heights of the lines of the scale, and their numbers.
    down : tuple of (float, str)
        Places of days, and their names.
    """

    usual: tuple[float, float, float, float] | None
    fields: tuple[Path, ...]
    lines: tuple[Path, ...]
    bars: tuple[Bar, ...]
    dots: tuple[Dot, ...]
    labels: tuple[Label, ...]
    across: tuple[tuple[float, str], ...]
    down: tuple[tuple[float, str], ...]


def small_chart(trend: Trend, first: date, last: date) -> SmallChart:
    """Lay out a trend between two days.

    Parameters
    ----------
    trend : Trend
    first, last : date
        A Monday and a Sunday, so that every week is whole.
    """
    on = _Scales.of(trend, first, last)
    bars = tuple(_bar(trend, point, on) for point in trend.curves[0].points) if trend.weekly else ()
    curves = _lines_of(trend)
    fields = [Path(f"field {_style(curve)}", d) for curve in curves if (d := _field(curve, on))]
    lines = [Path(f"line {_style(curve)}", _line(curve, on, steps=_is_stepped(trend, curve))) for curve in curves]
    dots = [
        Dot(on.x(point.day), on.y(point.value), _style(curve), _said(trend, curve, point))
        for curve in curves
        if not _is_stepped(trend, curve)
        for point in curve.points
    ]
    return SmallChart(
        usual=_usual(trend, on),
        fields=tuple(fields),
        lines=tuple(lines),
        bars=bars,
        dots=tuple(dots),
        labels=_ends(curves, on),
        across=tuple((on.y(value), _number(value)) for value in ticks(on.low, on.high)),
        down=tuple((on.x(day), text) for day, text in _days(first, last)),
    )


def ticks(low: float, high: float, most: int = MOST_TICKS) -> list[float]:
    """Round numbers between two, both included, in even steps.

    Examples
    --------
    >>> ticks(0, 10), ticks(0.19, 0.33)
    ([0.0, 5.0, 10.0], [0.2, 0.25, 0.3])
    """
    span = high - low
    if span <= 0:
        return [low]
    exponent = math.floor(math.log10(span / most))
    steps = [factor * 10.0**power for power in (exponent, exponent + 1) for factor in (1, 2, 5)]
    step = next(step for step in steps if math.floor(high / step + 1e-9) - math.ceil(low / step - 1e-9) < most)
    numbers = range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1)
    return [round(number * step, 10) for number in numbers]


@dataclass(frozen=True)
class _Scales:
    first: date
    last: date
    low: float
    high: float

    @classmethod
    def of(cls, trend: Trend, first: date, last: date) -> _Scales:
        low, high = scale_of(trend)
        margin = MARGIN_SHARE * (high - low) if trend.scale is None else 0.0
        if high <= low:
            margin = abs(MARGIN_SHARE * high) or 1.0
        return cls(first, last, low - margin, high + margin)

    def x(self, day: date) -> float:
        """Middle of a day, kept within the drawing."""
        share = ((day - self.first).days + 0.5) / ((self.last - self.first).days + 1)
        return round(LEFT + min(max(share, 0.0), 1.0) * (WIDTH - LEFT - RIGHT), 1)

    def y(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low)
        return round(HEIGHT - BOTTOM - min(max(share, 0.0), 1.0) * (HEIGHT - TOP - BOTTOM), 1)


def _lines_of(trend: Trend) -> tuple[Curve, ...]:
    """Curves that are lines: those beside the bars, where there are bars."""
    return trend.curves[1:] if trend.weekly else shown_curves(trend)


def _is_stepped(trend: Trend, curve: Curve) -> bool:
    return trend.group == "levels" or curve.name == "limit"


def _style(curve: Curve) -> str:
    return curve.name or "only"


def _said(trend: Trend, curve: Curve, point: Point) -> str:
    who = f"{curve.name}: " if curve.name else ""
    return f"{short_day(point.day)}, {who}{point_words(trend, point)}"


def _bar(trend: Trend, point: Point, on: _Scales) -> Bar:
    week = 7 * (WIDTH - LEFT - RIGHT) / ((on.last - on.first).days + 1)
    width, foot = round(BAR_SHARE * week, 1), on.y(on.low)
    height = max(foot - on.y(point.value), LEAST_BAR)
    middle = (on.x(point.day) + on.x(point.day + timedelta(days=6))) / 2
    return Bar(
        round(middle - width / 2, 1),
        round(foot - height, 1),
        width,
        round(height, 1),
        point.light or "only",
        LIGHT_MARKS[point.light] if point.light else "",
        f"week of {_said(trend, trend.curves[0], point)}",
    )


def _usual(trend: Trend, on: _Scales) -> tuple[float, float, float, float] | None:
    if trend.usual is None:
        return None
    low, high = max(trend.usual[0], on.low), min(trend.usual[1], on.high)
    if high <= low:
        return None
    return LEFT, on.y(high), WIDTH - LEFT - RIGHT, round(on.y(low) - on.y(high), 1)


def _unbroken(points: Sequence[Point]) -> list[list[Point]]:
    """Points without long gaps between them."""
    parts = [[points[0]]]
    for before, point in pairwise(points):
        if point.day - before.day > MOST_GAP:
            parts.append([])
        parts[-1].append(point)
    return parts


def _line(curve: Curve, on: _Scales, *, steps: bool) -> str:
    path = []
    for part in _unbroken(curve.points):
        path.append(f"M{on.x(part[0].day)},{on.y(part[0].value)}")
        places = [(on.x(point.day), on.y(point.value)) for point in part[1:]]
        path += [f"H{x}V{y}" if steps else f"L{x},{y}" for x, y in places]
    return "".join(path)


def _field(curve: Curve, on: _Scales) -> str:
    """Where the values may well be; for a lone value a narrow field of its own."""
    path = []
    for part in _unbroken(curve.points):
        known = [(on.x(one.day), on.y(one.low), on.y(one.high)) for one in part if None not in (one.low, one.high)]  # type: ignore[arg-type]
        if len(known) == 1:
            x, low, high = known[0]
            known = [(x - 4, low, high), (x + 4, low, high)]
        if known:
            there = [f"{x:g},{high}" for x, _, high in known]
            back = [f"{x:g},{low}" for x, low, _ in reversed(known)]
            path.append(f"M{'L'.join(there + back)}Z")
    return "".join(path)


def _ends(curves: Sequence[Curve], on: _Scales) -> tuple[Label, ...]:
    """Letters of the sides at the ends of their curves, kept apart from each other."""
    labels: list[Label] = []
    for curve in sorted(curves, key=lambda one: -one.points[-1].value):
        if curve.name not in ("left", "right"):
            continue
        newest = curve.points[-1]
        y = on.y(newest.value) + 4
        y = max([y, *(label.y + 13 for label in labels)])
        labels.append(Label(min(on.x(newest.day) + 6, WIDTH - 8), y, curve.name, curve.name[0].upper()))
    return tuple(labels)


def _days(first: date, last: date) -> list[tuple[date, str]]:
    """Days to be named: the first of months; Mondays where the time is short, of years where it is long."""
    every = [first + timedelta(days=day) for day in range((last - first).days + 1)]
    if len(every) <= SHORT_DAYS:
        named = [(day, f"{day.day} {day:%b}") for day in every if day.weekday() == 0]
    elif len(every) <= LONG_DAYS:
        named = [(day, f"{day:%b}" if day.month > 1 else f"{day.year}") for day in every if day.day == 1]
    else:
        named = [(day, f"{day.year}") for day in every if (day.month, day.day) == (1, 1)]
    return named[:: math.ceil(len(named) / MOST_DAY_TICKS) or 1]


def _number(value: float) -> str:
    return f"{value:g}"
