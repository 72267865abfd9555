"""A database by its address, SQLite or PostgreSQL: opened, asked and written to in one way, complaining plainly."""

from __future__ import annotations

import getpass
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError

from hipdrive.errors import HipdriveError

VARIABLE: Final = "HIPDRIVE_DATABASE"
FILE_NAME: Final = "diary.sqlite3"
APPLICATION_ID: Final = 0x48697044  # "HipD" in the head of an SQLite file: a diary of hipdrive
WAIT_S: Final = 30  # for another program to finish writing; writing takes milliseconds
ANSWER_S: Final = 120  # for an answer of the server; it may be clearing up
PRIVATE_FILE, PRIVATE_FOLDER = 0o600, 0o700  # a diary is for the eyes of its owner only

POSTGRES_SCHEMES: Final = ("postgres", "postgresql", "postgresql+pg8000")
NO_CERTIFICATE: Final = {"disable": False, "allow": None, "prefer": None, "require": True}  # as pg8000 wants it told


class Database:
    """One database, opened.

    Attributes
    ----------
    where : str
        Its path, or its address without the password.
    path : Path or None
        Of the file, for SQLite.
    """

    def __init__(self, url: URL, *, foreign_keys: bool = True, answer_s: float | None = ANSWER_S) -> None:
        self.url = url
        self.is_sqlite = url.get_backend_name() == "sqlite"
        self.path = Path(url.database or "") if self.is_sqlite else None
        if self.path:
            self.where = str(self.path)
            _make_private(self.path)
            self.engine = _sqlite(url, foreign_keys=foreign_keys)
        else:
            self.where = url.set(drivername="postgresql").render_as_string()  # with *** for the password
            self.engine = _postgres(url, answer_s)
        self._writes = self.engine.execution_options(hipdrive_writes=True)
        self._reads = self.engine if self.is_sqlite else _snapshots(self.engine)

    def close(self) -> None:
        """Let go of it."""
        self.engine.dispose()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One look at everything, as it was at one moment."""
        with self.plain_errors(), self._reads.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Keep all of it or, when anything goes wrong, nothing. Other programs wait meanwhile."""
        with self.plain_errors(), self._writes.begin() as connection:
            yield connection

    def bare(self, *statements: str) -> list[tuple[Any, ...]]:
        """Run statements outside of any transaction; gives the rows of the last one."""
        rows: list[tuple[Any, ...]] = []
        options = {"isolation_level": "AUTOCOMMIT"}
        with self.plain_errors(), self.engine.connect().execution_options(**options) as connection:
            for statement in statements:
                result = connection.exec_driver_sql(statement)
                rows = [tuple(row) for row in result] if result.returns_rows else []
        return rows

    @contextmanager
    def plain_errors(self) -> Iterator[None]:
        """Whatever the database complains about within becomes one sentence that names the cure."""
        try:
            yield
        except IntegrityError:
            raise
        except DBAPIError as error:
            sentence = self._sentence(error)
            if sentence is None:
                raise
            raise HipdriveError(sentence) from None

    def _sentence(self, error: DBAPIError) -> str | None:
        if self.is_sqlite:
            return _sqlite_sentence(self.where, str(error.orig))
        return _postgres_sentence(self.where, error.orig)


def address(text: str | None = None) -> URL:
    """Where the diary lies.

    Parameters
    ----------
    text : str or None
        Path of a file, or an address: ``sqlite:////path/file``, ``postgresql://user:password@server/database``. None
        for ``HIPDRIVE_DATABASE`` or, when that is not set, a file in the user's data folder.

    Raises
    ------
    HipdriveError
        When it is no address.
    """
    from platformdirs import user_data_path

    text = text or os.environ.get(VARIABLE)
    if not text:
        return URL.create("sqlite", database=str(user_data_path("hipdrive", appauthor=False) / FILE_NAME))
    if "://" not in text:
        return URL.create("sqlite", database=str(Path(text).expanduser().absolute()))
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):  # its words may hold the password
        url = None
    if (
        url is not None
        and url.drivername in ("sqlite", "sqlite+pysqlite")
        and url.database not in (None, "", ":memory:")
    ):
        return URL.create("sqlite", database=str(Path(str(url.database)).expanduser().absolute()))
    if url is not None and url.drivername in POSTGRES_SCHEMES and url.database:
        return url.set(drivername="postgresql+pg8000")
    raise HipdriveError(
        f"{VARIABLE} is no address of a diary: give the path of a file or postgresql://user:password@server/database"
    )


# -- SQLite --------------------------------------------------------------------------------------------------------


def _make_private(path: Path) -> None:
    """Make the file, empty, so that only its owner may read it."""
    if path.exists():
        return
    try:
        path.parent.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, PRIVATE_FILE))
    except OSError as error:
        raise HipdriveError(
            f"the diary cannot be kept in {path}: {error.strerror}; name another place in {VARIABLE}"
        ) from None


def _sqlite(url: URL, *, foreign_keys: bool) -> Engine:
    engine = create_engine(url, connect_args={"timeout": WAIT_S, "isolation_level": None})

    @event.listens_for(engine, "connect")
    def settle(connection: sqlite3.Connection, _: object) -> None:
        ask = connection.execute
        _patiently(lambda: ask("PRAGMA journal_mode = WAL"))
        ask("PRAGMA synchronous = FULL")  # what is committed is on the disk, power cut or not
        ask("PRAGMA secure_delete = ON")  # what is deleted is overwritten with zeros
        ask("PRAGMA trusted_schema = OFF")  # a backup of a stranger runs nothing
        ask(f"PRAGMA foreign_keys = {'ON' if foreign_keys else 'OFF'}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        if options.get("isolation_level") != "AUTOCOMMIT":
            # who writes waits here, at once, and never in the middle, where SQLite would refuse
            connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get("hipdrive_writes") else "BEGIN")

    return engine


def _patiently(act: Any) -> None:
    """Switching to the write-ahead log does not wait for others by itself."""
    until = time.monotonic() + WAIT_S
    while True:
        try:
            act()
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > until:
                raise
            time.sleep(0.01)


def _sqlite_sentence(where: str, said: str) -> str | None:
    cures = {
        "not a database": "is no diary of hipdrive: name the right file",
        "malformed": "is damaged: move it away and get a backup back with 'hipdrive data restore'",
        "locked": "is being written by another program: try again when that has ended",
        "readonly": "cannot be written: give yourself the right to, or name another place in HIPDRIVE_DATABASE",
        "unable to open": "cannot be opened: name another place in HIPDRIVE_DATABASE",
        "disk is full": "has no room left on its disk: make some and try again; nothing that was kept is lost",
        "disk I/O": "cannot be read or written, its disk complains: try again with the disk connected",
    }
    return next((f"the diary {where} {cure}" for sign, cure in cures.items() if sign in said), None)


# -- PostgreSQL ----------------------------------------------------------------------------------------------------


def _postgres(url: URL, answer_s: float | None) -> Engine:
    query = dict(url.query)
    settings: dict[str, Any] = {"timeout": answer_s, "application_name": "hipdrive"}
    mode, host = query.pop("sslmode", "prefer"), query.pop("host", None)
    if "unix_sock" in query:
        settings["unix_sock"] = query.pop("unix_sock")
    if isinstance(host, str) and host.startswith("/"):  # folder of the socket, as in libpq
        settings["unix_sock"] = f"{host}/.s.PGSQL.{url.port or 5432}"
    elif isinstance(host, str):
        url = url.set(host=host)
    settings["ssl_context"] = _certificates(str(mode), query.pop("sslrootcert", None))
    if query:
        raise HipdriveError(f"{VARIABLE} holds {next(iter(query))!r}, which is not known: leave it out of the address")
    url = url.set(query={}, username=url.username or getpass.getuser())
    if "unix_sock" in settings:
        settings["host"] = None
    try:
        return create_engine(url, connect_args=settings)
    except ModuleNotFoundError:
        raise HipdriveError("a diary on PostgreSQL needs its driver: run pip install 'hipdrive[postgres]'") from None


def _certificates(mode: str, authorities: Any) -> Any:
    """What pg8000 is told about encryption, for libpq's word for it."""
    import ssl

    if mode in NO_CERTIFICATE:
        return NO_CERTIFICATE[mode]
    if mode not in ("verify-ca", "verify-full"):
        raise HipdriveError(
            f"{VARIABLE} holds sslmode={mode}: write disable, prefer, require, verify-ca or verify-full"
        )
    try:
        context = ssl.create_default_context(cafile=authorities)
    except OSError:
        raise HipdriveError(f"{VARIABLE} names a file of certificates that cannot be read: mend sslrootcert") from None
    context.check_hostname = mode == "verify-full"
    return context


def _snapshots(engine: Engine) -> Engine:
    """For readers: all queries of a transaction see the same moment."""
    return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


def _postgres_sentence(where: str, error: BaseException | None) -> str | None:
    """One sentence for what the server, or the road to it, complains about."""
    said = _last_word(error)
    if said is None:
        return f"the database {where} does not answer: is the server running, and is the address in {VARIABLE} right?"
    cures = {
        "28": f"does not let you in: mend user and password in {VARIABLE}",
        "3D": f"is not there: make it with createdb, or mend its name in {VARIABLE}",
        "42501": "does not let you do that: ask its owner for the right to make and write tables",
        "53": "has no room or no connection left: ask who looks after it",
        "57": "was stopped by who looks after it: try again later",
        "25006": "can only be read at the moment: ask who looks after it",
        "55P03": "is being written by another program: try again when that has ended",
    }
    code = said.get("C", "")
    return next((f"the database {where} {cure}" for sign, cure in cures.items() if code.startswith(sign)), None)


def _last_word(error: BaseException | None) -> dict[str, str] | None:
    """Fields of the server's complaint, as pg8000 gives them, or hides them behind that the server then hung up."""
    while error is not None:
        if error.args and isinstance(error.args[0], dict):
            return error.args[0]
        error = error.__context__
    return None
