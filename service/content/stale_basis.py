"""Deadlines whose figure was changed, in their row or in the policy, while the words that tell of it stayed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from service.content.deadlines import FIGURE
from service.content.load import DEADLINES
from service.content.reckoning import BASIS, LABEL, Reckoning, reckoning
from service.content.stale_texts import stale_texts
from service.domain.errors import ContentInvalid, Finding


def stale_basis(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> Iterator[Finding]:
    """A warning for each row that reckons otherwise than before and gives the same basis, and for each text, there or
    anywhere in the content, that still tells the old figure. Article: A16-1."""
    try:
        old, new = reckoning(before), reckoning(after)
    except ContentInvalid:
        return  # what is broken is told by others
    told = set[str]()
    for row in (one for one in new.cells if one in old.cells):
        was, now = old.figures(row), new.figures(row)
        changed = {name for name in FIGURE if was.get(name) != now.get(name)}
        if changed:
            for finding in in_the_row(row, old, new, changed):
                told.add(row)
                yield finding
    for finding in stale_texts(before, after, old, new):
        if finding.file != DEADLINES or finding.element not in told:
            yield finding


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
