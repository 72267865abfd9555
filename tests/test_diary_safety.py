"""Nothing that was kept is lost: programs killed in the middle, several at once, earlier schemas, wrong addresses."""

from __future__ import annotations

import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import insert, inspect, text

from diary_child import runs, session
from diary_pages import DAY, fill
from diary_schemas.make import UID, dump
from hipdrive.diary import Diary, database, migrating
from hipdrive.diary.database import Database, address
from hipdrive.diary.migrating import HEAD, SCRIPTS, migrate
from hipdrive.diary.tables import VERSION_TABLE, Base
from hipdrive.errors import HipdriveError
from hipdrive.training.history import Profile, Race

HERE = Path(__file__).parent
REVISIONS = sorted(path.name[:4] for path in (SCRIPTS / "versions").glob("[0-9]*.py"))


@contextmanager
def child(*arguments: object) -> Iterator[subprocess.Popen[str]]:
    """Another program at the diary, ready to begin."""
    command = [sys.executable, str(HERE / "diary_child.py"), *map(str, arguments)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=HERE)
    with process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            yield process
        finally:
            process.kill()


def go(process: subprocess.Popen[str]) -> None:
    process.stdin.write("go\n")
    process.stdin.flush()


def is_whole(diary: Diary) -> bool:
    """Whether the database finds nothing wrong with itself."""
    if not diary.database.is_sqlite:
        return True
    return diary.database.bare("PRAGMA integrity_check") == [("ok",)] and not diary.database.bare(
        "PRAGMA foreign_key_check"
    )


# -- killed in the middle ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", [1, 2, pytest.param(3, marks=pytest.mark.slow)])
def test_a_killed_program_loses_nothing_it_had_kept(diary_url, seed):
    with Diary.open(diary_url) as diary:
        diary.add_athlete(Profile("Anna"))
    kept: list[int] = []
    delays = random.Random(seed)
    for round_ in range(2):
        with child("write", diary_url, 1_000 * round_, 1_000) as process:
            go(process)
            kept.append(int(process.stdout.readline()))
            time.sleep(delays.uniform(0, 0.3))
            os.kill(process.pid, signal.SIGKILL)
            kept += [int(line) for line in process.stdout.read().splitlines(keepends=True) if line.endswith("\n")]
        with Diary.open(diary_url) as diary:
            assert is_whole(diary)
            sessions = {one.day: one for one in diary.athlete().history().sessions}
        for number in kept:
            assert sessions[session(number).day] == session(number)
        assert len(sessions) - len(kept) <= round_ + 1  # at most the one it had no time to tell of, in each round
        assert all(one == session((day - session(0).day).days) for day, one in sessions.items())
    assert len(kept) < 2_000


def test_a_program_killed_while_it_makes_the_tables_leaves_a_diary_that_opens(diary_url):
    delays = random.Random(5)
    for _ in range(3):
        with child("open", diary_url) as process:
            go(process)
            time.sleep(delays.uniform(0, 0.1))
            os.kill(process.pid, signal.SIGKILL)
    with Diary.open(diary_url) as diary:
        fill(diary.add_athlete(Profile("Anna")))
        assert is_whole(diary)


# -- several at once -----------------------------------------------------------------------------------------------


def test_two_programs_write_at_once_and_all_of_it_is_kept(diary_url):
    with Diary.open(diary_url) as diary:
        diary.add_athlete(Profile("Anna"))
    with child("write", diary_url, 0, 25) as one, child("write", diary_url, 100, 25) as other:
        go(one)
        go(other)
        assert [len(process.stdout.read().split()) for process in (one, other)] == [25, 25]
        assert one.wait() == other.wait() == 0
    with Diary.open(diary_url) as diary:
        assert is_whole(diary)
        history = diary.athlete().history()
    assert history.sessions == tuple(session(number) for number in (*range(25), *range(100, 125)))
    kept = [run.fingerprint for run in history.runs]
    assert len(kept) == len(set(kept))
    assert set(kept) == {run.fingerprint for first in (2, 7) for run in runs(first)}


def test_programs_that_open_a_new_diary_at_once_make_it_once(diary_url):
    with child("open", diary_url) as one, child("open", diary_url) as other:
        go(one)
        go(other)
        assert one.stdout.read() == other.stdout.read() == "done\n"
    with Diary.open(diary_url) as diary, diary.database.reading() as connection:
        assert connection.exec_driver_sql(f"SELECT * FROM {VERSION_TABLE}").all() == [(HEAD,)]


def test_who_writes_waits_for_the_other(diary_url):
    with Diary.open(diary_url) as diary, Diary.open(diary_url) as other:
        anna = diary.add_athlete(Profile("Anna"))
        race = threading.Thread(target=lambda: other.athlete().add_race(Race(DAY, 5_000)))
        with anna.together():
            race.start()
            time.sleep(0.3)
            anna.add_race(Race(DAY, 10_000))
            assert race.is_alive()
        race.join(20)
        assert anna.history().races == (Race(DAY, 5_000),)


def test_a_reader_sees_one_moment(diary_url):
    with Diary.open(diary_url) as diary, Diary.open(diary_url) as other:
        anna = diary.add_athlete(Profile("Anna"))
        with diary.database.reading() as connection:
            assert connection.execute(text("SELECT count(*) FROM races")).scalar() == 0
            other.athlete().add_race(Race(DAY, 5_000))
            assert connection.execute(text("SELECT count(*) FROM races")).scalar() == 0
        assert len(anna.history().races) == 1


def test_a_diary_that_stays_busy_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(database, "WAIT_S", 0.1)
    path = str(tmp_path / "diary.sqlite3")
    with Diary.open(path) as diary, Diary.open(path) as other:
        anna = diary.add_athlete(Profile("Anna"))
        with anna.together(), pytest.raises(HipdriveError, match="another program: try again"):
            other.athlete().add_race(Race(DAY, 5_000))


# -- schemas -------------------------------------------------------------------------------------------------------


def test_tables_and_migrations_agree(diary_url):
    with Diary.open(diary_url) as diary, diary.database.reading() as connection:
        options = {"version_table": VERSION_TABLE, "compare_type": True, "compare_server_default": True}
        assert compare_metadata(MigrationContext.configure(connection, opts=options), Base.metadata) == []


def test_checks_are_in_the_database_too(diary_url):
    from sqlalchemy.exc import DBAPIError

    with Diary.open(diary_url) as diary:
        fill(diary.add_athlete(Profile("Anna")))
        for change in ("pains SET score = 11", "sessions SET rpe = -1", "sessions SET pain = 10.5"):
            with pytest.raises(DBAPIError, match=r"(?i)check constraint"), diary.database.writing() as connection:
                connection.execute(text(f"UPDATE {change}"))


def test_there_is_one_line_of_schemas_and_a_dump_of_each():
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    scripts = list(ScriptDirectory.from_config(config).walk_revisions())
    assert [script.revision for script in scripts] == REVISIONS[::-1]
    assert REVISIONS[-1] == HEAD
    assert sorted(path.stem for path in (HERE / "diary_schemas").glob("*.sql")) == REVISIONS


def load(revision: str, path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript((HERE / "diary_schemas" / f"{revision}.sql").read_text())


@pytest.mark.parametrize("revision", REVISIONS)
def test_a_released_schema_does_not_change(revision, tmp_path):
    """The migrations make, of nothing, exactly what is in the dump."""
    load(revision, tmp_path / "dumped.sqlite3")
    made = Database(address(str(tmp_path / "made.sqlite3")))
    migrate(made, to=revision)
    made.close()

    def schema(name: str) -> list[tuple[str, str]]:
        with closing(sqlite3.connect(tmp_path / name)) as connection:
            return connection.execute("SELECT name, sql FROM sqlite_master ORDER BY name").fetchall()

    assert schema("made.sqlite3") == schema("dumped.sqlite3")
    assert dump(tmp_path / "made.sqlite3").splitlines()[0] == dump(tmp_path / "dumped.sqlite3").splitlines()[0]


@pytest.mark.parametrize("revision", REVISIONS)
def test_a_diary_of_every_released_schema_is_read_whole(diary_url, revision, tmp_path):
    path = tmp_path / "old.sqlite3"
    load(revision, path)
    old = Database(address(diary_url))
    if old.is_sqlite:
        old.close()
        diary_url = str(path)
    else:  # the same rows in the same schema
        migrate(old, to=revision)
        _copy_as_they_are(path, old)
        old.close()
    with Diary.open(diary_url) as diary:
        mine = diary.athlete("Anna")
        assert mine.uid == UID
        other = diary.add_athlete(Profile("Ben"))
        fill(other)
        assert mine.history().profile == Profile("Anna", height_m=1.7, goals=("run on",))
        assert vars(mine.history()) | {"profile": 0} == vars(other.history()) | {"profile": 0}
        assert mine.analyses() == other.analyses()
        assert mine.settings() == other.settings()
        assert is_whole(diary)


def _copy_as_they_are(path: Path, target: Database) -> None:
    """Copy rows of an old schema, of which there are no classes any more, to PostgreSQL."""
    from sqlalchemy import MetaData

    source = Database(address(str(path)))
    tables = MetaData()
    with source.reading() as old, target.writing() as new:
        tables.reflect(new)
        ours = MetaData()
        ours.reflect(old)
        for table in tables.sorted_tables:
            if table.name != VERSION_TABLE:
                rows = [dict(row) for row in old.execute(ours.tables[table.name].select()).mappings()]
                new.execute(insert(table), rows)
                serial = f"pg_get_serial_sequence('{table.name}', 'id')"
                new.execute(text(f"SELECT setval({serial}, MAX(id)) FROM {table.name}"))
    source.close()


LATER = """
import sqlalchemy as sa
from alembic import op

revision = "{next}"
down_revision = "{head}"


def upgrade() -> None:
    anew = "always" if op.get_bind().dialect.name == "sqlite" else "never"
    with op.batch_alter_table("sessions", recreate=anew) as table:
        table.add_column(sa.Column("minutes", sa.Double()))
    {then}
"""


@pytest.mark.parametrize("then", ["", "raise OSError('the power is gone')"])
def test_a_later_schema_keeps_what_belongs_together_and_one_that_fails_changes_nothing(
    diary_url, tmp_path, monkeypatch, then
):
    """SQLite makes a changed table anew; what belongs to its rows must not go with the old one."""
    with Diary.open(diary_url) as diary:
        fill(diary.add_athlete(Profile("Anna")))
        history = diary.athlete().history()
    shutil.copytree(SCRIPTS, tmp_path / "migrations")
    later = f"{int(HEAD) + 1:04}"
    script = LATER.format(then=then, head=HEAD, next=later)
    (tmp_path / "migrations" / "versions" / f"{later}_later.py").write_text(script)
    monkeypatch.setattr(migrating, "SCRIPTS", tmp_path / "migrations")
    monkeypatch.setattr(migrating, "HEAD", later)
    base = Database(address(diary_url))
    if then:
        with pytest.raises(OSError, match="the power is gone"):
            migrate(base, to=later)
    else:
        migrate(base, to=later)
    with base.reading() as connection:
        columns = {column["name"] for column in inspect(connection).get_columns("sessions")}
        version = connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar()
    assert ("minutes" in columns, version) == ((False, HEAD) if then else (True, later))
    diary = Diary(base)
    assert diary.athlete().history() == history
    assert is_whole(diary)
    diary.athlete().erase()
    with base.reading() as connection:
        assert connection.execute(text("SELECT count(*) FROM sets")).scalar() == 0
    base.close()


def test_a_diary_of_a_newer_hipdrive_is_left_alone(diary_url):
    with Diary.open(diary_url) as diary, diary.database.writing() as connection:
        connection.execute(text(f"UPDATE {VERSION_TABLE} SET version_num = '9999'"))
    with pytest.raises(HipdriveError, match="newer hipdrive: run pip install --upgrade hipdrive"):
        Diary.open(diary_url)


def test_tables_of_others_are_left_alone(diary_url):
    other = Database(address(diary_url))
    with other.writing() as connection:
        connection.execute(text("CREATE TABLE runs (id INTEGER)"))
    with pytest.raises(HipdriveError, match="is no diary of hipdrive: give the diary a place of its own"):
        Diary.open(diary_url)
    with other.reading() as connection:
        assert connection.execute(text("SELECT count(*) FROM runs")).scalar() == 0
    other.close()


# -- files and addresses -------------------------------------------------------------------------------------------


def test_what_sqlite_is_told(tmp_path):
    path = tmp_path / "folder" / "diary.sqlite3"
    with Diary.open(str(path)) as diary:
        asked = ("journal_mode", "foreign_keys", "synchronous", "secure_delete")
        answers = [diary.database.bare(f"PRAGMA {name}")[0][0] for name in asked]
        assert answers == ["wal", 1, 2, 1]
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_a_file_that_is_no_diary_says_so(tmp_path):
    for name, content in (("text", b"my diary\n" * 500), ("zeros", bytes(range(256)) * 40)):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(HipdriveError, match="no diary of hipdrive"):
            Diary.open(str(tmp_path / name))
        assert (tmp_path / name).read_bytes() == content


def test_a_damaged_diary_says_so(tmp_path):
    path = tmp_path / "diary.sqlite3"
    with Diary.open(str(path)) as diary:
        fill(diary.add_athlete(Profile("Anna")))
    content = path.read_bytes()
    path.write_bytes(content[:4096] + b"\xff" * (len(content) - 4096))
    with pytest.raises(HipdriveError, match=r"is damaged: .* 'hipdrive data restore'"), Diary.open(str(path)) as diary:
        diary.athlete().history()


def test_addresses(monkeypatch, tmp_path):
    def kind(text: str) -> tuple[str, str | None]:
        url = address(text)
        return url.drivername, url.database

    monkeypatch.chdir(tmp_path)
    assert kind("sqlite:////data/my.db") == ("sqlite", "/data/my.db")
    assert kind("/data/my.db") == ("sqlite", "/data/my.db")
    assert kind("my.db") == kind("sqlite:///my.db") == ("sqlite", str(tmp_path / "my.db"))
    assert kind("~/my.db") == ("sqlite", str(Path.home() / "my.db"))
    for scheme in ("postgres", "postgresql", "postgresql+pg8000"):
        assert kind(f"{scheme}://anna:secret@server/club") == ("postgresql+pg8000", "club")
    monkeypatch.setenv("HIPDRIVE_DATABASE", "/data/set.db")
    assert address().database == "/data/set.db"
    monkeypatch.delenv("HIPDRIVE_DATABASE")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    if sys.platform == "linux":
        assert address().database == str(tmp_path / "hipdrive" / "diary.sqlite3")


@pytest.mark.parametrize(
    "wrong", ["mysql://me:s3cret@server/club", "postgresql://me:s3cret@server:port/club", "sqlite://", "://s3cret",
              "postgresql://me:s3cret@server", "postgresql+psycopg2://me:s3cret@server/club"]
)  # fmt: skip
def test_what_is_no_address_says_so(wrong):
    with pytest.raises(HipdriveError, match="is no address of a diary: give") as error:
        Diary.open(wrong)
    assert "s3cret" not in "".join(traceback.format_exception(error.value))


def test_a_folder_that_cannot_be_made_says_so(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(HipdriveError, match=r"cannot be kept in .* name another place"):
        Diary.open(str(tmp_path / "file" / "diary.sqlite3"))
    with pytest.raises(HipdriveError, match="cannot be opened: name another place"):
        Diary.open(str(tmp_path))


def test_without_the_driver_the_cure_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "pg8000", None)
    with pytest.raises(HipdriveError, match=r"pip install 'hipdrive\[postgres\]'"):
        Diary.open("postgresql://me:s3cret@server/club")


def test_a_server_that_is_not_there_says_so(tmp_path):
    pytest.importorskip("pg8000")
    for place in (f"postgresql://me:s3cret@/club?host={tmp_path}", "postgresql://me:s3cret@127.0.0.1:1/club"):
        with pytest.raises(HipdriveError, match="does not answer: is the server running") as error:
            Diary.open(place)
        assert "s3cret" not in "".join(traceback.format_exception(error.value))


def test_a_server_that_says_no_is_told_plainly(postgres):
    right = postgres.new_database()
    for wrong, sentence in (
        (right.replace("club:", "stranger:"), "does not let you in: mend user and password"),
        (right.replace("pa55word", "s3cret"), "does not let you in: mend user and password"),
        (right.replace("/diary_", "/nowhere_"), "is not there: make it with createdb"),
        (f"{right}&colour=red", "holds 'colour', which is not known"),
        (f"{right}&sslmode=perhaps", "sslmode=perhaps: write disable"),
    ):
        with pytest.raises(HipdriveError, match=sentence) as error:
            Diary.open(wrong)
        said = "".join(traceback.format_exception(error.value))
        assert "s3cret" not in said
        assert "pa55word" not in said
    with Diary.open(right) as diary:
        assert "pa55word" not in diary.where
        assert "club" in diary.where


def test_who_may_not_write_is_told_so(postgres):
    url = postgres.new_database()
    postgres.run("DROP ROLE IF EXISTS guest")
    postgres.run("CREATE ROLE guest LOGIN PASSWORD 'guest'")
    with pytest.raises(HipdriveError, match="ask its owner for the right"):
        Diary.open(url.replace("club:pa55word-of-the-club", "guest:guest"))
