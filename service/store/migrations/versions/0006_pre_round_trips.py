"""Changes of people are counted, so that a process keeps what it read; files are taken before what names them."""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

COUNTED = ("department", "person", "role_grant")
# of a person only what the directory shows: a new password is no change of it
UPDATES = {"person": "UPDATE OF account, name"}
COUNT = "UPDATE counter SET value = value + 1 WHERE name = 'directory'"


def upgrade() -> None:
    """Start to count, and let the references of an attachment be checked at the commit."""
    op.execute("INSERT INTO counter (name, value) VALUES ('directory', 0)")
    if op.get_bind().dialect.name == "postgresql":
        _count_on_postgresql()
    else:
        _count_on_sqlite()
    _references(deferred=True)


def downgrade() -> None:
    """Check the references at once again, and count no more."""
    _references(deferred=False)
    on_postgresql = op.get_bind().dialect.name == "postgresql"
    for table in COUNTED:
        for verb in ("insert", "update", "delete"):
            op.execute(f"DROP TRIGGER tr_{table}_counted_{verb}" + (f" ON {table}" if on_postgresql else ""))
    if on_postgresql:
        op.execute("DROP FUNCTION count_directory()")
    op.execute("DELETE FROM counter WHERE name = 'directory'")


def _count_on_sqlite() -> None:
    for table in COUNTED:
        for verb in ("insert", "update", "delete"):
            when = UPDATES.get(table, "UPDATE") if verb == "update" else verb.upper()
            op.execute(f"CREATE TRIGGER tr_{table}_counted_{verb} AFTER {when} ON {table} BEGIN {COUNT}; END")


def _count_on_postgresql() -> None:
    op.execute(
        f"CREATE FUNCTION count_directory() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN {COUNT}; RETURN NULL; END $$"
    )
    for table in COUNTED:
        for verb in ("insert", "update", "delete"):
            when = UPDATES.get(table, "UPDATE") if verb == "update" else verb.upper()
            op.execute(
                f"CREATE TRIGGER tr_{table}_counted_{verb} AFTER {when} ON {table}"
                " FOR EACH STATEMENT EXECUTE FUNCTION count_directory()"
            )


def _references(*, deferred: bool) -> None:
    when = "DEFERRED" if deferred else None
    with op.batch_alter_table("attachment") as table:
        for column, referred in (("case_id", "case_file"), ("submission_id", "submission")):
            name = f"fk_attachment_{column}"
            table.drop_constraint(name, type_="foreignkey")
            table.create_foreign_key(
                name, referred, [column], ["id"], deferrable=deferred or None, initially=when
            )
