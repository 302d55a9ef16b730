"""What the role of the running parts may do on PostgreSQL, where another role owns the tables: no more than they need.

What is append-only stays so even for whoever took over a web process: it can neither change a record nor take away
the trigger that guards it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from service.domain.errors import Invalid
from service.store.tables import metadata

# nothing that stands in these is ever changed
WRITTEN_ONCE = frozenset(
    {
        "audit",
        "person_audit",
        "submission",
        "release",
        "release_cancellation",
        "release_file",
        "acknowledgement",
    }
)
OF_MIGRATIONS = frozenset({"schema_change", "alembic_version"})
# rows are taken out of these alone
EMPTIED = frozenset(
    {
        "absence",
        "download",
        "download_case",
        "draft",
        "draft_file",
        "kept_search",
        "login_attempt",
        "login_session",
        "outbox",
        "replay",
        "replay_case",
        "role_grant",
        "task",
    }
)
_ROLE = re.compile(r"[a-z_][a-z0-9_]{0,62}")


class RoleInvalid(Invalid):
    """角色名只能由小写字母、数字和下划线组成。"""

    code = "grants.role"


def grants(role: str) -> Iterator[str]:
    """The statements that the owner of the tables runs, anew after each migration. Raises: RoleInvalid."""
    if not _ROLE.fullmatch(role):
        raise RoleInvalid
    yield f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role};"
    yield f"GRANT USAGE ON SCHEMA public TO {role};"
    yield f"GRANT SELECT, USAGE ON ALL SEQUENCES IN SCHEMA public TO {role};"
    for table in sorted({*metadata.tables, *OF_MIGRATIONS}):
        yield f"GRANT {', '.join(rights(table))} ON {table} TO {role};"


def rights(table: str) -> list[str]:
    """What may be done with the rows of a table."""
    if table in OF_MIGRATIONS:
        return ["SELECT"]
    changed = [] if table in WRITTEN_ONCE else ["UPDATE"]
    return ["SELECT", "INSERT", *changed, *(["DELETE"] if table in EMPTIED else [])]
