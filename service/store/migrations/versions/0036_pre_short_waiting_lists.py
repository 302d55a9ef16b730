"""What is written to the indexes of words and departments is put in its place sooner: every search reads what still waits."""

from __future__ import annotations

from alembic import op

from service.store.migrations.beside_writers import on_postgresql

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

INDEXES = ("ix_case_words_parts", "ix_case_file_co_departments", "ix_case_file_former_departments")
MOST_KB = 256  # of PostgreSQL's 4096, which is what some four thousand new cases say


def upgrade() -> None:
    """Nobody waits for it: it holds no lock that writers meet."""
    if on_postgresql():
        for name in INDEXES:
            op.execute(f"ALTER INDEX {name} SET (gin_pending_list_limit = {MOST_KB})")


def downgrade() -> None:
    """As PostgreSQL has it."""
    if on_postgresql():
        for name in INDEXES:
            op.execute(f"ALTER INDEX {name} RESET (gin_pending_list_limit)")
