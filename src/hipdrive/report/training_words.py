"""Plan and progress in words, as terminal and pages say them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Final

import hipdrive.training
from hipdrive.numbers import counted
from hipdrive.training.history import WEEKDAYS
from hipdrive.training.ladder import Dose, Exercise
from hipdrive.training.pain import Light
from hipdrive.training.programme import LineState, Phase, PlannedSession, PlannedWeek, Programme
from hipdrive.training.progression import READY_SESSIONS
from hipdrive.training.trends import LINE_NAMES, Curve, Group, Point, Trend

PICTURES: Final = Path(hipdrive.training.__file__).with_name("pictures")
MOST_PICTURE_BYTES: Final = 1_000_000  # those of the ladder have some tens of thousands

PHASE_WORDS: Final[Mapping[Phase, str]] = {
    "build": "building",
    "deload": "a lighter week",
    "return": "coming back",
    "race": "race week",
    "keep": "keeping what is there",
}
# A mark and a word beside every colour, for those who cannot tell the colours.
LIGHT_MARKS: Final[Mapping[Light, str]] = {"green": "✓", "amber": "?", "red": "✗"}
LIGHT_NAMES: Final[Mapping[Light, str]] = {"green": "fine", "amber": "watch it", "red": "leave out what hurts"}
GROUPS: Final[Mapping[Group, str]] = {
    "sessions": "Sessions, and how they felt",
    "levels": "On the ladder",
    "cues": "What the camera saw",
    "tests": "Self tests",
    "runs": "Runs",
    "measures": "How you run",
}
NOTHING_YET: Final = (
    "The diary is empty so far. 'hipdrive plan' shows the first session, 'hipdrive done' writes it down; "
    "then progress is shown here."
)
NOT_ADVICE: Final = "Not medical advice."
SMALL_PRINT: Final = (
    "The band of a share holds the true one in 95 of 100 cases, were repetitions independent; those of one set are "
    "alike, so it is a little less sure. The band of a measured value is one standard deviation of the measurement to "
    "each side. Measures of a run change with its speed: compare runs of about the same."
)


def dose_sentence(dose: Dose) -> str:
    """Say a dose as a coach would.

    Examples
    --------
    >>> dose_sentence(Dose(3, 10, 12))
    '3 sets of 10 to 12, slow: 2 s up, 1 s hold, 3 s down; stop with 3 to 4 left in you; 60 s of rest'
    >>> dose_sentence(Dose(1, 20, 30, "seconds", each_side=True, tempo_s=(0, 0, 0), rest_s=0))
    '1 set of 20 to 30 s on each side'
    """
    amount, manner = dose_amount(dose), dose_manner(dose)
    return f"{amount}{', ' if manner.startswith('slow') else '; '}{manner}" if manner else amount


def dose_amount(dose: Dose) -> str:
    """Say how much it is.

    Examples
    --------
    >>> dose_amount(Dose(2, 8, 8, "steps each way", tempo_s=(0, 0, 0), band="red"))
    '2 sets of 8 steps each way with the red band'
    """
    words = f"{counted(dose.sets, 'set')} of {_amount(dose)}"
    if dose.each_side:
        words += " on each side"
    made_harder = ([f"the {dose.band} band"] if dose.band else []) + ([f"{dose.load_kg:g} kg"] if dose.load_kg else [])
    return f"{words} with {' and '.join(made_harder)}" if made_harder else words


def dose_manner(dose: Dose) -> str:
    """Say how fast it is, how far to go, and how long to rest; empty where there is nothing to say."""
    words = []
    if dose.unit == "repetitions" and any(dose.tempo_s):
        words.append(f"slow: {_tempo(dose)}")
    if dose.unit != "seconds":
        words.append(f"stop with {_between(*dose.reserve)} left in you")
    if dose.rest_s:
        words.append(f"{dose.rest_s} s of rest")
    return "; ".join(words)


def short_dose(dose: Dose) -> str:
    """Sets and range, as one writes them into a table.

    Examples
    --------
    >>> short_dose(Dose(3, 10, 12)), short_dose(Dose(2, 30, 30, "seconds"))
    ('3 × 10-12', '2 × 30 s')
    """
    amount = f"{dose.least}" if dose.least == dose.most else f"{dose.least}-{dose.most}"
    return f"{dose.sets} × {amount}{' s' if dose.unit == 'seconds' else ''}"


def _amount(dose: Dose) -> str:
    unit = {"repetitions": "", "seconds": " s", "steps each way": " steps each way"}[dose.unit]
    return f"{_between(dose.least, dose.most)}{unit}"


def _between(least: int, most: int) -> str:
    return f"{least}" if least == most else f"{least} to {most}"


def _tempo(dose: Dose) -> str:
    parts = zip(dose.tempo_s, ("up", "hold", "down"), strict=True)
    return ", ".join(f"{seconds:g} s {word}" for seconds, word in parts if seconds)


def name_of(exercise: str, rungs: Mapping[str, Exercise]) -> str:
    """Name of a rung; of one that this release does not know, its id in plain letters."""
    return rungs[exercise].name if exercise in rungs else exercise.replace("_", " ")


def short_day(day: date) -> str:
    """Say a day.

    Examples
    --------
    >>> short_day(date(2026, 11, 4))
    'Wed 4 Nov'
    """
    return f"{WEEKDAYS[day.weekday()]} {day.day} {day:%b}"


def day_from(day: date, today: date) -> str:
    """Say a day as it is seen from today.

    Examples
    --------
    >>> day_from(date(2026, 11, 25), date(2026, 11, 24)), day_from(date(2026, 11, 27), date(2026, 11, 24))
    ('Tomorrow, Wed 25 Nov', 'Fri 27 Nov')
    """
    near = {0: "Today, ", 1: "Tomorrow, "}.get((day - today).days, "")
    return near + short_day(day)


def week_name(week: PlannedWeek, today: date) -> str:
    """Say which week it is."""
    away = (week.monday - today).days
    if away <= 0:
        return "This week"
    return "Next week" if away <= 7 else f"Week of {week.monday.day} {week.monday:%B}"


def week_words(week: PlannedWeek) -> list[str]:
    """Say what kind of week it is: its phase, what grows, and how long a run may be."""
    words = [PHASE_WORDS[week.phase]]
    grows = next((name for line, name in LINE_NAMES.items() if line == week.grows), week.grows)
    if grows != "nothing":
        words.append(f"{'the ' if grows == 'long run' else ''}{grows} grows")
    if week.long_run_limit_m is not None:
        words.append(f"runs up to {week.long_run_limit_m / 1000:.1f} km")
    return words


def ready_words(state: LineState) -> str:
    """Say how near the next step is."""
    ready = min(state.sessions_ready, READY_SESSIONS)
    return f"{ready} of the {READY_SESSIONS} sessions that lead on" if ready else ""


def session_facts(session: PlannedSession) -> list[str]:
    """Say how long it takes and when."""
    return [f"about {session.minutes:.0f} min", session.when, *(["hard for the legs"] if session.hard else [])]


def self_test_words(session: PlannedSession) -> str:
    """Say which self test comes first; empty where there is none."""
    if session.test is None:
        return ""
    return f"First the self test: hipdrive test {session.test}"


def todays_session(programme: Programme) -> PlannedSession | None:
    """Session of the day for which the plan was made."""
    return next((session for session in programme.sessions if session.day == programme.made_for), None)


def picture_of(exercise: Exercise | None) -> Path | None:
    """Picture of an exercise; None where there is none."""
    if exercise is None or not exercise.picture:
        return None
    path = PICTURES / Path(exercise.picture).name
    return path if path.is_file() and path.stat().st_size <= MOST_PICTURE_BYTES else None


def point_words(trend: Trend, point: Point) -> str:
    """Say a point, with the light where it has one."""
    if point.light is not None:
        return f"{point.words}, {LIGHT_NAMES[point.light]}"
    return point.words


def change_mark(trend: Trend) -> str:
    """An arrow for a sure change, one with a question mark for a possible one, "=" for none; empty where unknown."""
    if trend.change is None or trend.change == "none":
        return "=" if trend.change else ""
    points = trend.curves[0].points
    arrow = "↑" if points[-1].value >= points[0].value else "↓"
    return arrow if trend.change == "sure" else f"{arrow}?"


def shown_curves(trend: Trend) -> tuple[Curve, ...]:
    """The first curve; where it is that of a side, the others beside it. Sides of a mean are told, not drawn."""
    return trend.curves if trend.curves[0].name else trend.curves[:1]


def scale_of(trend: Trend) -> tuple[float, float]:
    """Ends of the scale of values: its own, or all values with their errors and the finite ends of what is usual."""
    if trend.scale is not None:
        return trend.scale
    points = [point for curve in shown_curves(trend) for point in curve.points]
    ends = [end for point in points for end in (point.value, point.low, point.high) if end is not None]
    ends += [end for end in trend.usual or () if math.isfinite(end)]
    return min(ends), max(ends)
