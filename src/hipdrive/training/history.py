"""What happened: a runner's profile and everything that was done, felt, tested and run.

The diary stores it, the programme is a pure function of it. Days are local days of the runner; times carry their zone.
Missing is None, never zero.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final, Literal

Side = Literal["left", "right"]
Band = Literal["yellow", "red", "green", "blue", "black", "silver", "gold"]
Experience = Literal["new", "some", "regular"]

BANDS: Final[tuple[Band, ...]] = ("yellow", "red", "green", "blue", "black", "silver", "gold")  # lightest first
WEEKDAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")  # 0 is Monday, as in `datetime.date.weekday`


@dataclass(frozen=True)
class Profile:
    """Who runs, and how the week looks.

    Attributes
    ----------
    height_m, mass_kg : float or None
    sex : {"f", "m"} or None
        As the reference equations know it.
    birth_year : int or None
    experience : {"new", "some", "regular"}
        With strength training: none in the last months, now and then, or every week.
    run_days, key_run_days, free_days : tuple of int
        Usual weekdays, 0 for Monday: of all runs, of the hard and the long ones among them, and those with time for
        strength. With no `free_days` every day is free.
    sessions_a_week : int
        Strength sessions that are wanted, 2 or 3.
    hours_sat : float or None
        Hours a day on a chair.
    bands : tuple of str
        Colours owned, of `BANDS`.
    equipment : tuple of str
        What else is there, of `hipdrive.training.ladder.EQUIPMENT`.
    goals : tuple of str
        In the runner's own words.
    session_at : str
        Local time of day at which sessions are put into the calendar, "18:00".
    time_zone : str
        Name of the zone, "Europe/Berlin".
    """

    name: str
    height_m: float | None = None
    mass_kg: float | None = None
    sex: Literal["f", "m"] | None = None
    birth_year: int | None = None
    experience: Experience = "new"
    run_days: tuple[int, ...] = ()
    key_run_days: tuple[int, ...] = ()
    free_days: tuple[int, ...] = ()
    sessions_a_week: int = 2
    hours_sat: float | None = None
    bands: tuple[Band, ...] = ()
    equipment: tuple[str, ...] = ()
    goals: tuple[str, ...] = ()
    session_at: str = "18:00"
    time_zone: str = "UTC"


@dataclass(frozen=True)
class Screening:
    """Answers to the questions asked before the first plan: ids of `hipdrive.training.pain` and whether it is so.

    `cleared` is a day on which a professional, having been seen about it, said that training is all right.
    """

    day: date
    answers: Mapping[str, bool]
    cleared: date | None = None


@dataclass(frozen=True)
class SetDone:
    """One set.

    Attributes
    ----------
    amount : float
        In the unit of the exercise's dose (repetitions, steps each way, seconds); of the weaker side where there are
        two.
    reserve : float or None
        Repetitions that would still have been possible; 10 less the RPE.
    load_kg, band
        What made it harder.
    clean_share : float or None
        Share of the repetitions that were as the coach wants them, 0 to 1.
    fault_share : float or None
        Share of the repetitions with a fault.
    seen_by : {"video", "self"} or None
        Who says so.
    """

    amount: float
    reserve: float | None = None
    load_kg: float | None = None
    band: Band | None = None
    clean_share: float | None = None
    fault_share: float | None = None
    seen_by: Literal["video", "self"] | None = None


@dataclass(frozen=True)
class ExerciseDone:
    """The sets of one exercise of the ladder."""

    exercise: str
    sets: tuple[SetDone, ...]


@dataclass(frozen=True)
class SessionDone:
    """Everything done for strength on one day.

    Attributes
    ----------
    rpe : float or None
        How hard it was as a whole, 0 to 10.
    pain : float or None
        The worst pain in it, 0 to 10; None where it was not asked for.
    planned : str or None
        `PlannedSession.id` of what was planned for it.
    note : str
    """

    day: date
    exercises: tuple[ExerciseDone, ...]
    rpe: float | None = None
    pain: float | None = None
    planned: str | None = None
    note: str = ""


@dataclass(frozen=True)
class PainReport:
    """How something hurts, outside of a session or the morning after.

    Attributes
    ----------
    score : float
        0 to 10.
    where : str
        "left hip", in the runner's own words.
    when : {"during", "after", "next_morning", "run", "rest"}
    settled : bool or None
        Whether it was back to how it was before by the next morning.
    flags : tuple of str
        Ids of red flags of `hipdrive.training.pain` that were said yes to.
    cleared : date or None
        The day on which a professional said that training is all right.
    """

    day: date
    score: float
    where: str = ""
    when: Literal["during", "after", "next_morning", "run", "rest"] = "during"
    settled: bool | None = None
    flags: tuple[str, ...] = ()
    cleared: date | None = None
    note: str = ""


@dataclass(frozen=True)
class TestResult:
    """One self test; sides are None where the test has none, `both` where it has sides.

    `error` is one standard deviation of the measurement, in `unit`.
    """

    __test__ = False  # for pytest: this is no test of ours

    day: date
    test: str
    unit: str
    left: float | None = None
    right: float | None = None
    both: float | None = None
    error: float | None = None
    timed_by: Literal["video", "hand"] = "hand"
    note: str = ""


@dataclass(frozen=True)
class Run:
    """One run, as a watch recorded it or as it was typed in.

    `start` carries a time zone; `fingerprint` is the same for the same run, whatever file it comes from.
    """

    start: datetime
    distance_m: float
    duration_s: float
    ascent_m: float | None = None
    heart_rate_bpm: float | None = None
    cadence_spm: float | None = None
    source: str = ""
    fingerprint: str = ""


@dataclass(frozen=True)
class Race:
    """A race, past or to come."""

    day: date
    distance_m: float
    name: str = ""


@dataclass(frozen=True)
class Away:
    """Days, both included, on which nothing can be done: travel, illness."""

    first: date
    last: date
    why: str = ""


@dataclass(frozen=True)
class Seen:
    """What an analysis said, as far as trends need it.

    Attributes
    ----------
    movement : str
    shares : mapping of str to tuple of int
        For every cue: repetitions judged, good, at fault.
    measures : mapping of str to tuple
        For every measure: value, error (1 SD), unit, left, right.
    advice : tuple of str
        What was advised on, the weightiest first: ids of cues and measures.
    """

    day: date
    movement: str
    repetitions: int
    shares: Mapping[str, tuple[int, int, int]] = field(default_factory=dict)
    measures: Mapping[str, tuple[float, float | None, str, float | None, float | None]] = field(default_factory=dict)
    advice: tuple[str, ...] = ()
    name: str = ""


@dataclass(frozen=True)
class History:
    """Everything that is known about one runner; every tuple is in the order of time."""

    profile: Profile
    screenings: tuple[Screening, ...] = ()
    sessions: tuple[SessionDone, ...] = ()
    pains: tuple[PainReport, ...] = ()
    tests: tuple[TestResult, ...] = ()
    runs: tuple[Run, ...] = ()
    races: tuple[Race, ...] = ()
    away: tuple[Away, ...] = ()
    seen: tuple[Seen, ...] = ()
