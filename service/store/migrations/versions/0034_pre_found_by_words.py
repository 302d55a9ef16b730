"""What is looked for is found as quickly among a million cases: PostgreSQL keeps the short parts of what cases say.

SQLite, whose databases are small, looks through all rows.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

NAME = "tr_case_file_said"
SAID = ("case_no", "order_no", "title", "complainant", "contact_digits")

# as `service/store/words.py` takes what is looked for apart
PARTS = r"""
CREATE FUNCTION parts_of(said text) RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
  SELECT coalesce(array_agg(DISTINCT part), '{}')
  FROM (SELECT translate(said, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz') AS low) AS lowered,
       generate_series(1, length(low)) AS place,
       LATERAL (VALUES (substr(low, place, 2)), (substr(low, place, 3))) AS cut (part)
  WHERE position(E'\n' IN part) = 0
    AND length(part) = CASE WHEN octet_length(part) = length(part) THEN 3 ELSE 2 END
$$
"""
# whoever writes a case need not know of this table: the trigger writes as the owner of both
KEEP = f"""
CREATE FUNCTION keep_words_of_case() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
  INSERT INTO case_words (case_id, parts)
  VALUES (NEW.id, parts_of(concat_ws(E'\\n', {", ".join(f"NEW.{name}" for name in SAID)})))
  ON CONFLICT (case_id) DO UPDATE SET parts = excluded.parts;
  RETURN NULL;
END $$
"""  # noqa: S608


def upgrade() -> None:
    """Older code goes on writing cases: the database itself keeps their parts."""
    on_postgresql = op.get_bind().dialect.name == "postgresql"
    op.create_table(
        "case_words",
        sa.Column("case_id", sa.Text(), nullable=False, comment="the case"),
        sa.Column(
            "parts",
            sa.Text().with_variant(ARRAY(sa.Text()), "postgresql"),
            nullable=False,
            comment="every two characters, or three of ASCII, that stand together in what lists find it by",
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["case_file.id"], name=op.f("fk_case_words_case_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_case_words")),
    )
    if not on_postgresql:
        return
    op.execute(PARTS)
    op.execute(KEEP)
    said = ", ".join(SAID)
    op.execute(
        f"INSERT INTO case_words SELECT id, parts_of(concat_ws(E'\\n', {said})) FROM case_file"  # noqa: S608
    )
    op.create_index("ix_case_words_parts", "case_words", ["parts"], postgresql_using="gin")
    changed = " OR ".join(f"OLD.{name} IS DISTINCT FROM NEW.{name}" for name in SAID)
    op.execute(
        f"CREATE TRIGGER {NAME}_first AFTER INSERT ON case_file"
        " FOR EACH ROW EXECUTE FUNCTION keep_words_of_case()"
    )
    op.execute(
        f"CREATE TRIGGER {NAME}_anew AFTER UPDATE ON case_file"
        f" FOR EACH ROW WHEN ({changed}) EXECUTE FUNCTION keep_words_of_case()"
    )


def downgrade() -> None:
    """Every row is looked through again."""
    if op.get_bind().dialect.name == "postgresql":
        for when in ("first", "anew"):
            op.execute(f"DROP TRIGGER {NAME}_{when} ON case_file")
        op.execute("DROP FUNCTION keep_words_of_case()")
        op.execute("DROP FUNCTION parts_of(text)")
    op.drop_table("case_words")
