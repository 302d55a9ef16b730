"""The triggers of tables to which rows can be added, and in which none is changed or deleted.

Migration 0004 made the first of them, and on PostgreSQL the function that all of them call.
"""

from __future__ import annotations

from alembic import op


def guard(table: str) -> None:
    """Set the triggers of a table."""
    if op.get_bind().dialect.name == "postgresql":
        for verb, each in (("update", "ROW"), ("delete", "ROW"), ("truncate", "STATEMENT")):
            op.execute(
                f"CREATE TRIGGER tr_{table}_no_{verb} BEFORE {verb.upper()} ON {table}"
                f" FOR EACH {each} EXECUTE FUNCTION refuse_change()"
            )
        return
    for verb in ("update", "delete"):
        op.execute(
            f"CREATE TRIGGER tr_{table}_no_{verb} BEFORE {verb.upper()} ON {table}"
            f" BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        )


def unguard(table: str) -> None:
    """Take the triggers of a table away."""
    on_postgresql = op.get_bind().dialect.name == "postgresql"
    for verb in ("update", "delete", *(("truncate",) if on_postgresql else ())):
        op.execute(f"DROP TRIGGER tr_{table}_no_{verb}" + (f" ON {table}" if on_postgresql else ""))
