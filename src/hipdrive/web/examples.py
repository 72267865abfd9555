"""Examples for the description of the API: values that can be sent as they are."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from hipdrive.training.history import (
    Away,
    ExerciseDone,
    PainReport,
    Profile,
    Race,
    Screening,
    SessionDone,
    SetDone,
    TestResult,
)
from hipdrive.web.messages import Breaks, Did, Done, Erase, NewRun, NewToken

DAY: Final = date(2026, 11, 20)
SETS: Final = (SetDone(12, reserve=3, seen_by="self"), SetDone(10, reserve=2, seen_by="self"))

EXAMPLES: Final[tuple[Any, ...]] = (
    Profile(
        "Anna",
        height_m=1.72,
        mass_kg=63,
        sex="f",
        birth_year=1990,
        experience="some",
        run_days=(1, 3, 6),
        key_run_days=(6,),
        bands=("yellow", "red"),
        equipment=("step",),
        goals=("a calm half marathon",),
        time_zone="Europe/Berlin",
    ),
    Screening(DAY, {"heart": False, "chest_pain": False, "dizzy": False}),
    SessionDone(
        DAY,
        (ExerciseDone("glute_bridge", SETS), ExerciseDone("clam", SETS)),
        rpe=7,
        pain=1,
        note="left hip tired",
    ),
    Done(DAY, did={"glute_bridge": Did(3, 10)}, left_out=("clam",), clean=True, rpe=7, pain=0),
    PainReport(DAY, 3, "left hip", "next_morning", settled=True),
    TestResult(DAY, "single-leg-bridge", "s", left=41, right=35),
    NewRun(
        datetime(2026, 11, 20, 7, 30, tzinfo=ZoneInfo("Europe/Berlin")),
        8200,
        2760,
        ascent_m=40,
        cadence_spm=172,
        zone="Europe/Berlin",
    ),
    Race(date(2027, 4, 11), 42_195, "Spring marathon"),
    Away(date(2026, 12, 20), date(2027, 1, 3), "at the sea"),
    Breaks(every_min=45, begins="09:00", ends="17:30", on=True),
    Erase("Anna"),
    NewToken("my watch"),
)
