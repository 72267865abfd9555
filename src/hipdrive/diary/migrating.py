"""From the schema of any earlier hipdrive to today's, once, however many programs open the diary at the same time."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from sqlalchemy import Connection, inspect

from hipdrive.diary.database import APPLICATION_ID, Database
from hipdrive.diary.tables import VERSION_TABLE, Base
from hipdrive.errors import HipdriveError

HEAD: Final = "0003"  # the newest schema; asked first, as Alembic takes longer to load than a diary to open
SCRIPTS: Final = Path(__file__).parent / "migrations"
LOCK: Final = APPLICATION_ID  # number of the advisory lock on PostgreSQL


def migrate(database: Database, to: str = HEAD) -> None:
    """Bring the tables of a database to the newest schema; in one transaction, so all of it or nothing.

    Parameters
    ----------
    database : Database
    to : str
        For tests: an older schema.

    Raises
    ------
    HipdriveError
        When it is no diary, or one of a newer hipdrive.
    """
    with database.reading() as connection:
        if _version(connection, database) == to:
            return
    # SQLite changes a table by making it anew; with foreign keys on, what belongs to it would go with the old one
    alone = Database(database.url, foreign_keys=False, answer_s=None)
    try:
        with alone.writing() as connection:
            lock(connection)
            version = _version(connection, database)  # another program may have been quicker
            if version != to:
                _upgrade(connection, to)
    finally:
        alone.close()


def lock(connection: Connection) -> None:
    """Wait for other programs that change what all athletes share; on SQLite who writes is alone anyway."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK})")


def _version(connection: Connection, database: Database) -> str | None:
    """Schema of the diary; None when there is nothing yet."""
    names = set(inspect(connection).get_table_names())
    if VERSION_TABLE not in names:
        others = names if database.is_sqlite else names & set(Base.metadata.tables)
        if others or _is_foreign(connection):
            raise HipdriveError(f"{database.where} is no diary of hipdrive: give the diary a place of its own")
        return None
    version = connection.exec_driver_sql(f"SELECT version_num FROM {VERSION_TABLE}").scalar()
    if version is not None and version > HEAD:
        raise HipdriveError(
            f"the diary {database.where} was written by a newer hipdrive: run pip install --upgrade hipdrive"
        )
    return None if version is None else str(version)


def _is_foreign(connection: Connection) -> bool:
    """Whether the head of the SQLite file names another program."""
    if connection.dialect.name != "sqlite":
        return False
    return connection.exec_driver_sql("PRAGMA application_id").scalar() not in (0, APPLICATION_ID)


def _upgrade(connection: Connection, to: str) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, to)
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION_ID}")
        if connection.exec_driver_sql("PRAGMA foreign_key_check").first():
            raise HipdriveError("the diary holds rows that belong to nobody: get a backup back")
