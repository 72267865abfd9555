"""The one place where rows of an athlete are read and written: every query says whose rows it means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, Select, delete, func, insert, select, update

from hipdrive.diary.tables import Athlete, Owned


def everybodys(
    connection: Connection, table: type[Owned], *where: ColumnElement[bool], order: Sequence[Any] = ()
) -> Sequence[RowMapping]:
    """Rows of all athletes that meet all conditions, each with the ``athlete_uid`` of its owner.

    For what is asked before it is known who asks (whose key is this?) and for what serves all of them (whose clip is
    next?). Everything else is asked of `Own`.
    """
    query = select(table, Athlete.uid.label("athlete_uid")).join(Athlete, Athlete.athlete_id == table.athlete_id)
    return connection.execute(query.where(*where).order_by(*order, table.id)).mappings().all()


class Own:
    """The rows of one athlete within one transaction.

    Parameters
    ----------
    connection : Connection
    athlete_id : int
    """

    def __init__(self, connection: Connection, athlete_id: int) -> None:
        self._connection = connection
        self._athlete_id = athlete_id

    def rows(
        self, table: type[Owned], *where: ColumnElement[bool], order: Sequence[Any] = (), most: int | None = None
    ) -> Sequence[RowMapping]:
        """Rows that meet all conditions, in that order and, within it, as they came; no more than the first `most`."""
        query: Select[Any] = select(table).where(table.athlete_id == self._athlete_id, *where)
        return self._connection.execute(query.order_by(*order, table.id).limit(most)).mappings().all()

    def last(self, column: Any, *where: ColumnElement[bool]) -> Any:
        """Give the greatest value of a column in the rows that meet all conditions; None where there is none."""
        query = select(func.max(column)).where(column.class_.athlete_id == self._athlete_id, *where)
        return self._connection.execute(query).scalar()

    def values(self, column: Any) -> set[Any]:
        """All values of one column of a table."""
        query = select(column).where(column.class_.athlete_id == self._athlete_id)
        return set(self._connection.execute(query).scalars())

    def add(self, table: type[Owned], values: Mapping[str, Any]) -> int:
        """Add one row; gives its number."""
        query = insert(table).values(**values, athlete_id=self._athlete_id)
        key = self._connection.execute(query).inserted_primary_key
        return int(key[0])  # type: ignore[index]  # there is one after an insert of one row

    def add_all(self, table: type[Owned], rows: Sequence[Mapping[str, Any]]) -> None:
        """Add many rows at once."""
        if rows:
            self._connection.execute(insert(table), [{**row, "athlete_id": self._athlete_id} for row in rows])

    def change(self, table: type[Owned], values: Mapping[str, Any], *where: ColumnElement[bool]) -> None:
        """Change the rows that meet all conditions."""
        query = update(table).where(table.athlete_id == self._athlete_id, *where)
        self._connection.execute(query.values(**values))

    def remove(self, table: type[Owned], *where: ColumnElement[bool]) -> int:
        """Remove the rows that meet all conditions, and what is part of them; gives how many there were."""
        return self._connection.execute(delete(table).where(table.athlete_id == self._athlete_id, *where)).rowcount

    # the athlete's own row

    def athlete(self, *, alone: bool) -> Athlete | None:
        """Give the athlete; `alone` makes other programs that write about the same athlete wait for this one."""
        query = select(Athlete.uid, Athlete.name, Athlete.profile).where(Athlete.athlete_id == self._athlete_id)
        row = self._connection.execute(query.with_for_update() if alone else query).first()
        return None if row is None else Athlete(uid=row.uid, name=row.name, profile=row.profile)

    def change_athlete(self, **values: Any) -> None:
        """Change the athlete."""
        self._connection.execute(update(Athlete).where(Athlete.athlete_id == self._athlete_id).values(**values))

    def remove_athlete(self) -> None:
        """Remove the athlete and, by that, all rows of all tables."""
        self._connection.execute(delete(Athlete).where(Athlete.athlete_id == self._athlete_id))
