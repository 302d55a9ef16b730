"""What is wrong with an expression, and how it is told."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches

from service.domain.errors import Finding

SHOWN = 12


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
