"""Who runs and what was done, from the terminal, as a runner does it day by day."""

from datetime import date, timedelta

import pytest
from typer.testing import CliRunner

from hipdrive.cli import app
from hipdrive.diary import Diary
from hipdrive.training.pain import screening_questions
from judged import analysis, repetition

MONDAY = date(2026, 11, 23)
GOOD = {"straight_line": "good", "slow_lower": "good"}
HEALTHY = ["n"] * (len(screening_questions()) + 1)  # and nothing hurts


@pytest.fixture
def days(monkeypatch):
    """Calendar on the wall, to be turned by the test."""
    wall = [MONDAY]
    for module in ("common", "look", "me", "plan"):
        monkeypatch.setattr(f"hipdrive.cli.{module}.today", lambda profile: wall[0])
    return wall


@pytest.fixture
def diary(tmp_path, monkeypatch):
    file = tmp_path / "diary.db"
    monkeypatch.setenv("HIPDRIVE_DATABASE", str(file))
    return file


def hipdrive(*command: str, say: tuple[str, ...] = (), ends: int = 0) -> str:
    done = CliRunner().invoke(app, [str(part) for part in command], input="\n".join(say) + "\n")
    assert done.exit_code == ends, done.output
    return " ".join(done.output.split())


def history():
    with Diary.open() as diary:
        return diary.athlete().history()


def begin():
    answers = [
        "Tess",
        "1,70",
        "-",
        "f",
        "1990",
        "new",
        "Tue Thu Sun",
        "Sun",
        "-",
        "2",
        "8",
        "yellow, red",
        "-",
        "10 km",
    ]
    return hipdrive("me", say=(*HEALTHY, *answers, "7:30", "UTC"))


@pytest.mark.usefixtures("diary", "days")
def test_the_first_time_everything_is_asked_health_first():
    said = begin()
    assert said.index("heart condition") < said.index("What shall we call you?")
    assert "Next: hipdrive plan" in said
    known = history()
    assert known.profile.run_days == (1, 3, 6)
    assert known.profile.goals == ("10 km",)
    assert len(known.screenings) == 1


@pytest.mark.usefixtures("diary", "days")
def test_options_change_one_thing_and_ask_nothing():
    assert "hipdrive screen" in hipdrive("me", "--name", "Tess")
    assert "questions about your health come first" in hipdrive("plan")
    hipdrive("me", "--bands", "red", "--height", "1.71")
    assert (history().profile.bands, history().profile.height_m) == (("red",), 1.71)
    assert "in metres" in hipdrive("me", "--height", "171", ends=2)
    assert history().profile.height_m == 1.71


@pytest.mark.usefixtures("diary")
def test_a_week_of_training(days):
    begin()
    assert "Glute bridge" in hipdrive("plan")
    days[0] = MONDAY + timedelta(days=1)
    said = hipdrive(
        "done", "--rpe", "7", "--clean", "--pain", "1", "--did", "glute_bridge=2x12", "--skip", "calf_raise"
    )
    assert "Well done" in said and "Pain up to 2 is fine" in said
    (first,) = history().sessions
    bridge = next(entry for entry in first.exercises if entry.exercise == "glute_bridge")
    assert [(one.amount, one.reserve, one.clean_share) for one in bridge.sets] == [(12, 3, 1)] * 2
    assert "calf_raise" not in {entry.exercise for entry in first.exercises}
    assert first.planned == "2026-W48-1"
    hipdrive("done", "--day", "2026-11-29", ends=2)
    days[0] = MONDAY + timedelta(days=6)
    hipdrive("done", "--rpe", "8", "--pain", "4", "--where", "left hip")
    assert [session.planned for session in history().sessions] == ["2026-W48-1", "2026-W48-2"]
    assert [(report.score, report.where) for report in history().pains] == [(4, "left hip")]
    assert "nothing is planned for the rest of this week" in hipdrive("done", "--day", "2026-11-28", ends=2)


@pytest.mark.usefixtures("diary")
def test_done_asks_when_nothing_was_said(days, monkeypatch):
    begin()
    monkeypatch.setattr("hipdrive.cli.log._asks", lambda *answers: True)  # as if somebody sat there
    days[0] = MONDAY + timedelta(days=1)
    amounts = ["", "10", "", "", "0"]  # as planned, ten in the weakest set, the last one left out
    said = hipdrive("done", say=(*amounts, "7", "y", "3", "left hip"))
    assert "4 exercises in the diary" in said and "tomorrow morning" in said
    (session,) = history().sessions
    assert [entry.sets[0].amount for entry in session.exercises] == [15, 10, 12, 12]
    assert (session.rpe, session.pain) == (7, 3)
    days[0] = MONDAY + timedelta(days=2)
    said = hipdrive("done", say=("y", *[""] * 5, "7", "y", "0"))
    assert said.index("On Tuesday it hurt, 3 of 10") < said.index("how much in your weakest set")
    assert history().pains[-1].settled is True


@pytest.mark.usefixtures("diary", "days")
def test_done_without_a_plan_says_why():
    hipdrive("me", "--name", "Tess")
    assert "questions about your health come first" in hipdrive("done", "--rpe", "7", ends=2)
    assert history().sessions == ()


@pytest.mark.usefixtures("diary", "days")
def test_a_judged_clip_goes_into_the_diary_once(tmp_path):
    begin()
    folder = tmp_path / "bridge.hipdrive"
    folder.mkdir()
    clip = analysis("glute_bridge", [repetition(number, **GOOD) for number in range(12)])
    (folder / "analysis.json").write_text(clip.to_json())
    said = hipdrive("log", folder, "--rpe", "7", "--pain", "1", "--note", "left hip tired", "--band", "red")
    assert "Glute bridge, 12 repetitions, 100% of them clean" in said
    (session,) = history().sessions
    (done,) = session.exercises
    assert (done.exercise, done.sets[0].band, done.sets[0].seen_by) == ("glute_bridge", "red", "video")
    assert (session.rpe, session.note) == (7, "left hip tired")
    assert "nothing is counted twice" in hipdrive("log", folder / "analysis.json")
    assert len(history().sessions[0].exercises[0].sets) == 1
    assert len(history().seen) == 1


@pytest.mark.usefixtures("diary", "days")
def test_what_was_filmed_is_not_counted_again_by_done(tmp_path):
    begin()
    clip = analysis("glute_bridge", [repetition(number, **GOOD) for number in range(12)])
    (tmp_path / "analysis.json").write_text(clip.to_json())
    hipdrive("log", tmp_path)
    hipdrive("done", "--rpe", "7", "--clean")
    (session,) = history().sessions
    amounts = {entry.exercise: len(entry.sets) for entry in session.exercises}
    assert amounts["glute_bridge"] == 1, "the filmed one"
    assert len(amounts) > 3


@pytest.mark.usefixtures("diary", "days")
def test_what_cannot_be_logged_names_the_cure(tmp_path):
    begin()
    (tmp_path / "analysis.json").write_text(analysis("monster_walk", [repetition(1, "left", "left")]).to_json())
    assert "analyse the clip first" in hipdrive("log", tmp_path / "none.hipdrive", ends=2)
    assert "leave out the exercise (--exercise)" in hipdrive("log", tmp_path, "--exercise", "glute_bridge", ends=2)
    assert "is no exercise" in hipdrive("log", tmp_path, "--exercise", "handstand", ends=2)
    assert "yellow, red" in hipdrive("log", tmp_path, "--band", "pink", ends=2)
    assert "still to come" in hipdrive("log", tmp_path, "--day", "2026-12-24", ends=2)
    (tmp_path / "analysis.json").write_text("{}")
    assert "no analysis of hipdrive" in hipdrive("log", tmp_path, ends=2)
    assert history().sessions == () and history().seen == ()


@pytest.mark.usefixtures("diary", "days", "weights")
def test_analyse_can_log_what_it_saw(test_data, tmp_path):
    begin()
    clip = test_data / "bridge" / "pexels_6525487.mp4"
    said = hipdrive("analyse", clip, "-o", tmp_path / "out", "--quality", "fast", "--no-video", "--log")
    assert "In the diary of Monday, 23 November: Glute bridge, 1 repetitions" in said
    assert len(history().sessions) == 1
    assert '"height_m": 1.7' in (tmp_path / "out" / "analysis.json").read_text(), "from the profile"


@pytest.mark.usefixtures("diary")
def test_the_plan_goes_out_twice_alike_and_follows_what_was_done(days, tmp_path):
    begin()
    for folder in ("one", "two"):
        hipdrive("plan", "--export", "ics", "--export", "fit", "--export", "html", "-o", tmp_path / folder)
    calendars = [(tmp_path / folder / "hipdrive.ics").read_bytes() for folder in ("one", "two")]
    assert calendars[0] == calendars[1]
    assert calendars[0].count(b"BEGIN:VEVENT") == len(list((tmp_path / "one").glob("*.fit"))) > 4
    days[0] = MONDAY + timedelta(days=1)
    hipdrive("done", "--rpe", "7", "--clean")
    hipdrive("plan", "--export", "ics", "-o", tmp_path / "three")
    assert (tmp_path / "three" / "hipdrive.ics").read_bytes() != calendars[0]
