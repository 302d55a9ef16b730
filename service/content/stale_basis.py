"""Deadlines whose figure was changed, in their row or in the policy, while the words that tell of it stayed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from lxml import etree

from service.content.deadlines import FIGURE
from service.content.form_source import read_form
from service.content.load import DEADLINES, POLICY
from service.content.policy import Entry, read_policy
from service.content.table_differences import children, local, text_of
from service.content.xml_source import read_xml
from service.domain.errors import ContentInvalid, Finding

BASIS, LABEL, AMOUNT = "basis", "label", "amount"
NUMERALS = ("零", "一", "二", "三", "四", "五", "六", "七", "八", "九", "十")
UNITS = "自然日|工作日|日|天|小时|分钟"
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
        found = {}
        for name in FIGURE & self.cells[row].keys():
            cell = self.cells[row][name]
            read = [self.policy[key] for key in _POLICY.findall(cell) if key in self.policy]
            found[name] = (cell, *(str(one.value) for one in read))
        return found

    def words(self, row: str, changed: set[str]) -> re.Pattern[str] | None:
        """How people write those of its figures that changed; None where they are no words."""
        found = []
        for name in changed:
            cell = self.cells[row].get(name, "")
            read = [self.policy[key] for key in _POLICY.findall(cell) if key in self.policy]
            numbers = [cell] if cell.isdigit() else [str(one.value) for one in read if one.kind == "count"]
            found += [number(int(one)) for one in numbers if name == AMOUNT and one.isdigit()]
            found += [re.escape(one.choices[one.value]) for one in read if one.kind == "choice" and one.value]
        return re.compile("|".join(found)) if found else None


def number(figure: int) -> str:
    """The pattern of a figure before a unit of time, in digits and in characters."""
    spoken = [NUMERALS[figure]] if figure < len(NUMERALS) else []
    written = "|".join([str(figure), *spoken, *(["两"] if figure == 2 else [])])
    return rf"(?<![\d{''.join(NUMERALS)}])(?:{written})\s*个?(?:{UNITS})"


def stale_basis(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> Iterator[Finding]:
    """A warning for each row that reckons otherwise than before and gives the same basis, and for each label, there or
    among the options of a form, that still tells the old figure. Article: A16-1."""
    try:
        old, new = reckoning(before), reckoning(after)
    except ContentInvalid:
        return  # what is broken is told by others
    for row in (one for one in new.cells if one in old.cells):
        was, now = old.figures(row), new.figures(row)
        changed = {name for name in FIGURE if was.get(name) != now.get(name)}
        if changed:
            yield from in_the_row(row, old, new, changed)
            if (words := old.words(row, changed)) is not None:
                yield from among_options(new.kinds[row], words, after)


def in_the_row(row: str, old: Reckoning, new: Reckoning, changed: set[str]) -> Iterator[Finding]:
    """The basis and the label beside the figures that changed."""
    was, cells, words = old.cells[row], new.cells[row], old.words(row, changed)
    basis, label = cells.get(BASIS, ""), cells.get(LABEL, "")
    by_policy = all(was.get(name) == cells.get(name) for name in changed)
    tells = words is not None and words.search(basis) is not None
    if basis and basis == was.get(BASIS) and (tells or not by_policy):
        message = f"这一行的算法改了，依据仍写着{basis.strip(chr(34))}，时钟会照旧依据解释。"
        cure = "按改后的规定改写“依据”一格；说明和条款也看一看。"
        yield Finding("deadlines.stale_basis", message, cure, DEADLINES, None, row, "warning")
    if words is not None and words.search(label):
        message = f"这一行的算法改了，名称仍叫{label}。"
        yield Finding(
            "deadlines.stale_label", message, "按改后的数改写“名称”一格。", DEADLINES, None, row, "warning"
        )


def among_options(
    kinds: frozenset[str], words: re.Pattern[str], files: Mapping[str, bytes]
) -> Iterator[Finding]:
    """The options of forms that stand for such a clock and still tell the old figure."""
    for file in sorted(name for name in files if name.startswith("forms/")):
        try:
            form = read_form(file, files[file])
        except ContentInvalid:
            continue
        for field in form.fields:
            for option in field.options:
                if option.value in kinds and words.search(option.label):
                    message = f"时限的算法改了，“{field.label}”里的选项仍叫“{option.label}”。"
                    cure = "按改后的数改写选项的名称。"
                    yield Finding("deadlines.stale_label", message, cure, file, None, field.key, "warning")


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
