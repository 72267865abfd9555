"""What was entered by mistake is listed, taken back with all that came of it, and the plan follows."""

from __future__ import annotations

import dataclasses
import os
import random
import shutil
import signal
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from app_server import served
from diary_databases import new_database
from diary_pages import (
    ANALYSES,
    AWAY,
    BERLIN,
    DAY,
    PAINS,
    RACES,
    RUNS,
    SCREENINGS,
    SESSIONS,
    TESTS,
    all_rows,
    bridge,
    fill,
    of_the_app,
)
from hipdrive.cli import app
from hipdrive.diary import AthleteDiary, Diary
from hipdrive.diary.backup import backup
from hipdrive.diary.entries import enter_analysis, enter_clearance, enter_session, enter_settled
from hipdrive.diary.example import fill_example
from hipdrive.diary.tables import JobRow
from hipdrive.diary.taking_back import CARE_PAIN, CARE_SIGN, KINDS, Entry
from hipdrive.errors import HipdriveError, NeedsCare, NotInDiary
from hipdrive.results import Analysis
from hipdrive.training.done import planned_for
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
from hipdrive.training.pain import screened, screening_questions, stop_reason
from hipdrive.training.programme import plan
from judged import analysis, repetition
from test_diary_safety import child, go, is_whole
from training_weeks import HOSTILE

TODAY = date(2026, 11, 24)
GOOD, POOR = ({"straight_line": verdict, "slow_lower": verdict} for verdict in ("good", "fault"))
FILM = analysis("glute_bridge", [*(repetition(number, **GOOD) for number in range(3)), repetition(3, **POOR)])
MARK = "~mistake~"


@pytest.fixture
def diary(diary_url: str) -> Iterator[Diary]:
    with Diary.open(diary_url) as opened:
        yield opened


@pytest.fixture
def anna(diary: Diary) -> AthleteDiary:
    return diary.add_athlete(Profile("Anna"))


@pytest.fixture
def runner(tmp_path: Path) -> Iterator[AthleteDiary]:
    """Somebody with twelve weeks."""
    with Diary.open(str(tmp_path / "example.sqlite3")) as opened:
        yield fill_example(opened, TODAY)


def of(mine: AthleteDiary, kind: str) -> Entry:
    """The newest entry of a kind."""
    return next(entry for entry in mine.entries() if entry.kind == kind)


def said_of(mine: AthleteDiary) -> History:
    """History without the profile, which is no entry."""
    return dataclasses.replace(mine.history(), profile=Profile(""))


# -- what there is -------------------------------------------------------------------------------------------------


def test_entries_of_every_kind_are_listed_the_newest_first(anna):
    fill(anna, "~a")
    found = anna.entries()
    assert {entry.kind for entry in found} == set(KINDS)
    assert [entry.day for entry in found] == sorted((entry.day for entry in found), reverse=True)
    assert anna.entries() == found
    assert len({entry.id for entry in found}) == len(found)
    words = "\n".join(f"{entry.words} {entry.details} {entry.note}" for entry in found)
    for expected in ("2 exercises, effort 6.5 of 10, pain 1 of 10", "3 of 10, left hip~a, the next morning",
                     "left 31.5 s, right 28.2 s", "10.0 km in 0:55:00", "glute bridge, 2 repetitions (bridge~a.mp4)",
                     "City~a, 21.0975 km", "travel~a", "a professional said", "80% clean on film"):  # fmt: skip
        assert expected in words


def test_entries_are_given_for_some_days_by_the_days_of_the_runner(anna):
    late = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)
    anna.add_runs([Run(late.astimezone(BERLIN), 1_000, 300), Run(late - timedelta(hours=1, minutes=30), 2_000, 600)])
    anna.add_pain(PainReport(DAY, 1))
    assert [entry.words for entry in anna.entries(DAY, DAY + timedelta(days=1))] == ["1 of 10, while exercising",
                                                                                    "1.0 km in 0:05:00"]  # fmt: skip
    assert [entry.kind for entry in anna.entries(before=DAY)] == ["run"]
    assert anna.last_day(DAY + timedelta(days=1)) == DAY
    assert anna.last_day(DAY) == date(2026, 3, 1)
    assert anna.last_day(date(2026, 3, 1)) is None


# -- taking back ---------------------------------------------------------------------------------------------------


def test_what_is_taken_back_is_gone_from_everything_that_is_written_afterwards(diary, anna, tmp_path):
    ben = diary.add_athlete(Profile("Ben"))
    fill(ben, "~b")
    fill(anna, MARK)
    anna.set_setting(f"calendar{MARK}", None)  # no entry, and it carries the mark, too
    with anna.own(writing=True) as own:
        for table in of_the_app(""):
            own.remove(table)
    others = all_rows(diary, but=anna.uid)
    for kind in KINDS:
        wanted = [entry for entry in anna.entries() if entry.kind != kind]
        for entry in anna.entries():
            if entry.kind == kind:
                anna.take_back(entry.id, by_mistake=True)
                with pytest.raises(NotInDiary, match="look at your diary anew"):
                    anna.take_back(entry.id, by_mistake=True)
        assert anna.entries() == wanted
    assert said_of(anna) == History(Profile(""))
    assert all_rows(diary, but=anna.uid) == others
    assert MARK not in "".join(path.read_text() for path in anna.export(tmp_path / "export"))
    assert MARK.encode() not in backup(diary, tmp_path / "backup.sqlite3").read_bytes()


def test_anothers_entry_is_not_there(diary, anna):
    ben = diary.add_athlete(Profile("Ben"))
    fill(ben, "~b")
    before = all_rows(diary)
    for entry in ben.entries():
        for call in (anna.take_back, anna.goes_with, lambda one: anna.change_note(one, "mine now")):
            with pytest.raises(NotInDiary):
                call(entry.id)
    assert all_rows(diary) == before


@pytest.mark.parametrize("wrong", ["", "pain", "pain-1", "pain-1-xyz", "pain-99999999999-abcdef", "athletes-1-abcdef",
                                   "pain-1-abcdef'; DROP TABLE pains; --", "pain-١-abcdef", "x" * 10_000])  # fmt: skip
def test_what_is_no_id_takes_nothing_back(anna, wrong):
    anna.add_pain(PainReport(DAY, 1))
    with pytest.raises(NotInDiary) as said:
        anna.take_back(wrong)
    assert len(str(said.value)) < 150
    assert len(anna.history().pains) == 1


def test_an_old_id_never_means_a_later_entry(anna):
    anna.add_pain(PainReport(DAY, 8, "slip of the finger"))
    old = of(anna, "pain").id
    anna.take_back(old, by_mistake=True)
    anna.add_pain(PainReport(DAY, 2, "left hip"))  # SQLite may give it the same number
    with pytest.raises(NotInDiary):
        anna.take_back(old, by_mistake=True)
    session = SessionDone(DAY, (ExerciseDone("clam", (SetDone(10),)),))
    anna.log_session(session)
    old = of(anna, "session").id
    anna.log_exercise(DAY, ExerciseDone("glute_bridge", (SetDone(12),)))
    with pytest.raises(NotInDiary, match="changed meanwhile"):
        anna.take_back(old)
    assert len(anna.history().sessions[0].exercises) == 2


def test_of_two_that_are_alike_one_stays(anna):
    anna.add_pain(PainReport(DAY, 2, "left hip"))
    anna.add_pain(PainReport(DAY, 2, "left hip"))
    first, second = anna.entries()
    assert first.id != second.id
    anna.take_back(first.id)
    with pytest.raises(NotInDiary):
        anna.take_back(first.id)
    assert anna.entries() == [second]


def test_the_pain_that_was_told_with_a_session_goes_with_it(anna):
    apart = PainReport(DAY, 3, "right knee", "rest")
    by_itself = PainReport(DAY, 4)
    anna.add_pain(apart)
    anna.add_pain(by_itself)
    anna.log_session(SessionDone(DAY, (ExerciseDone("clam", (SetDone(10),)),), pain=4))
    anna.add_pain(PainReport(DAY, 4, "left hip"))
    enter_settled(anna, DAY + timedelta(days=1), settled=False)
    assert len(anna.history().pains) == 4
    gone = anna.goes_with(of(anna, "session").id)
    assert "4 of 10, left hip" in " ".join(gone.along)
    assert anna.take_back(of(anna, "session").id) == gone
    assert anna.history().sessions == ()
    assert set(anna.history().pains) == {apart, by_itself}


def test_what_was_told_later_about_a_pain_goes_with_it(anna):
    anna.add_pain(PainReport(DAY, 4, "left hip", flags=("hop",)))
    enter_settled(anna, DAY + timedelta(days=1), settled=True)
    first = anna.entries()[-1]
    assert anna.goes_with(first.id).along == (
        "what was told about it later: 4 of 10, left hip, while exercising, settled by the morning, yes to: Has it "
        "hurt when you hopped or landed on that leg? (No need to try it.)",
    )
    anna.take_back(first.id, by_mistake=True)
    assert anna.history().pains == ()


def test_the_set_of_a_film_goes_with_it_and_the_rest_of_the_session_stays(anna):
    by_hand = (ExerciseDone("glute_bridge", (SetDone(4, 4, 5, clean_share=1),)), ExerciseDone("clam", (SetDone(20),)))
    other = SessionDone(DAY, by_hand)
    anna.log_session(other)
    enter_analysis(anna, FILM, DAY, rpe=6, load_kg=5, note="filmed")
    film = of(anna, "film")
    assert anna.goes_with(film.id).along == (
        "the set that it shows: Glute bridge: 4, 4 in reserve, 5 kg, 75% clean on film",
    )
    anna.take_back(film.id)
    history = anna.history()
    assert history.seen == () and anna.analyses() == []
    assert history.sessions[0].exercises == other.exercises
    assert enter_analysis(anna, FILM, DAY).startswith("In the diary of")  # and not that it is there already


def test_the_set_of_a_film_in_which_nothing_could_be_judged_goes_with_it(anna):
    enter_analysis(anna, bridge(), DAY, exercise="glute_bridge")
    anna.log_exercise(DAY, ExerciseDone("glute_bridge", (SetDone(12),)))
    anna.take_back(of(anna, "film").id)
    assert anna.history().sessions == (SessionDone(DAY, (ExerciseDone("glute_bridge", (SetDone(12),)),)),)


def test_a_session_that_was_a_film_only_goes_with_it(anna):
    enter_analysis(anna, bridge(), DAY, exercise="glute_bridge", pain=7, where="left hip", note="dark")
    gone = anna.goes_with(of(anna, "film").id)
    assert gone.care == CARE_PAIN
    assert gone.along[1:] == ("what was told with it: pain 7 of 10, dark",
                              "the pain that was told with it: 7 of 10, left hip, while exercising")  # fmt: skip
    with pytest.raises(NeedsCare):
        anna.take_back(of(anna, "film").id)
    anna.take_back(of(anna, "film").id, by_mistake=True)
    assert said_of(anna) == History(Profile(""))


def test_a_set_that_was_not_filmed_stays_when_a_film_goes(anna):
    by_hand = SessionDone(DAY, (ExerciseDone("glute_bridge", (SetDone(12, 3, seen_by="self", clean_share=1.0),)),))
    anna.log_session(by_hand)
    anna.keep_analysis(DAY, bridge())
    anna.take_back(of(anna, "film").id)
    assert anna.history().sessions == (by_hand,)


def test_a_red_flag_is_taken_back_only_after_a_question(anna):
    anna.add_screening(Screening(DAY, {question.id: False for question in screening_questions()}))
    anna.add_pain(PainReport(DAY, 4, "groin", flags=("groin",)))
    entry = of(anna, "pain")
    assert anna.goes_with(entry.id).care == CARE_SIGN
    with pytest.raises(NeedsCare, match="see a professional first"):
        anna.take_back(entry.id)
    assert stop_reason(anna.history(), DAY)
    anna.take_back(entry.id, by_mistake=True)
    assert stop_reason(anna.history(), DAY) is None


def test_answers_about_health_and_clearances_are_taken_back_with_what_follows_from_it(anna):
    anna.add_screening(Screening(DAY, {question.id: question.id == "heart" for question in screening_questions()}))
    assert "entered" in enter_clearance(anna, DAY, DAY).lower()
    clearance, answers = anna.entries()
    assert anna.goes_with(clearance.id).along == ("what it cleared is open again",)
    assert anna.goes_with(clearance.id).care is None
    assert anna.goes_with(answers.id).care == CARE_SIGN
    assert "asked again" in anna.goes_with(answers.id).along[0]
    anna.take_back(clearance.id)
    assert stop_reason(anna.history(), DAY)
    anna.take_back(answers.id, by_mistake=True)
    assert not screened(anna.history()) and plan(anna.history(), DAY).stopped


# -- the plan follows ----------------------------------------------------------------------------------------------

MISTAKES: dict[str, Callable[[AthleteDiary], object]] = {
    "a red flag": lambda mine: mine.add_pain(PainReport(TODAY, 3, "hip", flags=("rest_or_night",))),
    "pain 8": lambda mine: mine.add_pain(PainReport(TODAY, 8, "hip")),
    "a session with pain 9": lambda mine: enter_session(
        mine, planned_for(mine.history(), TODAY), TODAY, did={}, rpe=10, pain=9, where="hip"
    ),
    "a hard session": lambda mine: mine.log_session(
        SessionDone(TODAY, (ExerciseDone("single_leg_bridge", (SetDone(30, 0),) * 6),), rpe=10)
    ),
    "a run of 90 km": lambda mine: mine.add_runs([Run(datetime(2026, 11, 24, 5, tzinfo=BERLIN), 90_000, 30_000)]),
    "an answer about health": lambda mine: mine.add_screening(Screening(TODAY, {"heart": True})),
    "days away": lambda mine: mine.add_away(Away(TODAY, TODAY + timedelta(days=9))),
    "a race": lambda mine: mine.add_race(Race(TODAY + timedelta(days=2), 42_195)),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_the_plan_is_as_if_it_had_never_been_entered(runner, mistake):
    before, was = runner.history(), plan(runner.history(), TODAY)
    there = {entry.id for entry in runner.entries()}
    MISTAKES[mistake](runner)
    assert plan(runner.history(), TODAY) != was
    entered = [entry for entry in runner.entries() if entry.id not in there]
    session = [entry for entry in entered if entry.kind == "session"]
    runner.take_back((session or entered)[0].id, by_mistake=True)
    assert runner.history() == before
    assert plan(runner.history(), TODAY) == was


def test_a_hold_of_two_minutes_that_was_none_is_forgotten(runner):
    before = runner.history()
    runner.add_test(TestResult(TODAY, "single-leg-bridge", "s", 120, 120, error=4))
    assert plan(runner.history(), TODAY) is not None
    runner.take_back(of(runner, "test").id)
    assert runner.history() == before


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def shared(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Diary]:
    with Diary.open(new_database(request, tmp_path_factory.mktemp("shared"))) as opened:
        yield opened


ANYTHING = (
    st.tuples(st.just("add_pain"), PAINS)
    | st.tuples(st.just("log_session"), SESSIONS)
    | st.tuples(st.just("add_test"), TESTS)
    | st.tuples(st.just("add_screening"), SCREENINGS)
    | st.tuples(st.just("add_runs"), RUNS.map(lambda run: [run]))
    | st.tuples(st.just("add_race"), RACES)
    | st.tuples(st.just("add_away"), AWAY)
    | st.tuples(st.just("analysis"), ANALYSES)
)
NUMBERS = iter(range(10**9))


@given(st.lists(ANYTHING, max_size=8), st.randoms(use_true_random=False))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_was_entered_is_listed_and_can_be_taken_back_in_any_order(shared, records, chance):
    mine = shared.add_athlete(Profile(f"Anna {next(NUMBERS)}"))
    for call, record in records:
        if call == "analysis":
            mine.keep_analysis(DAY, record)
        else:
            getattr(mine, call)(record)
    listed = mine.entries()
    history = mine.history()
    lists = (getattr(history, field.name) for field in dataclasses.fields(history) if field.name != "profile")
    assert len(listed) == sum(map(len, lists))
    assert mine.entries(date(1900, 1, 1), date(2199, 12, 31)) == [
        entry for entry in listed if entry.day < date(2199, 12, 31)
    ]
    chance.shuffle(listed)
    for entry in listed:
        left = {one.id for one in mine.entries()}
        if entry.id in left:
            mine.take_back(entry.id, by_mistake=True)
            assert entry.id not in {one.id for one in mine.entries()}
    for entry in mine.entries():  # sessions of which a film took its part have another id
        mine.take_back(entry.id, by_mistake=True)
    assert said_of(mine) == History(Profile(""))


# -- notes ---------------------------------------------------------------------------------------------------------


def test_a_note_is_changed_and_nothing_else(anna):
    fill(anna, "~a")
    history = anna.history()
    for kind in ("session", "pain", "test"):
        anna.change_note(of(anna, kind).id, f"  {HOSTILE}\nsecond line 🏃 ")
        assert of(anna, kind).note == f"{HOSTILE}\nsecond line 🏃"
    changed = anna.history()
    for name in ("sessions", "pains", "tests"):
        ((old,), (new,)) = getattr(history, name), getattr(changed, name)
        assert dataclasses.replace(new, note=old.note) == old
    anna.change_note(of(anna, "pain").id, "")
    assert of(anna, "pain").note == ""
    for wrong, cure in (("x" * 2_001, "shorten it"), ("\0", "no text")):
        with pytest.raises(HipdriveError, match=cure):
            anna.change_note(of(anna, "session").id, wrong)
    for kind in ("run", "film", "health", "race", "away"):
        with pytest.raises(HipdriveError, match="no note"):
            anna.change_note(of(anna, kind).id, "x")


# -- killed, and several at once -----------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_a_program_killed_while_taking_back_leaves_nothing_half(diary_url, seed):
    days = [date(2020, 1, 1) + timedelta(days=number) for number in range(150)]
    with Diary.open(diary_url) as diary:
        anna = diary.add_athlete(Profile("Anna"))
        with anna.together():
            for day in days:
                anna.log_session(SessionDone(day, (ExerciseDone("clam", (SetDone(3),) * 3),), pain=6))
                anna.add_pain(PainReport(day, 6, "left hip"))
    with child("take-back", diary_url) as process:
        go(process)
        gone = [process.stdout.readline().strip()]
        time.sleep(random.Random(seed).uniform(0, 0.4))
        os.kill(process.pid, signal.SIGKILL)
        gone += [line.strip() for line in process.stdout.read().splitlines(keepends=True) if line.endswith("\n")]
    with Diary.open(diary_url) as diary:
        assert is_whole(diary)
        history = diary.athlete().history()
        rows = all_rows(diary)
    left = [one.day for one in history.sessions]
    assert left == [one.day for one in history.pains]
    assert not {date.fromisoformat(day) for day in gone} & set(left)
    assert len(days) - len(left) - len(gone) <= 1  # the one it had no time to tell of
    assert (len(rows["exercises"]), len(rows["sets"])) == (len(left), 3 * len(left))


def test_two_who_take_the_same_back_at_once_take_it_back_once(diary_url):
    with Diary.open(diary_url) as diary, Diary.open(diary_url) as other:
        anna = diary.add_athlete(Profile("Anna"))
        anna.add_pain(PainReport(DAY, 2))
        entry = of(anna, "pain")
        said: list[str] = []

        def take(mine: AthleteDiary) -> None:
            try:
                mine.take_back(entry.id)
                said.append("gone")
            except NotInDiary:
                said.append("not there")

        threads = [threading.Thread(target=take, args=(one.athlete(),)) for one in (diary, other)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(said) == ["gone", "not there"]


# -- in the terminal -----------------------------------------------------------------------------------------------


@pytest.fixture
def mine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Diary of the one at this machine, on a Tuesday."""
    path = tmp_path / "mine.sqlite3"
    monkeypatch.setenv("HIPDRIVE_DATABASE", str(path))
    monkeypatch.setenv("COLUMNS", "200")
    for module in ("common", "diary", "plan"):
        monkeypatch.setattr(f"hipdrive.cli.{module}.today", lambda profile: TODAY)
    with Diary.open(str(path)) as diary:
        diary.add_athlete(Profile("Anna"))
    return path


def hipdrive(*command: str, say: str = "", ends: int = 0) -> str:
    done = CliRunner().invoke(app, command, input=say)
    assert done.exit_code == ends, done.output
    return " ".join(done.output.split())


def test_the_diary_is_shown_week_by_week_and_earlier_weeks_are_named(mine):
    assert "Nothing was entered" in hipdrive("diary")
    with Diary.open(str(mine)) as diary:
        anna = diary.athlete()
        anna.add_pain(PainReport(TODAY, 2, "left hip", note=HOSTILE + "\x1b[2J"))
        anna.add_pain(PainReport(TODAY - timedelta(weeks=1), 1))
        anna.add_pain(PainReport(TODAY - timedelta(weeks=30), 3))
        ids = [entry.id for entry in anna.entries()]
    said = hipdrive("diary")
    assert said.index("This week") < said.index(ids[0]) < said.index("Last week") < said.index(ids[1])
    assert HOSTILE in said and "\x1b" not in said and "2 of 10, left hip" in said
    assert ids[2] not in said and "Earlier: hipdrive diary --before 2026-05-04" in said
    assert ids[2] in hipdrive("diary", "--before", "2026-05-04")
    assert all(entry in hipdrive("diary", "--weeks", "40") for entry in ids)
    assert "Earlier" not in hipdrive("diary", "--weeks", "40")


def test_an_entry_is_taken_back_after_a_question(mine):
    with Diary.open(str(mine)) as diary:
        anna = diary.athlete()
        anna.log_session(SessionDone(TODAY, (ExerciseDone("clam", (SetDone(20),)),), pain=3))
        anna.add_pain(PainReport(TODAY, 3, "left hip"))
        entry = of(anna, "session").id
    said = hipdrive("diary", "--take-back", entry, say="n\n")
    assert "the pain that was told with it: 3 of 10, left hip" in said and "Nothing was taken back" in said
    assert entry in hipdrive("diary")
    assert "Taken back" in hipdrive("diary", "--take-back", entry, "--yes")
    assert "Nothing was entered" in hipdrive("diary")
    assert "is not in the diary" in hipdrive("diary", "--take-back", entry, "--yes", ends=2)


def test_a_red_flag_is_asked_about_even_with_yes(mine):
    with Diary.open(str(mine)) as diary:
        diary.athlete().add_pain(PainReport(TODAY, 3, "groin", flags=("groin",)))
        entry = of(diary.athlete(), "pain").id
    said = hipdrive("diary", "--take-back", entry, "--yes", say="n\n")
    assert CARE_SIGN in said and "Nothing was taken back" in said
    assert "Taken back" in hipdrive("diary", "--take-back", entry, say="y\n")


def test_a_note_is_changed_in_the_terminal(mine):
    with Diary.open(str(mine)) as diary:
        diary.athlete().add_pain(PainReport(TODAY, 3, note="left"))
        entry = of(diary.athlete(), "pain").id
    assert "changed" in hipdrive("diary", "--note", entry, "right [bold]")
    assert "“right [bold]”" in hipdrive("diary")
    assert "one at a time" in hipdrive("diary", "--note", entry, "x", "--take-back", entry, ends=2)


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        ("pain 12", "the score needs a number from 0 to 10 (how much it hurts"),
        ("pain nan", "the score needs a number from 0 to 10"),
        ("pain much", "the score needs a number from 0 to 10"),
        ("pain 3 --when never", "--when needs one of during, after, next_morning, run, rest"),
        ("done --rpe 11", "--rpe needs a number from 0 to 10 (how hard it was"),
        ("done --pain -1", "--pain needs a number from 0 to 10"),
        ("log x --load heavy", "--load needs a number (kilograms on the hips"),
        ("plan --weeks 99", "--weeks needs a whole number from 1 to 12"),
        ("plan --weeks 2.5", "--weeks needs a whole number from 1 to 12"),
        ("diary --weeks 0", "--weeks needs a whole number from 1 to 520"),
        ("progress --days 1", "--days needs a whole number from 7 to 3660"),
        ("runs list --weeks 0", "--weeks needs a whole number from 1 to 520"),
        ("runs add --km 0 --minutes 3", "--km needs a number from 0.1 to 1000 (kilometres, such as 8.2)"),
        ("race 2026-12-24 --km x", "--km needs a number from 0.1 to 1000"),
        ("test single-leg-bridge --result -1", "--result needs a number from 0 to 3600"),
        ("breaks --every 0", "--every needs a whole number from 1 to 600"),
        ("analyse x.mp4 --height tall", "--height needs a number (your height in metres, such as 1.78)"),
        ("muscles x --mass heavy", "--mass needs a number (your mass in kilograms, such as 68)"),
        ("app --port 70000", "--port needs a whole number from 0 to 65535"),
        ("digest serve --port 0", "--port needs a whole number from 1 to 65535"),
    ],
)
def test_a_number_that_cannot_be_is_told_in_one_sentence(command, sentence):
    said = hipdrive(*command.split(), ends=2)
    assert said.startswith(f"✗ {sentence}") and "Usage" not in said


def test_what_is_no_number_is_said_as_before():
    assert "No such option: --nope" in hipdrive("plan", "--nope", ends=2)
    assert "No such command 'pai'" in hipdrive("pai", ends=2)
    assert "Missing argument 'clips'" in hipdrive("analyse", ends=2)


def test_goals_and_the_next_race_are_shown_as_they_are_and_change_no_plan(mine):
    with Diary.open(str(mine)) as diary:
        anna = diary.athlete()
        anna.add_screening(Screening(TODAY, {one.id: False for one in screening_questions()}))
        was = plan(anna.history(), TODAY)
        said = hipdrive("plan")
        assert "You are after" not in said and "Next race" not in said
        anna.save_profile(Profile("Anna", goals=("[bold]run free", "no pain")))
        assert plan(anna.history(), TODAY) == was
        anna.add_race(Race(TODAY - timedelta(days=3), 5_000, "over"))
        anna.add_race(Race(TODAY + timedelta(days=60), 21_097.5, HOSTILE[:40]))
        anna.add_race(Race(TODAY + timedelta(days=5), 5_000))
    said = hipdrive("plan")
    assert "You are after: [bold]run free; no pain. The plan is made of what you do" in said
    assert "Next race: Sunday, 29 November 2026, in 5 days: 5 km. The plan keeps hard leg work away from it." in said


# -- in the app ----------------------------------------------------------------------------------------------------


@contextmanager
def page_at(folder: Path, path: str) -> Iterator[Any]:
    """A page of the app in a browser; it must not complain."""
    pytest.importorskip("nicegui")
    playwright = pytest.importorskip("playwright.sync_api")
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("there is no Chromium here")
    complaints: list[str] = []
    with served(folder, folder / "diary.sqlite3") as address, playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(
            viewport={"width": 360, "height": 740}, base_url=address, reduced_motion="reduce", color_scheme="dark"
        )
        page.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("dialog", lambda dialog: complaints.append(f"dialog: {dialog.message}"))
        page.on("request", lambda asked: None if asked.url.startswith(address) else complaints.append(asked.url))
        page.goto(path)
        page.wait_for_selector("h1")
        page.wait_for_function("() => window.socket === undefined || window.socket.connected")
        yield page
        assert complaints == []
        browser.close()


def begun(folder: Path, *what: Callable[[AthleteDiary], object]) -> date:
    """A diary to look at; gives the day it is there."""
    today = datetime.now(UTC).date()
    with Diary.open(str(folder / "diary.sqlite3")) as diary:
        anna = diary.add_athlete(Profile("Anna"))
        anna.add_screening(Screening(today - timedelta(days=60), {one.id: False for one in screening_questions()}))
        for enter in what:
            enter(anna)
    return today


@pytest.mark.slow
def test_a_mistake_is_taken_back_on_the_page_with_the_keyboard(tmp_path):
    today = begun(tmp_path)
    with Diary.open(str(tmp_path / "diary.sqlite3")) as diary:
        anna = diary.athlete()
        anna.log_session(SessionDone(today, (ExerciseDone("clam", (SetDone(20, 3),) * 2),), rpe=6, note=HOSTILE))
        anna.add_pain(PainReport(today, 4, HOSTILE, flags=("groin",), note="long " * 390))
        anna.add_pain(PainReport(today - timedelta(days=200), 1))
    with page_at(tmp_path, "/diary") as page:
        assert page.get_by_text("Clam: 2 × 20, 3 in reserve").is_visible()
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        taking = page.get_by_role("button", name="Take back: Pain").first
        taking.focus()
        page.keyboard.press("Enter")
        page.get_by_text(CARE_SIGN).wait_for()
        axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
        found = axe.run(page).response["violations"]
        assert [one["id"] for one in found if one["impact"] in ("serious", "critical")] == []
        page.keyboard.press("Escape")
        page.get_by_text(CARE_SIGN).wait_for(state="detached")
        taking.click()
        page.get_by_role("button", name="It was a mistake: take it back").click()
        page.get_by_role("status").filter(has_text="Taken back").wait_for()
        assert page.get_by_role("button", name="Take back: Pain").count() == 0
        page.get_by_role("button", name="Change note: Session").click()
        page.get_by_label("In your own words").fill(f"{HOSTILE} mended")
        page.get_by_role("button", name="Keep it").click()
        page.get_by_text(f"{HOSTILE} mended").wait_for()
        page.get_by_role("link", name="Earlier").click()
        page.get_by_role("link", name="Later").wait_for()
        page.get_by_role("button", name="Take back: Health questions").wait_for()
        page.get_by_role("link", name="Earlier").click()
        page.get_by_text("1 of 10, while exercising").wait_for()
    with Diary.open(str(tmp_path / "diary.sqlite3")) as diary:
        history = diary.athlete().history()
        assert [pain.score for pain in history.pains] == [1]
        assert history.sessions[0].note == f"{HOSTILE} mended"
        assert plan(history, today).stopped is None


@pytest.mark.slow
def test_a_film_leads_to_its_result_and_an_empty_diary_says_so(tmp_path):
    begun(tmp_path, lambda anna: anna.take_back(anna.entries()[0].id))
    with page_at(tmp_path, "/diary") as page:
        page.get_by_text("The diary is empty so far").wait_for()
        with Diary.open(str(tmp_path / "diary.sqlite3")) as diary:
            anna = diary.athlete()
            anna.keep_analysis(datetime.now(UTC).date(), Analysis.from_json(FILM.to_json()))
            anna.keep_analysis(datetime.now(UTC).date(), bridge("gone.mp4"))
            job = of_the_app("x")[JobRow] | {"uid": str(uuid.uuid4()), "name": FILM.source.name, "asked": {}}
            with anna.own(writing=True) as own:
                own.add(JobRow, job)
            result = tmp_path / "app" / "jobs" / anna.uid / job["uid"] / "result"
            result.mkdir(parents=True)
            (result / "analysis.json").write_text(FILM.to_json())
        page.goto("/diary")
        page.get_by_text("Glute bridge, 2 repetitions (gone.mp4)").wait_for()
        assert page.get_by_role("link", name="What was seen").get_attribute("href") == f"/result/{job['uid']}"


@pytest.mark.slow
def test_a_diary_of_three_years_opens_quickly(tmp_path):
    today = begun(tmp_path)
    with Diary.open(str(tmp_path / "diary.sqlite3")) as diary:
        anna = diary.athlete()
        with anna.together():
            for number in range(3 * 365):
                day = today - timedelta(days=number)
                anna.log_session(SessionDone(day, (ExerciseDone("clam", (SetDone(20),) * 3),) * 4, rpe=6))
        start_s = time.perf_counter()
        assert len(anna.entries(today - timedelta(weeks=4))) == 29
        assert anna.last_day(today - timedelta(weeks=4)) == today - timedelta(weeks=4, days=1)
        assert time.perf_counter() - start_s < 1
    with page_at(tmp_path, "/diary") as page:
        start_s = time.perf_counter()
        page.goto("/diary")
        page.get_by_role("link", name="Earlier").wait_for()
        assert time.perf_counter() - start_s < 10  # on a busy machine
        assert 22 <= page.locator("li.entry").count() <= 28
