"""How alike two short texts are, for suggestions: whether it is the same matter is for people to say."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from itertools import pairwise

from service.domain.case import CaseFile


def likeness(one: str | None, other: str | None) -> float:
    """The share of neighbouring pairs of characters that two texts have in common, 0 to 1."""
    first, second = pairs(one), pairs(other)
    if not first or not second:
        return 0.0
    return 2 * len(first & second) / (len(first) + len(second))


def pairs(text: str | None) -> set[str]:
    """The neighbouring pairs of a text, without signs and spaces and whatever its width and case."""
    plain = unicodedata.normalize("NFKC", text or "").casefold()
    kept = [c for c in plain if c.isalnum()]
    return {a + b for a, b in pairwise(kept)}


def same_matter(
    found: Iterable[CaseFile], order_no: str | None, contact: str | None, title: str | None, alike: float
) -> Sequence[str]:
    """The numbers of the cases that may be about the same: the same order first, then the same contact, then
    titles that are alike enough; in each of them the latest first.

    Article: A8-2.
    """
    ranked = []
    for case in found:
        of = case.columns
        score = likeness(title, of.get("title"))
        if order_no and of.get("order_no") == order_no:
            ranked.append((0, case))
        elif contact and of.get("contact") == contact:
            ranked.append((1, case))
        elif score >= alike:
            ranked.append((2, case))
    ranked.sort(key=lambda one: (one[0], -one[1].received_at.timestamp(), one[1].case_no))
    return [case.case_no for _, case in ranked]
