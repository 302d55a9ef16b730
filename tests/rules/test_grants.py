"""The role of the running parts may change and take out the rows that running code changes and takes out, and no others."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.store import tables
from service.store.grants import EMPTIED, rights

STORE = Path(tables.__file__).parents[1]
WRITTEN_OUT = frozenset({"task"})  # by a statement of `saving.py` in SQL


def statements() -> Iterator[tuple[str, str]]:
    """What running code does to the rows of which table: `delete(outbox)`, `update(task)`."""
    for file in sorted(STORE.rglob("*.py")):
        if "migrations" in file.parts:
            continue
        for node in ast.walk(ast.parse(file.read_text())):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args):
                continue
            named = node.args[0]
            if node.func.id in ("delete", "update") and isinstance(named, ast.Name):
                table = getattr(tables, named.id, None)
                if table is not None:
                    yield node.func.id.upper(), table.name


WANTED = sorted(set(statements()))


@pytest.mark.parametrize("does, table", WANTED)
def test_what_running_code_does_to_a_table_is_granted(does: str, table: str) -> None:
    assert does in rights(table)


def test_no_more_is_granted() -> None:
    assert {table for does, table in WANTED if does == "DELETE"} | WRITTEN_OUT == EMPTIED
