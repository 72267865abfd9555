"""Hand-made plans and histories for tests of calendar and mail."""

from dataclasses import replace
from datetime import date, timedelta

from hipdrive.training.history import Profile
from hipdrive.training.ladder import Dose, Exercise, WatchExercise
from hipdrive.training.programme import PlannedExercise, PlannedSession, PlannedWeek, Programme

MONDAY = date(2026, 11, 23)
PROFILE = Profile("Ada", time_zone="Europe/Berlin")


def rung(name: str, title: str, line: str = "hip") -> Exercise:
    """One exercise of a ladder."""
    return Exercise(
        id=name,
        name=title,
        line=line,
        level=1,
        how=("Lie on your back.",),
        why="It works the glutes.",
        source="proposal",
        equipment=(),
        dose=Dose(2, 10, 12),
        hard=False,
        judged_as=None,
        cues=(),
        easier=(),
        harder=(),
        when_sore="Do less.",
        watch=WatchExercise("hip_raise", "bridge"),
        picture="",
    )


LADDER = {
    "glute_bridge": rung("glute_bridge", "Glute bridge"),
    "monster_walk": rung("monster_walk", "Monster walk", "lateral"),
    "side_plank": rung("side_plank", "Side plank", "lateral"),
}

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
