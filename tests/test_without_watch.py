"""Everything but workouts for a watch goes without the package that writes them, whose licence is not for everybody."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

import hipdrive
from hipdrive.cli import app
from hipdrive.errors import HipdriveError
from hipdrive.exchange.watch import workout
from planned import session
from run_files import Made, fit_file

CURE = "pip install 'hipdrive[watch]'"

# runs commands, one after the other, in a Python that lacks the package
WITHOUT = """
import json, sys
sys.modules["garmin_fit_sdk"] = None
from typer.testing import CliRunner
from hipdrive.cli import app
told = []
for words in json.load(sys.stdin):
    result = CliRunner().invoke(app, words)
    told.append((result.exit_code, " ".join(result.output.split())))
print(json.dumps(told))
"""


def told_without(*commands: list[str]) -> list[tuple[int, str]]:
    done = subprocess.run([sys.executable, "-c", WITHOUT], input=json.dumps(commands), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return [(code, output) for code, output in json.loads(done.stdout)]


@pytest.fixture
def lacking(monkeypatch):
    monkeypatch.setitem(sys.modules, "garmin_fit_sdk", None)
    with pytest.raises(ImportError):
        import garmin_fit_sdk  # noqa: F401


def test_commands_go_without_it(tmp_path, monkeypatch):
    monkeypatch.setenv("HIPDRIVE_DATABASE", str(tmp_path / "diary.db"))
    file = tmp_path / "run.fit"
    file.write_bytes(fit_file(Made(seconds=1800), power=True))
    out = tmp_path / "plan"
    told = told_without(
        ["--help"],
        ["example", str(tmp_path / "diary.db")],
        ["runs", "import", str(file)],
        ["runs", "list"],
        ["ladder"],
        ["plan"],
        ["plan", "--export", "ics", "--export", "html", "-o", str(out)],
        ["progress"],
        ["digest", "show"],
        ["data", "export", str(tmp_path / "export")],
        ["doctor"],
        ["plan", "--export", "fit", "--export", "html", "-o", str(tmp_path / "watch")],
    )
    for code, output in told[:-2]:
        assert code == 0, output
    assert "1 new run, 2026-11-20" in told[2][1]
    assert sorted(path.name for path in out.iterdir()) == ["hipdrive.ics", "plan.html"]
    assert "writes H.264" in told[-2][1], "doctor got to the end, whatever it found"
    code, output = told[-1]
    assert code == 2
    assert CURE in output
    assert not (tmp_path / "watch").exists(), "it is said before any work"


@pytest.mark.usefixtures("lacking")
def test_one_sentence_names_the_cure_before_the_diary_is_opened(tmp_path, monkeypatch):
    diary = tmp_path / "none.db"
    monkeypatch.setenv("HIPDRIVE_DATABASE", str(diary))
    result = CliRunner().invoke(app, ["plan", "--export", "fit"])
    assert result.exit_code == 2
    assert " ".join(result.output.split()).count(CURE) == 1
    assert not diary.exists()
    with pytest.raises(HipdriveError, match="is not installed"):
        workout(session(date(2026, 11, 24)))


def test_it_is_used_in_one_place():
    source = Path(hipdrive.__file__).parent
    users = {
        path.relative_to(source).as_posix()
        for path in source.rglob("*.py")
        if re.search(r"^\s*(import|from) garmin_fit_sdk", path.read_text(), re.MULTILINE)
    }
    assert users == {"exchange/watch.py"}


def test_doctor_knows_the_extra():
    assert "garmin-fit-sdk: " in CliRunner().invoke(app, ["doctor"]).output
