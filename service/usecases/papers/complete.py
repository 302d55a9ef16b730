"""Whether the package of a report is complete, and what it still lacks."""

from __future__ import annotations

from service.content.papers import Package
from service.usecases.case_work import CaseWork


def lacking(work: CaseWork, package: Package | None) -> tuple[str, ...]:
    """What the package lacks, each in the words of the content; nothing where it is complete."""
    if package is None:
        return ()
    scope = work.scope()
    return tuple(
        need.message
        for need in package.needs
        if scope.value(need.check, f"报送件“{need.message}”一项") is not True
    )
