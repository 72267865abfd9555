"""What was entered, in the order of time, and how one takes back what was entered by mistake.

An entry goes with what came of it: the set and the measures of a film, the pain that was told with a session. Nothing
else has to be mended, as the plan is a function of what is in the diary.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final, Literal, get_args

import msgspec
from sqlalchemy import ColumnElement

from hipdrive.diary.limits import FIRST_DAY, LAST_DAY, checked, checked_text
from hipdrive.diary.scope import Own
from hipdrive.diary.store import add_session, record_of, run_of, seen_by_id, sessions_by_id
from hipdrive.diary.tables import (
    AnalysisRow,
    AwayRow,
    Owned,
    PainRow,
    RaceRow,
    RunRow,
    ScreeningRow,
    SessionRow,
    TestRow,
)
from hipdrive.errors import HipdriveError, NeedsCare, NotInDiary
from hipdrive.results import Analysis
from hipdrive.training.history import Away, PainReport, Race, Run, Screening, Seen, SessionDone, SetDone, TestResult
from hipdrive.training.ladder import ladder
from hipdrive.training.load import run_day
from hipdrive.training.pain import ACCEPTABLE
from hipdrive.training.told import Record, exercise_told, felt_told, told
from hipdrive.training.watched import set_in

Kind = Literal["session", "film", "pain", "test", "run", "health", "race", "away"]

KIND_WORDS: Final[Mapping[Kind, str]] = {
    "session": "Session",
    "film": "Film",
    "pain": "Pain",
    "test": "Self test",
    "run": "Run",
    "health": "Health questions",
    "race": "Race",
    "away": "Days away",
}
WITH_NOTE: Final[tuple[Kind, ...]] = ("session", "pain", "test")
MARK_LETTERS: Final = 6  # of a digest; it only tells an entry from an earlier one that had its number
MOST_OFFSET: Final = timedelta(hours=24)  # of any zone from UTC

CARE_SIGN: Final = (
    "Was this entered by mistake? If the sign was real, leave it and see a professional first: the plan waits."
)
CARE_PAIN: Final = (
    "Was this entered by mistake? If it did hurt like that, leave it: the plan goes easy until it is better."
)
CLEARED_AGAIN: Final = "what it cleared is open again"
ASKED_AGAIN: Final = "the questions about your health are asked again before the next plan"
COMES_AGAIN: Final = "it comes back if its file is brought in again"


@dataclass(frozen=True)
class Entry:
    """Something that was entered.

    Attributes
    ----------
    id : str
        The same as long as the entry is, and never that of another one: "pain-12-4f2a9c".
    kind : str
        Of `KIND_WORDS`.
    day : date
    record
        As `hipdrive.training.history` has it.
    digest : str
        Of a film, as `AthleteDiary.analysis` takes it.
    """

    id: str
    kind: Kind
    day: date
    record: Record
    digest: str = ""

    @property
    def words(self) -> str:
        """What was entered, in a line and without the note."""
        return told(self.record)

    @property
    def details(self) -> tuple[str, ...]:
        """The exercises of a session."""
        return tuple(map(exercise_told, self.record.exercises)) if isinstance(self.record, SessionDone) else ()

    @property
    def note(self) -> str:
        """What its owner wrote; empty where they did not, or cannot."""
        return self.record.note if isinstance(self.record, (SessionDone, PainReport, TestResult)) else ""


@dataclass(frozen=True)
class Gone:
    """What goes, or is gone, when an entry is taken back.

    Attributes
    ----------
    entry : Entry
    along : tuple of str
        What goes with it, and what follows from that, in words.
    care : str or None
        What to ask first where it was a sign that somebody should have a look.
    """

    entry: Entry
    along: tuple[str, ...] = ()
    care: str | None = None


@dataclass(frozen=True)
class Found:
    """What has to be done to take an entry back.

    Attributes
    ----------
    gone : Gone
    rows : tuple
        Tables and numbers of the rows that go.
    session : SessionDone or None
        What is left of a session of which a part goes; its row is among those that go.
    """

    gone: Gone
    rows: tuple[tuple[type[Owned], int], ...]
    session: SessionDone | None = None


# -- what there is -------------------------------------------------------------------------------------------------


def entries(own: Own, first: date | None = None, before: date | None = None) -> list[Entry]:
    """Give what was entered, the newest day first, and of a day what came last."""
    found = [entry for kind in KINDS for entry in _of_kind(own, kind, first, before)]
    order = {kind: place for place, kind in enumerate(KINDS)}
    return sorted(found, key=lambda entry: (-entry.day.toordinal(), order[entry.kind]))


def last_day(own: Own, before: date) -> date | None:
    """Give the last day before another one on which something was entered."""
    days = [own.last(of.day, of.day < before) for kind, of in KINDS.items() if kind != "run"]
    near = own.rows(RunRow, *_days_of_runs(None, before), order=[RunRow.start.desc()], most=MOST_RUNS_A_DAY)
    days += [run_day(run_of(row)) for row in near]
    return max((day for day in days if day is not None and day < before), default=None)


def _of_kind(own: Own, kind: Kind, first: date | None, before: date | None) -> list[Entry]:
    of = KINDS[kind]
    which = _days_of_runs(first, before) if kind == "run" else _days(of.day, first, before)
    found = [_entry(kind, number, record, digest) for number, record, digest in of.read(own, *which)]
    wanted = [entry for entry in found if (first or FIRST_DAY) <= entry.day and (before is None or entry.day < before)]
    return wanted[::-1]


def _entry(kind: Kind, number: int, record: Record, digest: str = "") -> Entry:
    mark = hashlib.sha256(msgspec.json.encode(record) + digest.encode()).hexdigest()[:MARK_LETTERS]
    return Entry(f"{kind}-{number}-{mark}", kind, _day(record), record, digest)


def _day(record: Record) -> date:
    if isinstance(record, Run):
        return run_day(record)
    return record.first if isinstance(record, Away) else record.day


def _days(column: Any, first: date | None, before: date | None) -> list[ColumnElement[bool]]:
    return [*([] if first is None else [column >= first]), *([] if before is None else [column < before])]


def _days_of_runs(first: date | None, before: date | None) -> list[ColumnElement[bool]]:
    """Hold for all runs of these local days, and for some beside them."""
    least = [] if first is None else [RunRow.start >= _midnight(first) - MOST_OFFSET]
    return least + ([] if before is None else [RunRow.start < _midnight(before) + MOST_OFFSET])


def _midnight(day: date) -> datetime:
    return datetime.combine(min(max(day, FIRST_DAY), LAST_DAY), time(), UTC)


# -- how each kind is kept -----------------------------------------------------------------------------------------

Rows = list[tuple[int, Record, str]]


@dataclass(frozen=True)
class _Kept:
    """Where a kind of entry stands: its table, the column of its day, and how its rows are read."""

    table: type[Owned]
    day: Any
    read: Callable[..., Rows]


def _plain(table: type[Owned], day: Any, kind: Any) -> _Kept:
    def read(own: Own, *which: ColumnElement[bool]) -> Rows:
        return [(row["id"], record_of(kind, row), "") for row in own.rows(table, *which, order=[day])]

    return _Kept(table, day, read)


def _read_sessions(own: Own, *which: ColumnElement[bool]) -> Rows:
    return [(number, session, "") for number, session in sessions_by_id(own, *which).items()]


def _read_films(own: Own, *which: ColumnElement[bool]) -> Rows:
    digests = {row["id"]: row["digest"] for row in own.rows(AnalysisRow, *which)}
    return [(number, seen, digests[number]) for number, seen in seen_by_id(own, *which).items()]


def _read_runs(own: Own, *which: ColumnElement[bool]) -> Rows:
    return [(row["id"], run_of(row), "") for row in own.rows(RunRow, *which, order=[RunRow.start])]


KINDS: Final[Mapping[Kind, _Kept]] = {  # within a day in this order
    "session": _Kept(SessionRow, SessionRow.day, _read_sessions),
    "film": _Kept(AnalysisRow, AnalysisRow.day, _read_films),
    "pain": _plain(PainRow, PainRow.day, PainReport),
    "test": _plain(TestRow, TestRow.day, TestResult),
    "run": _Kept(RunRow, RunRow.start, _read_runs),
    "health": _plain(ScreeningRow, ScreeningRow.day, Screening),
    "race": _plain(RaceRow, RaceRow.day, Race),
    "away": _plain(AwayRow, AwayRow.first, Away),
}
MOST_RUNS_A_DAY: Final = 100  # begun within two days; nobody runs as often


# -- taking back ---------------------------------------------------------------------------------------------------


def look_up(own: Own, entry_id: str) -> Found:
    """Find an entry by its id, and what goes with it.

    Raises
    ------
    NotInDiary
        When there is none.
    """
    parts = re.fullmatch(rf"([a-z]{{1,10}})-(\d{{1,9}})-([0-9a-f]{{{MARK_LETTERS}}})", entry_id.strip(), re.ASCII)
    kind = next((kind for kind in get_args(Kind) if parts and parts[1] == kind), None)
    if parts is None or kind is None:
        raise _missing(entry_id)
    table = KINDS[kind].table
    found = [_entry(kind, *row) for row in KINDS[kind].read(own, table.id == int(parts[2]))]
    if not found or found[0].id != entry_id.strip():
        raise _missing(entry_id)
    return _found(own, found[0], (table, int(parts[2])))


def take_back(own: Own, entry_id: str, *, by_mistake: bool = False) -> Gone:
    """Remove an entry, and what came of it; see `AthleteDiary.take_back`."""
    found = look_up(own, entry_id)
    if found.gone.care is not None and not by_mistake:
        raise NeedsCare(found.gone.care)
    for table, number in found.rows:
        own.remove(table, table.id == number)
    if found.session is not None:
        add_session(own, checked(found.session))
    return found.gone


def change_note(own: Own, entry_id: str, note: str) -> None:
    """Change the note of an entry; see `AthleteDiary.change_note`."""
    entry = look_up(own, entry_id).gone.entry
    if entry.kind not in WITH_NOTE:
        raise HipdriveError(f"no note is kept of this: {KIND_WORDS[entry.kind].lower()}")
    table = KINDS[entry.kind].table
    own.change(table, {"note": checked_text("note", note.strip())}, table.id == int(entry.id.split("-")[1]))


def _missing(entry_id: str) -> NotInDiary:
    return NotInDiary(f"{entry_id[:40]!r} is not in the diary, or was changed meanwhile: look at your diary anew")


def _found(own: Own, entry: Entry, row: tuple[type[Owned], int]) -> Found:
    record = entry.record
    if isinstance(record, SessionDone):
        return _session(own, entry, row, record)
    if isinstance(record, Seen):
        return _film(own, entry, row)
    if isinstance(record, PainReport):
        return _pain(own, entry, row, record)
    along: tuple[str, ...] = ()
    if isinstance(record, Screening):
        along = _after_screening(own, row[1], record)
    elif isinstance(record, Run) and record.source:
        along = (COMES_AGAIN,)
    return Found(Gone(entry, along, _care([record])), (row,))


def _after_screening(own: Own, number: int, screening: Screening) -> tuple[str, ...]:
    if screening.cleared is not None:
        return (CLEARED_AGAIN,)
    others = own.rows(ScreeningRow, ScreeningRow.id != number)
    answered = {question for row in others for question in row["answers"]}
    return () if answered >= set(screening.answers) else (ASKED_AGAIN,)


def _pain(own: Own, entry: Entry, row: tuple[type[Owned], int], report: PainReport) -> Found:
    """Find what was told later about the same pain: whether it had settled."""
    later = own.rows(PainRow, PainRow.day == report.day, PainRow.id > row[1]) if report.settled is None else []
    same = [
        (one["id"], record_of(PainReport, one))
        for one in later
        if one["settled"] is not None and replace(record_of(PainReport, one), settled=None) == report
    ]
    along = tuple(f"what was told about it later: {told(one)}" for _, one in same)
    return Found(Gone(entry, along, _care([report])), (row, *_rows(PainRow, [number for number, _ in same])))


def _rows(table: type[Owned], numbers: Iterable[int]) -> tuple[tuple[type[Owned], int], ...]:
    return tuple((table, number) for number in numbers)


def _session(own: Own, entry: Entry, row: tuple[type[Owned], int], session: SessionDone) -> Found:
    pains = _told_with(own, session)
    along = tuple(f"the pain that was told with it: {told(pain)}" for pain in pains.values())
    return Found(Gone(entry, along, _care([session, *pains.values()])), (row, *_rows(PainRow, pains)))


def _told_with(own: Own, session: SessionDone) -> dict[int, PainReport]:
    """Pain that was told with a session, or later about it: as bad, of the same day, and with nothing of its own."""
    reports = {row["id"]: record_of(PainReport, row) for row in own.rows(PainRow, PainRow.day == session.day)}
    return {
        number: report
        for number, report in reports.items()
        if session.pain and report == PainReport(session.day, session.pain, report.where, settled=report.settled)
        if report.where or report.settled is not None  # else it was told by itself
    }


def _film(own: Own, entry: Entry, row: tuple[type[Owned], int]) -> Found:
    """Find the set of a film in the session of its day. A session that was nothing else goes whole."""
    (kept,) = own.rows(AnalysisRow, AnalysisRow.id == row[1])
    for number, session in sessions_by_id(own, SessionRow.day == entry.day).items():
        left = _without(session, Analysis.from_json(kept["json"]))
        if left is None:
            continue
        the_set = exercise_told(left[1])
        along: tuple[str, ...] = (f"the set that it shows: {the_set}",)
        if left[0].exercises:
            return Found(Gone(entry, along), (row, (SessionRow, number)), left[0])
        whole = _session(own, entry, (SessionRow, number), session)
        felt = ", ".join([*felt_told(session), *([session.note] if session.note else [])])
        along += ((f"what was told with it: {felt}",) if felt else ()) + whole.gone.along
        return Found(Gone(entry, along, whole.gone.care), (row, *whole.rows))
    return Found(Gone(entry), (row,))


def _without(session: SessionDone, analysis: Analysis) -> tuple[SessionDone, Any] | None:
    """Session without the set of an analysis, and that set alone; None where it is not in it."""
    for place, done in reversed(list(enumerate(session.exercises))):
        if done.exercise not in ladder() or not analysis.complete_repetitions:
            continue
        filmed = set_in(analysis, done.exercise)
        alike = [at for at, one in enumerate(done.sets) if _as_filmed(one) == filmed]
        if alike:
            sets = done.sets[: alike[-1]] + done.sets[alike[-1] + 1 :]
            kept = [replace(done, sets=sets)] if sets else []
            exercises = (*session.exercises[:place], *kept, *session.exercises[place + 1 :])
            return replace(session, exercises=exercises), replace(done, sets=(done.sets[alike[-1]],))
    return None


def _as_filmed(one: SetDone) -> SetDone:
    """Set without what no camera sees."""
    return replace(one, reserve=None, load_kg=None, band=None)


def _care(records: Sequence[Record]) -> str | None:
    """What to ask before these go."""
    for record in records:
        if isinstance(record, PainReport) and record.flags:
            return CARE_SIGN
        if isinstance(record, Screening) and record.cleared is None and any(record.answers.values()):
            return CARE_SIGN
    scores = [record.score for record in records if isinstance(record, PainReport)]
    scores += [record.pain or 0.0 for record in records if isinstance(record, SessionDone)]
    return CARE_PAIN if max(scores, default=0.0) > ACCEPTABLE else None
