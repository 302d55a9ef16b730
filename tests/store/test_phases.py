"""Each migration has a phase; what is called `pre` takes nothing away from the code that runs already."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, inspect

from service.store import SqlStore, migrate
from service.store.migrate import MIGRATIONS, POST, PRE, phase_of

BASE = (
    "0024"  # up to here all was run with every process stopped; from then on old code goes on through a `pre`
)
Seen = dict[str, Any]


def versions() -> list[Path]:
    return sorted((MIGRATIONS / "versions").glob("[0-9]*.py"))


def number(path: Path) -> str:
    return path.name.split("_")[0]


def seen(engine: Engine) -> dict[str, Seen]:
    """What code that runs leans on: tables, columns, what must be given, what must be unique."""
    found = inspect(engine)
    return {
        table: {
            "columns": {one["name"]: one for one in found.get_columns(table)},
            "unique": {tuple(one["column_names"]) for one in found.get_unique_constraints(table)}
            | {tuple(one["column_names"]) for one in found.get_indexes(table) if one["unique"]},
            "checks": {one["sqltext"] for one in found.get_check_constraints(table)},
            "keys": {tuple(one["constrained_columns"]) for one in found.get_foreign_keys(table)},
        }
        for table in found.get_table_names()
        if table != "alembic_version"
    }


def not_borne(before: dict[str, Seen], after: dict[str, Seen]) -> Iterator[str]:
    """What of a change the code before it cannot bear."""
    for table, had in before.items():
        if table in after:
            yield from (f"{table}{what}" for what in _of_table(had, after[table]))
        else:
            yield f"{table} is gone"


def _of_table(had: Seen, has: Seen) -> Iterator[str]:
    for name, column in had["columns"].items():
        now = has["columns"].get(name)
        if now is None:
            yield f".{name} is gone"
        elif str(now["type"]) != str(column["type"]):
            yield f".{name} is of another type"
        elif column["nullable"] and not now["nullable"]:
            yield f".{name} must be given now"
    new = {name: has["columns"][name] for name in has["columns"].keys() - had["columns"].keys()}
    for name, column in new.items():
        if not column["nullable"] and column["default"] is None:
            yield f".{name} must be given, and has no default"
    for kind in ("unique", "checks", "keys"):
        for more in has[kind] - had[kind]:
            if not any(name in more for name in new):
                yield f": one more of {kind}, {more}"


def test_every_migration_says_its_phase() -> None:
    assert [path.name for path in versions() if phase_of(str(path)) not in {PRE, POST}] == []


def test_each_has_a_number_of_its_own_and_follows_the_one_before() -> None:
    numbers = [number(path) for path in versions()]

    assert numbers == [f"{n:04}" for n in range(1, len(numbers) + 1)]


def test_what_is_done_before_is_borne_by_the_code_that_runs(empty: SqlStore) -> None:
    migrate(empty.engine, BASE)
    wrong: list[str] = []
    before = seen(empty.engine)
    for path in versions():
        if number(path) > BASE:
            migrate(empty.engine, number(path))
            after = seen(empty.engine)
            if phase_of(str(path)) == PRE:
                wrong += [f"{path.name}: {what}" for what in not_borne(before, after)]
            before = after

    assert wrong == []


CHANGES = {
    "a column gone": "op.drop_column('task', 'claimed_at')",
    "a column renamed": "op.alter_column('task', 'claimed_at', new_column_name='taken_at')",
    "a table gone": "op.drop_table('sign_of_life')",
    "a table renamed": "op.rename_table('sign_of_life', 'life')",
    "a column that must be given": "op.add_column('outage', sa.Column('of_a_test', sa.Text(), nullable=False))",
    "one that must be given now": "with op.batch_alter_table('task') as t: t.alter_column('claimed_by', nullable=False)",
    "one more that is unique": "op.create_index('uq_outage', 'outage', ['started_at'], unique=True)",
}
BORNE = {
    "a column that may be given": "op.add_column('outage', sa.Column('of_a_test', sa.Text(), nullable=True))",
    "one with a default": (
        "op.add_column('outage', sa.Column('of_a_test', sa.Text(), nullable=False, server_default=''))"
    ),
    "one more index": "op.create_index('ix_outage', 'outage', ['started_at'])",
    "one more table": "op.create_table('more', sa.Column('id', sa.Text(), primary_key=True))",
}


@pytest.fixture
def changed(empty: SqlStore, tmp_path: Path) -> Callable[[str], list[str]]:
    """What old code cannot bear of a migration made of one statement."""

    def run(statement: str) -> list[str]:
        folder = more_migrations(tmp_path / "next", {"9001_pre_test": statement})
        migrate(empty.engine)
        before = seen(empty.engine)
        migrate(empty.engine, folder=folder)
        return list(not_borne(before, seen(empty.engine)))

    return run


@pytest.mark.parametrize("statement", CHANGES.values(), ids=CHANGES)
def test_a_change_that_old_code_cannot_bear_is_found(
    changed: Callable[[str], list[str]], statement: str
) -> None:
    assert changed(statement) != []


@pytest.mark.parametrize("statement", BORNE.values(), ids=BORNE)
def test_one_that_it_can_is_not(changed: Callable[[str], list[str]], statement: str) -> None:
    assert changed(statement) == []


def more_migrations(folder: Path, added: dict[str, str]) -> Path:
    """The migrations of a newer version: ours, and these one after the other."""
    import shutil

    shutil.copytree(MIGRATIONS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    down = number(versions()[-1])
    for name, statement in added.items():
        revision = name.split("_")[0]
        (folder / "versions" / f"{name}.py").write_text(
            f"import sqlalchemy as sa\nfrom alembic import op\nrevision, down_revision = '{revision}', '{down}'\n"
            f"branch_labels = depends_on = None\n\n\ndef upgrade():\n    {statement}\n"
        )
        down = revision
    return folder
