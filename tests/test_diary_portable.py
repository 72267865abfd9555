"""Taking a diary along: exports, backups, restores; and erasing, after which no byte is left."""

from __future__ import annotations

import csv
import json
import shutil
import sqlite3
import threading
import zipfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path

import jsonschema
import msgspec
import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from diary_pages import DAY, all_rows, bridge, fill, of_the_app
from hipdrive.cli import app
from hipdrive.diary import Diary, backup, database
from hipdrive.diary.portable import Everything, bring_in, json_schema
from hipdrive.errors import HipdriveError
from hipdrive.results import Analysis
from hipdrive.training.history import PainReport, Profile, Race

MARK = "Quittenbrot"  # a word that is nowhere else
run = CliRunner().invoke


@pytest.fixture
def diary(diary_url: str) -> Iterator[Diary]:
    with Diary.open(diary_url) as diary:
        yield diary


@pytest.fixture
def filled(diary: Diary) -> Diary:
    """With two athletes."""
    fill(diary.add_athlete(Profile(f"Anna {MARK}", goals=(MARK,))), MARK)
    fill(diary.add_athlete(Profile("Ben")))
    return diary


def empty(folder: Path) -> Diary:
    return Diary.open(str(folder / "empty" / "diary.sqlite3"))


# -- export --------------------------------------------------------------------------------------------------------


def test_an_export_holds_everything_and_is_read_back(filled, tmp_path):
    anna = filled.athlete(f"Anna {MARK}")
    written = anna.export(tmp_path / "export")
    assert sorted(written) == sorted(path for path in (tmp_path / "export").rglob("*") if path.is_file())
    with empty(tmp_path) as other:
        back = bring_in(other, tmp_path / "export")
        assert back.uid == anna.uid
        assert back.history() == anna.history()
        assert [run.start.tzinfo for run in back.history().runs] == [run.start.tzinfo for run in anna.history().runs]
        assert back.analyses() == anna.analyses()
        assert back.settings() == anna.settings()
        with pytest.raises(HipdriveError, match="is here already"):
            bring_in(other, tmp_path / "export")


def test_an_export_is_as_its_schema_says(filled, tmp_path):
    folder = tmp_path / "export"
    filled.athlete("Ben").export(folder)
    schema = json.loads((folder / "everything.schema.json").read_text())
    assert schema == json.loads(json.dumps(json_schema()))
    content = json.loads((folder / "everything.json").read_text())
    jsonschema.validate(content, schema)
    assert content["schema"] == "hipdrive.diary/1"
    assert content["runs"][0]["zone"] == "Europe/Berlin"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(content | {"pains": [{"day": "2026-03-02"}]}, schema)
    assert json.loads((folder / "profile.json").read_text())["name"] == "Ben"
    assert [Analysis.from_json(path.read_text()) for path in (folder / "analyses").iterdir()] == [bridge()]
    assert MARK not in "".join(path.read_text() for path in folder.rglob("*.*"))


def test_an_export_holds_no_key(filled, tmp_path):
    anna = filled.athlete(f"Anna {MARK}")
    keys = [row[column] for row in of_the_app(f"{anna.uid}{MARK}").values() for column in ("password", "token", "say")
            if column in row]  # fmt: skip
    assert len(keys) == 5
    assert all(key in repr(all_rows(filled)) for key in keys)
    said = "".join(path.read_text() for path in anna.export(tmp_path / "export"))
    assert MARK in said
    assert not [key for key in keys if key in said]


def test_tables_are_for_spreadsheets(diary, tmp_path):
    mine = diary.add_athlete(Profile("Anna"))
    fill(mine)
    mine.add_race(Race(date(2026, 7, 1), 5_000, '=HYPERLINK("x"), or so'))
    mine.export(tmp_path / "export")

    def table(name: str) -> list[dict[str, str]]:
        with (tmp_path / "export" / f"{name}.csv").open(newline="") as file:
            return list(csv.DictReader(file))

    assert [row["name"] for row in table("races")] == ["City", '\'=HYPERLINK("x"), or so']
    assert table("sets")[1] == {
        "day": "2026-03-02", "exercise": "glute_bridge", "set": "2", "amount": "11.0", "reserve": "2.0",
        "load_kg": "2.5", "band": "red", "clean_share": "0.8", "fault_share": "0.1", "seen_by": "video",
    }  # fmt: skip
    assert table("sessions")[0]["note"] == mine.history().sessions[0].note
    assert table("cues")[0] == {
        "file": "analyses/0001-2026-03-02.analysis.json", "day": "2026-03-02", "cue": "full_extension",
        "judged": "2", "good": "1", "fault": "1",
    }  # fmt: skip
    assert {row["measure"] for row in table("measures")} == {"cadence", "pelvic_drop"}
    assert table("pains")[0]["flags"] == "night"
    assert [row["answer"] for row in table("screenings")] == ["False", "True"]


def test_no_file_is_named_by_what_somebody_wrote(filled, tmp_path):
    mine = filled.athlete(f"Anna {MARK}")
    mine.keep_analysis(DAY, bridge(f"../../{MARK}.mp4"))
    assert not [path for path in mine.export(tmp_path / "export") if MARK in str(path)]
    with zipfile.ZipFile(*mine.export(tmp_path / "export.zip")) as archive:
        assert not [name for name in archive.namelist() if MARK in name or ".." in name or name.startswith("/")]


def test_an_export_as_zip_is_read_back_and_nothing_is_overwritten(filled, tmp_path):
    ben = filled.athlete("Ben")
    assert ben.export(tmp_path / "ben.zip") == [tmp_path / "ben.zip"]
    with empty(tmp_path) as other:
        assert bring_in(other, tmp_path / "ben.zip").history() == ben.history()
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine").touch()
    for there in ("ben.zip", "full"):
        with pytest.raises(HipdriveError, match="is there already"):
            ben.export(tmp_path / there)
    (tmp_path / "free").mkdir()
    ben.export(tmp_path / "free")
    assert (tmp_path / "free").stat().st_mode & 0o777 == 0o700
    assert sorted(path.name for path in tmp_path.iterdir() if path.name != "database") == [
        "ben.zip",
        "empty",
        "free",
        "full",
    ]


def test_a_broken_export_leaves_nothing_behind(diary, tmp_path):
    mine = diary.add_athlete(Profile("Anna"))
    fill(mine)
    mine.export(tmp_path / "export")
    content = (tmp_path / "export" / "everything.json").read_bytes()
    kept = msgspec.json.decode(content, type=Everything)
    wrong = msgspec.json.encode(replace(kept, pains=(PainReport(DAY, 11),)))
    mine.erase()
    for name, broken, sentence in (
        ("cut.json", content[:-100], "is no export of hipdrive"),
        ("other.json", b"{}", "is no export of hipdrive"),
        ("text.zip", b"no archive", "is no export of hipdrive"),
        ("wrong.json", wrong, "score of the pain report is 11"),
    ):
        (tmp_path / name).write_bytes(broken)
        with pytest.raises(HipdriveError, match=sentence):
            bring_in(diary, tmp_path / name)
        assert diary.athletes() == []


# -- erase ---------------------------------------------------------------------------------------------------------


def files_with(word: str, folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and word.encode() in path.read_bytes()]


def test_gone_means_gone(filled, tmp_path):
    anna = filled.athlete(f"Anna {MARK}")
    for number in range(300):
        anna.add_pain(PainReport(DAY, 1, note=f"{MARK} {number} " * 50))
    if filled.database.is_sqlite:
        assert files_with(MARK, tmp_path)  # the search finds what is there
    before = all_rows(filled, but=anna.uid)
    anna.erase()
    assert all_rows(filled) == before
    assert MARK not in repr(all_rows(filled))
    assert not files_with(MARK, tmp_path)
    filled.close()
    assert not files_with(MARK, tmp_path)


def test_gone_means_gone_when_a_program_was_killed(tmp_path):
    """What it left in the log beside the diary goes, too."""
    path = tmp_path / "diary.sqlite3"
    with Diary.open(str(path)) as diary:
        fill(diary.add_athlete(Profile("Anna")), MARK)
        (tmp_path / "left").mkdir()
        for file in tmp_path.glob("diary.sqlite3*"):
            shutil.copy(file, tmp_path / "left")
    left = tmp_path / "left"
    assert [file for file in files_with(MARK, left) if file.name.endswith("-wal")]
    with Diary.open(str(left / "diary.sqlite3")) as diary:
        diary.athlete().erase()
    assert not files_with(MARK, left)


def test_who_still_reads_keeps_bytes_and_is_told_of(tmp_path, monkeypatch):
    monkeypatch.setattr(database, "WAIT_S", 0.2)
    path = str(tmp_path / "diary.sqlite3")
    with Diary.open(path) as diary, Diary.open(path) as other:
        fill(diary.add_athlete(Profile("Anna")), MARK)
        with other.database.reading() as connection:
            connection.execute(text("SELECT * FROM athletes")).all()
            with pytest.raises(HipdriveError, match=r"another program has the diary open.*erase it again"):
                diary.athlete().erase()
        assert files_with(MARK, tmp_path)
        diary.scrub()
        assert not files_with(MARK, tmp_path)


# -- backup and restore --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("to", ["sqlite", "postgres"])
def test_a_backup_is_restored_into_either_database(filled, to, tmp_path, request):
    file = backup.backup(filled, tmp_path / "backup.sqlite3")
    assert [path.name for path in tmp_path.iterdir() if path.name != "database"] == ["backup.sqlite3"]
    assert file.stat().st_mode & 0o777 == 0o600
    content = file.read_bytes()
    url = (
        str(tmp_path / "to" / "diary.sqlite3") if to == "sqlite" else request.getfixturevalue("postgres").new_database()
    )
    with Diary.open(url) as other:
        assert backup.restore(other, file) is None
        assert all_rows(other) == all_rows(filled)
        fill(other.add_athlete(Profile("Cleo")))  # numbers of new rows come after those that were restored
        assert len(other.athletes()) == 3
    assert file.read_bytes() == content


def test_a_backup_is_a_diary_that_opens(filled, tmp_path):
    file = backup.backup(filled, tmp_path / "backup.sqlite3")
    with Diary.open(str(file)) as copy:
        assert copy.athlete("Ben").history() == filled.athlete("Ben").history()


def test_a_restore_into_a_full_diary_asks_and_puts_aside(filled, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    file = backup.backup(filled, tmp_path / "backup.sqlite3")
    filled.athlete("Ben").erase()
    filled.add_athlete(Profile("Cleo"))
    before = all_rows(filled)
    with pytest.raises(HipdriveError, match="is not empty: say --replace"):
        backup.restore(filled, file)
    assert all_rows(filled) == before
    aside = backup.restore(filled, file, replace=True)
    assert [name for _, name in filled.athletes()] == [f"Anna {MARK}", "Ben"]
    assert backup.left_beside(filled) == [aside]
    assert aside is not None
    with Diary.open(str(aside)) as copy:
        assert all_rows(copy) == before


def test_a_file_that_is_no_backup_changes_nothing(filled, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    file = backup.backup(filled, tmp_path / "backup.sqlite3")
    content = file.read_bytes()
    before = all_rows(filled)
    with closing(sqlite3.connect(tmp_path / "foreign.sqlite3")) as other:
        other.execute("CREATE TABLE athletes (id INTEGER)")
    with closing(sqlite3.connect(tmp_path / "nonsense.sqlite3")) as other:
        with closing(sqlite3.connect(file)) as good:
            good.backup(other)
        other.execute("UPDATE athletes SET profile = 'no JSON'")
        other.commit()
    with empty(tmp_path) as nobody:
        backup.backup(nobody, tmp_path / "nobody.sqlite3")
    for name, broken in (
        ("cut.sqlite3", content[: len(content) // 2]),
        ("flipped.sqlite3", content[:8192] + b"\xff" * 8192 + content[16384:]),
        ("text.sqlite3", b"my diary\n" * 500),
        ("nothing.sqlite3", b""),
    ):
        (tmp_path / name).write_bytes(broken)
    for name in ("cut", "flipped", "text", "nothing", "foreign", "nonsense", "nobody", "missing"):
        with pytest.raises(
            HipdriveError, match=f"{name}.sqlite3 is (damaged or no backup|a diary with nothing|not there)"
        ):
            backup.restore(filled, tmp_path / f"{name}.sqlite3", replace=True)
        assert all_rows(filled) == before
        assert backup.left_beside(filled) == []


def test_a_backup_overwrites_nothing(filled, tmp_path):
    (tmp_path / "there").write_text("mine")
    with pytest.raises(HipdriveError, match="is there already"):
        backup.backup(filled, tmp_path / "there")
    assert (tmp_path / "there").read_text() == "mine"


def test_a_backup_while_others_write_is_of_one_moment(diary, diary_url, tmp_path):
    mine = diary.add_athlete(Profile("Anna"))
    stop = threading.Event()

    def write() -> None:
        with Diary.open(diary_url) as other:
            hers = other.athlete()
            while not stop.is_set():
                with hers.together():  # always as many of the one as of the other
                    hers.add_pain(PainReport(DAY, 1))
                    hers.keep_analysis(DAY, bridge(f"{len(hers.history().pains)}.mp4"))

    writer = threading.Thread(target=write)
    writer.start()
    try:
        while len(mine.history().pains) < 5:
            pass
        copies = [backup.backup(diary, tmp_path / f"{number}.sqlite3") for number in range(3)]
    finally:
        stop.set()
        writer.join()
    for copy in copies:
        with Diary.open(str(copy)) as kept:
            history = kept.athlete().history()
            assert len(history.pains) == len(history.seen) >= 5


# -- the commands --------------------------------------------------------------------------------------------------


def test_the_commands(diary_url, tmp_path, monkeypatch):
    monkeypatch.setenv("HIPDRIVE_DATABASE", diary_url)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)

    def says(*command: str, typed: str = "", code: int = 0) -> str:
        result = run(app, ["data", *command], input=typed)
        assert result.exit_code == code, result.output
        return " ".join(result.output.split())

    if diary_url.endswith("sqlite3"):
        assert "There is no diary yet" in says("where")
        assert not Path(diary_url).exists()
    assert "begin with your profile (hipdrive me)" in says("export", "x", code=2)
    with Diary.open(diary_url) as diary:
        fill(diary.add_athlete(Profile("[bold]Anna")))
    where = says("where")
    assert "[bold]Anna" in where
    assert "pa55word" not in where
    assert "README.txt says what is what" in says("export", "mine")
    assert "Backup: hipdrive-diary-" in says("backup")
    (made,) = tmp_path.glob("hipdrive-diary-*.sqlite3")
    assert "is not empty: say --replace" in says("restore", made.name, code=2)
    assert "nothing was erased" in says("erase", typed="Anna\n", code=2)
    assert "is gone from the diary" in says("erase", typed="[bold]Anna\n")
    assert "nothing is left of those who were" in says("erase")
    assert "The diary of [bold]Anna is there again." in says("import", "mine/everything.json")
    assert "is gone from the diary" in says("erase", "--yes", "--athlete", "[BOLD]anna")
    assert "The diary of [bold]Anna is there again." in says("restore", made.name)
    assert "What was there before" in says("restore", made.name, "--replace")
    assert "Beside it:" in says("where")
    assert "Delete this one, too" in says("erase", "--yes")
    assert "mine is not there" in says("restore", "mine", code=2)
