"""What is asked about a runner, how answers are read, and how they are said again."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from hipdrive.errors import HipdriveError
from hipdrive.movements.runner import Runner
from hipdrive.training.history import BANDS, WEEKDAYS, Band, Profile
from hipdrive.training.ladder import EQUIPMENT

MOST_LETTERS: Final = 120  # of a name or a goal
MOST_GOALS: Final = 10
OLDEST_YEARS: Final = 110
NOTHING: Final = ("", "-", "–", "none", "no")  # how one says that there is nothing

EXPERIENCES: Final = {
    "new": "new to it",
    "some": "now and then",
    "regular": "every week",
}


@dataclass(frozen=True)
class Asked:
    """One question of the profile.

    Attributes
    ----------
    field : str
        Of `Profile`.
    label : str
        Of two or three words.
    text : str
        The question.
    hint : str
        How an answer looks.
    read : callable
        From what was typed to the value; raises `HipdriveError` with the cure.
    words : callable
        From the value to what can be typed, and read.
    """

    field: str
    label: str
    text: str
    hint: str
    read: Callable[[str], Any]
    words: Callable[[Any], str]


def changed(profile: Profile, answers: Mapping[str, str]) -> Profile:
    """Profile with some answers changed.

    Parameters
    ----------
    profile : Profile
    answers : mapping of str to str
        What was typed, by field.

    Raises
    ------
    HipdriveError
        When an answer cannot be read; the message names the cure.
    """
    by_field = {asked.field: asked for asked in QUESTIONS}
    return dataclasses.replace(profile, **{name: by_field[name].read(text) for name, text in answers.items()})


def filled_in(runner: Runner, profile: Profile, day: date) -> Runner:
    """Who runs, with what is missing taken from the profile."""
    age_years = None if profile.birth_year is None else day.year - profile.birth_year
    known = Runner(profile.height_m, profile.mass_kg, profile.sex, age_years)
    missing = [field.name for field in dataclasses.fields(Runner) if getattr(runner, field.name) is None]
    return dataclasses.replace(runner, **{name: getattr(known, name) for name in missing})


def read_band(text: str) -> Band:
    """Read the colour of a band."""
    return cast(Band, _one_of(text, BANDS, "band"))


def weekdays_words(days: Sequence[int]) -> str:
    """Say days of the week.

    Examples
    --------
    >>> weekdays_words((0, 2, 5)), weekdays_words(())
    ('Mon, Wed, Sat', '–')
    """
    return ", ".join(WEEKDAYS[day] for day in days) or "–"


def _name(text: str) -> str:
    name = " ".join(text.split())
    if not name or len(name) > MOST_LETTERS or not name.isprintable():
        raise HipdriveError(f"a name has 1 to {MOST_LETTERS} letters: give yours, or any other you like")
    return name


def _number(text: str) -> float | None:
    if text.strip().lower() in NOTHING:
        return None
    try:
        return float(text.strip().replace(",", "."))
    except ValueError:
        raise HipdriveError(f"{text.strip()[:20]!r} is no number: give one such as 1.78") from None


def _height(text: str) -> float | None:
    return Runner(height_m=_number(text)).height_m


def _mass(text: str) -> float | None:
    return Runner(mass_kg=_number(text)).mass_kg


def _sex(text: str) -> str | None:
    sex = text.strip().lower()
    return Runner(sex=None if sex in NOTHING else sex).sex  # type: ignore[arg-type]


def _birth_year(text: str) -> int | None:
    year = _number(text)
    if year is None:
        return None
    if not date.today().year - OLDEST_YEARS <= year <= date.today().year - 5 or year != int(year):
        raise HipdriveError(f"{text.strip()} is no year of birth: give it with four digits, such as 1990")
    return int(year)


def _experience(text: str) -> str:
    return _one_of(text, tuple(EXPERIENCES), "experience")


def _weekdays(text: str) -> tuple[int, ...]:
    days = set()
    for word in _words(text):
        matches = [number for number, day in enumerate(WEEKDAYS) if word[:3] == day.lower()]
        if not matches:
            raise HipdriveError(f"{word!r} is no day of the week: give days such as Mon, Wed, Sat")
        days.add(matches[0])
    return tuple(sorted(days))


def _sessions(text: str) -> int:
    number = _number(text)
    if number not in (2, 3):
        raise HipdriveError("strength work is planned 2 or 3 times a week: give 2 or 3")
    return int(number)


def _hours(text: str) -> float | None:
    hours = _number(text)
    if hours is not None and not 0 <= hours <= 24:
        raise HipdriveError("a day has 24 hours: give the hours sat on a usual day, such as 8")
    return hours


def _bands(text: str) -> tuple[str, ...]:
    colours = {_one_of(word, BANDS, "band") for word in _words(text)}
    return tuple(band for band in BANDS if band in colours)


def _equipment(text: str) -> tuple[str, ...]:
    things = {_one_of(word, EQUIPMENT, "thing of the ladder") for word in _words(text)}
    return tuple(thing for thing in EQUIPMENT if thing in things)


def _goals(text: str) -> tuple[str, ...]:
    goals = tuple(" ".join(goal.split()) for goal in text.split(";") if goal.split())
    if goals and goals[0].lower() in NOTHING:
        return ()
    if len(goals) > MOST_GOALS or any(len(goal) > MOST_LETTERS or not goal.isprintable() for goal in goals):
        raise HipdriveError(f"at most {MOST_GOALS} goals of at most {MOST_LETTERS} letters each, with ; between them")
    return goals


def _time_of_day(text: str) -> str:
    found = re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)", text.strip())
    if not found:
        raise HipdriveError(f"{text.strip()[:20]!r} is no time of day: give one such as 18:00")
    return f"{int(found[1]):02}:{found[2]}"


def _time_zone(text: str) -> str:
    try:
        return ZoneInfo(text.strip()).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise HipdriveError(
            f"the time zone {text.strip()[:40]!r} is not known: give one such as Europe/Berlin"
        ) from None


def _words(text: str) -> list[str]:
    words = [word for word in re.split(r"[,;\s]+", text.strip().lower()) if word]
    return [] if words and words[0] in NOTHING else words


def _one_of(text: str, choices: Sequence[str], what: str) -> str:
    chosen = text.strip().lower()
    if chosen not in choices:
        raise HipdriveError(f"{chosen[:20]!r} is no {what} that is known: give one of {', '.join(choices)}")
    return chosen


def _plain(value: object) -> str:
    return "–" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def _joined(values: Sequence[str]) -> str:
    return ", ".join(values) or "–"


QUESTIONS: Final = (
    Asked("name", "Name", "What shall we call you?", "any name", _name, str),
    Asked("height_m", "Height, m", "How tall are you, in metres?", "1.78, or - to leave it open", _height, _plain),
    Asked("mass_kg", "Mass, kg", "What do you weigh, in kilograms?", "68, or -", _mass, _plain),
    Asked("sex", "Sex", "Your sex, as the reference equations know it?", "f, m, or -", _sex, _plain),
    Asked("birth_year", "Born", "In which year were you born?", "1990, or -", _birth_year, _plain),
    Asked(
        "experience",
        "Strength work so far",
        "Strength work in the last months?",
        "new, some (now and then), regular",
        _experience,
        str,
    ),
    Asked("run_days", "Runs", "On which days do you usually run?", "Tue, Thu, Sun, or -", _weekdays, weekdays_words),
    Asked(
        "key_run_days",
        "Hard or long runs",
        "Which of them are hard or long runs?",
        "Thu, Sun, or -",
        _weekdays,
        weekdays_words,
    ),
    Asked(
        "free_days",
        "Time for strength",
        "On which days is there time for strength?",
        "Mon, Fri, or - for any",
        _weekdays,
        weekdays_words,
    ),
    Asked("sessions_a_week", "Sessions a week", "How many strength sessions a week?", "2 or 3", _sessions, str),
    Asked("hours_sat", "Hours sat a day", "How many hours do you sit on a usual day?", "8, or -", _hours, _plain),
    Asked("bands", "Bands", "Which resistance bands do you have?", f"{', '.join(BANDS)}, or -", _bands, _joined),
    Asked(
        "equipment", "Else there is", "What else is there?", f"{', '.join(EQUIPMENT[1:])}, or -", _equipment, _joined
    ),
    Asked(
        "goals",
        "Goals",
        "What are you after?",
        "in your own words, several with a semicolon between them, or -",
        _goals,
        "; ".join,
    ),
    Asked(
        "session_at",
        "Time of day",
        "At what time of day shall sessions be in the calendar?",
        "18:00",
        _time_of_day,
        str,
    ),
    Asked("time_zone", "Time zone", "Your time zone?", "Europe/Berlin", _time_zone, str),
)
