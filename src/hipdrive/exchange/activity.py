"""What a recorded run is, whatever file it comes from, and which two recordings are one and the same run."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from hipdrive.training.history import Run

TYPED: Final = "typed"  # `Run.source` of a run that was typed in

# one run recorded twice; proposals. A watch writes the same second into all its files, a phone is started a little
# earlier or later; distances of one run by GPS chip, foot pod and corrected track differ by a few percent.
MOST_START_APART: Final = timedelta(minutes=2)
MOST_DISTANCE_APART: Final = 0.10  # of the longer
MOST_TYPED_APART: Final = 0.05  # of the longer, for a run typed in, of which only the day is known
NEAR: Final = timedelta(hours=38)  # two moments of one day of the calendar are never further apart, whatever the zones

# numbers that no run has; beyond them a file is damaged or its clock is wrong
FIRST_YEAR, LAST_YEAR = 1990, 2100  # watches that do not know the time begin at the epoch of FIT, 31 December 1989
MOST_DISTANCE_M: Final = 1_200_000.0  # six-day races: a little over 1000 km
MOST_DURATION_S: Final = 7 * 86_400.0
MOST_SPEED_M_S: Final = 12.5  # the fastest 10 m of the 100 m world record: 12.3 m/s (Graubner 2011, New Stud Athlet)
HEART_BPM: Final = (25.0, 250.0)
MOST_STRIDES_PER_MIN: Final = 115.0  # of one leg: nobody runs at 230 steps/min; above it both legs were counted
MOST_STEPS_PER_MIN: Final = 300.0
MOST_ASCENT_M: Final = 50_000.0

ADD_BY_HAND: Final = "it can be entered by hand"


@dataclass(frozen=True)
class LeftOut:
    """A file or an activity that is no run for the diary.

    Attributes
    ----------
    name : str
        Of the file.
    why : str
        The same words for the same reason, so that they can be counted: "cycling", "no activity".
    damaged : bool
        It could not be read.
    """

    name: str
    why: str
    damaged: bool = False


@dataclass(frozen=True)
class Found:
    """What files hold: runs, and what was left out of them."""

    runs: tuple[Run, ...] = ()
    left_out: tuple[LeftOut, ...] = ()

    def __add__(self, other: Found) -> Found:
        return Found(self.runs + other.runs, self.left_out + other.left_out)


@dataclass(frozen=True)
class Recorded:
    """An activity as a file tells it; what the file does not say is None."""

    source: str
    sport: str
    start: datetime | None
    distance_m: float | None
    duration_s: float | None
    ascent_m: float | None = None
    heart_rate_bpm: float | None = None
    cadence_spm: float | None = None


def found_in(recorded: Iterable[Recorded], name: str) -> Found:
    """Runs among the activities of a file, and why the others are none.

    Parameters
    ----------
    recorded : iterable of Recorded
        With the sport "running" for runs.
    name : str
        Of the file.
    """
    runs, left_out = [], []
    for activity in recorded:
        run = _run(activity)
        if isinstance(run, Run):
            runs.append(run)
        else:
            left_out.append(LeftOut(name, run))
    return Found(tuple(runs), tuple(left_out))


def _run(activity: Recorded) -> Run | str:
    """The activity as a run, or why it is none."""
    if activity.sport != "running":
        return activity.sport
    start, distance_m, duration_s = activity.start, activity.distance_m, activity.duration_s
    if start is None or not FIRST_YEAR < start.year < LAST_YEAR:
        return f"a run without a date ({ADD_BY_HAND})"
    if not distance_m:
        return f"a run without a distance ({ADD_BY_HAND})"
    if not duration_s:
        return f"a run without a duration ({ADD_BY_HAND})"
    if distance_m > MOST_DISTANCE_M or duration_s > MOST_DURATION_S or distance_m > MOST_SPEED_M_S * duration_s:
        return f"a run with a speed or distance that nobody runs ({ADD_BY_HAND})"
    return Run(
        start,
        round(distance_m, 1),
        round(duration_s, 1),
        _within(activity.ascent_m, 0, MOST_ASCENT_M),
        _within(activity.heart_rate_bpm, *HEART_BPM),
        _within(activity.cadence_spm, 1, MOST_STEPS_PER_MIN),
        activity.source,
        fingerprint(start, distance_m),
    )


def typed_run(start: datetime, distance_m: float, duration_s: float, *, time_known: bool = False) -> Run:
    """A run that was typed in; typing it twice gives the same fingerprint.

    Parameters
    ----------
    start : datetime
        With its zone.
    time_known : bool
        Whether the time of day was told; if not, only the day counts.
    """
    mark = f"{TYPED} {start.date()} {distance_m:.0f} m {duration_s:.0f} s"
    return Run(
        start,
        distance_m,
        duration_s,
        source=TYPED,
        fingerprint=fingerprint(start, distance_m) if time_known else mark,
    )


def fingerprint(start: datetime, distance_m: float) -> str:
    """Mark of a run: the second of its start in UTC, and its distance to 100 m.

    All files of one watch mostly give the same one. Where they do not (a GPX file begins with the first point that has
    a position, its distance is measured anew), `same_run` knows them for one run.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> fingerprint(datetime(2026, 11, 20, 6, 12, 30, tzinfo=UTC), 8234.5)
    '20261120T061230Z 8.2 km'
    """
    return f"{start.astimezone(UTC):%Y%m%dT%H%M%SZ} {distance_m / 1000:.1f} km"


def same_run(one: Run, other: Run) -> bool:
    """Whether two recordings are of one run.

    They are when they began within two minutes of each other and their distances differ by at most a tenth of the
    longer. Of a run typed in often only the day is known: there it is the day that counts, and distance and duration
    may differ by a twentieth. Two such runs are one only when they are equal.
    """
    if one.fingerprint and one.fingerprint == other.fingerprint:
        return True
    if _only_day(one) or _only_day(other):
        return (
            _only_day(one) != _only_day(other)
            and one.start.date() == other.start.date()
            and _alike(one.distance_m, other.distance_m, MOST_TYPED_APART)
            and _alike(one.duration_s, other.duration_s, MOST_TYPED_APART)
        )
    return abs(one.start - other.start) <= MOST_START_APART and _alike(
        one.distance_m, other.distance_m, MOST_DISTANCE_APART
    )


def new_runs(existing: Iterable[Run], found: Iterable[Run]) -> list[Run]:
    """Runs that are not there yet, each once, in the order of time.

    Of several recordings of one run the one that says most is kept. A run of which only the day is known stands for
    one recording, so that the way there and the way back stay two.

    Parameters
    ----------
    existing : iterable of Run
        Of the diary.
    found : iterable of Run
        In files.
    """
    known = sorted(existing, key=_start)
    marks = {run.fingerprint for run in known}
    taken: set[str] = set()  # fingerprints of typed runs for which a recording was found
    new = []
    for run in sorted(found, key=lambda run: (-_told(run), run.source, run.start)):
        if run.fingerprint in marks:
            continue
        first = bisect_left(known, run.start - NEAR, key=_start)
        last = bisect_right(known, run.start + NEAR, key=_start)
        twin = next(
            (other for other in known[first:last] if other.fingerprint not in taken and same_run(run, other)), None
        )
        if twin is None:
            new.append(run)
            marks.add(run.fingerprint)
            insort(known, run, key=_start)
        elif _only_day(twin) and not _only_day(run):
            taken.add(twin.fingerprint)
    return sorted(new, key=_start)


def steps_per_min(cadence: float | None) -> float | None:
    """Steps of both feet per minute from what files hold, which are strides of one leg.

    A few programs write steps of both feet there; they are known by a rate that no leg reaches.
    """
    if cadence is None or cadence <= 0:
        return None
    return 2 * cadence if cadence <= MOST_STRIDES_PER_MIN else cadence


def number(value: object) -> float | None:
    """Finite number of a text or a number, else None."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        read = float(value)
    except (ValueError, OverflowError):
        return None
    return read if math.isfinite(read) else None


def _start(run: Run) -> datetime:
    return run.start


def _only_day(run: Run) -> bool:
    """Whether the time of day of a run was never told."""
    return run.fingerprint.startswith(TYPED)


def _told(run: Run) -> int:
    """How much is known of a run."""
    return sum(value is not None for value in (run.ascent_m, run.heart_rate_bpm, run.cadence_spm))


def _alike(one: float, other: float, share: float) -> bool:
    return abs(one - other) <= share * max(one, other)


def _within(value: float | None, least: float, most: float) -> float | None:
    return None if value is None or not least <= value <= most else round(value, 1)


def by_reason(left_out: Sequence[LeftOut]) -> dict[str, list[str]]:
    """Names of what was left out, by the reason, the commonest first."""
    reasons: dict[str, list[str]] = {}
    for entry in left_out:
        reasons.setdefault(entry.why, []).append(entry.name)
    return dict(sorted(reasons.items(), key=lambda entry: (-len(entry[1]), entry[0])))
