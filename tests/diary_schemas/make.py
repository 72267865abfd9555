"""Write the dump of a diary as the newest schema has it: once, when a schema is released. It never changes after that.

python tests/diary_schemas/make.py
"""

from __future__ import annotations

import sqlite3
import sys
import tempfile
from contextlib import closing
from pathlib import Path

HERE = Path(__file__).parent
UID = "6f1c9f0e-6f5e-4b43-9d0a-3a5d8f1f6a01"


def dump(path: Path) -> str:
    """SQL that makes the diary again."""
    with closing(sqlite3.connect(path)) as connection:
        (number,) = connection.execute("PRAGMA application_id").fetchone()
        return "\n".join([f"PRAGMA application_id = {number};", *connection.iterdump(), ""])


if __name__ == "__main__":
    sys.path.insert(0, str(HERE.parent))
    from diary_pages import fill
    from hipdrive.diary import Diary
    from hipdrive.diary.migrating import HEAD
    from hipdrive.training.history import Profile

    target = HERE / f"{HEAD}.sql"
    if target.exists():
        sys.exit(f"{target.name} is there already: a released schema does not change")
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "diary.sqlite3"
        with Diary.open(str(place)) as diary:
            fill(diary.add_athlete(Profile("Anna", height_m=1.7, goals=("run on",)), uid=UID))
            with diary.database.writing() as connection:
                connection.exec_driver_sql("UPDATE athletes SET made_at = '2026-03-01 12:00:00.000000'")
        target.write_text(dump(place))
