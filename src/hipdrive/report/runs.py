"""Runs in the terminal: weeks with bars, and what the longest single run has to do with it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from hipdrive.report.terminal_training import GAP, SPARK, Readable, sparkline
from hipdrive.training.history import Run
from hipdrive.training.load import Spike, long_run_spikes, long_run_words, monday_of, run_day, weekly_distance

BAR_WIDTH: Final = 22
BLOCK: Final = "■"
SPIKE_STYLE: Final = "yellow"

NO_RUNS: Final = (
    "No runs yet. Bring them in with: hipdrive runs import FILES, or hipdrive runs add --km 8.2 --minutes 45"
)


def runs_view(runs: Sequence[Run], today: date, weeks: int) -> RenderableType:
    """The last weeks, a line each, and how long the next run may be.

    Parameters
    ----------
    runs : sequence of Run
        All that are known; those before the weeks are what the first ones are measured by.
    today : date
    weeks : int
        How many, that of today included.
    """
    if not runs:
        return Text(NO_RUNS)
    first = monday_of(today) - timedelta(weeks=weeks - 1)
    distances_m = weekly_distance(runs, first, today)
    shown = [run for run in runs if first <= run_day(run) <= today]
    longest_day_m = max(_by_day(shown).values(), default=0.0)
    spikes = {spike.run: spike for spike in long_run_spikes(runs)}
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name, justify in (("Week of", "left"), ("Mon-Sun", "left"), ("", "left"), ("km", "right"), ("Runs", "right")):
        table.add_column(name, justify=justify, no_wrap=True)  # type: ignore[arg-type]
    table.add_column("Longest", justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    for monday, distance_m in reversed(distances_m.items()):
        of_week = [run for run in shown if monday_of(run_day(run)) == monday]
        table.add_row(
            f"{monday.day} {monday:%b}",
            Text(_days(of_week, monday, longest_day_m), style=SPARK),
            Text(_bar(distance_m, max(distances_m.values())), style=SPARK),
            f"{distance_m / 1000:.1f}" if of_week else "",
            f"{len(of_week)}" if of_week else "",
            f"{max(run.distance_m for run in of_week) / 1000:.1f}" if of_week else "",
            _marked([spikes[run] for run in of_week if run in spikes]),
        )
    legend = "↑ longer than the longest run of the 30 days before it, by more than a tenth"
    return Readable(
        Group(
            table,
            Text(""),
            *([Text(legend, style="dim")] if any(run in spikes for run in shown) else []),
            Text(long_run_words(runs, today)),
        )
    )


def spike_view(spike: Spike) -> RenderableType:
    """One run that was longer than those before it, in words."""
    return Text.assemble((f"{run_day(spike.run).isoformat()}  ", SPIKE_STYLE), spike.words)


def _days(runs: Sequence[Run], monday: date, longest_m: float) -> str:
    """Bars of the seven days of a week; a gap where nothing was run."""
    by_day = _by_day(runs)
    days = [by_day.get(monday + timedelta(days=day)) for day in range(7)]
    return sparkline(days, len(days), low=0.0, high=longest_m) if runs else GAP * len(days)


def _by_day(runs: Sequence[Run]) -> dict[date, float]:
    """Metres run on every day with a run."""
    by_day: dict[date, float] = {}
    for run in runs:
        by_day[run_day(run)] = by_day.get(run_day(run), 0.0) + run.distance_m
    return by_day


def _bar(distance_m: float, most_m: float) -> str:
    return BLOCK * round(BAR_WIDTH * distance_m / most_m) if most_m > 0 else ""


def _marked(spikes: Sequence[Spike]) -> Text:
    """The longest leap of a week."""
    if not spikes:
        return Text("")
    return Text(f"↑ {max(spike.ratio for spike in spikes):.2f} x", style=SPIKE_STYLE)
