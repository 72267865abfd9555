"""Hand-made plans and histories for tests of calendar and mail."""

from dataclasses import replace
from datetime import date, timedelta

from hipdrive.training.history import ExerciseDone, History, Profile, Seen, SessionDone, SetDone
from hipdrive.training.ladder import Dose, ladder
from hipdrive.training.programme import PlannedExercise, PlannedSession, PlannedWeek, Programme

MONDAY = date(2026, 11, 23)
PROFILE = Profile("Ada", time_zone="Europe/Berlin")


LADDER = ladder()

EXERCISES = (
    PlannedExercise("glute_bridge", Dose(3, 10, 12), "the hips lead on; two clean sessions take you up"),
    PlannedExercise("monster_walk", Dose(2, 8, 10, "steps each way", band="red"), "for the sides of the hips"),
    PlannedExercise("side_plank", Dose(2, 20, 30, "seconds", each_side=True, tempo_s=(0, 0, 0)), "for the trunk"),
)


def session(day: date, place: int = 1, **changes) -> PlannedSession:
    """A session on a day, the n-th of its week."""
    year, week, _ = day.isocalendar()
    planned = PlannedSession(
        id=f"{year}-W{week:02}-{place}",
        day=day,
        exercises=EXERCISES,
        when="after your run",
        hard=True,
        why="two days before your long run",
    )
    return replace(planned, **changes)


def programme(*sessions: PlannedSession, **changes) -> Programme:
    """A plan of some sessions, in weeks."""
    weeks = {}
    for planned in sessions:
        weeks.setdefault(planned.day - timedelta(days=planned.day.weekday()), []).append(planned)
    return replace(
        Programme(
            made_for=MONDAY,
            weeks=tuple(
                PlannedWeek(monday, "build", tuple(planned), "hip", 12_000.0, "one step at a time")
                for monday, planned in sorted(weeks.items())
            ),
            lines=(),
        ),
        **changes,
    )


def done(day: date, exercise: str = "glute_bridge", amount: float = 10, **changes) -> SessionDone:
    """A session of one exercise, three sets."""
    return SessionDone(day, (ExerciseDone(exercise, (SetDone(amount, reserve=3),) * 3),), rpe=7, **changes)


def filmed(day: date, faults: dict[str, int], movement: str = "glute_bridge", **changes) -> Seen:
    """A clip of ten repetitions with so many faults of some cues."""
    shares = {cue: (10, 10 - number, number) for cue, number in faults.items()}
    return Seen(day, movement, 10, shares, advice=tuple(cue for cue, number in faults.items() if number > 5), **changes)


def history(**changes) -> History:
    """Four weeks of training, up to the Sunday before `MONDAY`."""
    days = [MONDAY - timedelta(days=back) for back in (28, 25, 20, 13, 11, 7, 3)]
    return replace(
        History(
            PROFILE,
            sessions=tuple(done(day, amount=10 + place // 3) for place, day in enumerate(days)),
            seen=(
                filmed(days[3], {"hold_at_top": 8, "toes_lifted": 0}),
                filmed(days[4], {"hold_at_top": 7, "slow_lower": 9}),
                filmed(days[6], {"hold_at_top": 6, "slow_lower": 1}),
            ),
        ),
        **changes,
    )
