"""Many findings, told so that a person can read them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from service.domain.errors import Finding

MOST = 10  # of one rule in one file


def told(findings: Iterable[Finding], most: int = MOST) -> Iterator[Finding]:
    """The findings in their order; of each rule in each file the first few, and how many more there are."""
    waiting = list(findings)
    total = Counter(kind(finding) for finding in waiting)
    seen: Counter[tuple[str, str, str]] = Counter()
    for finding in waiting:
        seen[kind(finding)] += 1
        if seen[kind(finding)] <= most:
            yield finding
        elif seen[kind(finding)] == total[kind(finding)]:
            more = total[kind(finding)] - most
            yield Finding(finding.rule, f"还有 {more} 处。", file=finding.file, severity=finding.severity)


def kind(finding: Finding) -> tuple[str, str, str]:
    """What makes two findings alike to whoever reads them."""
    return finding.file, finding.rule, finding.severity
