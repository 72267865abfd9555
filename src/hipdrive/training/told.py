"""What stands in the diary, said in a line: the same in the terminal, on the page and for other programs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import groupby
from typing import Final

from hipdrive.numbers import counted
from hipdrive.training.history import (
    WEEKDAYS,
    Away,
    ExerciseDone,
    PainReport,
    Race,
    Run,
    Screening,
    Seen,
    SessionDone,
    SetDone,
    TestResult,
)
from hipdrive.training.ladder import ladder
from hipdrive.training.pain import WHEN_WORDS, question
from hipdrive.training.selftest import TESTS, result_words

Record = SessionDone | PainReport | TestResult | Run | Seen | Screening | Race | Away

MOVEMENT_WORDS: Final = {"running": "run", "unknown": "no movement that hipdrive knows"}
UNIT_WORDS: Final = {"seconds": " s", "steps each way": " steps each way"}


def told(record: Record) -> str:
    """Say what was entered, without its note.

    Examples
    --------
    >>> told(PainReport(date(2026, 11, 4), 3, "left hip", "next_morning", settled=False))
    '3 of 10, left hip, the next morning, not settled by the morning'
    >>> told(Race(date(2026, 11, 4), 10_000, "City run"))
    'City run, 10 km'
    """
    match record:
        case SessionDone():
            return ", ".join([counted(len(record.exercises), "exercise"), *felt_told(record)])
        case PainReport():
            return _pain(record)
        case TestResult():
            name = next((test.name for test in TESTS if test.id == record.test), record.test)
            return f"{name}: {result_words(record)}"
        case Run():
            took = timedelta(seconds=round(record.duration_s))
            return f"{record.distance_m / 1000:.1f} km in {took}"
        case Seen():
            movement = MOVEMENT_WORDS.get(record.movement, record.movement.replace("_", " "))
            seen = [f"{record.repetitions} repetitions"] if record.repetitions else []
            return f"{', '.join([movement, *seen])}{f' ({record.name})' if record.name else ''}"
        case Screening():
            return _screening(record)
        case Race():
            return f"{record.name or 'race'}, {record.distance_m / 1000:g} km"
        case Away():
            until = f" to {_day(record.last)}" if record.last != record.first else ""
            return f"{_day(record.first)}{until}{f': {record.why}' if record.why else ''}"


def felt_told(session: SessionDone) -> list[str]:
    """Say how hard a session was, and how much it hurt."""
    said = [] if session.rpe is None else [f"effort {session.rpe:g} of 10"]
    return said + ([] if session.pain is None else [f"pain {session.pain:g} of 10"])


def exercise_told(done: ExerciseDone) -> str:
    """Say the sets of an exercise; those that are alike once, whatever was left in reserve.

    Examples
    --------
    >>> exercise_told(ExerciseDone("glute_bridge", (SetDone(12, 4), SetDone(12, 3), SetDone(10, 2, 5, "red"))))
    'Glute bridge: 2 × 12, 3 to 4 in reserve; 10, 2 in reserve, 5 kg, red band'
    """
    rung = ladder().get(done.exercise)
    name = rung.name if rung else done.exercise.replace("_", " ")
    unit = UNIT_WORDS.get(rung.dose.unit, "") if rung else ""
    alike = [list(same) for _, same in groupby(done.sets, key=lambda one: replace(one, reserve=None))]
    return f"{name}: {'; '.join(_sets(same, unit) for same in alike) or 'no sets'}"


def _sets(alike: Sequence[SetDone], unit: str) -> str:
    one = alike[0]
    said = [f"{f'{len(alike)} × ' if len(alike) > 1 else ''}{one.amount:g}{unit}"]
    if reserves := [other.reserve for other in alike if other.reserve is not None]:
        least, most = min(reserves), max(reserves)
        said.append(f"{least:g}{f' to {most:g}' if most > least else ''} in reserve")
    if one.load_kg:
        said.append(f"{one.load_kg:g} kg")
    if one.band:
        said.append(f"{one.band} band")
    if one.clean_share is not None:
        said.append(f"{one.clean_share:.0%} clean{' on film' if one.seen_by == 'video' else ''}")
    return ", ".join(said)


def _pain(report: PainReport) -> str:
    said = [f"{report.score:g} of 10", report.where, WHEN_WORDS[report.when]]
    if report.settled is not None:
        said.append("settled by the morning" if report.settled else "not settled by the morning")
    if report.flags:
        said.append(f"yes to: {' '.join(question(flag).text for flag in report.flags)}")
    if report.cleared is not None:
        said.append(f"a professional said on {_day(report.cleared)} that training is all right")
    return ", ".join(filter(None, said))


def _screening(screening: Screening) -> str:
    if screening.cleared is not None:
        return f"a professional said on {_day(screening.cleared)} that training is all right"
    yes = [question(flag).text for flag, so in screening.answers.items() if so]
    if not yes:
        return f"{counted(len(screening.answers), 'question')} about your health, all answered with no"
    return f"{counted(len(screening.answers), 'question')} about your health, yes to: {' '.join(yes)}"


def _day(day: date) -> str:
    return f"{WEEKDAYS[day.weekday()]} {day.day} {day:%b %Y}"
