"""How the deadlines are reckoned: the rows of the deadline table with what their cells take from the policy."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from lxml import etree

from service.content.deadlines import FIGURE
from service.content.figure_words import DAY, numbered
from service.content.load import DEADLINES, POLICY
from service.content.policy import Entry, read_policy
from service.content.table_differences import children, local, text_of
from service.content.xml_source import read_xml

BASIS, LABEL, AMOUNT, UNIT = "basis", "label", "amount", "unit"
_POLICY = re.compile(r"\bpolicy\.(\w+)")
_QUOTED = re.compile(r'"([^"]+)"')


@dataclass(frozen=True, slots=True)
class Reckoning:
    """The rows of the deadline table by their ids, and the policy that their cells read."""

    kinds: Mapping[str, frozenset[str]]
    cells: Mapping[str, Mapping[str, str]]
    policy: Mapping[str, Entry]

    def figures(self, row: str) -> dict[str, tuple[str, ...]]:
        """What a row reckons with: its cells, each with the values that it takes from the policy."""
        return {
            name: (self.cells[row][name], *(str(one.value) for one in self.read(row, name)))
            for name in FIGURE & self.cells[row].keys()
        }

    def read(self, row: str, name: str) -> list[Entry]:
        """The entries of the policy that a cell reads."""
        cell = self.cells[row].get(name, "")
        return [self.policy[key] for key in _POLICY.findall(cell) if key in self.policy]

    def words(self, row: str, changed: set[str]) -> re.Pattern[str] | None:
        """How people write those of its figures that changed; None where they are no words."""
        found = []
        for name in changed:
            cell, read = self.cells[row].get(name, ""), self.read(row, name)
            numbers = [cell] if cell.isdigit() else [str(one.value) for one in read if one.kind == "count"]
            found += [
                numbered(int(one), f"{DAY}|个?小时|分钟")
                for one in numbers
                if name == AMOUNT and one.isdigit()
            ]
            found += [re.escape(one.choices[one.value]) for one in read if one.kind == "choice" and one.value]
        return re.compile("|".join(found)) if found else None


def reckoning(files: Mapping[str, bytes]) -> Reckoning:
    """How the deadlines are reckoned by these files. Raises: ContentInvalid."""
    kinds, cells = dict[str, frozenset[str]](), dict[str, Mapping[str, str]]()
    root = read_xml(DEADLINES, files[DEADLINES]) if DEADLINES in files else None
    for row, names, results in rows_of(root) if root is not None else ():
        kinds[row] = names
        cells[row] = results
    policy = read_policy(POLICY, files[POLICY]).entries if POLICY in files else {}
    return Reckoning(kinds, cells, policy)


def rows_of(root: etree._Element) -> Iterator[tuple[str, frozenset[str], dict[str, str]]]:
    """Every row: its id, the kinds it is for, its results by the names of their columns."""
    for table in local(root, "decisionTable"):
        names = [column.get("name") or "" for column in children(table, "output")]
        for rule in children(table, "rule"):
            kind = next((text_of(cell) for cell in children(rule, "inputEntry")), "")
            results = map(text_of, children(rule, "outputEntry"))
            cells = dict(zip(names, results, strict=False))
            yield rule.get("id") or "", frozenset(_QUOTED.findall(kind)), cells
