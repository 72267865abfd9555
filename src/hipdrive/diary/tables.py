"""The tables of the diary.

Every row belongs to one athlete and goes with them (``ON DELETE CASCADE``). A row that is part of another one (the sets
of an exercise) refers to it together with the athlete, so that the database itself refuses a part that belongs to
somebody else.

Columns are named as the fields of `hipdrive.training.history`. All types mean the same on SQLite and on PostgreSQL.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any, Final

import msgspec
from sqlalchemy import (
    CheckConstraint,
    Date,
    DateTime,
    Dialect,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    MetaData,
    Text,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column

from hipdrive.training.history import Profile

VERSION_TABLE: Final = "hipdrive_version"  # which schema it is; a name of our own, where databases are shared

NAMES: Final = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Utc(TypeDecorator[datetime]):
    """A moment, kept in UTC without a zone, so that neither a server's zone nor its summer time matters.

    The zone in which it was lived is kept in a column of its own; see `zone_name`.
    """

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To UTC."""
        return None if value is None else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """From UTC."""
        return None if value is None else value.replace(tzinfo=UTC)


class Json(TypeDecorator[Any]):
    """A value of a given type, kept as JSON text: the same bytes on every database, and the same type when read."""

    impl = Text
    cache_ok = True

    def __init__(self, kind: Any) -> None:
        super().__init__()
        self.kind = kind

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """To JSON."""
        return None if value is None else msgspec.json.encode(value).decode()

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        """From JSON."""
        return None if value is None else msgspec.json.decode(value, type=self.kind)


class Base(DeclarativeBase):
    """What all tables share: names of constraints, and how Python's types are kept."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = {  # noqa: RUF012 - as SQLAlchemy wants it
        str: Text(),
        float: Double(),
        date: Date(),
        datetime: Utc(),
    }


class Athlete(Base):
    """A runner.

    `name` stands also in the profile; `called` is the same without capitals, by which everybody is told apart.
    """

    __tablename__ = "athletes"

    athlete_id: Mapped[int] = mapped_column("id", primary_key=True)
    uid: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    called: Mapped[str] = mapped_column(unique=True)
    profile: Mapped[Profile] = mapped_column(Json(Profile))
    made_at: Mapped[datetime]


class Owned:
    """A row of one athlete."""

    id: Mapped[int] = mapped_column(primary_key=True, sort_order=-2)

    @declared_attr
    def athlete_id(cls) -> Mapped[int]:
        """Whose row it is."""
        return mapped_column(ForeignKey("athletes.id", ondelete="CASCADE"), sort_order=-1)


class ScreeningRow(Owned, Base):
    """Answers before the first plan."""

    __tablename__ = "screenings"
    __table_args__ = (Index(None, "athlete_id", "day"),)

    day: Mapped[date]
    answers: Mapped[dict[str, bool]] = mapped_column(Json(dict[str, bool]))
    cleared: Mapped[date | None]


class SessionRow(Owned, Base):
    """What was done for strength on one day."""

    __tablename__ = "sessions"
    __table_args__ = (
        UniqueConstraint("athlete_id", "day"),
        UniqueConstraint("athlete_id", "id"),
        CheckConstraint("rpe BETWEEN 0 AND 10", name="rpe"),
        CheckConstraint("pain BETWEEN 0 AND 10", name="pain"),
    )

    day: Mapped[date]
    rpe: Mapped[float | None]
    pain: Mapped[float | None]
    planned: Mapped[str | None]
    note: Mapped[str]


class ExerciseRow(Owned, Base):
    """One exercise of a session."""

    __tablename__ = "exercises"
    __table_args__ = (
        UniqueConstraint("athlete_id", "id"),
        UniqueConstraint("athlete_id", "session_id", "place"),
        ForeignKeyConstraint(
            ["athlete_id", "session_id"], ["sessions.athlete_id", "sessions.id"], ondelete="CASCADE"
        ),
    )  # fmt: skip

    session_id: Mapped[int]
    place: Mapped[int]
    exercise: Mapped[str]


class SetRow(Owned, Base):
    """One set of an exercise."""

    __tablename__ = "sets"
    __table_args__ = (
        UniqueConstraint("athlete_id", "exercise_id", "place"),
        ForeignKeyConstraint(
            ["athlete_id", "exercise_id"], ["exercises.athlete_id", "exercises.id"], ondelete="CASCADE"
        ),
    )  # fmt: skip

    exercise_id: Mapped[int]
    place: Mapped[int]
    amount: Mapped[float]
    reserve: Mapped[float | None]
    load_kg: Mapped[float | None]
    band: Mapped[str | None]
    clean_share: Mapped[float | None]
    fault_share: Mapped[float | None]
    seen_by: Mapped[str | None]


class PainRow(Owned, Base):
    """How something hurt."""

    __tablename__ = "pains"
    __table_args__ = (Index(None, "athlete_id", "day"), CheckConstraint("score BETWEEN 0 AND 10", name="score"))

    day: Mapped[date]
    score: Mapped[float]
    where: Mapped[str]
    when: Mapped[str]
    settled: Mapped[bool | None]
    flags: Mapped[tuple[str, ...]] = mapped_column(Json(tuple[str, ...]))
    cleared: Mapped[date | None]
    note: Mapped[str]


class TestRow(Owned, Base):
    """One self test."""

    __test__ = False  # for pytest: this is no test of ours
    __tablename__ = "tests"
    __table_args__ = (Index(None, "athlete_id", "day"),)

    day: Mapped[date]
    test: Mapped[str]
    unit: Mapped[str]
    left: Mapped[float | None]
    right: Mapped[float | None]
    both: Mapped[float | None]
    error: Mapped[float | None]
    timed_by: Mapped[str]
    note: Mapped[str]


class RunRow(Owned, Base):
    """One run.

    `identity` is the fingerprint, or the moment it began where there is none: nobody begins two runs at once.
    """

    __tablename__ = "runs"
    __table_args__ = (UniqueConstraint("athlete_id", "identity"), Index(None, "athlete_id", "start"))

    identity: Mapped[str]
    start: Mapped[datetime]
    zone: Mapped[str]
    distance_m: Mapped[float]
    duration_s: Mapped[float]
    ascent_m: Mapped[float | None]
    heart_rate_bpm: Mapped[float | None]
    cadence_spm: Mapped[float | None]
    source: Mapped[str]
    fingerprint: Mapped[str]


class RaceRow(Owned, Base):
    """A race; one a day."""

    __tablename__ = "races"
    __table_args__ = (UniqueConstraint("athlete_id", "day"),)

    day: Mapped[date]
    distance_m: Mapped[float]
    name: Mapped[str]


class AwayRow(Owned, Base):
    """Days on which nothing can be done."""

    __tablename__ = "away"
    __table_args__ = (Index(None, "athlete_id", "first"),)

    first: Mapped[date]
    last: Mapped[date]
    why: Mapped[str]


class AnalysisRow(Owned, Base):
    """An analysis: the whole of it as JSON, and what trends ask of it.

    `digest` is the SHA-256 of the JSON without its provenance: the same clip judged alike is the same analysis.
    """

    __tablename__ = "analyses"
    __table_args__ = (
        UniqueConstraint("athlete_id", "digest"),
        UniqueConstraint("athlete_id", "id"),
        Index(None, "athlete_id", "day"),
    )

    day: Mapped[date]
    movement: Mapped[str]
    repetitions: Mapped[int]
    advice: Mapped[tuple[str, ...]] = mapped_column(Json(tuple[str, ...]))
    name: Mapped[str]
    digest: Mapped[str]
    json: Mapped[str]


class SeenCueRow(Owned, Base):
    """One cue of an analysis: repetitions judged, good, at fault."""

    __tablename__ = "seen_cues"
    __table_args__ = (
        UniqueConstraint("athlete_id", "analysis_id", "cue"),
        ForeignKeyConstraint(
            ["athlete_id", "analysis_id"], ["analyses.athlete_id", "analyses.id"], ondelete="CASCADE"
        ),
    )  # fmt: skip

    analysis_id: Mapped[int]
    cue: Mapped[str]
    judged: Mapped[int]
    good: Mapped[int]
    fault: Mapped[int]


class SeenMeasureRow(Owned, Base):
    """One measure of an analysis; the error is one standard deviation."""

    __tablename__ = "seen_measures"
    __table_args__ = (
        UniqueConstraint("athlete_id", "analysis_id", "measure"),
        ForeignKeyConstraint(
            ["athlete_id", "analysis_id"], ["analyses.athlete_id", "analyses.id"], ondelete="CASCADE"
        ),
    )  # fmt: skip

    analysis_id: Mapped[int]
    measure: Mapped[str]
    value: Mapped[float]
    error: Mapped[float | None]
    unit: Mapped[str]
    left: Mapped[float | None]
    right: Mapped[float | None]


class SettingRow(Owned, Base):
    """One setting by its name."""

    __tablename__ = "settings"
    __table_args__ = (UniqueConstraint("athlete_id", "name"),)

    name: Mapped[str]
    value: Mapped[str]


# -- of the app ----------------------------------------------------------------------------------------------------
#
# These say who may come in and what is being worked on; they are no part of what an athlete did. So erasing removes
# them with everything else, but an export leaves them out: nobody is to find a key in a file that they take elsewhere,
# and neither a password nor a token could be read back, as only hashes are kept.


class AccountRow(Owned, Base):
    """How an athlete signs in where the app is reached from other machines; one each.

    `called` is the name without capitals, by which all accounts are told apart. `password` is an Argon2 hash with its
    settings.
    """

    __tablename__ = "accounts"
    __table_args__ = (UniqueConstraint("athlete_id"),)

    name: Mapped[str]
    called: Mapped[str] = mapped_column(unique=True)
    password: Mapped[str]
    made_at: Mapped[datetime]


class WebSessionRow(Owned, Base):
    """A browser that is signed in. `token` is the SHA-256 of what stands in its cookie."""

    __tablename__ = "web_sessions"

    token: Mapped[str] = mapped_column(unique=True)
    made_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class ApiTokenRow(Owned, Base):
    """A program that may ask in the name of an athlete. `token` is the SHA-256 of what it was given."""

    __tablename__ = "api_tokens"
    __table_args__ = (UniqueConstraint("athlete_id", "name"),)

    token: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    made_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]


class CalendarAddressRow(Owned, Base):
    """The secret address at which a calendar program reads an athlete's plan; one each.

    `token` is the SHA-256 of what stands in the address.
    """

    __tablename__ = "calendar_addresses"
    __table_args__ = (UniqueConstraint("athlete_id"),)

    token: Mapped[str] = mapped_column(unique=True)
    made_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]


class JobRow(Owned, Base):
    """A clip that is to be analysed, or was: `name` is what its owner called it, `say` how far it is, in words."""

    __tablename__ = "jobs"
    __table_args__ = (
        Index(None, "athlete_id", "made_at"),
        Index(None, "state"),
        CheckConstraint("state IN ('queued', 'running', 'done', 'failed', 'cancelled')", name="state"),
    )

    uid: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    state: Mapped[str]
    asked: Mapped[dict[str, Any]] = mapped_column(Json(dict[str, Any]))
    done_frames: Mapped[int]
    total_frames: Mapped[int | None]
    say: Mapped[str]
    made_at: Mapped[datetime]
    changed_at: Mapped[datetime]
