"""A week at a glance: seven days, what was done on each, and what is to come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from hipdrive.numbers import counted, listed
from hipdrive.report.training_words import short_day
from hipdrive.training.history import WEEKDAYS, History
from hipdrive.training.load import monday_of, run_day
from hipdrive.training.programme import Programme

DONE, TO_COME, NOTHING = "✓", "○", ""  # marks of a day
DAY: Final = timedelta(days=1)


@dataclass(frozen=True)
class DayOfWeek:
    """One day.

    Attributes
    ----------
    name : str
        "Mon".
    mark : str
        Of strength work: done, to come, or nothing.
    run : str
        What was run, such as "8.2 km"; empty where nothing was.
    words : str
        All of it, for those who do not see the marks.
    is_today : bool
    """

    day: date
    name: str
    mark: str
    run: str
    words: str
    is_today: bool


def week_at_a_glance(history: History, programme: Programme) -> tuple[DayOfWeek, ...]:
    """Days of this week, from Monday."""
    today = programme.made_for
    done = {session.day for session in history.sessions}
    to_come = {session.day for session in programme.sessions} - done
    metres: dict[date, float] = {}
    for run in history.runs:
        metres[run_day(run)] = metres.get(run_day(run), 0.0) + run.distance_m
    week = []
    for day in (monday_of(today) + DAY * number for number in range(7)):
        mark = DONE if day in done else TO_COME if day in to_come else NOTHING
        ran = f"{metres[day] / 1000:.1f} km" if day in metres else ""
        said = {DONE: ["strength done"], TO_COME: ["strength planned"], NOTHING: []}[mark] + (
            [f"ran {ran}"] if ran else []
        )
        week.append(
            DayOfWeek(
                day, WEEKDAYS[day.weekday()], mark, ran, f"{short_day(day)}: {listed(said) or 'nothing'}", day == today
            )
        )
    return tuple(week)


def week_so_far(history: History, programme: Programme) -> str:
    """Say how many sessions were done this week, and how many are to come."""
    monday = monday_of(programme.made_for)
    done = {session.day for session in history.sessions if monday <= session.day <= programme.made_for}
    left = [one for one in programme.sessions if one.day < monday + 7 * DAY and one.day not in done]
    said = f"{counted(len(done), 'session')} done this week"
    return f"{said}, {len(left)} to come." if left else f"{said}."
