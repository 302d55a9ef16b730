"""What differs between two versions of a decision table, row by row and cell by cell."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from service.content.diagram_differences import Change
from service.content.xml_source import read_xml

NOTE = "说明"


@dataclass(frozen=True, slots=True)
class Row:
    """One row: what people call it, and its cells under the labels of their columns."""

    label: str
    cells: dict[str, str]


def compare(file: str, before: bytes, after: bytes) -> Iterator[Change]:
    """Every row and cell that differs. Raises: ContentInvalid for broken XML."""
    old, new = rows(read_xml(file, before)), rows(read_xml(file, after))
    for identity, row in old.items():
        if identity not in new:
            yield Change(identity, row.label, "删除这一行", "；".join(filter(None, row.cells.values())), None)
    for identity, row in new.items():
        if identity not in old:
            yield Change(identity, row.label, "新增这一行", None, "；".join(filter(None, row.cells.values())))
            continue
        was = old[identity]
        for column in {**was.cells, **row.cells}:
            if was.cells.get(column) != row.cells.get(column):
                yield Change(identity, row.label, column, was.cells.get(column), row.cells.get(column))
    if list(old) != list(new) and set(old) == set(new):
        yield Change("", "行的次序", "有变化", None, None)


def rows(root: etree._Element) -> dict[str, Row]:
    """The rows of every table of the file, by their ids."""
    found: dict[str, Row] = {}
    for table in local(root, "decisionTable"):
        columns = [named(column) for kind in ("input", "output") for column in children(table, kind)]
        for number, rule in enumerate(children(table, "rule"), 1):
            entries = [*children(rule, "inputEntry"), *children(rule, "outputEntry")]
            note = " ".join(text_of(one) for one in children(rule, "description"))
            cells = dict(zip(columns, map(text_of, entries), strict=False))
            found[rule.get("id") or f"row_{number}"] = Row(note or f"第 {number} 行", {**cells, NOTE: note})
    return found


def local(node: etree._Element, name: str) -> Iterator[etree._Element]:
    return (one for one in node.iter("*") if etree.QName(one).localname == name)


def children(node: etree._Element, name: str) -> Iterator[etree._Element]:
    return (one for one in node.iterchildren("*") if etree.QName(one).localname == name)


def named(column: etree._Element) -> str:
    return column.get("label") or column.get("name") or column.get("id") or ""


def text_of(entry: etree._Element) -> str:
    return " ".join("".join(map(str, entry.itertext())).split())
