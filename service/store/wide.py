"""Rows of several tables as the answer to one statement: each table in its own columns of one wide list."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from sqlalchemy import BigInteger, Boolean, Integer, LargeBinary, Table, Text

from service.store.columns import Instant, Json

# what a column of the list can hold, as PostgreSQL names it; SQLite takes any name and any value
_HOLDS: Mapping[type[Any], str] = {
    Text: "text",
    Json: "text",
    Instant: "timestamptz",
    Integer: "bigint",
    BigInteger: "bigint",
    Boolean: "boolean",
    LargeBinary: "bytea",
}


@dataclass(frozen=True, slots=True)
class Part:
    """Which rows of a table, and which columns of them; a `?` in `where` is a value given when it is asked."""

    name: str
    table: Table
    columns: Sequence[str]
    where: str


class WideRead:
    """One statement that reads some parts; `rows` tells its answer apart again."""

    def __init__(self, parts: Sequence[Part], mark: str) -> None:
        kinds = [[_HOLDS[type(part.table.c[name].type)] for name in part.columns] for part in parts]
        widest = Counter[str]()
        for kind in kinds:
            widest |= Counter(kind)
        places = [kind for kind in widest for _ in range(widest[kind])]
        found = [_places(kind, places) for kind in kinds]
        self._takes = {
            part.name: (part.columns, itemgetter(*(place + 1 for place in taken)))
            for part, taken in zip(parts, found, strict=True)
        }
        # the first part has no rows, and gives the list its types
        typed = ", ".join(f"CAST(NULL AS {kind})" for kind in ("text", *places))
        selects = [f"SELECT {typed} WHERE 1 = 0"]
        selects += [_select(part, taken, len(places)) for part, taken in zip(parts, found, strict=True)]
        self.sql = " UNION ALL ".join(selects).replace("?", mark)

    def rows(self, answer: Sequence[Sequence[Any]]) -> dict[str, list[dict[str, Any]]]:
        """The rows of each part, by the names of their columns."""
        found: dict[str, list[dict[str, Any]]] = {name: [] for name in self._takes}
        for row in answer:
            columns, take = self._takes[row[0]]
            taken = take(row) if len(columns) > 1 else (take(row),)
            found[row[0]].append(dict(zip(columns, taken, strict=True)))
        return found


def _places(kinds: Sequence[str], places: Sequence[str]) -> list[int]:
    """For each column the next free place that holds its kind."""
    free = list(enumerate(places))
    taken = []
    for kind in kinds:
        place = next(one for one in free if one[1] == kind)
        free.remove(place)
        taken.append(place[0])
    return taken


def _select(part: Part, taken: Sequence[int], width: int) -> str:
    columns = ["NULL"] * width
    for name, place in zip(part.columns, taken, strict=True):
        columns[place] = f'"{name}"'
    return f"SELECT '{part.name}', {', '.join(columns)} FROM {part.table.name} WHERE {part.where}"  # noqa: S608
