"""Empty databases for tests of the diary: SQLite files, and databases of a real PostgreSQL made for the tests.

The server listens on a socket in a folder of its own and on no port. Where PostgreSQL is not installed its tests are
skipped, or fail when ``HIPDRIVE_TEST_POSTGRES=required``.
"""

from __future__ import annotations

import importlib.util
import itertools
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

USER, PASSWORD = "club", "pa55word-of-the-club"
NUMBERS = itertools.count(1)


@dataclass(frozen=True)
class Server:
    """A PostgreSQL that runs."""

    folder: Path

    def address(self, database: str) -> str:
        return f"postgresql://{USER}:{PASSWORD}@/{database}?host={self.folder}"

    def run(self, statement: str) -> None:
        import pg8000.native

        socket = f"{self.folder}/.s.PGSQL.5432"
        connection = pg8000.native.Connection(USER, unix_sock=socket, password=PASSWORD, database="postgres")
        try:
            connection.run(statement)
        finally:
            connection.close()

    def new_database(self) -> str:
        name = f"diary_{next(NUMBERS)}"
        self.run(f"CREATE DATABASE {name}")
        return self.address(name)


def _programs() -> Path | None:
    """Folder of PostgreSQL's programs, the newest; Debian keeps them out of the path."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    if found:
        return found[-1].parent
    program = shutil.which("initdb")
    return Path(program).resolve().parent if program else None


def _missing() -> str | None:
    """What is not there for tests on PostgreSQL."""
    if os.name != "posix" or _programs() is None:
        return "PostgreSQL is not installed: apt-get install postgresql"
    if importlib.util.find_spec("pg8000") is None:
        return "the driver of PostgreSQL is not installed: pip install 'hipdrive[postgres]'"
    return None


def _somebody() -> dict[str, Any]:
    """Whom the server runs as: it refuses to be root."""
    if os.geteuid() != 0:
        return {}
    import pwd

    names = {entry.pw_name for entry in pwd.getpwall()}
    user = pwd.getpwnam("postgres" if "postgres" in names else "nobody")
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A PostgreSQL with nothing in it."""
    missing = _missing()
    if missing and os.environ.get("HIPDRIVE_TEST_POSTGRES") == "required":
        pytest.fail(missing)
    if missing:
        pytest.skip(missing)
    programs, somebody = _programs(), _somebody()
    assert programs is not None
    folder = Path(tempfile.mkdtemp(prefix="hipdrive-postgres-"))  # a socket's path must be short
    if somebody:
        os.chown(folder, somebody["user"], somebody["group"])

    def run(program: str, *arguments: str) -> None:
        command = [programs / program, "--pgdata", folder / "data", *arguments]
        done = subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, **somebody)
        assert done.returncode == 0, done.stdout + done.stderr

    try:
        (folder / "password").write_text(PASSWORD)
        run(
            "initdb", "--username", USER, "--pwfile", str(folder / "password"), "--auth", "scram-sha-256",
            "--encoding", "UTF8", "--no-locale", "--no-sync",
        )  # fmt: skip
        options = f"-c listen_addresses= -c unix_socket_directories={folder} -c fsync=off -c full_page_writes=off"
        run("pg_ctl", "start", "-w", "-s", "-l", str(folder / "log"), "-o", options)
        try:
            yield Server(folder)
        finally:
            run("pg_ctl", "stop", "-w", "-s", "-m", "immediate")
    finally:
        shutil.rmtree(folder)


def new_database(request: pytest.FixtureRequest, folder: Path) -> str:
    """Address of an empty database of the kind that the test is to run on."""
    if request.param == "sqlite":
        return str(folder / "database" / "diary.sqlite3")
    server: Server = request.getfixturevalue("postgres")
    return server.new_database()


@pytest.fixture(params=["sqlite", "postgres"])
def diary_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Address of an empty database, of each kind."""
    return new_database(request, tmp_path)


@pytest.fixture(autouse=True)
def nobodys_diary(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Keep every test away from the diary of whoever runs the tests."""
    monkeypatch.setenv("HIPDRIVE_DATABASE", str(tmp_path_factory.getbasetemp() / "no-diary" / "diary.sqlite3"))
    monkeypatch.delenv("HIPDRIVE_ATHLETE", raising=False)
