"""The next weeks: a pure function of the history."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from hipdrive.training.ladder import Dose, Line

Phase = Literal["build", "deload", "return", "race", "keep"]


@dataclass(frozen=True)
class PlannedExercise:
    """An exercise with its dose, and why it is there."""

    exercise: str
    dose: Dose
    why: str


@dataclass(frozen=True)
class PlannedSession:
    """One session of strength.

    Attributes
    ----------
    id : str
        "2026-W48-1": ISO week and place in it. It stays when the session moves to another day of the week.
    day : date
    when : str
        "after your run", "any time of the day".
    hard : bool
        Holds hard leg work.
    why : str
        Why it is on this day.
    test : str or None
        Self test to be done first.
    """

    id: str
    day: date
    exercises: tuple[PlannedExercise, ...]
    when: str
    hard: bool
    why: str
    test: str | None = None

    @property
    def minutes(self) -> float:
        """How long it takes, warming up included."""
        return WARM_UP_MINUTES + sum(planned.dose.minutes for planned in self.exercises)


WARM_UP_MINUTES = 2.0


@dataclass(frozen=True)
class PlannedWeek:
    """One week, from Monday.

    Attributes
    ----------
    phase : str
    grows : str
        The one thing that grows this week: a line of the ladder, "long run" or "nothing".
    long_run_limit_m : float or None
        No single run should be longer.
    why : str
    """

    monday: date
    phase: Phase
    sessions: tuple[PlannedSession, ...]
    grows: str
    long_run_limit_m: float | None
    why: str


@dataclass(frozen=True)
class LineState:
    """Where the runner stands on one line of the ladder, and what leads on."""

    line: Line
    exercise: str
    dose: Dose
    sessions_ready: int  # in a row that allowed a step up; two lead on
    why: str


@dataclass(frozen=True)
class Programme:
    """The next weeks, or why there are none.

    `stopped` says why nothing is planned and what to do; then `weeks` is empty.
    """

    made_for: date
    weeks: tuple[PlannedWeek, ...]
    lines: tuple[LineState, ...]
    stopped: str | None = None
    notes: tuple[str, ...] = field(default=())

    @property
    def sessions(self) -> tuple[PlannedSession, ...]:
        """All planned sessions, in the order of time."""
        return tuple(session for week in self.weeks for session in week.sessions)
