"""Replays that older code did went with other eyes and kept what the draft worked out of cases: they are gone.

Those of the code that runs now have entries of a kind of their own in the outbox, which older code never takes.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

replay = sa.table("replay", sa.column("id", sa.Text()))
replay_case = sa.table("replay_case", sa.column("replay_id", sa.Text()))
outbox = sa.table("outbox", sa.column("key", sa.Text()), sa.column("kind", sa.Text()))


def upgrade() -> None:
    """No older code runs any more: after this there are none of its replays, and no entry that nobody takes."""
    bind = op.get_bind()
    keys = bind.execute(sa.select(outbox.c.key).where(outbox.c.kind == "replay_turn")).scalars()
    ours = sorted({key.split(":")[1] for key in keys})
    bind.execute(sa.delete(replay_case).where(replay_case.c.replay_id.not_in(ours)))
    bind.execute(sa.delete(replay).where(replay.c.id.not_in(ours)))
    bind.execute(sa.delete(outbox).where(outbox.c.kind == "replay"))


def downgrade() -> None:
    """A replay can be asked for again."""
