"""The first diary."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """From nothing."""
    op.create_table(
        "athletes",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("uid", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("called", sa.Text(), nullable=False),
        sa.Column("profile", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.UniqueConstraint("uid"),
        sa.UniqueConstraint("called"),
    )
    _owned(
        "screenings",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("answers", sa.Text(), nullable=False),
        sa.Column("cleared", sa.Date()),
        sa.Index(None, "athlete_id", "day"),
    )
    _owned(
        "sessions",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("rpe", sa.Double()),
        sa.Column("pain", sa.Double()),
        sa.Column("planned", sa.Text()),
        sa.Column("note", sa.Text(), nullable=False),
        sa.CheckConstraint("rpe BETWEEN 0 AND 10", name="rpe"),
        sa.CheckConstraint("pain BETWEEN 0 AND 10", name="pain"),
        sa.UniqueConstraint("athlete_id", "day"),
        sa.UniqueConstraint("athlete_id", "id"),
    )
    _owned(
        "exercises",
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("exercise", sa.Text(), nullable=False),
        _part_of("sessions", "session_id"),
        sa.UniqueConstraint("athlete_id", "id"),
        sa.UniqueConstraint("athlete_id", "session_id", "place"),
    )
    _owned(
        "sets",
        sa.Column("exercise_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("amount", sa.Double(), nullable=False),
        sa.Column("reserve", sa.Double()),
        sa.Column("load_kg", sa.Double()),
        sa.Column("band", sa.Text()),
        sa.Column("clean_share", sa.Double()),
        sa.Column("fault_share", sa.Double()),
        sa.Column("seen_by", sa.Text()),
        _part_of("exercises", "exercise_id"),
        sa.UniqueConstraint("athlete_id", "exercise_id", "place"),
    )
    _owned(
        "pains",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("where", sa.Text(), nullable=False),
        sa.Column("when", sa.Text(), nullable=False),
        sa.Column("settled", sa.Boolean()),
        sa.Column("flags", sa.Text(), nullable=False),
        sa.Column("cleared", sa.Date()),
        sa.Column("note", sa.Text(), nullable=False),
        sa.CheckConstraint("score BETWEEN 0 AND 10", name="score"),
        sa.Index(None, "athlete_id", "day"),
    )
    _owned(
        "tests",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("test", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("left", sa.Double()),
        sa.Column("right", sa.Double()),
        sa.Column("both", sa.Double()),
        sa.Column("error", sa.Double()),
        sa.Column("timed_by", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Index(None, "athlete_id", "day"),
    )
    _owned(
        "runs",
        sa.Column("identity", sa.Text(), nullable=False),
        sa.Column("start", sa.DateTime(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("distance_m", sa.Double(), nullable=False),
        sa.Column("duration_s", sa.Double(), nullable=False),
        sa.Column("ascent_m", sa.Double()),
        sa.Column("heart_rate_bpm", sa.Double()),
        sa.Column("cadence_spm", sa.Double()),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.UniqueConstraint("athlete_id", "identity"),
        sa.Index(None, "athlete_id", "start"),
    )
    _owned(
        "races",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("distance_m", sa.Double(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.UniqueConstraint("athlete_id", "day"),
    )
    _owned(
        "away",
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Index(None, "athlete_id", "first"),
    )
    _owned(
        "analyses",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("movement", sa.Text(), nullable=False),
        sa.Column("repetitions", sa.Integer(), nullable=False),
        sa.Column("advice", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("json", sa.Text(), nullable=False),
        sa.UniqueConstraint("athlete_id", "digest"),
        sa.UniqueConstraint("athlete_id", "id"),
        sa.Index(None, "athlete_id", "day"),
    )
    _owned(
        "seen_cues",
        sa.Column("analysis_id", sa.Integer(), nullable=False),
        sa.Column("cue", sa.Text(), nullable=False),
        sa.Column("judged", sa.Integer(), nullable=False),
        sa.Column("good", sa.Integer(), nullable=False),
        sa.Column("fault", sa.Integer(), nullable=False),
        _part_of("analyses", "analysis_id"),
        sa.UniqueConstraint("athlete_id", "analysis_id", "cue"),
    )
    _owned(
        "seen_measures",
        sa.Column("analysis_id", sa.Integer(), nullable=False),
        sa.Column("measure", sa.Text(), nullable=False),
        sa.Column("value", sa.Double(), nullable=False),
        sa.Column("error", sa.Double()),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("left", sa.Double()),
        sa.Column("right", sa.Double()),
        _part_of("analyses", "analysis_id"),
        sa.UniqueConstraint("athlete_id", "analysis_id", "measure"),
    )
    _owned(
        "settings",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.UniqueConstraint("athlete_id", "name"),
    )


def _owned(name: str, *items: sa.schema.SchemaItem) -> None:
    """Make a table whose rows belong to an athlete."""
    op.create_table(
        name,
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("athlete_id", sa.Integer(), sa.ForeignKey("athletes.id", ondelete="CASCADE"), nullable=False),
        *items,
    )


def _part_of(whole: str, column: str) -> sa.ForeignKeyConstraint:
    """Say that rows are part of a row of another table, of the same athlete."""
    return sa.ForeignKeyConstraint(["athlete_id", column], [f"{whole}.athlete_id", f"{whole}.id"], ondelete="CASCADE")
