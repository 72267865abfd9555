"""Another program that uses a diary, for tests: it says "ready", waits for a line, works and says what it has done.

python diary_child.py open URL
python diary_child.py write URL FIRST_DAY SESSIONS
python diary_child.py take-back URL
python diary_child.py hold URL
"""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime, timedelta

from hipdrive.diary import Diary
from hipdrive.diary.migrating import migrate  # noqa: F401 - loaded now, so that all begin at the same moment
from hipdrive.training.history import ExerciseDone, Run, SessionDone, SetDone

START = datetime(2026, 1, 1, 7, tzinfo=UTC)


def session(number: int) -> SessionDone:
    """A session that takes many rows."""
    exercises = (ExerciseDone("clam", (SetDone(number), SetDone(1))), ExerciseDone("glute_bridge", (SetDone(2),) * 6))
    return SessionDone(date(2000, 1, 1) + timedelta(days=number), exercises, rpe=5, note=f"session {number}")


def runs(first: int) -> list[Run]:
    """Thirty runs, of which twenty are those of the neighbour."""
    numbers = range(first, first + 30)
    return [Run(START + timedelta(days=n), 1_000 + n, 600, fingerprint=f"run {n}") for n in numbers]


def say(word: object) -> None:
    print(word, flush=True)


def work(what: str, url: str, *arguments: str) -> None:
    import alembic.command  # noqa: F401 - the same

    if what == "open":
        say("ready")
        sys.stdin.readline()
        Diary.open(url).close()
        say("done")
        return
    with Diary.open(url) as diary:
        mine = diary.athlete()
        say("ready")
        sys.stdin.readline()
        if what == "hold":
            with diary.database.reading() as connection:
                connection.exec_driver_sql("SELECT * FROM athletes").all()
                say("holding")
                sys.stdin.readline()
            return
        if what == "take-back":
            for entry in mine.entries():
                if entry.kind == "session":
                    mine.take_back(entry.id, by_mistake=True)
                    say(entry.day)
            return
        first, number = map(int, arguments)
        for done in range(first, first + number):
            mine.log_session(session(done))
            say(done)
            if (done - first) % 5 == 2:
                mine.add_runs(runs((first + done) % 10))


if __name__ == "__main__":
    work(*sys.argv[1:])
