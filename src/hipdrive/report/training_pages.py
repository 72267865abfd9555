"""Plan and progress as pages: one HTML file each, that opens from the disk, and needs no script and no network."""

from __future__ import annotations

import base64
import mimetypes
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

from hipdrive.numbers import counted
from hipdrive.report import small_charts
from hipdrive.report.page import page_environment
from hipdrive.report.small_charts import SmallChart, small_chart
from hipdrive.report.training_words import (
    GROUPS,
    LIGHT_MARKS,
    LIGHT_NAMES,
    NOT_ADVICE,
    NOTHING_YET,
    SMALL_PRINT,
    change_mark,
    day_from,
    name_of,
    picture_of,
    point_words,
    ready_words,
    self_test_words,
    session_facts,
    short_day,
    todays_session,
    week_name,
    week_words,
)
from hipdrive.report.words import COLOURS, SIDE_COLOURS
from hipdrive.training.done import day_words
from hipdrive.training.doses import dose_amount, dose_manner, short_dose
from hipdrive.training.history import History
from hipdrive.training.ladder import LINE_NAMES, Exercise, ladder
from hipdrive.training.programme import LineState, PlannedExercise, PlannedSession, PlannedWeek, Programme
from hipdrive.training.trends import DAYS, Group, Trend, first_day, in_short, trends

PLAN_TEMPLATE: Final = "plan.html.j2"
PROGRESS_TEMPLATE: Final = "progress.html.j2"
OPEN_WEEKS: Final = 2  # whose sessions are shown at once; those of the others unfold
MOST_CUES: Final = 3  # shown at once; the others unfold
LIGHT_COLOURS: Final = {"green": COLOURS["good"], "amber": COLOURS["check"], "red": COLOURS["fault"]}


@dataclass(frozen=True)
class Picture:
    """Picture of an exercise; as a data address where the file has to stand alone."""

    source: str
    width_px: int
    height_px: int


@dataclass(frozen=True)
class ExerciseCard:
    """An exercise as its card shows it.

    Attributes
    ----------
    anchor : str
        Where it stands in the page.
    name, amount, manner, why : str
        How much of it, how it is done and why it is there are empty where it is only explained.
    rung : Exercise or None
        None for one that this release does not know.
    picture : Picture or None
    """

    anchor: str
    name: str
    amount: str
    manner: str
    why: str
    rung: Exercise | None
    picture: Picture | None


@dataclass(frozen=True)
class SessionRow:
    """A session in its week: day, facts, why, and each exercise with its dose and where it is explained."""

    day: str
    is_today: bool
    facts: str
    why: str
    test: str
    exercises: list[tuple[str, str, str]]


@dataclass(frozen=True)
class WeekCard:
    """A week as its card shows it."""

    name: str
    words: list[str]
    why: str
    count: str
    sessions: list[SessionRow]


@dataclass(frozen=True)
class Stand:
    """Where the runner stands on a line of the ladder: full and empty rungs, and what leads on."""

    line: str
    exercise: str
    level: int
    rungs: list[bool]
    ready: str
    why: str


@dataclass(frozen=True)
class TrendCard:
    """A trend as its card shows it.

    Attributes
    ----------
    newest : str
        The newest value in words.
    sides : list of (str, str)
        Left and right with their newest values, where there is nothing else.
    change : str
        In words, empty where one cannot say.
    rows : list of (str, list of str)
        Day, and the words of every curve, the newest first.
    """

    trend: Trend
    title: str
    newest: str
    sides: list[tuple[str, str]]
    change: str
    chart: SmallChart
    rows: list[tuple[str, list[str]]]


def write_plan_page(programme: Programme, history: History, rungs: Mapping[str, Exercise], path: Path) -> None:
    """Write the next weeks as a page, the session of today first.

    Parameters
    ----------
    programme : Programme
    history : History
    rungs : mapping of str to Exercise
        The ladder.
    path : Path
        File to write; what is there is replaced.
    """
    path.write_text(part(PLAN_TEMPLATE, plan_shown(programme, history, rungs)), encoding="utf-8")


def plan_shown(
    programme: Programme,
    history: History,
    rungs: Mapping[str, Exercise],
    picture: Callable[[Path], str] | None = None,
) -> dict[str, Any]:
    """Everything that the page of the plan shows, and its parts on other pages.

    Parameters
    ----------
    programme : Programme
    history : History
    rungs : mapping of str to Exercise
        The ladder.
    picture : callable, optional
        Address of a picture by its file; the picture itself is in the page when left out.
    """
    picture = picture or _embedded
    today = programme.made_for
    first = todays_session(programme) or next(iter(programme.sessions), None)
    names = dict.fromkeys(
        planned.exercise
        for session in ([first] if first else []) + list(programme.sessions)
        for planned in session.exercises
    )
    anchors = {name: f"exercise-{number}" for number, name in enumerate(names, start=1)}
    of_first = list(first.exercises) if first else []
    others = [name for name in names if name not in {planned.exercise for planned in of_first}]
    return {
        "name": history.profile.name,
        "made_for": day_words(today),
        "stopped": programme.stopped,
        "notes": programme.notes,
        "first": first,
        "first_day": day_from(first.day, today) if first else "",
        "is_today": first is not None and first.day == today,
        "facts": session_facts(first) if first else [],
        "test": self_test_words(first) if first else "",
        "cards": [_exercise_card(planned.exercise, planned, rungs, anchors, picture) for planned in of_first],
        "others": [_exercise_card(name, None, rungs, anchors, picture) for name in others],
        "open_weeks": OPEN_WEEKS,
        "weeks": [_week_card(week, programme, rungs, anchors) for week in programme.weeks],
        "stands": [_stand(state, rungs) for state in programme.lines],
    }


def write_progress_page(history: History, programme: Programme, path: Path, days: int = DAYS) -> None:
    """Write how it went as a page: small charts with bands, each with its sentence and its numbers.

    Parameters
    ----------
    history : History
    programme : Programme
        For the day it is, and where the runner stands on the ladder.
    path : Path
        File to write; what is there is replaced.
    days : int
        How far to look back.
    """
    path.write_text(part(PROGRESS_TEMPLATE, progress_shown(history, programme, days)), encoding="utf-8")


def progress_shown(history: History, programme: Programme, days: int = DAYS) -> dict[str, Any]:
    """Everything that the page of progress shows, and its parts on other pages; see `write_progress_page`."""
    today = programme.made_for
    found = trends(history, ladder(), today, days)
    since = first_day(today, days)
    sunday = today + timedelta(days=6 - today.weekday())
    cards = [_trend_card(trend, since, sunday) for trend in found]
    return {
        "name": history.profile.name,
        "since": day_words(since),
        "made_for": day_words(today),
        "stopped": programme.stopped,
        "in_short": in_short(found),
        "nothing_yet": NOTHING_YET,
        "groups": _grouped(cards),
        "stands": [_stand(state, ladder()) for state in programme.lines],
        "most_cues": MOST_CUES,
        "small_print": SMALL_PRINT,
        "chart": small_charts,
    }


def part(template: str, shown: Mapping[str, Any]) -> str:
    """Fill in a page, or a part of one that stands in another; everything is escaped.

    Parameters
    ----------
    template : str
        Name of a template of this folder, such as ``weeks.html.j2``.
    shown : mapping
        Of `plan_shown` or `progress_shown`, or what the template names of them.
    """
    return page_environment().get_template(template).render(**shared_colours(), **shown)


def shared_colours() -> dict[str, Any]:
    """Colours, marks and words that all of these pages, and their styles, name."""
    return {
        "colours": LIGHT_COLOURS,
        "side_colours": SIDE_COLOURS,
        "light_marks": LIGHT_MARKS,
        "light_names": LIGHT_NAMES,
        "not_advice": NOT_ADVICE,
    }


# -- plan ------------------------------------------------------------------------------------------------------------


def _exercise_card(
    name: str,
    planned: PlannedExercise | None,
    rungs: Mapping[str, Exercise],
    anchors: Mapping[str, str],
    picture: Callable[[Path], str],
) -> ExerciseCard:
    rung = rungs.get(name)
    return ExerciseCard(
        anchor=anchors[name],
        name=name_of(name, rungs),
        amount=dose_amount(planned.dose) if planned else "",
        manner=dose_manner(planned.dose) if planned else "",
        why=planned.why if planned else "",
        rung=rung,
        picture=_picture(picture_of(rung), picture),
    )


def _picture(path: Path | None, address: Callable[[Path], str]) -> Picture | None:
    if path is None:
        return None
    from PIL import Image

    with Image.open(path) as image:
        return Picture(address(path), *image.size)


def _embedded(path: Path) -> str:
    """Picture as a data address."""
    kind = mimetypes.guess_type(path.name)[0] or "image/webp"
    return f"data:{kind};base64,{base64.b64encode(path.read_bytes()).decode()}"


def _week_card(
    week: PlannedWeek, programme: Programme, rungs: Mapping[str, Exercise], anchors: Mapping[str, str]
) -> WeekCard:
    return WeekCard(
        week_name(week, programme.made_for),
        week_words(week),
        week.why,
        counted(len(week.sessions), "session"),
        [_session_row(session, programme.made_for, rungs, anchors) for session in week.sessions],
    )


def _session_row(
    session: PlannedSession, today: date, rungs: Mapping[str, Exercise], anchors: Mapping[str, str]
) -> SessionRow:
    return SessionRow(
        short_day(session.day),
        session.day == today,
        " · ".join(session_facts(session)),
        session.why,
        self_test_words(session),
        [
            (anchors[planned.exercise], name_of(planned.exercise, rungs), short_dose(planned.dose))
            for planned in session.exercises
        ],
    )


def _stand(state: LineState, rungs: Mapping[str, Exercise]) -> Stand:
    top = max((rung.level for rung in rungs.values()), default=0)
    level = rungs[state.exercise].level if state.exercise in rungs else 0
    return Stand(
        LINE_NAMES[state.line],
        name_of(state.exercise, rungs),
        level,
        [number <= level for number in range(top + 1)],
        ready_words(state),
        state.why,
    )


# -- progress --------------------------------------------------------------------------------------------------------


def _grouped(cards: Sequence[TrendCard]) -> list[tuple[Group, str, list[TrendCard]]]:
    groups = [(group, title, [card for card in cards if card.trend.group == group]) for group, title in GROUPS.items()]
    return [entry for entry in groups if entry[2]]


def _trend_card(trend: Trend, since: date, until: date) -> TrendCard:
    days = sorted({point.day for curve in trend.curves for point in curve.points}, reverse=True)
    by_day = [{point.day: point_words(trend, point) for point in curve.points} for curve in trend.curves]
    change = {"none": "no sure change", "perhaps": "perhaps changed", "sure": "changed", None: ""}[trend.change]
    return TrendCard(
        trend,
        f"{trend.title[:1].upper()}{trend.title[1:]}",
        trend.newest.words,
        [(curve.name, curve.points[-1].words) for curve in trend.curves if trend.curves[0].name],
        f"{change_mark(trend)} {change}" if trend.change else "",
        small_chart(trend, since, until),
        [(short_day(day), [words.get(day, "–") for words in by_day]) for day in days],
    )
