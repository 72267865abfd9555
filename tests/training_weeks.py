"""Twelve weeks of a runner and the plan after them, made by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from hipdrive.training.history import (
    Away,
    ExerciseDone,
    History,
    PainReport,
    Profile,
    Run,
    Screening,
    Seen,
    SessionDone,
    SetDone,
    TestResult,
)
from hipdrive.training.ladder import ladder
from hipdrive.training.programme import LineState, PlannedExercise, PlannedSession, PlannedWeek, Programme

TODAY = date(2026, 11, 24)  # a Tuesday
MONDAY = TODAY - timedelta(days=TODAY.weekday())
BEGAN = MONDAY - timedelta(weeks=12)
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)> [bold]\"'&"

HIP = (
    ("glute_bridge",) * 4 + ("band_bridge",) * 3 + ("two_up_one_down",) * 3 + ("band_bridge",) + ("single_leg_bridge",)
)
LATERAL = ("clam",) * 2 + ("monster_walk",) * 6 + ("strong_band_walk",) * 4


def sessions() -> tuple[SessionDone, ...]:
    """Two a week, none in the sixth (away), one in the ninth; a little pain in the eighth."""
    done = []
    for week in range(12):
        days = () if week == 5 else (1,) if week == 8 else (1, 4)
        for weekday in days:
            reserve = 3.0 if week % 4 else 4.0
            sets = (SetDone(10 + week % 4, reserve, clean_share=0.9, fault_share=0.0, seen_by="self"),) * 2
            entries = tuple(ExerciseDone(name, sets) for name in (HIP[week], LATERAL[week], "calf_raise"))
            pain = 4.0 if week == 7 and weekday == 4 else float(week % 3 == 1)
            done.append(SessionDone(BEGAN + timedelta(weeks=week, days=weekday), entries, 10 - reserve, pain))
    return tuple(done)


def runs() -> tuple[Run, ...]:
    """Three a week, growing, with one long run that was too long."""
    made = []
    for week in range(12):
        if week == 5:
            continue
        for weekday, km in ((1, 6.0), (3, 7.0), (6, 10.0 + 0.6 * week + (6 if week == 9 else 0))):
            start = datetime.combine(BEGAN + timedelta(weeks=week, days=weekday), time(7), UTC)
            made.append(Run(start, 1000 * km, 360 * km, fingerprint=f"{week}-{weekday}"))
    return tuple(made)


def seen() -> tuple[Seen, ...]:
    """A bridge every second week, getting better at the hold, and three runs."""
    bridges = [
        Seen(
            BEGAN + timedelta(weeks=week, days=1),
            "glute_bridge",
            10,
            {
                "hold_at_top": (10, min(10, 2 + week), max(0, 6 - week)),
                "straight_line": (10, 6 + week % 3, week % 2),
                "toes_lifted": (8, 8, 0),
                "slow_lower": (10, 9, 0),
            },
            advice=("hold_at_top",),
        )
        for week in (0, 2, 4, 6, 8, 11)
    ]
    films = [
        Seen(
            BEGAN + timedelta(weeks=week, days=3),
            "running",
            0,
            measures={
                "cadence_spm": (cadence, 1.0, "steps/min", None, None),
                "contact_time_s": (contact, 0.025, "s", contact + 0.006, contact - 0.006),
                "pelvic_drop_deg": (drop, 2.0, "deg", drop + 1.5, drop - 1.5),
                "vertical_oscillation_m": (0.092, 0.008, "m", None, None),
            },
        )
        for week, cadence, contact, drop in ((0, 164.0, 0.262, 7.1), (6, 166.0, 0.255, 6.0), (11, 171.0, 0.249, 5.2))
    ]
    return tuple(sorted((*bridges, *films), key=lambda one: one.day))


def tests() -> tuple[TestResult, ...]:
    """One test with sides and one without."""
    made = [
        TestResult(BEGAN + timedelta(weeks=week), "single-leg-bridge", "s", left, right, error=3.0)
        for week, left, right in ((0, 24.0, 35.0), (4, 31.0, 38.0), (8, 38.0, 41.0), (12, 44.0, 47.0))
    ]
    stands = [
        TestResult(BEGAN + timedelta(weeks=week), "sit-to-stand", "repetitions", both=value, error=2.0)
        for week, value in ((0, 38.0), (8, 40.0))
    ]
    return tuple(sorted((*made, *stands), key=lambda one: one.day))


def history(name: str = "Ada") -> History:
    """Twelve weeks up to `TODAY`, the days of this week before it included."""
    return History(
        Profile(name, run_days=(1, 3, 6), key_run_days=(6,), sessions_a_week=2, bands=("yellow", "red", "green")),
        screenings=(Screening(BEGAN, {"heart": False}),),
        sessions=sessions(),
        pains=(PainReport(BEGAN + timedelta(weeks=7, days=5), 3.0, "left hip", "next_morning", settled=True),),
        tests=tests(),
        runs=runs(),
        away=(Away(BEGAN + timedelta(weeks=5), BEGAN + timedelta(weeks=5, days=6), "holiday"),),
        seen=seen(),
    )


def planned(name: str, *, why: str = "Two sessions in a row were clean.", **changes: object) -> PlannedExercise:
    """An exercise of the ladder with its own dose, or another."""
    return PlannedExercise(name, replace(ladder()[name].dose, **changes), why)  # type: ignore[arg-type]


def programme(today: date = TODAY, why: str = "Two days after the long run, before the next.") -> Programme:
    """Four weeks: building, building, lighter, before a race."""
    monday = today - timedelta(days=today.weekday())
    weeks = []
    for number, (phase, grows) in enumerate(
        (("build", "hip"), ("build", "long run"), ("deload", "nothing"), ("race", "nothing"))
    ):
        start = monday + timedelta(weeks=number)
        year, week, _ = start.isocalendar()
        made = tuple(
            PlannedSession(
                f"{year}-W{week:02d}-{place}",
                start + timedelta(days=weekday),
                (
                    planned("single_leg_bridge", sets=2 if phase == "deload" else 3),
                    planned("strong_band_walk", why="The next band comes after one more clean session.", band="green"),
                    planned("side_plank", why="For the muscles beside the hip."),
                    planned("calf_raise", why="The calf does most of the push."),
                ),
                "after your run" if weekday == 1 else "any time of the day",
                True,
                why,
                "single-leg-bridge" if (number, place) == (0, 1) else None,
            )
            for place, weekday in enumerate((1, 4), start=1)
        )
        weeks.append(PlannedWeek(start, phase, made, grows, 17_400.0, f"Week {number + 1} of the block."))  # type: ignore[arg-type]
    lines = (
        LineState(
            "hip", "single_leg_bridge", ladder()["single_leg_bridge"].dose, 1, "One more clean session leads on."
        ),
        LineState("lateral", "strong_band_walk", ladder()["strong_band_walk"].dose, 0, "The knees fell in last time."),
        LineState("calf", "calf_raise", ladder()["calf_raise"].dose, 2, "Ready for one leg at a time."),
    )
    return Programme(
        today, tuple(weeks), lines, notes=("Your half marathon is on 20 December: the week before is light.",)
    )
