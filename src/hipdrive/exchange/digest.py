"""The weekly mail: the last week, the next sessions, and one tip that fits the runner's own theme.

It says what the diary and the plan say and no more. While the plan is stopped it gives no exercises and no tips.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from hipdrive.exchange.words import NOT_ADVICE, capitalised, exercise_words, plain, test_words, whole_minutes
from hipdrive.numbers import counted
from hipdrive.training.history import ExerciseDone, History, Seen
from hipdrive.training.ladder import LINE_NAMES, LINES, Exercise, ladder
from hipdrive.training.pain import Light, light, stop_reason
from hipdrive.training.programme import PlannedSession, Programme
from hipdrive.training.trends import trends

if TYPE_CHECKING:
    from hipdrive.movements import Cue, Measure

WEEK: Final = timedelta(days=7)
BARS: Final = 6  # weeks shown; proposal
THEME_DAYS: Final = 42  # clips of the last six weeks; proposal
AT_FAULT: Final = 0.3  # of the judged repetitions: as the plan steps back by; proposal
MOST_GROWN: Final = 3
RACE_AHEAD: Final = timedelta(days=14)
LINE_LETTERS: Final = 72  # of the text
LOOK_BACK_DAYS: Final = 84  # for what is more than before; as trends are shown

PAIN_WORDS: Final[Mapping[Light, str]] = {
    "green": "What you felt stayed at 2 of 10 or less: fine.",
    "amber": (
        "You felt some pain. Up to 5 of 10 is acceptable if it is gone by the next morning and does not rise from "
        "week to week. Keep telling hipdrive how it feels; the plan takes it into account."
    ),
    "red": (
        "You felt more pain than is good to train with. Leave out what hurts, and if it does not settle, see a doctor "
        "or a physiotherapist. Keep telling hipdrive how it feels; the plan takes it into account."
    ),
}
WORST_LAST: Final[tuple[Light, ...]] = ("green", "amber", "red")
NO_FAULT: Final = "It shows where you are among runners and is no fault."


@dataclass(frozen=True)
class Digest:
    """The mail of a week.

    Attributes
    ----------
    week : str
        Which one: "2026-W47".
    subject, text, html : str
    tip_about : str or None
        Cue, measure or exercise that the tip is about.
    """

    week: str
    subject: str
    text: str
    html: str
    tip_about: str | None


@dataclass(frozen=True)
class Theme:
    """What comes up most in the clips of a runner.

    Attributes
    ----------
    movement, about : str
        Ids of the movement and of its cue or measure.
    times, clips : int
        In so many clips it came up, of so many in which it was looked at.
    """

    movement: str
    about: str
    times: int
    clips: int


@dataclass(frozen=True)
class Tip:
    """One thing to think of: a heading, what to do, what it is good for, and because of what it is said."""

    about: str
    title: str
    text: str
    why: str
    because: str


@dataclass(frozen=True)
class _Bar:
    """Sessions of a week."""

    label: str
    done: int
    words: str


@dataclass(frozen=True)
class _Coming:
    """A session to come, in words."""

    day: str
    facts: str
    lines: tuple[str, ...]


def digest(history: History, programme: Programme, today: date, *, unsubscribe_url: str | None = None) -> Digest:
    """Write the mail of the last whole week.

    Parameters
    ----------
    history : History
    programme : Programme
        From today on.
    today : date
        On a Sunday the week that ends counts as over.
    unsubscribe_url : str or None
        Page that switches the mail off.
    """
    monday = week_of_report(today)
    sunday = monday + WEEK - timedelta(days=1)
    rungs = ladder()
    stopped = programme.stopped or stop_reason(history, today)
    bars = _bars(history, rungs, monday)
    coming = () if stopped else tuple(one for one in programme.sessions if today <= one.day < today + WEEK)
    worst = _worst_light(history, monday)
    tip = None if stopped or worst == "red" else _tip(history, coming, today, rungs)
    shown = {
        "name": plain(history.profile.name, 60),
        "days": f"{_day(monday) if monday.month != sunday.month else monday.day} to {_day(sunday)}",
        "stopped": stopped,
        "begun": bool(history.sessions),
        "did": _did(bars, monday),
        "bars": bars,
        "grown": () if stopped else grown(history, rungs, monday),
        "pain": None if stopped or worst is None else PAIN_WORDS[worst],
        "coming": [_in_words(one, rungs) for one in coming],
        "notes": () if stopped else _notes(history, programme, today, monday + WEEK),
        "tip": tip,
        "unsubscribe_url": unsubscribe_url,
        "not_advice": NOT_ADVICE,
    }
    return Digest(
        week="{}-W{:02}".format(*monday.isocalendar()[:2]),
        subject=_subject(bars, monday, coming, today),
        text=_render("digest.txt.j2", shown),
        html=_render("digest.html.j2", shown),
        tip_about=tip.about if tip else None,
    )


def week_of_report(today: date) -> date:
    """Monday of the last week that is over; on a Sunday that is this one.

    Examples
    --------
    >>> [week_of_report(date(2026, 11, day)).day for day in (21, 22, 23)]
    [9, 16, 16]
    """
    tomorrow = today + timedelta(days=1)
    return tomorrow - timedelta(days=tomorrow.weekday()) - WEEK


def theme(seen: Sequence[Seen], today: date) -> Theme | None:
    """What was advised on, or at fault, in most clips of the last weeks; None when nothing is left to work on.

    What the newest clip that looks at it finds in order is no theme any more. Of equal ones that with the greater
    weight in its movement counts, then the one that was seen last.

    Parameters
    ----------
    seen : sequence of Seen
    today : date
    """
    recent = [one for one in seen if today - timedelta(days=THEME_DAYS) < one.day <= today]
    found: dict[tuple[str, str], list[tuple[date, bool]]] = {}
    for one in sorted(recent, key=lambda one: one.day):
        for about in {*one.shares, *one.measures, *one.advice}:
            found.setdefault((one.movement, about), []).append((one.day, _comes_up(one, about)))
    themes = []
    for (movement, about), entries in found.items():
        known = _known(movement, about)
        if known is None or not entries[-1][1]:
            continue
        times = sum(came_up for _, came_up in entries)
        themes.append((times, known.weight, entries[-1][0], Theme(movement, about, times, len(entries))))
    return max(themes, key=lambda entry: (*entry[:3], entry[3].about), default=(0, 0, today, None))[3]


def grown(history: History, rungs: Mapping[str, Exercise], monday: date) -> tuple[str, ...]:
    """What was more in the week than in the twelve before, and what has surely changed.

    Parameters
    ----------
    history : History
    rungs : mapping of str to Exercise
        The ladder.
    monday : date
        First day of the week.
    """
    since = monday - timedelta(days=LOOK_BACK_DAYS)
    before = _done(history, since, monday)
    in_week = _done(history, monday, monday + WEEK)
    said = [words for line in LINES if (words := _level_grown(line, before, in_week, rungs))]
    said += [
        words
        for name in dict.fromkeys(one.exercise for one in in_week)
        if (words := _amount_grown(name, before, in_week, rungs))
    ]
    sunday = monday + WEEK - timedelta(days=1)
    said += [
        f"{capitalised(trend.title)}: {trend.sentence}"
        for trend in trends(history, rungs, sunday)
        if trend.group in ("cues", "tests", "measures") and trend.change == "sure" and trend.newest.day >= monday
    ]
    return tuple(plain(words, 200) for words in said[:MOST_GROWN])


# -- the last week -----------------------------------------------------------------------------------------------


def _bars(history: History, rungs: Mapping[str, Exercise], monday: date) -> tuple[_Bar, ...]:
    """Weeks up to the one that begins on a Monday, which is over."""
    found = trends(history, rungs, monday + WEEK, BARS * 7)
    points = [point for trend in found if trend.id == "sessions" for point in trend.curves[0].points]
    return tuple(_Bar(_day(point.day), int(point.value), point.words) for point in points if point.day <= monday)


def _did(bars: Sequence[_Bar], monday: date) -> str:
    of_week = [bar for bar in bars if bar.label == _day(monday)]
    if not bars:
        return "Your diary has no sessions yet. The first one counts most."
    if not of_week:
        return "A week off. That is part of it."
    if of_week[0].done == 0:
        return "No session in the diary this time. Nothing is lost: the plan starts from where you are."
    return f"{_done_words(of_week[0])} done."


def _done_words(bar: _Bar) -> str:
    """Sessions of a week: "2 of 3 sessions", or those alone that were done where no more were asked for."""
    asked_for = bar.words.partition(" of ")[2]
    fewer = asked_for.isdigit() and 1 < int(asked_for) >= bar.done
    return f"{bar.words} sessions" if fewer else counted(bar.done, "session")


def _worst_light(history: History, monday: date) -> Light | None:
    lights = [light(history, monday + timedelta(days=day)) for day in range(7)]
    return max((one for one in lights if one is not None), key=WORST_LAST.index, default=None)


def _done(history: History, first: date, end: date) -> list[ExerciseDone]:
    return [
        done for session in history.sessions if first <= session.day < end for done in session.exercises if done.sets
    ]


def _level_grown(
    line: str, before: Sequence[ExerciseDone], in_week: Sequence[ExerciseDone], rungs: Mapping[str, Exercise]
) -> str | None:
    def highest(of: Sequence[ExerciseDone]) -> Exercise | None:
        on_line = [rungs[one.exercise] for one in of if one.exercise in rungs and rungs[one.exercise].line == line]
        return max(on_line, key=lambda rung: rung.level, default=None)

    old, new = highest(before), highest(in_week)
    if old is None or new is None or new.level <= old.level:
        return None
    return f"{capitalised(LINE_NAMES[new.line])}: up to {new.name}, from {old.name}."


def _amount_grown(
    name: str, before: Sequence[ExerciseDone], in_week: Sequence[ExerciseDone], rungs: Mapping[str, Exercise]
) -> str | None:
    def most(of: Sequence[ExerciseDone]) -> float | None:
        return max((one.amount for done in of if done.exercise == name for one in done.sets), default=None)

    old, new = most(before), most(in_week)
    if name not in rungs or old is None or new is None or new <= old:
        return None
    return f"{rungs[name].name}: {new:g} {rungs[name].dose.unit} in a set, {old:g} before."


# -- what comes ---------------------------------------------------------------------------------------------------


def _in_words(session: PlannedSession, rungs: Mapping[str, Exercise]) -> _Coming:
    test = test_words(session)
    facts = [f"{whole_minutes(session)} min", plain(session.when)]
    lines = [test] if test else []
    lines += [exercise_words(planned, rungs) for planned in session.exercises]
    return _Coming(f"{session.day:%A}, {_day(session.day)}", " · ".join(filter(None, facts)), tuple(lines))


def _notes(history: History, programme: Programme, today: date, monday: date) -> tuple[str, ...]:
    """What else to know of the days to come; `monday` is that of the week after the one reported."""
    notes = []
    for week in programme.weeks:
        if week.phase == "deload" and today - WEEK < week.monday < today + WEEK:
            notes.append(f"The week of {_day(week.monday)} is a lighter one, on purpose.")
        if week.monday == monday and week.long_run_limit_m is not None:
            limit = f"{week.long_run_limit_m / 1000:.1f} km"
            notes.append(f"Longest run in the week of {_day(monday)}: no more than {limit}.")
    for race in history.races:
        if today <= race.day <= today + RACE_AHEAD:
            name = plain(race.name, 80) or f"{race.distance_m / 1000:.4g} km"
            notes.append(f"Race ahead: {name}, {_day(race.day)}.")
    return tuple(notes)


def _subject(bars: Sequence[_Bar], monday: date, coming: Sequence[PlannedSession], today: date) -> str:
    """What may stand on a locked phone: nothing about pain, and no exercises."""
    done = [_done_words(bar) for bar in bars if bar.label == _day(monday) and bar.done]
    if not done or not coming:
        return "Your week with hipdrive"
    following = "today" if coming[0].day == today else f"on {coming[0].day:%A}"
    return f"Your week: {done[0]}, the next one {following}"


# -- the tip -----------------------------------------------------------------------------------------------------


def _tip(history: History, coming: Sequence[PlannedSession], today: date, rungs: Mapping[str, Exercise]) -> Tip | None:
    found = theme(history.seen, today)
    if found is not None:
        return _tip_of_theme(found)
    names = [planned.exercise for session in coming for planned in session.exercises if planned.exercise in rungs]
    if not names:
        return None
    rung = rungs[names[0]]
    looked = any(today - timedelta(days=THEME_DAYS) < one.day <= today for one in history.seen)
    because = "Your last clips show nothing that stands out" if looked else "There are no clips of the last six weeks"
    return Tip(rung.id, rung.name, rung.why, "", f"{because}, so this is about what comes next.")


def _tip_of_theme(found: Theme) -> Tip:
    from hipdrive.movements import MOVEMENTS, Measure

    known, movement = _known(found.movement, found.about), MOVEMENTS[found.movement].name
    assert known is not None  # a theme is of a cue or a measure
    clips = f"{found.times} of your last {found.clips} clips" if found.clips > 1 else "your last clip"
    because = f"Seen in {clips}: {movement.lower()}."
    if isinstance(known, Measure):
        because += f" {NO_FAULT}"
    return Tip(known.id, capitalised(known.name), known.next, known.why, because)


def _comes_up(one: Seen, about: str) -> bool:
    judged, _, fault = one.shares.get(about, (0, 0, 0))
    return about in one.advice or (judged > 0 and fault / judged > AT_FAULT)


def _known(movement: str, about: str) -> Cue | Measure | None:
    """Cue or measure by its id, one that can be advised on; None for one of another release."""
    from hipdrive.movements import MOVEMENTS

    if movement not in MOVEMENTS:
        return None
    every: tuple[Cue | Measure, ...] = (*MOVEMENTS[movement].cues, *MOVEMENTS[movement].measures)
    return next((one for one in every if one.id == about and one.weight > 0), None)


# -- words -------------------------------------------------------------------------------------------------------


def _day(day: date) -> str:
    return f"{day.day} {day:%B}"


def _wrapped(text: str, indent: int = 0) -> str:
    margin = " " * indent
    return textwrap.fill(
        text,
        LINE_LETTERS,
        initial_indent=margin,
        subsequent_indent=margin,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _render(template: str, shown: Mapping[str, object]) -> str:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=template.endswith(".html.j2"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["wrapped"] = _wrapped
    return environment.get_template(template).render(shown)
