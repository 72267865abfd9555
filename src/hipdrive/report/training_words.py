"""Plan and progress in words, as terminal and pages say them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Final

from hipdrive.training.done import day_words
from hipdrive.training.history import WEEKDAYS, History
from hipdrive.training.ladder import LINE_NAMES, PICTURES, Exercise
from hipdrive.training.pain import Light
from hipdrive.training.programme import LineState, Phase, PlannedSession, PlannedWeek, Programme
from hipdrive.training.progression import RACE_WEEK_M, READY_SESSIONS
from hipdrive.training.selftest import TESTS
from hipdrive.training.trends import Curve, Group, Point, Trend

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
    "The diary is empty so far: begin with the first session of the plan. What you do and film is then shown here."
)
NOT_ADVICE: Final = "Not medical advice."
SMALL_PRINT: Final = (
    "The band of a share holds the true one in 95 of 100 cases, were repetitions independent; those of one set are "
    "alike, so it is a little less sure. The band of a measured value is one standard deviation of the measurement to "
    "each side. Measures of a run change with its speed: compare runs of about the same."
)


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


def week_of(monday: date, today: date) -> str:
    """Say a week of the diary.

    Examples
    --------
    >>> week_of(date(2026, 11, 16), date(2026, 11, 24)), week_of(date(2026, 11, 2), date(2026, 11, 24))
    ('Last week', 'Week of 2 November 2026')
    """
    weeks = (monday - (today - timedelta(days=today.weekday()))).days // 7
    return {0: "This week", -1: "Last week", 1: "Next week"}.get(weeks, f"Week of {monday.day} {monday:%B %Y}")


def aims_words(history: History, today: date) -> list[str]:
    """Say what a runner is after, and the next race, as they were entered; and what of it the plan heeds.

    Examples
    --------
    >>> from hipdrive.training.history import Profile, Race
    >>> anna = Profile("Anna", goals=("10 km without pain", "a calm summer"))
    >>> race = Race(date(2026, 12, 6), 10_000, "City run")
    >>> for line in aims_words(History(anna, races=(race,)), date(2026, 11, 24)):
    ...     print(line)
    You are after: 10 km without pain; a calm summer. The plan is made of what you do, not of these words.
    Next race: Sunday, 6 December 2026, in 12 days: City run, 10 km. The plan is easy in that week.
    """
    said = []
    if history.profile.goals:
        goals = "; ".join(history.profile.goals).rstrip(".")
        said.append(f"You are after: {goals}. The plan is made of what you do, not of these words.")
    race = min((one for one in history.races if one.day >= today), key=lambda one: one.day, default=None)
    if race is not None:
        days = (race.day - today).days
        when = {0: "today", 1: "tomorrow"}.get(days, f"in {days} days")
        heeds = "is easy in that week" if race.distance_m >= RACE_WEEK_M else "keeps hard leg work away from it"
        name = f"{race.name}, " if race.name else ""
        said.append(
            f"Next race: {day_words(race.day)} {race.day.year}, {when}: {name}{race.distance_m / 1000:g} km. "
            f"The plan {heeds}."
        )
    return said


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
    name = next((test.name for test in TESTS if test.id == session.test), session.test)
    return f"First the self test: {name}"


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
