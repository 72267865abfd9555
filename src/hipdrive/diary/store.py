"""The diary: all athletes, and one athlete's pages of it.

An `AthleteDiary` gives the dataclasses of `hipdrive.training.history` back as they were put in. Everything it does is
one transaction: kept as a whole, on the disk, when the call returns.
"""

from __future__ import annotations

import hashlib
import os
import uuid
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields, replace
from datetime import UTC, date, datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self, TypeVar

import msgspec
from sqlalchemy import ColumnElement, RowMapping, insert, select
from sqlalchemy.exc import IntegrityError

from hipdrive.diary.database import Database, address
from hipdrive.diary.limits import (
    MOST_ANALYSIS_BYTES,
    MOST_RUNS,
    MOST_SETTING_LETTERS,
    called,
    checked,
    checked_day,
    checked_name,
    checked_text,
)
from hipdrive.diary.migrating import migrate
from hipdrive.diary.moments import zone_name, zone_named
from hipdrive.diary.scope import Own
from hipdrive.diary.tables import (
    AnalysisRow,
    Athlete,
    AwayRow,
    Base,
    ExerciseRow,
    Owned,
    PainRow,
    RaceRow,
    RunRow,
    ScreeningRow,
    SeenCueRow,
    SeenMeasureRow,
    SessionRow,
    SetRow,
    SettingRow,
    TestRow,
)
from hipdrive.errors import HipdriveError, NameTaken, NotInDiary
from hipdrive.results import Analysis
from hipdrive.training.history import (
    Away,
    ExerciseDone,
    History,
    PainReport,
    Profile,
    Race,
    Run,
    Screening,
    Seen,
    SessionDone,
    SetDone,
    TestResult,
)
from hipdrive.training.watched import seen_in

if TYPE_CHECKING:
    from hipdrive.diary.taking_back import Entry, Gone

WHO: Final = "HIPDRIVE_ATHLETE"

Record = TypeVar("Record", Screening, PainReport, TestResult, Race, Away, SetDone)


class Diary:
    """A diary of one or many athletes.

    Examples
    --------
    >>> from hipdrive.training.history import Profile
    >>> with Diary.open("diary.sqlite3") as diary:  # doctest: +SKIP
    ...     anna = diary.add_athlete(Profile("Anna"))
    ...     anna.history().profile.name
    'Anna'
    """

    def __init__(self, database: Database) -> None:
        self.database = database

    @classmethod
    def open(cls, url: str | None = None) -> Diary:
        """Open a diary, made where there is none, with its tables brought to today's schema.

        Parameters
        ----------
        url : str or None
            See `hipdrive.diary.database.address`.

        Raises
        ------
        HipdriveError
            When it cannot be opened; the sentence names the cure.
        """
        database = Database(address(url))
        try:
            migrate(database)
        except BaseException:
            database.close()
            raise
        return cls(database)

    def close(self) -> None:
        """Let go of the database."""
        self.database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def where(self) -> str:
        """Path, or address without the password."""
        return self.database.where

    def scrub(self) -> None:
        """Overwrite what was deleted before, so that no byte of it stays in the files.

        Raises
        ------
        HipdriveError
            When another program still looks at it.
        """
        if not self.database.is_sqlite:
            for name in Base.metadata.tables:
                self.database.bare(f"VACUUM {name}")
            return
        ((busy, *_),) = self.database.bare("VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)")
        if busy:
            raise HipdriveError(
                "it is deleted, but another program has the diary open, so its bytes may still lie in the file: "
                "close that program, and erase it again"
            )

    def athletes(self) -> list[tuple[str, str]]:
        """Uid and name of every athlete, by name."""
        with self.database.reading() as connection:
            rows = connection.execute(select(Athlete.uid, Athlete.name)).all()
        return sorted(((row.uid, row.name) for row in rows), key=lambda row: (row[1].casefold(), row[0]))

    def add_athlete(self, profile: Profile, *, uid: str | None = None) -> AthleteDiary:
        """Begin the diary of another athlete.

        Parameters
        ----------
        profile : Profile
            With a name that nobody else has here.
        uid : str or None
            Of a diary that is read back; a new one otherwise.

        Raises
        ------
        HipdriveError
            When the name is taken.
        """
        with self.adding(profile, uid=uid) as mine:
            return mine

    @contextmanager
    def adding(self, profile: Profile, *, uid: str | None = None) -> Iterator[AthleteDiary]:
        """Begin the diary of another athlete and keep what is put in within, or nothing of it."""
        profile = checked(profile)
        uid = uid or str(uuid.uuid4())
        values = {"uid": uid, "profile": profile, "made_at": datetime.now(UTC), **_names(profile)}
        with self.database.writing() as connection:
            if connection.execute(select(Athlete.uid).where(Athlete.uid == uid)).first():
                raise HipdriveError(f"the diary of {profile.name} is here already: erase it first")
            try:
                key = connection.execute(insert(Athlete).values(values)).inserted_primary_key
            except IntegrityError:
                raise _taken(profile.name) from None
            assert key is not None  # there is one after an insert of one row
            mine = AthleteDiary(self, int(key[0]), uid)
            with mine._within(Own(connection, int(key[0]))):
                yield mine

    def athlete(self, who: str | None = None) -> AthleteDiary:
        """Diary of one athlete.

        Parameters
        ----------
        who : str or None
            Name or uid; None for ``HIPDRIVE_ATHLETE`` or, when that is not set, the only one there is.

        Raises
        ------
        HipdriveError
            When there is none, or there are several; the sentence names the cure.
        """
        who = who or os.environ.get(WHO)
        with self.database.reading() as connection:
            rows = connection.execute(select(Athlete.athlete_id, Athlete.uid, Athlete.called)).all()
        if not rows:
            raise HipdriveError("the diary is empty: begin with your profile")
        if who is None and len(rows) > 1:
            raise HipdriveError(f"there are {len(rows)} athletes in the diary: say who you are in {WHO}")
        mine = [row for row in rows if who is None or who == row.uid or called(who) == row.called]
        if not mine:
            raise HipdriveError(f"nobody in the diary is called {who}: see 'hipdrive data where' for the names")
        return AthleteDiary(self, mine[0].id, mine[0].uid)

    def athlete_by_uid(self, uid: str) -> AthleteDiary:
        """Diary of the athlete with exactly this uid, whatever others are called.

        Raises
        ------
        HipdriveError
            When it is not there.
        """
        with self.database.reading() as connection:
            row = connection.execute(select(Athlete.athlete_id).where(Athlete.uid == uid)).first()
        if row is None:
            raise _erased()
        return AthleteDiary(self, row.id, uid)


class AthleteDiary:
    """One athlete's pages: whatever is called here reads and writes rows of this athlete only.

    Attributes
    ----------
    diary : Diary
    uid : str
        UUID of the athlete, the same wherever the diary is moved.
    """

    def __init__(self, diary: Diary, athlete_id: int, uid: str) -> None:
        self.diary = diary
        self.uid = uid
        self._athlete_id = athlete_id
        self._open: Own | None = None  # within `together`

    # -- what is asked ---------------------------------------------------------------------------------------------

    def history(self) -> History:
        """Everything that is known, in the order of time."""
        with self._reading() as (own, profile):
            return History(
                profile=profile,
                screenings=_records(own, ScreeningRow, Screening),
                sessions=tuple(sessions_by_id(own).values()),
                pains=_records(own, PainRow, PainReport),
                tests=_records(own, TestRow, TestResult),
                runs=tuple(map(run_of, own.rows(RunRow, order=[RunRow.start]))),
                races=_records(own, RaceRow, Race),
                away=_records(own, AwayRow, Away, AwayRow.first),
                seen=tuple(seen_by_id(own).values()),
            )

    def profile(self) -> Profile:
        """Who it is."""
        with self._reading() as (_, profile):
            return profile

    def analyses(self) -> list[tuple[date, Analysis]]:
        """Every analysis that was kept, whole, with its day, in the order of time."""
        with self._reading() as (own, _):
            rows = own.rows(AnalysisRow, order=[AnalysisRow.day])
        return [(row["day"], Analysis.from_json(row["json"])) for row in rows]

    def seen_by_digest(self) -> dict[str, Seen]:
        """What trends know of every analysis, in the order of time, by the digest with which `analysis` gives it."""
        with self._reading() as (own, _):
            rows = own.rows(AnalysisRow, order=[AnalysisRow.day])
            return dict(zip((row["digest"] for row in rows), seen_by_id(own).values(), strict=True))

    def analysis(self, digest: str) -> Analysis:
        """Give one analysis, whole.

        Raises
        ------
        NotInDiary
            When it is not there.
        """
        with self._reading() as (own, _):
            rows = own.rows(AnalysisRow, AnalysisRow.digest == digest)
        if not rows:
            raise NotInDiary("there is no such analysis in the diary: look at those that were kept")
        return Analysis.from_json(rows[0]["json"])

    def entries(self, first: date | None = None, before: date | None = None) -> list[Entry]:
        """What was entered, the newest first; see `hipdrive.diary.taking_back`.

        Parameters
        ----------
        first, before : date or None
            From that day on, and up to the day before that one.
        """
        from hipdrive.diary.taking_back import entries

        with self._reading() as (own, _):
            return entries(own, first, before)

    def last_day(self, before: date) -> date | None:
        """Give the last day before another one on which something was entered."""
        from hipdrive.diary.taking_back import last_day

        with self._reading() as (own, _):
            return last_day(own, before)

    def goes_with(self, entry_id: str) -> Gone:
        """Say what would go when an entry is taken back.

        Raises
        ------
        NotInDiary
            When there is no such entry of this athlete.
        """
        from hipdrive.diary.taking_back import look_up

        with self._reading() as (own, _):
            return look_up(own, entry_id).gone

    def setting(self, name: str) -> str | None:
        """Give the value of a setting, None where it is not set."""
        return self.settings().get(name)

    def settings(self) -> dict[str, str]:
        """All settings."""
        with self._reading() as (own, _):
            return {row["name"]: row["value"] for row in own.rows(SettingRow, order=[SettingRow.name])}

    # -- what is kept ----------------------------------------------------------------------------------------------

    def save_profile(self, profile: Profile) -> None:
        """Keep a changed profile.

        Raises
        ------
        HipdriveError
            When it holds a name that somebody else has.
        """
        profile = checked(profile)
        names = _names(profile)
        with self._writing() as own:
            try:
                own.change_athlete(profile=profile, **names)
            except IntegrityError:
                raise _taken(profile.name) from None

    def add_screening(self, screening: Screening) -> None:
        """Keep answers to the questions asked before the first plan."""
        self._add(ScreeningRow, checked(screening))

    def log_exercise(
        self,
        day: date,
        exercise: ExerciseDone,
        *,
        rpe: float | None = None,
        pain: float | None = None,
        note: str = "",
        planned: str | None = None,
    ) -> None:
        """Keep sets of one exercise as part of the day's session; see `log_session`."""
        self._log(SessionDone(day, (exercise,), rpe, pain, planned, note))

    def log_session(self, session: SessionDone, *, replace: bool = False) -> None:
        """Keep a session.

        There is one session a day. What comes later joins it: sets to the exercise they belong to, notes one below the
        other, the worst pain; of the rest, the later is kept. The very same session again changes nothing.

        Parameters
        ----------
        session : SessionDone
        replace : bool
            It takes the place of what was kept for that day.
        """
        self._log(session, again=False, instead=replace)

    def remove_session(self, day: date) -> None:
        """Take back what was kept for a day.

        Raises
        ------
        HipdriveError
            When there is nothing.
        """
        self._remove(SessionRow, SessionRow.day == day, f"no session on {day}")

    def add_pain(self, pain: PainReport) -> None:
        """Keep how something hurts."""
        self._add(PainRow, checked(pain))

    def add_test(self, result: TestResult) -> None:
        """Keep a self test."""
        self._add(TestRow, checked(result))

    def add_runs(self, runs: Sequence[Run]) -> int:
        """Keep runs that are not there yet.

        A run that has the fingerprint of one that is there is the same one, and so is one that has none and began at
        the same moment.

        Returns
        -------
        int
            How many were new.
        """
        if len(runs) > MOST_RUNS:
            raise HipdriveError(f"these are {len(runs)} runs: bring no more than {MOST_RUNS} at once")
        rows = {row["identity"]: row for row in map(_run_row, reversed(runs))}  # of the same, the first
        with self._writing() as own:
            there = own.values(RunRow.identity)
            new = [row for identity, row in rows.items() if identity not in there]
            own.add_all(RunRow, new[::-1])
        return len(new)

    def add_race(self, race: Race) -> None:
        """Keep a race, in the place of another one on that day."""
        race = checked(race)
        with self._writing() as own:
            own.remove(RaceRow, RaceRow.day == race.day)
            own.add(RaceRow, _flat(race))

    def remove_race(self, day: date) -> None:
        """Take back a race.

        Raises
        ------
        HipdriveError
            When there is none on that day.
        """
        self._remove(RaceRow, RaceRow.day == day, f"no race on {day}")

    def add_away(self, away: Away) -> None:
        """Keep days on which nothing can be done."""
        away = checked(away)
        if away.last < away.first:
            raise HipdriveError(f"the last day away, {away.last}, lies before the first, {away.first}: exchange them")
        with self._writing() as own:
            if not own.rows(AwayRow, *(getattr(AwayRow, name) == value for name, value in _flat(away).items())):
                own.add(AwayRow, _flat(away))

    def remove_away(self, first: date) -> None:
        """Take back days away that begin on that day.

        Raises
        ------
        HipdriveError
            When there are none.
        """
        self._remove(AwayRow, AwayRow.first == first, f"nothing away from {first} on")

    def keep_analysis(self, day: date, analysis: Analysis) -> bool:
        """Keep an analysis whole, and what trends ask of it.

        Parameters
        ----------
        day : date
            On which it was filmed. The same analysis again, with another day, moves it there.
        analysis : Analysis

        Returns
        -------
        bool
            Whether it was new.
        """
        text, digest = _kept(analysis)
        seen = checked(seen_in(analysis, checked_day(day)))
        with self._writing() as own:
            if own.rows(AnalysisRow, AnalysisRow.digest == digest):
                own.change(AnalysisRow, {"day": day}, AnalysisRow.digest == digest)
                return False
            flat = _flat(seen)
            shares, measures = flat.pop("shares"), flat.pop("measures")
            key = own.add(AnalysisRow, {**flat, "digest": digest, "json": text})
            own.add_all(
                SeenCueRow,
                [
                    {"analysis_id": key, "cue": cue, "judged": judged, "good": good, "fault": fault}
                    for cue, (judged, good, fault) in shares.items()
                ],
            )
            own.add_all(
                SeenMeasureRow,
                [
                    {"analysis_id": key, "measure": name, **dict(zip(MEASURE_FIELDS, values, strict=True))}
                    for name, values in measures.items()
                ],
            )
        return True

    def take_back(self, entry_id: str, *, by_mistake: bool = False) -> Gone:
        """Take back what was entered, with what came of it.

        Parameters
        ----------
        entry_id : str
            `Entry.id`.
        by_mistake : bool
            Whether the question of `Gone.care` was asked, and answered with yes.

        Raises
        ------
        NotInDiary
            When there is no such entry of this athlete, or it was changed meanwhile.
        NeedsCare
            When there is such a question, and it was not answered; it is the message.
        """
        from hipdrive.diary.taking_back import take_back

        with self._writing() as own:
            return take_back(own, entry_id, by_mistake=by_mistake)

    def change_note(self, entry_id: str, note: str) -> None:
        """Put another note in the place of that of an entry. The entry has another id then.

        Raises
        ------
        NotInDiary
            When there is no such entry of this athlete, or it was changed meanwhile.
        """
        from hipdrive.diary.taking_back import change_note

        with self._writing() as own:
            change_note(own, entry_id, note)

    def set_setting(self, name: str, value: str | None) -> None:
        """Keep a setting, or forget it with None."""
        checked_text("name of the setting", name)
        if value is not None:
            checked_text(f"setting {name}", value, MOST_SETTING_LETTERS)
        with self._writing() as own:
            own.remove(SettingRow, SettingRow.name == name)
            if value is not None:
                own.add(SettingRow, {"name": name, "value": value})

    # -- everything ------------------------------------------------------------------------------------------------

    def export(self, folder: Path) -> list[Path]:
        """Write everything into a new folder, or a ZIP file, in open formats; see `hipdrive.diary.portable`."""
        from hipdrive.diary.portable import export

        return export(self, folder)

    def erase(self) -> None:
        """Remove the athlete and everything of theirs, and overwrite where it stood."""
        with self._writing() as own:
            own.remove_athlete()
        self.diary.scrub()

    @contextmanager
    def together(self) -> Iterator[None]:
        """Keep everything that is put in within as a whole: all of it or, when anything goes wrong, nothing."""
        with self._writing() as own, self._within(own):
            yield

    @contextmanager
    def own(self, *, writing: bool) -> Iterator[Own]:
        """Give the athlete's rows within one transaction, for rooms that keep tables of their own in the diary."""
        if writing:
            with self._writing() as own:
                yield own
        else:
            with self._reading() as (own, _):
                yield own

    # -- how -------------------------------------------------------------------------------------------------------

    @contextmanager
    def _within(self, own: Own) -> Iterator[None]:
        before, self._open = self._open, own
        try:
            yield
        finally:
            self._open = before

    @contextmanager
    def _reading(self) -> Iterator[tuple[Own, Profile]]:
        if self._open is not None:
            yield self._open, _there(self._open.athlete(alone=False), self.uid).profile
            return
        with self.diary.database.reading() as connection:
            own = Own(connection, self._athlete_id)
            yield own, _there(own.athlete(alone=False), self.uid).profile

    @contextmanager
    def _writing(self) -> Iterator[Own]:
        if self._open is not None:
            yield self._open
            return
        with self.diary.database.writing() as connection:
            own = Own(connection, self._athlete_id)
            _there(own.athlete(alone=True), self.uid)
            yield own

    def _add(self, table: type[Owned], record: Screening | PainReport | TestResult) -> None:
        with self._writing() as own:
            own.add(table, _flat(record))

    def _remove(self, table: type[Owned], where: Any, missing: str) -> None:
        with self._writing() as own:
            if not own.remove(table, where):
                raise NotInDiary(f"there is {missing}: 'hipdrive progress' shows what there is")

    def _log(self, session: SessionDone, *, again: bool = True, instead: bool = False) -> None:
        session = checked(session)
        with self._writing() as own:
            there = next(iter(sessions_by_id(own, SessionRow.day == session.day).values()), None)
            if there == session and not again:
                return
            if there is not None and not instead:
                session = checked(_joined(there, session))
            own.remove(SessionRow, SessionRow.day == session.day)
            add_session(own, session)


MEASURE_FIELDS: Final = ("value", "error", "unit", "left", "right")  # as `Seen.measures` has them


def _there(athlete: Athlete | None, uid: str) -> Athlete:
    """Give the athlete, if still there and the same: numbers of erased ones are given to others."""
    if athlete is None or athlete.uid != uid:
        raise _erased()
    return athlete


def _erased() -> HipdriveError:
    return HipdriveError("this athlete's diary was erased meanwhile: begin with your profile")


def _names(profile: Profile) -> dict[str, str]:
    """Columns of the name."""
    return {"name": checked_name(profile.name), "called": called(profile.name)}


def _taken(name: str) -> NameTaken:
    return NameTaken(f"there is somebody called {name} in the diary: choose a name that tells you apart")


def _flat(record: Any) -> dict[str, Any]:
    """Fields of a record with their values."""
    return {field.name: getattr(record, field.name) for field in fields(record)}


def record_of(kind: type[Record], row: Mapping[Any, Any]) -> Record:
    """Record that stands in a row."""
    return kind(**{field.name: row[field.name] for field in fields(kind)})


def _records(own: Own, table: type[Owned], kind: type[Record], order: Any = None) -> tuple[Record, ...]:
    first = table.day if order is None else order  # type: ignore[attr-defined]  # all others have a day
    return tuple(record_of(kind, row) for row in own.rows(table, order=[first]))


# -- sessions ------------------------------------------------------------------------------------------------------


def sessions_by_id(own: Own, *which: ColumnElement[bool]) -> dict[int, SessionDone]:
    """Sessions by the number of their row, all or those that meet all conditions, in the order of time."""
    sessions = own.rows(SessionRow, *which, order=[SessionRow.day])
    exercises = own.rows(ExerciseRow, *_part_of(ExerciseRow.session_id, sessions, which), order=[ExerciseRow.place])
    sets = defaultdict(list)
    for row in own.rows(SetRow, *_part_of(SetRow.exercise_id, exercises, which), order=[SetRow.place]):
        sets[row["exercise_id"]].append(record_of(SetDone, row))
    done = defaultdict(list)
    for row in exercises:
        done[row["session_id"]].append(ExerciseDone(row["exercise"], tuple(sets[row["id"]])))
    return {
        row["id"]: SessionDone(row["day"], tuple(done[row["id"]]), row["rpe"], row["pain"], row["planned"], row["note"])
        for row in sessions
    }


def _part_of(column: Any, rows: Sequence[RowMapping], which: Sequence[Any]) -> list[ColumnElement[bool]]:
    """Condition that holds for all parts of these rows, and perhaps for some of others; none where all are wanted."""
    if not which:
        return []
    keys = [row["id"] for row in rows] or [0]
    return [column.between(min(keys), max(keys))]


def add_session(own: Own, session: SessionDone) -> None:
    """Add a session that was checked, for a day that has none."""
    flat = _flat(session)
    exercises = flat.pop("exercises")
    session_id = own.add(SessionRow, flat)
    for place, done in enumerate(exercises):
        exercise_id = own.add(ExerciseRow, {"session_id": session_id, "place": place, "exercise": done.exercise})
        sets = [{"exercise_id": exercise_id, "place": number, **_flat(one)} for number, one in enumerate(done.sets)]
        own.add_all(SetRow, sets)


def _joined(there: SessionDone, new: SessionDone) -> SessionDone:
    """One session of two of the same day."""
    exercises = list(there.exercises)
    for done in new.exercises:
        same = next((place for place, other in enumerate(exercises) if other.exercise == done.exercise), None)
        if same is None:
            exercises.append(done)
        else:
            exercises[same] = replace(done, sets=exercises[same].sets + done.sets)
    pains = [pain for pain in (there.pain, new.pain) if pain is not None]
    return SessionDone(
        new.day,
        tuple(exercises),
        there.rpe if new.rpe is None else new.rpe,
        max(pains, default=None),
        there.planned if new.planned is None else new.planned,
        "\n".join(dict.fromkeys(filter(None, (there.note, new.note)))),
    )


# -- runs and analyses ---------------------------------------------------------------------------------------------


def run_of(row: RowMapping) -> Run:
    """Run that stands in a row."""
    values = {field.name: row[field.name] for field in fields(Run)}
    return Run(**{**values, "start": row["start"].astimezone(zone_named(row["zone"]))})


def _run_row(run: Run) -> dict[str, Any]:
    run = checked(run)
    identity = run.fingerprint or run.start.astimezone(UTC).isoformat()
    return {**_flat(run), "zone": zone_name(run.start), "identity": identity}


def seen_by_id(own: Own, *which: ColumnElement[bool]) -> dict[int, Seen]:
    """What was seen by the number of its row, all or what meets all conditions, in the order of time."""
    analyses = own.rows(AnalysisRow, *which, order=[AnalysisRow.day])
    shares: dict[int, dict[str, tuple[int, int, int]]] = defaultdict(dict)
    for row in own.rows(SeenCueRow, *_part_of(SeenCueRow.analysis_id, analyses, which)):
        shares[row["analysis_id"]][row["cue"]] = (row["judged"], row["good"], row["fault"])
    measures: dict[int, dict[str, Any]] = defaultdict(dict)
    for row in own.rows(SeenMeasureRow, *_part_of(SeenMeasureRow.analysis_id, analyses, which)):
        measures[row["analysis_id"]][row["measure"]] = tuple(row[name] for name in MEASURE_FIELDS)
    return {
        row["id"]: Seen(
            row["day"],
            row["movement"],
            row["repetitions"],
            shares[row["id"]],
            measures[row["id"]],
            row["advice"],
            row["name"],
        )
        for row in analyses
    }


def digest_of(analysis: Analysis) -> str:
    """Give the digest with which the diary gives an analysis back: the same for the same clip judged alike."""
    return _kept(analysis)[1]


def _kept(analysis: Analysis) -> tuple[str, str]:
    """JSON of an analysis without spaces, and the digest of what it says."""
    try:
        text = msgspec.json.format(analysis.to_json(), indent=-1)
        Analysis.from_json(text)
    except (ValueError, TypeError) as error:
        raise HipdriveError(f"this analysis cannot be kept: {error}") from None
    if len(text) > MOST_ANALYSIS_BYTES:
        raise HipdriveError(f"this analysis has {len(text)} bytes: no more than {MOST_ANALYSIS_BYTES} can be kept")
    said = msgspec.json.encode(replace(analysis, provenance={}))
    return text, hashlib.sha256(said).hexdigest()
