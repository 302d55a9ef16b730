"""Rows of the deadline table whose figure was changed while the words that say where it comes from stayed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lxml import etree

from service.content.load import DEADLINES
from service.content.table_differences import children, local, text_of
from service.content.xml_source import read_xml
from service.domain.errors import ContentInvalid, Finding

BASIS = "basis"
FIGURE = frozenset({"amount", "unit", "day_count", "rollover", "cutoff", "not_before"})


def stale_basis(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> Iterator[Finding]:
    """A warning for each row that reckons otherwise than before and gives the same basis. Article: A16-1."""
    if before.get(DEADLINES) == after.get(DEADLINES) or DEADLINES not in before or DEADLINES not in after:
        return
    try:
        old, new = (outputs(read_xml(DEADLINES, files[DEADLINES])) for files in (before, after))
    except ContentInvalid:
        return  # what is broken is told by others
    for row, cells in new.items():
        was = old.get(row, cells)
        basis = cells.get(BASIS, "")
        if basis and basis == was.get(BASIS) and any(cells.get(one) != was.get(one) for one in FIGURE):
            message = f"这一行的算法改了，依据仍写着{basis.strip(chr(34))}，时钟会照旧依据解释。"
            cure = "按改后的规定改写“依据”一格；说明和条款也看一看。"
            yield Finding("deadlines.stale_basis", message, cure, DEADLINES, None, row, "warning")


def outputs(root: etree._Element) -> dict[str, dict[str, str]]:
    """The results of every row, by the names of their columns."""
    found: dict[str, dict[str, str]] = {}
    for table in local(root, "decisionTable"):
        names = [column.get("name") or "" for column in children(table, "output")]
        for rule in children(table, "rule"):
            cells = map(text_of, children(rule, "outputEntry"))
            found[rule.get("id") or ""] = dict(zip(names, cells, strict=False))
    return found
