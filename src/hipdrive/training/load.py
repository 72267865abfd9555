"""How much is run: the longest single run that is asked for next, and the runs that were longer than that.

The rule is the single run, not the week: among 5205 runners the rate of overuse injury was higher after a run more
than a tenth longer than the longest of the 30 days before it, while the ratio of one week to the week before had no
relation to injury (Frandsen 2025, Br J Sports Med 59:1203). It is an association in a cohort, with injuries as the
runners themselves reported them; it foretells nobody's injury.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

from hipdrive.training.history import Run

WINDOW: Final = timedelta(days=30)  # the longest run is looked for in it; Frandsen 2025, Br J Sports Med
MOST_GROWTH: Final = 1.10  # of the longest run: up to here is the reference of Frandsen 2025, Br J Sports Med

LEAST_FAST_M: Final = 1500.0  # shorter runs are strides or a test of the watch, and no key run; proposal

STUDY: Final = "Frandsen 2025, Br J Sports Med"


@dataclass(frozen=True)
class SpikeBand:
    """How much longer than the longest run of the 30 days before, and what the study found after such runs.

    Attributes
    ----------
    name : {"small", "moderate", "large"}
    above : float
        Ratio above which a run belongs to it.
    longer : str
        In words.
    rate, rate_low, rate_high : float
        Rate of overuse injury against runs up to a tenth longer: adjusted hazard rate ratio and its 95 % interval.
    """

    name: Literal["small", "moderate", "large"]
    above: float
    longer: str
    rate: float
    rate_low: float
    rate_high: float


# Frandsen 2025, Br J Sports Med: 5205 runners, 588 071 runs, 18 months
SPIKE_BANDS: Final = (
    SpikeBand("small", MOST_GROWTH, "10 to 30 % longer", 1.64, 1.31, 2.05),
    SpikeBand("moderate", 1.30, "30 to 100 % longer", 1.52, 1.16, 2.00),
    SpikeBand("large", 2.00, "more than twice as long", 2.28, 1.50, 3.48),
)


@dataclass(frozen=True)
class Spike:
    """A run more than a tenth longer than the longest of the 30 days before it.

    Attributes
    ----------
    longest_before_m : float
        The longest run of the 30 days before.
    """

    run: Run
    longest_before_m: float
    band: SpikeBand

    @property
    def ratio(self) -> float:
        """Times the longest run of the 30 days before."""
        return self.run.distance_m / self.longest_before_m

    @property
    def words(self) -> str:
        """What was run, what the study found after such runs, and what that does not mean."""
        return (
            f"{_km(self.run.distance_m)} was {self.ratio:.1f} times your longest run of the 30 days before "
            f"({_km(self.longest_before_m)}). Among 5205 runners, overuse injuries came {self.band.rate:.2f} times as "
            f"often (95 % interval {self.band.rate_low:.2f} to {self.band.rate_high:.2f}) after runs "
            f"{self.band.longer} as after runs up to 10 % longer. That is what was seen among many, not a forecast "
            f"for you ({STUDY})."
        )


@dataclass(frozen=True)
class KeyRuns:
    """The longest and the fastest run of a week; they are one and the same when there was one run."""

    longest: Run
    fastest: Run | None

    @property
    def days(self) -> tuple[date, ...]:
        """Their days, in order, each once."""
        runs = [self.longest] if self.fastest is None else [self.longest, self.fastest]
        return tuple(sorted({run_day(run) for run in runs}))


def run_day(run: Run) -> date:
    """Day of the runner on which a run began."""
    return run.start.date()


def monday_of(day: date) -> date:
    """Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def longest_run(runs: Iterable[Run], today: date) -> Run | None:
    """Longest run of the 30 days before a day, that day itself left out; None when there was no run."""
    recent = [run for run in runs if today - WINDOW <= run_day(run) < today and run.distance_m > 0]
    return max(recent, key=lambda run: run.distance_m, default=None)


def long_run_limit_m(runs: Iterable[Run], today: date) -> float | None:
    """What no single run should be longer than: 1.10 times the longest of the 30 days before today.

    Returns
    -------
    float or None
        In metres; None when there was no run in these days, as there is nothing to measure by then.
    """
    longest = longest_run(runs, today)
    return None if longest is None else MOST_GROWTH * longest.distance_m


def long_run_words(runs: Iterable[Run], today: date) -> str:
    """Say the limit of `long_run_limit_m`, or that there is none and what to do then."""
    longest = longest_run(runs, today)
    if longest is None:
        return (
            "There is no run of the last 30 days to measure by. Start with a distance that feels easy; "
            "it is what the next runs are measured by."
        )
    return (
        f"Keep single runs up to {_km(MOST_GROWTH * longest.distance_m)}: a tenth more than your longest of the last "
        f"30 days ({_km(longest.distance_m)}; {STUDY})."
    )


def long_run_spikes(runs: Iterable[Run]) -> list[Spike]:
    """Runs that were more than a tenth longer than the longest of the 30 days before them, in the order of time.

    A run with no other in the 30 days before it is measured by nothing and is none.
    """
    ordered = sorted(runs, key=lambda run: run.start)
    spikes = []
    first = 0  # of those in the 30 days before
    for place, run in enumerate(ordered):
        while run_day(ordered[first]) < run_day(run) - WINDOW:
            first += 1
        longest_m = max((other.distance_m for other in ordered[first:place]), default=0.0)
        band = _band(run.distance_m, longest_m)
        if band is not None:
            spikes.append(Spike(run, longest_m, band))
    return spikes


def weekly_distance(runs: Iterable[Run], first: date, last: date) -> dict[date, float]:
    """Distance run in every week from that of one day to that of another.

    Returns
    -------
    dict of date to float
        Metres, by the Monday of the week; 0 where nothing was recorded.
    """
    weeks = (monday_of(last) - monday_of(first)).days // 7 + 1
    distances = dict.fromkeys((monday_of(first) + timedelta(weeks=week) for week in range(weeks)), 0.0)
    for run in runs:
        monday = monday_of(run_day(run))
        if monday in distances:
            distances[monday] += run.distance_m
    return distances


def key_runs(runs: Iterable[Run], monday: date) -> KeyRuns | None:
    """The longest and the fastest run of the week of a day; None when nothing was run.

    The fastest is that with the highest mean speed. Intervals with slow breaks hide from it; the profile's
    `key_run_days` say more, where they are filled in.
    """
    week = [run for run in runs if monday_of(run_day(run)) == monday_of(monday) and run.distance_m > 0]
    if not week:
        return None
    return KeyRuns(max(week, key=lambda run: run.distance_m), _fastest(week))


def _fastest(runs: Sequence[Run]) -> Run | None:
    timed = [run for run in runs if run.duration_s > 0 and run.distance_m >= LEAST_FAST_M]
    return max(timed, key=lambda run: run.distance_m / run.duration_s, default=None)


def _band(distance_m: float, longest_m: float) -> SpikeBand | None:
    """Band of a run against the longest before; None up to a tenth more, and where there is nothing to compare with."""
    if longest_m <= 0:
        return None
    return next((band for band in reversed(SPIKE_BANDS) if distance_m > band.above * longest_m), None)


def _km(distance_m: float) -> str:
    return f"{distance_m / 1000:.1f} km"
