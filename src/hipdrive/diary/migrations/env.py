"""How Alembic runs here: on the connection it is given, in the transaction that is already open."""

from __future__ import annotations

from alembic import context

from hipdrive.diary.tables import VERSION_TABLE, Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    version_table=VERSION_TABLE,
    transactional_ddl=True,
    render_as_batch=True,
)
context.run_migrations()
