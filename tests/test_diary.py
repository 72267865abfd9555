"""The diary gives back what was put in, to its owner only, on SQLite and on PostgreSQL."""

from __future__ import annotations

import ast
import dataclasses
import inspect
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta, timezone
from itertools import count
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from diary_databases import new_database
from diary_pages import (
    ANALYSES,
    AWAY,
    BERLIN,
    DAY,
    DAYS,
    PAINS,
    PROFILES,
    RACES,
    RUNS,
    SCREENINGS,
    SESSIONS,
    TESTS,
    all_rows,
    bridge,
    fill,
)
from hipdrive.diary import AthleteDiary, Diary, store
from hipdrive.diary.moments import zone_named
from hipdrive.diary.store import digest_of
from hipdrive.diary.tables import (
    AccountRow,
    AnalysisRow,
    ApiTokenRow,
    Athlete,
    AwayRow,
    ExerciseRow,
    JobRow,
    PainRow,
    RaceRow,
    RunRow,
    ScreeningRow,
    SeenCueRow,
    SessionRow,
    SetRow,
    TestRow,
    WebSessionRow,
)
from hipdrive.errors import HipdriveError, NotInDiary
from hipdrive.training.history import (
    Away,
    ExerciseDone,
    History,
    PainReport,
    Profile,
    Race,
    Run,
    Screening,
    SessionDone,
    SetDone,
    TestResult,
)
from hipdrive.training.watched import seen_in

NUMBERS = count(1)
each_example_its_athlete = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@pytest.fixture
def diary(diary_url: str) -> Iterator[Diary]:
    with Diary.open(diary_url) as diary:
        yield diary


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def shared_diary(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Diary]:
    """One for many tests, as making one takes longer than most of them."""
    with Diary.open(new_database(request, tmp_path_factory.mktemp("shared"))) as diary:
        yield diary


@pytest.fixture
def anna(shared_diary: Diary) -> AthleteDiary:
    return shared_diary.add_athlete(Profile(f"Anna {next(NUMBERS)}"))


# -- what is put in comes back -------------------------------------------------------------------------------------


def test_everything_comes_back_exactly(anna):
    fill(anna)
    history = anna.history()
    assert history.sessions[0].note == "left hip tired  ä\n\t\x01🏃"
    assert history.sessions[0].exercises[0].sets[1] == SetDone(11, 2, 2.5, "red", 0.8, 0.1, "video")
    assert history.screenings == (Screening(DAY, {"heart": False, "dizzy": True}, DAY),)
    assert [run.distance_m for run in history.runs] == [10_012.5, 5_000]
    assert history.runs[0].start == datetime(2026, 3, 1, 8, 30, 15, 250_000, BERLIN)
    assert history.runs[0].start.tzinfo is BERLIN
    assert history.runs[1].start.utcoffset() == timedelta(hours=-3)
    assert history.seen == (seen_in(bridge(), DAY),)
    assert history.seen[0].shares == {"full_extension": (2, 1, 1)}
    assert anna.analyses() == [(DAY, bridge())]
    assert anna.setting("calendar") == '{"a": ""}'


def test_any_history_comes_back(shared_diary):
    @given(
        PROFILES,
        st.lists(SCREENINGS, max_size=3),
        st.lists(SESSIONS, max_size=4, unique_by=lambda one: one.day),
        st.lists(PAINS, max_size=3),
        st.lists(TESTS, max_size=3),
        st.lists(RUNS, max_size=4, unique_by=(lambda one: one.fingerprint, lambda one: one.start)),
        st.lists(RACES, max_size=3, unique_by=lambda one: one.day),
        st.lists(AWAY, max_size=3, unique=True),
        st.lists(st.tuples(DAYS, ANALYSES), max_size=3, unique_by=lambda one: one[1].to_json()),
    )
    @each_example_its_athlete
    def comes_back(profile, screenings, sessions, pains, tests, runs, races, away, analyses):
        profile = dataclasses.replace(profile, name=f"Anna {next(NUMBERS)}")
        mine = shared_diary.add_athlete(profile)
        for add, records in (
            (mine.add_screening, screenings),
            (mine.log_session, sessions),
            (mine.add_pain, pains),
            (mine.add_test, tests),
            (mine.add_race, races),
            (mine.add_away, away),
        ):
            for record in records:
                add(record)
        assert mine.add_runs(runs) == len(runs)
        for day, analysis in analyses:
            mine.keep_analysis(day, analysis)

        def by_day(records):
            return tuple(sorted(records, key=lambda one: one.day))

        assert mine.history() == History(
            profile=profile,
            screenings=by_day(screenings),
            sessions=by_day(sessions),
            pains=by_day(pains),
            tests=by_day(tests),
            runs=tuple(sorted(runs, key=lambda one: one.start)),
            races=by_day(races),
            away=tuple(sorted(away, key=lambda one: one.first)),
            seen=by_day(seen_in(analysis, day) for day, analysis in analyses),
        )
        assert mine.analyses() == sorted(analyses, key=lambda one: one[0])

    comes_back()


def test_a_run_keeps_its_place_where_clocks_go_back(anna):
    first = datetime(2026, 10, 25, 2, 30, tzinfo=BERLIN)
    second = first.replace(fold=1)
    anna.add_runs([Run(second, 2_000, 600), Run(first, 1_000, 600)])
    runs = anna.history().runs
    assert [run.distance_m for run in runs] == [1_000, 2_000]
    assert [run.start.utcoffset() for run in runs] == [timedelta(hours=2), timedelta(hours=1)]


def test_every_field_of_the_history_has_a_column():
    for kind, table in (
        (Screening, ScreeningRow),
        (SessionDone, SessionRow),
        (ExerciseDone, ExerciseRow),
        (SetDone, SetRow),
        (PainReport, PainRow),
        (TestResult, TestRow),
        (Run, RunRow),
        (Race, RaceRow),
        (Away, AwayRow),
    ):
        missing = {field.name for field in dataclasses.fields(kind)} - set(table.__table__.columns.keys())
        assert missing <= {"exercises", "sets"}, kind


def test_numbers_of_numpy_are_numbers(anna):
    done = ExerciseDone("clam", (SetDone(np.float64(12.5), np.float64(2)),))
    anna.log_session(SessionDone(DAY, (done,), rpe=np.float64(7)))
    assert anna.history().sessions == (SessionDone(DAY, (ExerciseDone("clam", (SetDone(12.5, 2.0),)),), rpe=7.0),)


# -- how things join -----------------------------------------------------------------------------------------------


def test_sets_join_the_session_of_the_day(anna):
    anna.log_exercise(DAY, ExerciseDone("clam", (SetDone(10),)), rpe=5, pain=3, note="first", planned="2026-W10-1")
    anna.log_exercise(DAY, ExerciseDone("glute_bridge", (SetDone(12),)), pain=1)
    anna.log_exercise(DAY, ExerciseDone("clam", (SetDone(10),)), rpe=6, note="second")
    assert anna.history().sessions == (
        SessionDone(
            DAY,
            (ExerciseDone("clam", (SetDone(10), SetDone(10))), ExerciseDone("glute_bridge", (SetDone(12),))),
            rpe=6,
            pain=3,
            planned="2026-W10-1",
            note="first\nsecond",
        ),
    )


def test_the_same_session_again_changes_nothing_and_another_joins_or_replaces(anna):
    session = SessionDone(DAY, (ExerciseDone("clam", (SetDone(10),)),), rpe=5)
    other = SessionDone(DAY, (ExerciseDone("clam", (SetDone(8),)),), rpe=7)
    anna.log_session(session)
    anna.log_session(session)
    assert anna.history().sessions == (session,)
    anna.log_session(other)
    assert anna.history().sessions[0].exercises == (ExerciseDone("clam", (SetDone(10), SetDone(8))),)
    anna.log_session(other, replace=True)
    assert anna.history().sessions == (other,)


def test_a_run_is_kept_once(anna):
    start = datetime(2026, 3, 1, 8, tzinfo=BERLIN)
    run = Run(start, 10_000, 3_000, source="a.fit", fingerprint="x")
    assert anna.add_runs([run, dataclasses.replace(run, source="a.gpx")]) == 1
    assert anna.add_runs([dataclasses.replace(run, start=start + timedelta(seconds=2)), Run(start, 5_000, 1)]) == 1
    assert anna.add_runs([Run(start.astimezone(timezone(timedelta(0))), 5_000, 1)]) == 0
    assert [run.source for run in anna.history().runs] == ["a.fit", ""]


def test_an_analysis_is_kept_once_and_its_day_can_be_mended(anna):
    assert anna.keep_analysis(DAY, bridge())
    again = dataclasses.replace(bridge(), provenance={"hipdrive": "0.2.0"})
    assert not anna.keep_analysis(date(2026, 3, 1), again)
    assert anna.keep_analysis(DAY, bridge("other.mp4"))
    assert [(seen.day, seen.name) for seen in anna.history().seen] == [
        (date(2026, 3, 1), "bridge.mp4"),
        (DAY, "other.mp4"),
    ]


def test_one_race_a_day_and_days_away_once(anna):
    anna.add_race(Race(DAY, 10_000))
    anna.add_race(Race(DAY, 5_000))
    anna.add_away(Away(DAY, DAY))
    anna.add_away(Away(DAY, DAY))
    history = anna.history()
    assert history.races == (Race(DAY, 5_000),)
    assert history.away == (Away(DAY, DAY),)


def test_what_is_taken_back_is_gone_and_what_is_not_there_is_said(anna):
    fill(anna)
    anna.remove_race(date(2026, 6, 1))
    anna.remove_away(DAY)
    anna.remove_session(DAY)
    history = anna.history()
    assert (history.races, history.away, history.sessions) == ((), (), ())
    for remove in (anna.remove_race, anna.remove_away, anna.remove_session):
        with pytest.raises(HipdriveError, match="there is no"):
            remove(DAY)


def test_settings_are_kept_changed_and_forgotten(anna):
    assert anna.setting("mail") is None
    anna.set_setting("mail", "a")
    anna.set_setting("mail", "b")
    assert anna.setting("mail") == "b"
    anna.set_setting("mail", None)
    assert anna.settings() == {}


def test_together_all_or_nothing(anna):
    with pytest.raises(HipdriveError), anna.together():
        anna.add_race(Race(DAY, 5_000))
        assert anna.history().races
        anna.add_race(Race(DAY, -1))
    assert anna.history().races == ()
    with anna.together():
        anna.add_race(Race(DAY, 5_000))
        anna.add_pain(PainReport(DAY, 1))
    assert len(anna.history().races) == len(anna.history().pains) == 1


# -- who -----------------------------------------------------------------------------------------------------------


def test_who_is_meant(diary, monkeypatch):
    with pytest.raises(HipdriveError, match="begin with your profile"):
        diary.athlete()
    anna = diary.add_athlete(Profile("Anna"))
    assert diary.athlete().uid == anna.uid
    ben = diary.add_athlete(Profile("ben"))
    with pytest.raises(HipdriveError, match=r"2 athletes .* HIPDRIVE_ATHLETE"):
        diary.athlete()
    assert diary.athlete("Ben").uid == diary.athlete(ben.uid).uid == ben.uid
    monkeypatch.setenv("HIPDRIVE_ATHLETE", "anna")
    assert diary.athlete().uid == anna.uid
    with pytest.raises(HipdriveError, match="nobody in the diary is called Cleo"):
        diary.athlete("Cleo")
    assert diary.athletes() == [(anna.uid, "Anna"), (ben.uid, "ben")]


def test_names_tell_athletes_apart(diary):
    anna, ben = diary.add_athlete(Profile("Anna")), diary.add_athlete(Profile("Ben"))
    for take in (diary.add_athlete, ben.save_profile):
        with pytest.raises(HipdriveError, match="somebody called ANNA in the diary"):
            take(Profile("ANNA"))
    anna.save_profile(Profile("Anna", height_m=1.7))
    assert anna.profile() == Profile("Anna", height_m=1.7)
    assert [name for _, name in diary.athletes()] == ["Anna", "Ben"]


@pytest.mark.parametrize("name", ["+25:99", "-", "Mars/Base", "/etc/passwd", "..", "a" * 5000, "", "Europe"])
def test_a_zone_that_nobody_knows_is_utc(name):
    assert zone_named(name).utcoffset(datetime(2026, 1, 1)) == timedelta(0)


CALLS: dict[str, Callable[[AthleteDiary, Path], object]] = {
    "history": lambda mine, _: mine.history(),
    "profile": lambda mine, _: mine.profile(),
    "analyses": lambda mine, _: mine.analyses(),
    "seen_by_digest": lambda mine, _: mine.seen_by_digest(),
    "analysis": lambda mine, _: [mine.analysis(digest) for digest in mine.seen_by_digest()],
    "entries": lambda mine, _: mine.entries(),
    "goes_with": lambda mine, _: [mine.goes_with(entry.id) for entry in mine.entries()],
    "last_day": lambda mine, _: f"~a {mine.last_day(date(2199, 1, 1))}",
    "setting": lambda mine, _: (mine.setting("calendar~a"), mine.setting("calendar~b")),
    "settings": lambda mine, _: mine.settings(),
    "save_profile": lambda mine, _: mine.save_profile(Profile("Cleo~a", height_m=1.8)),
    "add_screening": lambda mine, _: mine.add_screening(Screening(DAY, {"x": True})),
    "log_exercise": lambda mine, _: mine.log_exercise(DAY, ExerciseDone("clam", (SetDone(3),))),
    "log_session": lambda mine, _: mine.log_session(SessionDone(DAY, (), rpe=1), replace=True),
    "remove_session": lambda mine, _: mine.remove_session(DAY),
    "add_pain": lambda mine, _: mine.add_pain(PainReport(DAY, 2)),
    "add_test": lambda mine, _: mine.add_test(TestResult(DAY, "x", "s", 3)),
    "add_runs": lambda mine, _: mine.add_runs([Run(datetime(2026, 3, 1, 8, tzinfo=BERLIN), 1, 1, fingerprint="~b")]),
    "add_race": lambda mine, _: mine.add_race(Race(date(2026, 6, 1), 1)),
    "remove_race": lambda mine, _: mine.remove_race(date(2026, 6, 1)),
    "add_away": lambda mine, _: mine.add_away(Away(DAY, date(2026, 3, 9), "travel~b")),
    "remove_away": lambda mine, _: mine.remove_away(DAY),
    "keep_analysis": lambda mine, _: mine.keep_analysis(date(2026, 3, 5), bridge("bridge-b.mp4")),
    "set_setting": lambda mine, _: mine.set_setting("calendar~b", "mine"),
    "take_back": lambda mine, _: [mine.take_back(mine.entries()[0].id, by_mistake=True) for _ in range(9)] and None,
    "change_note": lambda mine, _: mine.change_note(_with_note(mine), "mended"),
    "export": lambda mine, folder: [path.read_text() for path in mine.export(folder / "export")],
    "together": lambda mine, _: _together(mine),
    "own": lambda mine, _: _own(mine),
    "erase": lambda mine, _: mine.erase(),
}


def _with_note(mine: AthleteDiary) -> str:
    return next(entry.id for entry in mine.entries() if entry.note)


def _together(mine: AthleteDiary) -> History:
    with mine.together():
        mine.add_pain(PainReport(DAY, 5))
        return mine.history()


def _own(mine: AthleteDiary) -> list[object]:
    with mine.own(writing=False) as own:
        seen = [own.rows(table) for table in (AccountRow, WebSessionRow, ApiTokenRow, JobRow)]
    with mine.own(writing=True) as own:
        own.change(JobRow, {"say": "~~"})
        own.remove(ApiTokenRow)
    return seen


def test_an_analysis_is_given_back_by_its_digest_and_only_to_its_owner(diary):
    anna, ben = diary.add_athlete(Profile("Anna")), diary.add_athlete(Profile("Ben"))
    anna.keep_analysis(DAY, bridge("a.mp4"))
    ben.keep_analysis(DAY, bridge("b.mp4"))
    assert anna.seen_by_digest() == {digest_of(bridge("a.mp4")): anna.history().seen[0]}
    assert anna.analysis(digest_of(bridge("a.mp4"))) == bridge("a.mp4")
    with pytest.raises(NotInDiary, match="no such analysis"):
        anna.analysis(digest_of(bridge("b.mp4")))


def test_every_method_is_held_against_the_rows_of_others():
    public = {name for name, _ in inspect.getmembers(AthleteDiary, callable) if not name.startswith("_")}
    assert public == set(CALLS)


@pytest.mark.parametrize("method", CALLS)
def test_one_athlete_never_reads_or_writes_anothers_rows(shared_diary, method, tmp_path):
    diary = shared_diary
    anna, ben = (diary.add_athlete(Profile(f"{method} {name}")) for name in ("Anna~a", "Ben~b"))
    fill(anna, "~a")
    fill(ben, "~b")
    before, own = all_rows(diary, but=anna.uid), all_rows(diary, but=ben.uid)
    given = CALLS[method](anna, tmp_path)
    assert all_rows(diary, but=anna.uid) == before
    assert "~b" not in repr(given)
    asks = ("history", "profile", "analyses", "seen_by_digest", "analysis", "setting", "settings", "export")
    reads = method in (*asks, "entries", "goes_with", "last_day")
    assert (all_rows(diary, but=ben.uid) == own) == reads
    if reads or method in ("together", "own"):
        assert "~a" in repr(given)


def test_queries_are_made_in_one_place_only():
    tree = ast.parse(inspect.getsource(store))
    mine = next(node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == "AthleteDiary")
    names = {node.attr for node in ast.walk(mine) if isinstance(node, ast.Attribute)}
    names |= {node.id for node in ast.walk(mine) if isinstance(node, ast.Name)}
    assert "_writing" in names
    assert not names & {"execute", "exec_driver_sql", "select", "insert", "update", "delete", "bare"}


def test_the_database_refuses_a_part_of_somebody_elses_session(diary):
    from sqlalchemy import insert
    from sqlalchemy.exc import DBAPIError

    anna, ben = diary.add_athlete(Profile("Anna")), diary.add_athlete(Profile("Ben"))
    fill(anna)
    with diary.database.reading() as connection:
        session = connection.execute(select(SessionRow.id)).scalar_one()
        stranger = connection.execute(select(Athlete.athlete_id).where(Athlete.uid == ben.uid)).scalar_one()
    with pytest.raises(DBAPIError, match=r"(?i)foreign key"), diary.database.writing() as connection:
        row = {"athlete_id": stranger, "session_id": session, "place": 7, "exercise": "clam"}
        connection.execute(insert(ExerciseRow).values(row))


def test_themes_can_be_asked_by_sql(diary):
    for name in ("Anna", "Ben"):
        diary.add_athlete(Profile(name)).keep_analysis(DAY, bridge())
    with diary.database.reading() as connection:
        query = select(SeenCueRow.cue, AnalysisRow.movement).join(AnalysisRow, AnalysisRow.id == SeenCueRow.analysis_id)
        assert connection.execute(query.where(SeenCueRow.fault > 0)).all() == [("full_extension", "glute_bridge")] * 2


# -- what is not taken ---------------------------------------------------------------------------------------------

NAN = float("nan")
REFUSED = {
    "score of the pain report is 11: it has to be 0 to 10": lambda mine: mine.add_pain(PainReport(DAY, 11)),
    "score of the pain report is no number": lambda mine: mine.add_pain(PainReport(DAY, NAN)),
    "the rpe of the session is -1": lambda mine: mine.log_session(SessionDone(DAY, (), rpe=-1)),
    "NUL": lambda mine: mine.log_session(SessionDone(DAY, (), note="a\0b")),
    "half a character": lambda mine: mine.log_session(SessionDone(DAY, (), note="\ud83c")),
    "has 2001 letters": lambda mine: mine.log_session(SessionDone(DAY, (), note="a" * 2001)),
    "Invalid enum value 'pink'": lambda mine: mine.log_exercise(DAY, ExerciseDone("clam", (SetDone(1, band="pink"),))),
    "clean share of the": lambda mine: mine.log_exercise(DAY, ExerciseDone("clam", (SetDone(1, clean_share=1.5),))),
    "amount of the session is no number": lambda mine: mine.log_exercise(
        DAY, ExerciseDone("clam", (SetDone(float("inf")),))
    ),
    "exercises has 501 entries": lambda mine: mine.log_session(SessionDone(DAY, (ExerciseDone("clam", ()),) * 501)),
    "day 1024-01-01 is out of range": lambda mine: mine.add_race(Race(date(1024, 1, 1), 5_000)),
    "distance in m of the race is -5": lambda mine: mine.add_race(Race(DAY, -5)),
    "has no time zone": lambda mine: mine.add_runs([Run(datetime(2026, 1, 1), 1, 1)]),
    "bring no more than 50000": lambda mine: mine.add_runs([Run(datetime(2026, 1, 1, tzinfo=BERLIN), 1, 1)] * 50_001),
    "before the first": lambda mine: mine.add_away(Away(DAY, date(2026, 3, 1))),
    "left of the self test is no number": lambda mine: mine.add_test(TestResult(DAY, "x", "s", NAN)),
    "setting x has 1000001 letters": lambda mine: mine.set_setting("x", "a" * 1_000_001),
    "the name needs letters": lambda mine: mine.save_profile(Profile(" ")),
    "name has 121 letters": lambda mine: mine.diary.add_athlete(Profile("a" * 121)),
    "height in m of the profile is 170": lambda mine: mine.save_profile(Profile("Anna", height_m=170)),
    "this analysis cannot be kept": lambda mine: mine.keep_analysis(
        DAY, dataclasses.replace(bridge(), repetitions=[dataclasses.replace(bridge().repetitions[0], start_s=NAN)])
    ),
    "is out of range: give one": lambda mine: mine.keep_analysis(date(1, 1, 1), bridge()),
}


@pytest.mark.parametrize("sentence", REFUSED)
def test_what_cannot_be_kept_is_refused_in_one_sentence(shared_diary, anna, sentence):
    before = all_rows(shared_diary)
    with pytest.raises(HipdriveError) as error:
        REFUSED[sentence](anna)
    assert sentence in str(error.value)
    assert "\n" not in str(error.value)
    assert all_rows(shared_diary) == before


def test_an_erased_athletes_pages_stay_closed(diary):
    anna = diary.add_athlete(Profile("Anna"))
    anna.erase()
    ben = diary.add_athlete(Profile("Ben"))  # on SQLite with the number that Anna had
    for use in (anna.history, lambda: anna.add_race(Race(DAY, 1)), anna.erase):
        with pytest.raises(HipdriveError, match="was erased"):
            use()
    assert ben.history() == History(Profile("Ben"))
