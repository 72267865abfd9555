"""How self tests are shown in the terminal: what there is, how one is done, and what a result looks like."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from hipdrive.report.terminal_training import Readable
from hipdrive.report.training_words import short_day
from hipdrive.training.history import TestResult
from hipdrive.training.selftest import SelfTest, result_words, values

BAR_WIDTH: Final = 40
MOST_BEFORE: Final = 3  # earlier results that are shown
FULL, DOUBT, USUAL = "█", "░", "─"  # letters that there is an ASCII one for


def tests_view(tests: Sequence[SelfTest], last: Mapping[str, TestResult]) -> RenderableType:
    """All self tests, each with its last result."""
    parts: list[RenderableType] = []
    for test in tests:
        parts.append(Text.assemble((test.id, "bold"), f"  {test.name}"))
        result = last.get(test.id)
        said = f"{short_day(result.day)}: {result_words(result)}" if result else "not done yet"
        parts.append(Padding(Text(said, style="" if result else "dim"), (0, 0, 0, 2)))
    parts.append(Text("\nTo do one: hipdrive test single-leg-bridge", style="dim"))
    return Readable(Group(*parts))


def how_view(test: SelfTest) -> RenderableType:
    """How a test is done, and what ends it."""
    steps = [Text(f"{number}. {step}") for number, step in enumerate(test.how, start=1)]
    return Readable(Group(Text(test.name, style="bold"), *steps, Text(test.ends, style="yellow"), Text("")))


def result_view(
    test: SelfTest, result: TestResult, earlier: Sequence[TestResult], said: Sequence[str]
) -> RenderableType:
    """Bars of a result beside earlier ones, with their errors, and what it says."""
    before = [one for one in earlier if one.test == test.id and one.unit == result.unit]
    results = [*before[-MOST_BEFORE:], result]
    norms = test.norms if len(test.norms) == 1 else ()
    ends = [value + (one.error or 0) for one in results for value in values(one).values()]
    scale = max([*ends, *(norm.high for norm in norms)])
    bars = Table.grid(padding=(0, 1))
    for side in ("left", "right", ""):
        for one in results:
            if (value := values(one).get(side)) is not None:
                style = "cyan" if one is result else "dim"
                bars.add_row(side, short_day(one.day), Text(_bar(value, one.error or 0, scale), style), f"{value:.0f}")
    for norm in norms:
        bars.add_row("usual", "", Text(_band(norm.low, norm.high, scale), "dim"), f"{norm.low:g} to {norm.high:g}")
    legend = Text(f"in {test.unit}; {DOUBT} is what differs from one time to the next (1 SD)", style="dim")
    return Readable(Group(bars, legend, Text(""), *(Text(sentence) for sentence in said)))


def _bar(value: float, error: float, scale: float) -> str:
    """Full up to one error below the value, then light up to one above."""
    sure, doubt = _columns(max(value - error, 0), scale), _columns(value + error, scale)
    return FULL * sure + DOUBT * (doubt - sure)


def _band(low: float, high: float, scale: float) -> str:
    return " " * _columns(low, scale) + USUAL * (_columns(high, scale) - _columns(low, scale))


def _columns(value: float, scale: float) -> int:
    return round(BAR_WIDTH * value / scale) if scale > 0 else 0
