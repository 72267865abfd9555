"""From a planned session and a few answers to what was done."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Collection, Mapping
from datetime import date
from typing import Final, NamedTuple

from hipdrive.errors import HipdriveError
from hipdrive.training.history import ExerciseDone, History, SessionDone, SetDone
from hipdrive.training.ladder import Dose, exercise_named, ladder
from hipdrive.training.programme import PlannedSession, plan

MOST_SETS: Final = 20
MOST_AMOUNT: Final = 600  # repetitions, steps or seconds of one set


class Did(NamedTuple):
    """Sets of an exercise, and how much of it in the weakest of them."""

    sets: int
    amount: float


def planned_for(history: History, day: date) -> PlannedSession | None:
    """Session of that day; on a day without one the next of the same week, as it may be done earlier.

    It is told as if nothing had been done on that day. One that was done on another day, even a later one, is left out.
    """
    others = tuple(session for session in history.sessions if session.day != day)
    done = {session.planned for session in others}
    for session in plan(dataclasses.replace(history, sessions=others), day, weeks=1).sessions:
        if session.day >= day and session.id not in done:
            return session
    return None


def day_words(day: date) -> str:
    """Say a day.

    Examples
    --------
    >>> day_words(date(2026, 11, 4))
    'Wednesday, 4 November'
    """
    return f"{day:%A}, {day.day} {day:%B}"


def session_done(
    planned: PlannedSession,
    day: date,
    *,
    did: Mapping[str, Did],
    left_out: Collection[str] = (),
    reserve: float | None = None,
    clean: bool | None = None,
    rpe: float | None = None,
    pain: float | None = None,
    note: str = "",
) -> SessionDone:
    """Session as it was planned, with what was different.

    Parameters
    ----------
    planned : PlannedSession
    day : date
    did : mapping of str to Did
        Exercises of which less or more was done; the others were done to the top of their range.
    left_out : collection of str
        Exercises that were not done, or that are in the diary already.
    reserve : float or None
        Repetitions that would still have been possible in the last sets.
    clean : bool or None
        Whether every repetition looked as described, in the runner's own eyes.
    rpe, pain, note
        As in `SessionDone`.
    """
    exercises = [
        ExerciseDone(entry.exercise, _sets(entry.dose, did.get(entry.exercise), reserve, clean))
        for entry in planned.exercises
        if entry.exercise not in left_out
    ]
    others = [
        ExerciseDone(name, _sets(ladder()[name].dose, different, reserve, clean))
        for name, different in did.items()
        if name not in {entry.exercise for entry in planned.exercises}
    ]
    return SessionDone(day, (*exercises, *others), rpe, pain, planned.id, note)


def read_did(text: str) -> tuple[str, Did]:
    """Read how an exercise went: "glute_bridge=3x10".

    Raises
    ------
    HipdriveError
        When it cannot be read; the message shows how it is written.

    Examples
    --------
    >>> read_did("glute_bridge=3x10")
    ('glute_bridge', Did(sets=3, amount=10.0))
    """
    found = re.fullmatch(r"\s*(\w{1,40})\s*=\s*(\d{1,2})\s*[x×]\s*(\d{1,3})\s*", text)
    if not found:
        raise HipdriveError(f"{text[:40]!r} cannot be read: write sets and repetitions such as glute_bridge=3x10")
    name, sets, amount = exercise_named(found[1]).id, int(found[2]), float(found[3])
    if not 1 <= sets <= MOST_SETS or not 1 <= amount <= MOST_AMOUNT:
        raise HipdriveError(f"{text[:40]!r} is out of bounds: 1 to {MOST_SETS} sets of 1 to {MOST_AMOUNT}")
    return name, Did(sets, amount)


def _sets(dose: Dose, different: Did | None, reserve: float | None, clean: bool | None) -> tuple[SetDone, ...]:
    sets, amount = different or Did(dose.sets, float(dose.most))
    band = dose.band
    share = None if clean is None else float(clean)
    one = SetDone(amount, reserve, dose.load_kg, band, share, None, None if clean is None else "self")  # type: ignore[arg-type]
    return (one,) * sets
