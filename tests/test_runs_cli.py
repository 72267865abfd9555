"""The commands for runs, races and days away, as a user meets them, on a real diary."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from rich.console import Console
from typer.testing import CliRunner

from hipdrive.cli import app
from hipdrive.diary import Diary
from hipdrive.report.runs import runs_view
from hipdrive.training.history import Away, Profile, Race, Run
from run_files import Made, fit_file, gpx_file, gpx_track, tcx_file

TODAY = datetime.now(UTC).date()


@pytest.fixture(autouse=True)
def diary(tmp_path, monkeypatch):
    """A diary with one runner, who lives by UTC."""
    url = f"sqlite:///{tmp_path / 'diary.db'}"
    monkeypatch.setenv("HIPDRIVE_DATABASE", url)
    monkeypatch.delenv("HIPDRIVE_ATHLETE", raising=False)
    with Diary.open(url) as opened:
        opened.add_athlete(Profile("Ada"))
    return url


def history(url: str):
    with Diary.open(url) as opened:
        return opened.athlete().history()


def hipdrive(*words: object) -> tuple[int, str]:
    result = CliRunner().invoke(app, [str(word) for word in words])
    return result.exit_code, " ".join(result.output.split())


def made(days_ago: int, km: float) -> Made:
    start = datetime(TODAY.year, TODAY.month, TODAY.day, 6, tzinfo=UTC) - timedelta(days=days_ago)
    return Made(start=start, seconds=round(km * 1000 / 3), every_s=5)


def write(folder, name: str, data: bytes):
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(data)
    return folder / name


def test_import_says_what_is_new_known_and_left_out(tmp_path, diary):
    folder = tmp_path / "watch"
    write(folder, "a.fit", fit_file(made(20, 10), records=False))
    write(folder, "a.tcx", tcx_file(made(20, 10)))
    write(folder, "b.gpx", gpx_file(gpx_track(made(3, 9))))
    write(folder, "ride.fit", fit_file(replace(made(2, 9), sport="cycling"), records=False))
    write(folder, "[red]cut.fit", fit_file(made(1, 9), records=False)[:-5])
    code, said = hipdrive("runs", "import", folder)
    assert code == 0
    assert "2 new runs" in said
    assert "1 run in the diary already, or in several of these files." in said
    assert "Left out: 1 x cycling." in said
    assert "[red]cut.fit is damaged or cut short" in said
    assert [run.source for run in history(diary).runs] == ["fit", "gpx"]

    code, said = hipdrive("runs", "import", folder)
    assert code == 0
    assert "No new runs. 3 runs in the diary already" in said
    assert len(history(diary).runs) == 2


def test_a_leap_of_the_newest_run_is_said_once_and_calmly(tmp_path):
    write(tmp_path / "watch", "a.fit", fit_file(made(20, 10), records=False))
    long = write(tmp_path / "watch", "b.fit", fit_file(made(2, 15), records=False))
    _, said = hipdrive("runs", "import", tmp_path / "watch")
    assert "15.0 km was 1.5 times your longest run" in said
    assert "1.52 times as often" in said
    _, said = hipdrive("runs", "import", long)
    assert "times as often" not in said, "it was said when it came in"
    older = write(tmp_path, "c.fit", fit_file(made(30, 4), records=False))
    _, said = hipdrive("runs", "import", older)
    assert "times as often" not in said, "it is not the newest"


def test_nothing_to_read_is_one_sentence(tmp_path):
    for words, sentence in (
        ([write(tmp_path / "x", "a.fit", b"rubbish")], "a.fit is no FIT, TCX or GPX file"),
        ([tmp_path / "x"], "a.fit is no FIT, TCX or GPX file"),
        ([tmp_path / "none.fit"], "is not there"),
    ):
        code, said = hipdrive("runs", "import", *words)
        assert code == 2
        assert sentence in said
    (tmp_path / "empty").mkdir()
    code, said = hipdrive("runs", "import", tmp_path / "empty")
    assert code == 2
    assert "no FIT, TCX or GPX files" in said


def test_a_run_is_entered_by_hand_once(diary):
    day = TODAY - timedelta(days=1)
    words = ["runs", "add", "--day", day.isoformat(), "--km", "8.2", "--minutes", "45"]
    assert hipdrive(*words) == (0, f"Entered: 8.2 km in 45 minutes on {day.isoformat()}.")
    code, said = hipdrive(*words)
    assert code == 2
    assert "--at 18:00" in said
    assert hipdrive(*words, "--at", "23:10")[0] == 2, "the time of the one run was not known"
    first, *others = history(diary).runs
    assert not others
    assert (first.distance_m, first.duration_s, first.start.date()) == (8200, 2700, day)

    assert hipdrive(*words[:-4], "--km", "5", "--minutes", "25", "--at", "07:00")[0] == 0
    assert hipdrive(*words[:-4], "--km", "5", "--minutes", "25", "--at", "18:00")[0] == 0
    assert len(history(diary).runs) == 3


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--km", "42", "--minutes", "10"], "faster than anybody runs"),
        (["--km", "8", "--minutes", "40", "--at", "evening"], "no time of day"),
        (["--km", "8", "--minutes", "40", "--day", "2999-01-01"], "still to come"),
        (["--km", "0", "--minutes", "40"], "0.1"),
        (["--km", "nan", "--minutes", "40"], "1000"),
    ],
)
def test_what_cannot_be_is_not_entered(words, sentence, diary):
    code, said = hipdrive("runs", "add", *words)
    assert code == 2
    assert sentence in said
    assert not history(diary).runs


def test_the_list_shows_weeks_and_the_limit():
    assert "hipdrive runs import FILES" in hipdrive("runs", "list")[1]
    for days_ago, km in ((20, 10), (2, 14)):
        day = TODAY - timedelta(days=days_ago)
        assert hipdrive("runs", "add", "--day", day.isoformat(), "--km", km, "--minutes", km * 6)[0] == 0
    code, said = hipdrive("runs", "list", "--weeks", "5")
    assert code == 0
    assert "↑ 1.40 x" in said
    assert "Keep single runs up to 15.4 km" in said


def test_weeks_of_the_list_add_up():
    monday = date(2026, 11, 23)
    runs = [
        Run(datetime(2026, 11, 24, 7, tzinfo=UTC), 5000, 1500),
        Run(datetime(2026, 11, 24, 18, tzinfo=UTC), 5000, 1500),
        Run(datetime(2026, 11, 29, 7, tzinfo=UTC), 20_000, 7200),
        Run(datetime(2026, 11, 12, 7, tzinfo=UTC), 19_000, 7000),
    ]
    console = Console(width=90, record=True, file=io.StringIO())
    console.print(runs_view(runs, monday + timedelta(days=6), 3))
    lines = console.export_text().splitlines()
    assert lines[1].split() == ["23", "Nov", "▅", "█", "■" * 22, "30.0", "3", "20.0"]
    assert lines[1][9:16] == " ▅    █", "Tuesday and Sunday"
    assert lines[2].split() == ["16", "Nov"]
    assert lines[3].split()[-3:] == ["19.0", "1", "19.0"]


def test_races(diary):
    assert "No races" in hipdrive("race")[1]
    code, said = hipdrive("race", "2027-04-11", "--km", "42.2", "--name", "[b]Spring")
    assert code == 0
    assert "42.2 km" in said
    assert history(diary).races == (Race(date(2027, 4, 11), 42_200, "[b]Spring"),)
    assert "2027-04-11 42.2 km [b]Spring" in hipdrive("race")[1]
    assert hipdrive("race", "2027-04-12", "--remove")[0] == 2
    assert hipdrive("race", "2027-04-11", "--remove")[0] == 0
    assert not history(diary).races
    for words in (["2027-04-11"], ["soon", "--km", "10"]):
        code, said = hipdrive("race", *words)
        assert code == 2
        assert said.startswith("✗")


def test_days_away(diary):
    assert "Never away" in hipdrive("away")[1]
    assert hipdrive("away", "2026-12-20", "2027-01-03", "--why", "at the sea")[0] == 0
    assert hipdrive("away", "2027-02-01")[0] == 0
    assert history(diary).away == (
        Away(date(2026, 12, 20), date(2027, 1, 3), "at the sea"),
        Away(date(2027, 2, 1), date(2027, 2, 1)),
    )
    assert "2026-12-20 to 2027-01-03 at the sea" in hipdrive("away")[1]
    code, said = hipdrive("away", "2027-01-03", "2026-12-20")
    assert code == 2
    assert "lies before the first" in said
    assert hipdrive("away", "2026-12-20", "--remove")[0] == 0
    assert len(history(diary).away) == 1
