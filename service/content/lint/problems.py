"""What is wrong with an expression, and how it is told."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches

from service.domain.errors import Finding

SHOWN = 12
SHORT, LONG = 4, 9  # letters of a word below which no slip is seen in it, and from which two may be


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with an expression."""

    rule: str
    message: str
    cure: str
    severity: str = "error"


def findings(
    found: Iterable[Problem], where: str, file: str, line: int | None, element: str | None
) -> Iterator[Finding]:
    """Problems as findings at the place where the expression stands, which `where` names."""
    for one in found:
        yield Finding(one.rule, f"{where}：{one.message}", one.cure, file, line, element, one.severity)


def slip_of(word: str, known: Iterable[str]) -> str | None:
    """The known word that this one is a slip of the pen of; None where it may be a word of its own.

    One sign too many, missing, wrong or in the wrong place; two in long words.
    """
    most = 0 if len(word) < SHORT else 1 if len(word) < LONG else 2
    near = ((distance(word, one), one) for one in known if abs(len(one) - len(word)) <= most)
    return min((pair for pair in near if 0 < pair[0] <= most), default=(0, None))[1]


def distance(a: str, b: str) -> int:
    """How many signs must be changed, added, removed or swapped with their neighbour to get from a to b."""
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, sign in enumerate(a, 1):
        earlier, before, row = before, row, [i]
        for j, other in enumerate(b, 1):
            steps = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (sign != other))
            if earlier and j > 1 and (sign, a[i - 2]) == (b[j - 2], other):
                steps = min(steps, earlier[j - 2] + 1)
            row.append(steps)
    return row[-1]


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """The cure for a word that does not exist: the nearest that does, or what there is."""
    there = sorted(known)
    near = get_close_matches(word, there, n=3, cutoff=0.6)
    if near:
        return f"是否想写 {'、'.join(near)}？"
    if not there:
        return "这里没有可用的名称。"
    more = f" 等 {len(there)} 个" if len(there) > SHOWN else ""
    return f"可用：{'、'.join(there[:SHOWN])}{more}。"
