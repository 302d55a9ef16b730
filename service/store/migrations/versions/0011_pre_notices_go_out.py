"""Whatever writes a notice writes with it that it is to go out: the database itself puts it into the outbox."""

from __future__ import annotations

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

NAME = "tr_notice_goes_out"
INTO = "INSERT INTO outbox (key, kind, payload, at, case_id)"


def upgrade() -> None:
    """Set the trigger."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            f"CREATE TRIGGER {NAME} AFTER INSERT ON notice BEGIN {INTO} VALUES"  # noqa: S608
            " ('notice:' || NEW.id, 'notice', json_object('notice', NEW.id), NEW.at, NEW.case_id); END"
        )
        return
    op.execute(
        f"CREATE FUNCTION put_notice_out() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {INTO}"  # noqa: S608
        " SELECT 'notice:' || id, 'notice', json_build_object('notice', id)::text, at, case_id FROM sent"
        " ORDER BY place;"
        " RETURN NULL; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {NAME} AFTER INSERT ON notice REFERENCING NEW TABLE AS sent"
        " FOR EACH STATEMENT EXECUTE FUNCTION put_notice_out()"
    )


def downgrade() -> None:
    """Take it away."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute(f"DROP TRIGGER {NAME}")
        return
    op.execute(f"DROP TRIGGER {NAME} ON notice")
    op.execute("DROP FUNCTION put_notice_out()")
