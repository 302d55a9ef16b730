"""Texts that still tell a figure which was changed. One figure may stand for several things (一小时 of the return, of the
urgent answer, of the risk report): a text is held to the one that it is about, as far as that can be known."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from service.content.findings import shortened
from service.content.load import POLICY
from service.content.policy_differences import NOT_SET
from service.content.reckoning import Reckoning
from service.content.told_figures import Figure, figures_of, pairs_of
from service.content.told_texts import Told, texts_of
from service.domain.errors import Finding

STRUCTURE, NAMED, SAME_ROW, NEAR, ELSEWHERE = 4, 3, 2, 1, 0
# So many pairs of signs must a text share with what a figure is called, where nothing else says what it is about.
ENOUGH = 1
_SENTENCE = re.compile(r"[^。；;：:\n]+")


def stale_texts(
    before: Mapping[str, bytes], after: Mapping[str, bytes], old: Reckoning, new: Reckoning
) -> Iterator[Finding]:
    """A warning for each text that tells an old figure and is about the one that was changed. Article: A16-1."""
    now = list(figures_of(new, {}))
    changed = {one.key for one in figures_of(old, {}) if not any(same(one, other) for other in now)}
    if not changed:
        return
    names = {kind: text.text for text in texts_of(before) if text.offers for kind in text.about}
    figures = list(figures_of(old, names))
    for text in texts_of(after):
        for sentence in _SENTENCE.findall(text.text):
            if (figure := told_in(sentence, text, figures, changed)) is not None:
                yield finding(sentence, text, figure, becomes(figure, now))
                break


def same(figure: Figure, other: Figure) -> bool:
    """Whether another release has the figure too, be it that a row now takes it from the policy."""
    return figure.key in {other.key, *other.keys} and figure.words.pattern == other.words.pattern


def becomes(figure: Figure, now: Sequence[Figure]) -> str:
    """What a figure is in another release: that of its own key, else that of the policy which its row now takes. A way
    of reckoning belongs to the rows too and is the figure of none."""
    found = [one for one in now if one.key == figure.key]
    found += [one for one in now if figure.key in one.keys and not one.is_choice]
    return found[0].value if found else NOT_SET


def told_in(sentence: str, text: Told, figures: Sequence[Figure], changed: set[str]) -> Figure | None:
    """The changed figure that a sentence tells, where it tells of no other more likely."""
    asked = [one for one in figures if not (one.is_choice and text.file == POLICY)]
    places = {found.span() for one in asked if one.key in changed for found in one.words.finditer(sentence)}
    for start, end in sorted(places):
        around = pairs_of(sentence[:start]) | pairs_of(sentence[end:])
        ranked = [
            (likeness(text, sentence, around, one), one)
            for one in asked
            if any(found.span() == (start, end) for found in one.words.finditer(sentence))
        ]
        best = max(rank for rank, _ in ranked)
        if best[0] > ELSEWHERE or best[1] >= ENOUGH:
            found = next((one for rank, one in ranked if rank == best and one.key in changed), None)
            if found is not None:
                return found
    return None


def likeness(text: Told, sentence: str, around: frozenset[str], figure: Figure) -> tuple[int, int, bool]:
    """How likely a text is about a figure: by what stands beside it, by its names, by its row, then by its words; at
    last one of the regulation rather than one that the office set."""
    return relation(text, sentence, figure), len(around & figure.pairs), figure.is_given


def relation(text: Told, sentence: str, figure: Figure) -> int:
    """What links a text to a figure beyond its words."""
    if text.about & figure.keys:
        return STRUCTURE
    if any(name in sentence for name in figure.names):
        return NAMED
    if text.articles & figure.articles:
        return SAME_ROW
    return NEAR if text.near & figure.keys else ELSEWHERE


def finding(sentence: str, text: Told, figure: Figure, now: str) -> Finding:
    """What is told of a text that tells the old figure."""
    message = f"{figure.called}由{figure.value}改为{now}，这里仍写着“{shortened(sentence)}”。"
    cure = "说的是这一项的，按改后的数改写；不是的，不必改。"
    return Finding("figure.still_told", message, cure, text.file, text.line, text.element, "warning")
