"""What is looked for among very many cases: PostgreSQL finds those that hold every short part of it by an index.

A part is two characters that stand together, or three where all are ASCII. Whoever holds all parts of a text need not
hold the text: what is found is looked at again. What has no part, a single character, is looked for in every row.
"""

from __future__ import annotations

from collections.abc import Iterator
from string import ascii_lowercase, ascii_uppercase
from typing import Any

from sqlalchemy import Boolean, ColumnElement, String, bindparam, true
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from service.store.tables import case_file

SHORTEST, SHORTEST_OF_ASCII = 2, 3
_LOW = str.maketrans(ascii_uppercase, ascii_lowercase)


class HoldsParts(FunctionElement[bool]):
    """Takes the id of a case, and of each text the parts."""

    name = "holds_parts"
    type = Boolean()
    inherit_cache = True


def may_hold(*texts: str) -> ColumnElement[bool]:
    """Whether a case may hold one of these texts in what it is found by; always, where that cannot be said quickly."""
    found = [sorted(set(parts_of(text))) for text in texts]
    if not all(found):
        return true()
    held = [bindparam("parts", parts, type_=ARRAY(String), unique=True) for parts in found]
    return HoldsParts(case_file.c.id, *held)


def parts_of(text: str) -> Iterator[str]:
    """Those that surely stand in whatever holds the text, however the database tells letters large and small."""
    low = text.translate(_LOW)
    for place in range(len(low)):
        for length in (SHORTEST, SHORTEST_OF_ASCII):
            part = low[place : place + length]
            wanted = SHORTEST_OF_ASCII if part.isascii() else SHORTEST
            if len(part) == length == wanted and "\n" not in part and not _has_other_letters(part):
                yield part


def _has_other_letters(part: str) -> bool:
    """Letters beyond ASCII that are written large and small: which a name is found by, is the database's to say."""
    return any(not one.isascii() and one.lower() != one.upper() for one in part)


@compiles(HoldsParts)
def _every_row(element: HoldsParts, compiler: SQLCompiler, **how: Any) -> str:
    return "1 = 1"


@compiles(HoldsParts, "postgresql")
def _by_the_index(element: HoldsParts, compiler: SQLCompiler, **how: Any) -> str:
    case_id, *texts = element.clauses
    held = " OR ".join(f"parts @> {compiler.process(one, **how)}::text[]" for one in texts)
    return f"({compiler.process(case_id, **how)} IN (SELECT case_id FROM case_words WHERE {held}))"  # noqa: S608
