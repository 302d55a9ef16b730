"""Whether a text of several keys, `,a,b,`, names one of them: asked so that each database can use an index."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Boolean, ColumnElement, bindparam, func, literal_column
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class Listed(FunctionElement[bool]):
    """Takes the column and the key."""

    name = "listed"
    type = Boolean()
    inherit_cache = True


def is_listed(column: ColumnElement[str], key: str) -> ColumnElement[bool]:
    """Whether a column of several keys names this one."""
    return Listed(column, bindparam("listed", key, unique=True))


@compiles(Listed)
def _anywhere(element: Listed, compiler: SQLCompiler, **how: Any) -> str:
    column, key = element.clauses
    return f"(instr({compiler.process(column, **how)}, ',' || {compiler.process(key, **how)} || ',') > 0)"


@compiles(Listed, "postgresql")
def _on_postgresql(element: Listed, compiler: SQLCompiler, **how: Any) -> str:
    """What the indexes on `keys_of` answer."""
    column, key = element.clauses
    return f"({compiler.process(keys_of(column), **how)} @> ARRAY[{compiler.process(key, **how)}]::text[])"


def keys_of(column: ColumnElement[str]) -> ColumnElement[Any]:
    """The single keys of such a text, on PostgreSQL."""
    return func.string_to_array(column, literal_column("','"))
