"""A whole diary as one file, and back again, into either database.

A backup is an SQLite diary, whatever the diary it was made of: so backup and restore also take a diary from one
database to the other.
"""

from __future__ import annotations

import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Final

from sqlalchemy import URL, Connection, delete, insert, select
from sqlalchemy.exc import InterfaceError, OperationalError, StatementError

from hipdrive.diary.database import APPLICATION_ID, FILE_NAME, Database
from hipdrive.diary.migrating import lock, migrate
from hipdrive.diary.store import Diary
from hipdrive.diary.tables import Athlete, Base
from hipdrive.errors import HipdriveError

ROWS_AT_ONCE: Final = 100  # an analysis may have a megabyte
UNFINISHED: Final = ".hipdrive-"  # begins the name of a folder that goes away when its file is whole
REPLACED: Final = "before-restore"  # in the name of what a restore puts aside


def backup(diary: Diary, target: Path) -> Path:
    """Write the diary as it is at this moment into one file.

    Parameters
    ----------
    diary : Diary
    target : Path
        A new file; it is there whole or not at all.

    Raises
    ------
    HipdriveError
        When there is such a file.
    """
    with diary.database.reading() as connection:
        return _write(connection, target)


def restore(diary: Diary, source: Path, *, replace: bool = False) -> Path | None:
    """Read a backup, of this or of an earlier hipdrive, into a diary; all of it or nothing.

    Parameters
    ----------
    diary : Diary
        An empty one, of either database.
    source : Path
        The backup; it is left as it is.
    replace : bool
        Take the place of whatever the diary holds, after a backup of that.

    Returns
    -------
    Path or None
        The backup of what was replaced.

    Raises
    ------
    HipdriveError
        When the file is no backup or is damaged, or the diary is not empty.
    """
    with _opened(source) as database, database.reading() as old, diary.database.writing() as new:
        _keep_others_out(new)
        if not new.execute(select(Athlete.athlete_id)).first():
            _copy_strange_rows(old, new, source)
            return None
        if not replace:
            raise HipdriveError(f"the diary {diary.where} is not empty: say --replace to put the backup in its place")
        aside = _write(new, _aside(diary))
        try:
            new.execute(delete(Athlete))
            _copy_strange_rows(old, new, source)
        except BaseException:  # nothing was replaced, and nothing will be
            aside.unlink()
            raise
        return aside


def _copy_strange_rows(old: Connection, new: Connection, source: Path) -> None:
    """Copy rows that hipdrive may not have written."""
    try:
        copy_rows(old, new)
    except (OperationalError, InterfaceError):  # the disk, the server: not the rows
        raise
    except (ValueError, TypeError, StatementError):
        raise _damaged(source) from None


def copy_rows(source: Connection, target: Connection) -> None:
    """Copy all rows of all tables, with their numbers, into empty tables."""
    for table in Base.metadata.sorted_tables:
        for rows in source.execute(table.select().order_by("id")).mappings().partitions(ROWS_AT_ONCE):
            target.execute(insert(table), [dict(row) for row in rows])
        if target.dialect.name == "postgresql":  # the next number comes after those copied
            target.exec_driver_sql(
                f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), "
                f"COALESCE(MAX(id), 1), MAX(id) IS NOT NULL) FROM {table.name}"
            )


def left_beside(diary: Diary) -> list[Path]:
    """What lies beside the diary: backups that a restore put aside, and files of a program that was killed."""
    folder = _folder(diary)
    found = [*folder.glob(f"*.{REPLACED}-*.sqlite3"), *folder.glob(f"{UNFINISHED}*/")] if folder.is_dir() else []
    return sorted(found)


def _keep_others_out(connection: Connection) -> None:
    """Nobody writes until this transaction ends; on SQLite it is so anyway."""
    lock(connection)
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"LOCK TABLE {Athlete.__tablename__} IN EXCLUSIVE MODE")


def _write(connection: Connection, target: Path) -> Path:
    """Write what a connection sees."""
    if target.exists():
        raise HipdriveError(f"{target} is there already: name a new file")
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=UNFINISHED, dir=target.parent) as folder:  # only its owner may look
        unfinished = Path(folder) / FILE_NAME
        database = Database(_file(unfinished))
        try:
            migrate(database)
            with database.writing() as copy:
                copy_rows(connection, copy)
            database.bare("PRAGMA journal_mode = DELETE")  # one file, with no log beside it
        finally:
            database.close()
        unfinished.replace(target)
        _settle(target.parent)
    return target


def _settle(folder: Path) -> None:
    """Wait until the name of a new file is on the disk, where the system can be asked to."""
    if os.name == "posix":
        number = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)


@contextmanager
def _opened(source: Path) -> Iterator[Database]:
    """Give a backup, checked and brought to today's tables, in a copy of its own."""
    if not source.is_file():
        raise HipdriveError(f"{source} is not there: name the file that 'hipdrive data backup' wrote")
    with tempfile.TemporaryDirectory(prefix="hipdrive-") as folder:
        path = Path(folder) / FILE_NAME
        _copy_whole(source, path)
        database = Database(_file(path))
        try:
            migrate(database)
            with database.reading() as connection:
                if not connection.execute(select(Athlete.athlete_id)).first():
                    raise HipdriveError(f"{source} is a diary with nothing in it: name another backup")
            yield database
        except HipdriveError as error:
            raise HipdriveError(str(error).replace(str(path), str(source))) from None
        finally:
            database.close()


def _copy_whole(source: Path, path: Path) -> None:
    """Copy an SQLite file, with what stands in the log beside it, if it is whole and a diary."""
    place = f"{source.absolute().as_uri()}?mode=ro"
    try:
        with closing(sqlite3.connect(place, uri=True)) as old, closing(sqlite3.connect(path)) as copy:
            old.backup(copy)
            said = (
                copy.execute("PRAGMA integrity_check").fetchall() + copy.execute("PRAGMA foreign_key_check").fetchall()
            )
            ours = copy.execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,)
    except sqlite3.DatabaseError:
        said, ours = [], False
    if said != [("ok",)] or not ours:
        raise _damaged(source)


def _damaged(source: Path) -> HipdriveError:
    return HipdriveError(f"{source} is damaged or no backup of hipdrive: name another one")


def _file(path: Path) -> URL:
    return URL.create("sqlite", database=str(path))


def _folder(diary: Diary) -> Path:
    """Where backups of replaced diaries go: beside the diary or, where that is on a server, where it would lie."""
    path = diary.database.path
    if path is None:
        from platformdirs import user_data_path

        return user_data_path("hipdrive", appauthor=False)
    return path.parent


def _aside(diary: Diary) -> Path:
    name = (diary.database.path or Path(FILE_NAME)).stem
    return _folder(diary) / f"{name}.{REPLACED}-{datetime.now():%Y%m%d-%H%M%S-%f}.sqlite3"
