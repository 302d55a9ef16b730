"""What is looked for is found as quickly among a million cases: PostgreSQL keeps the short parts of what cases say.

SQLite, whose databases are small, looks through all rows.
"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

from service.store.migrations.beside_writers import build_index, in_batches, on_postgresql

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

NAME = "tr_case_file_said"
SAID = ("case_no", "order_no", "title", "complainant", "contact_digits")

# as `service/store/words.py` takes what is looked for apart
PARTS = r"""
CREATE OR REPLACE FUNCTION parts_of(said text) RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
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
CREATE OR REPLACE FUNCTION keep_words_of_case() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
  INSERT INTO case_words (case_id, parts)
  VALUES (NEW.id, parts_of(concat_ws(E'\\n', {", ".join(f"NEW.{name}" for name in SAID)})))
  ON CONFLICT (case_id) DO UPDATE SET parts = excluded.parts;
  RETURN NULL;
END $$
"""  # noqa: S608
SPOKEN = ", ".join(SAID)
# whoever writes a case meanwhile has kept its words already
FILL = sa.text(
    f"""
    INSERT INTO case_words
    SELECT id, parts_of(concat_ws(E'\\n', {SPOKEN})) FROM case_file
    WHERE id = ANY(:cases) AND NOT EXISTS (SELECT FROM case_words WHERE case_id = id)
    ON CONFLICT (case_id) DO NOTHING
    """  # noqa: S608
)
case_file = sa.table("case_file", sa.column("id", sa.Text()))


def upgrade() -> None:
    """Older code goes on writing cases: the database itself keeps their parts, and first of those that are written now."""
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
        if_not_exists=True,
    )
    if not on_postgresql():
        return
    op.execute(PARTS)
    op.execute(KEEP)
    changed = " OR ".join(f"OLD.{name} IS DISTINCT FROM NEW.{name}" for name in SAID)
    op.execute(
        f"CREATE OR REPLACE TRIGGER {NAME}_first AFTER INSERT ON case_file"
        " FOR EACH ROW EXECUTE FUNCTION keep_words_of_case()"
    )
    op.execute(
        f"CREATE OR REPLACE TRIGGER {NAME}_anew AFTER UPDATE ON case_file"
        f" FOR EACH ROW WHEN ({changed}) EXECUTE FUNCTION keep_words_of_case()"
    )
    in_batches(case_file, keep_words)
    build_index("ix_case_words_parts", "case_words", ["parts"], postgresql_using="gin")


def keep_words(cases: Sequence[str]) -> None:
    """Of some cases."""
    op.get_bind().execute(FILL, {"cases": list(cases)})


def downgrade() -> None:
    """Every row is looked through again."""
    if on_postgresql():
        for when in ("first", "anew"):
            op.execute(f"DROP TRIGGER {NAME}_{when} ON case_file")
        op.execute("DROP FUNCTION keep_words_of_case()")
        op.execute("DROP FUNCTION parts_of(text)")
    op.drop_table("case_words")
