"""What tests write into a diary: a filled one, and any one at all."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st
from sqlalchemy import select

from hipdrive.diary import AthleteDiary, Diary
from hipdrive.diary.tables import (
    AccountRow,
    ApiTokenRow,
    Athlete,
    Base,
    CalendarAddressRow,
    JobRow,
    Owned,
    WebSessionRow,
)
from hipdrive.results import (
    Advice,
    Analysis,
    JudgedCue,
    JudgedMeasure,
    JudgedRepetition,
    RecognisedMovement,
    SeenView,
    Source,
)
from hipdrive.training.history import (
    BANDS,
    Away,
    ExerciseDone,
    PainReport,
    Profile,
    Race,
    Run,
    Screening,
    SessionDone,
    SetDone,
    TestResult,
)

DAY = date(2026, 3, 2)
BERLIN = ZoneInfo("Europe/Berlin")


def bridge(name: str = "bridge.mp4", verdicts: str = "gf") -> Analysis:
    """An analysis of a bridge with one repetition for each letter: good, fault."""
    repetitions = [
        JudgedRepetition(
            number, "both", None, number, number + 0.3, number + 0.6, number + 0.9, True,
            {"full_extension": JudgedCue(171.25, "deg", 6.0, "good" if letter == "g" else "fault", None)},
        )
        for number, letter in enumerate(verdicts)
    ]  # fmt: skip
    return Analysis(
        Source(name, "video", 12.5, 375, 30.0, 1080, 1920),
        RecognisedMovement("glute_bridge", "recognised", 0.97),
        SeenView("side", "left", 0.9),
        repetitions,
        measures={
            "cadence": JudgedMeasure(171.0, "steps/min", 2.0, 170.0, "good", None, None, None),
            "pelvic_drop": JudgedMeasure(5.5, "deg", None, None, "check", None, 5.0, 6.0),
            "unseen": JudgedMeasure(None, "deg", None, None, "not_judged", "not seen", None, None),
        },
        advice=[Advice("full_extension", "Push your hips all the way up.", "why", "next")],
        provenance={"hipdrive": "0.1.0"},
    )


def fill(mine: AthleteDiary, mark: str = "") -> None:
    """Write one of everything; every text holds the mark."""
    mine.add_screening(Screening(DAY, {f"heart{mark}": False, "dizzy": True}, cleared=DAY))
    mine.log_session(
        SessionDone(
            DAY,
            (
                ExerciseDone("glute_bridge", (SetDone(12, 3), SetDone(11, 2, 2.5, "red", 0.8, 0.1, "video"))),
                ExerciseDone(f"clam{mark}", (SetDone(20.5),)),
            ),
            rpe=6.5,
            pain=1,
            planned=f"2026-W10-1{mark}",
            note=f"left hip tired {mark} ä\n\t\x01🏃",
        )
    )
    mine.add_pain(PainReport(DAY, 3, f"left hip{mark}", "next_morning", False, (f"night{mark}",), DAY, f"hm{mark}"))
    mine.add_test(TestResult(DAY, f"single-leg-bridge{mark}", "s", 31.5, 28.25, None, 1.5, "video", f"cold{mark}"))
    mine.add_runs(
        [
            Run(
                datetime(2026, 3, 1, 8, 30, 15, 250_000, BERLIN), 10_012.5, 3_300, 45, 151.5, 172, f"a{mark}.fit", mark
            ),
            Run(datetime(2026, 3, 2, 7, tzinfo=timezone(timedelta(hours=-3))), 5_000, 1_700),
        ]
    )
    mine.add_race(Race(date(2026, 6, 1), 21_097.5, f"City{mark}"))
    mine.add_away(Away(DAY, date(2026, 3, 9), f"travel{mark}"))
    mine.keep_analysis(DAY, bridge(f"bridge{mark}.mp4"))
    mine.set_setting(f"calendar{mark}", f'{{"a": "{mark}"}}')
    with mine.own(writing=True) as own:
        for table, row in of_the_app(f"{mine.uid}{mark}").items():
            own.add(table, row)


def of_the_app(mark: str) -> dict[type[Owned], dict[str, Any]]:
    """A row of each table that only the app needs."""
    moment = datetime(2026, 3, 2, 12, tzinfo=UTC)
    return {
        AccountRow: {"name": mark, "called": mark, "password": f"$argon2id${mark}", "made_at": moment},
        WebSessionRow: {"token": f"web {mark}", "made_at": moment, "seen_at": moment, "expires_at": moment},
        ApiTokenRow: {"token": f"api {mark}", "name": mark, "made_at": moment, "last_used_at": None},
        CalendarAddressRow: {"token": f"calendar {mark}", "made_at": moment, "last_used_at": None},
        JobRow: {
            "uid": mark, "name": mark, "state": "done", "asked": {"view": mark}, "done_frames": 375,
            "total_frames": 375, "say": mark, "made_at": moment, "changed_at": moment,
        },
    }  # fmt: skip


def all_rows(diary: Diary, *, but: str = "") -> dict[str, list[tuple[object, ...]]]:
    """All rows of all tables, but those of one athlete."""
    with diary.database.reading() as connection:
        whose = connection.execute(select(Athlete.athlete_id).where(Athlete.uid == but)).scalar()
        kept = {}
        for name, table in Base.metadata.tables.items():
            owner = table.c.id if name == "athletes" else table.c.athlete_id
            rows = connection.execute(table.select().where(owner != (whose or 0)).order_by(table.c.id))
            kept[name] = [tuple(row) for row in rows]
    return kept


# -- any diary at all ----------------------------------------------------------------------------------------------

TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=40)
WORDS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=12)
DAYS = st.dates(date(1900, 1, 1), date(2199, 12, 31)) | st.dates(DAY, DAY + timedelta(days=9))
SCORES = st.floats(0, 10)
ZONES = st.timezones() | st.sampled_from(
    [timezone.utc, timezone(timedelta(hours=5, minutes=45)), timezone(-timedelta(seconds=1, microseconds=5))]  # noqa: UP017
)
MOMENTS = st.datetimes(datetime(1900, 1, 2), datetime(2199, 12, 30), timezones=ZONES, allow_imaginary=False)
AMOUNTS = st.floats(0, 1_000)
VALUES = st.floats(-1e9, 1e9)


def maybe(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | values


def tuples(values: st.SearchStrategy[Any], most: int = 3) -> st.SearchStrategy[Any]:
    return st.lists(values, max_size=most).map(tuple)


WEEK = tuples(st.integers(0, 6))
PROFILES = st.builds(
    Profile,
    name=st.just("Anna"),
    height_m=maybe(st.floats(1, 2.5)),
    mass_kg=maybe(st.floats(30, 200)),
    birth_year=maybe(st.integers(1900, 2026)),
    run_days=WEEK,
    key_run_days=WEEK,
    free_days=WEEK,
    sessions_a_week=st.integers(2, 3),
    hours_sat=maybe(st.floats(0, 24)),
    bands=tuples(st.sampled_from(BANDS)),
    equipment=tuples(WORDS),
    goals=tuples(TEXTS),
    session_at=st.times().map("{:%H:%M}".format),
    time_zone=st.timezone_keys(),
)
SCREENINGS = st.builds(Screening, DAYS, st.dictionaries(WORDS, st.booleans(), max_size=4), maybe(DAYS))
SETS = st.builds(
    SetDone,
    AMOUNTS,
    maybe(SCORES),
    maybe(AMOUNTS),
    clean_share=maybe(st.floats(0, 1)),
    fault_share=maybe(st.floats(0, 1)),
)
EXERCISES = st.builds(ExerciseDone, WORDS, tuples(SETS))
SESSIONS = st.builds(SessionDone, DAYS, tuples(EXERCISES), maybe(SCORES), maybe(SCORES), maybe(TEXTS), TEXTS)
PAINS = st.builds(PainReport, DAYS, SCORES, TEXTS, flags=tuples(WORDS), cleared=maybe(DAYS), note=TEXTS)
TESTS = st.builds(
    TestResult, DAYS, WORDS, WORDS, maybe(VALUES), maybe(VALUES), maybe(VALUES), maybe(st.floats(0, 1e6)), note=TEXTS
)
RUNS = st.builds(
    Run, MOMENTS, AMOUNTS, AMOUNTS, maybe(AMOUNTS), maybe(st.floats(30, 220)), maybe(st.floats(0, 300)), TEXTS, WORDS
)
RACES = st.builds(Race, DAYS, AMOUNTS, TEXTS)
AWAY = st.tuples(DAYS, DAYS, TEXTS).map(lambda drawn: Away(*sorted(drawn[:2]), drawn[2]))
MEASURES = st.builds(
    JudgedMeasure, maybe(VALUES), WORDS, maybe(st.floats(0, 1e6)), st.none(), st.just("good"), st.none(), maybe(VALUES),
    maybe(VALUES),
)  # fmt: skip
ANALYSES = st.builds(
    lambda name, verdicts, measures: replace(bridge(name, verdicts), measures=measures),
    WORDS,
    st.text("gf", max_size=4),
    st.dictionaries(WORDS, MEASURES, max_size=3),
)
