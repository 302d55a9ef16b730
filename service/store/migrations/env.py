"""What alembic runs: the migrations, on the connection handed to it.

They run within the caller's transaction where there is one, else each in a transaction of its own.
"""

from typing import Any

from alembic import context
from alembic.runtime.migration import MigrationContext, MigrationInfo
from alembic.script import Script
from sqlalchemy import delete, insert, inspect

from service.store.migrate import phase_of
from service.store.tables import metadata, schema_change
from timers.clock import SystemClock


def note(ctx: MigrationContext, step: MigrationInfo, *_: Any, **__: Any) -> None:
    """Each migration is noted with its phase, once there is a place for it."""
    connection, done = ctx.connection, step.up_revision
    if connection is None or not isinstance(done, Script):
        return
    if not inspect(connection).has_table(schema_change.name):
        return
    connection.execute(delete(schema_change).where(schema_change.c.revision == done.revision))
    if step.is_upgrade:
        noted = {"revision": done.revision, "phase": phase_of(done.path), "at": SystemClock().now()}
        connection.execute(insert(schema_change).values(noted))


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
    transaction_per_migration=True,
    compare_type=True,
    on_version_apply=note,
)
with context.begin_transaction():
    context.run_migrations()
