"""The simulated diary that ships for trying things out."""

from datetime import date

import pytest
from typer.testing import CliRunner

from hipdrive.cli import app
from hipdrive.diary import Diary
from hipdrive.diary.example import fill_example, simulated_analysis
from hipdrive.errors import HipdriveError
from hipdrive.training.programme import plan
from hipdrive.training.safety import broken_rules
from hipdrive.training.simulate import example_history
from hipdrive.training.watched import seen_in

TODAY = date(2026, 11, 24)


@pytest.fixture
def diary(tmp_path):
    with Diary.open(str(tmp_path / "diary.db")) as diary:
        yield diary


def test_trends_keep_of_a_simulated_clip_what_was_simulated():
    for seen in example_history(TODAY).seen:
        assert seen_in(simulated_analysis(seen), seen.day) == seen


def test_the_diary_holds_the_twelve_weeks(diary):
    kept, history = fill_example(diary, TODAY).history(), example_history(TODAY)
    assert kept == history
    assert (kept.sessions[-1].day - kept.sessions[0].day).days > 70
    assert "simulated" in kept.profile.name
    assert all("simulated" in seen.name for seen in kept.seen)


def test_its_plan_breaks_no_rule(diary):
    history = fill_example(diary, TODAY).history()
    programme = plan(history, TODAY)
    assert programme.sessions
    assert broken_rules(history, programme, TODAY) == []


def test_it_is_there_once(diary):
    fill_example(diary, TODAY)
    with pytest.raises(HipdriveError, match="called Example runner"):
        fill_example(diary, TODAY)
    assert len(diary.athletes()) == 1


def test_the_command_writes_it_and_every_view_shows_it(tmp_path, monkeypatch):
    file = tmp_path / "example.db"
    invoke = CliRunner().invoke
    written = invoke(app, ["example", str(file)])
    assert written.exit_code == 0, written.output
    assert "simulated" in written.output
    monkeypatch.setenv("HIPDRIVE_DATABASE", str(file))
    everywhere = ["--export", "ics", "--export", "fit", "--export", "html", "-o", str(tmp_path / "out")]
    for command in ("me", "plan", "progress", "runs list", "digest show", "data where"):
        shown = invoke(app, command.split() + (everywhere if command == "plan" else []))
        assert shown.exit_code == 0, shown.output
        assert shown.output.strip()
    assert {path.suffix for path in (tmp_path / "out").iterdir()} == {".ics", ".fit", ".html"}
    again = invoke(app, ["example", str(file)])
    assert again.exit_code == 2
    assert "is there already" in again.output
