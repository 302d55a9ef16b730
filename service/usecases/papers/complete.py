"""Whether the package of a report is complete, and what it still lacks."""

from __future__ import annotations

from service.content.papers import Package
from service.domain.case import CaseFile
from service.usecases.case_work import CaseWork
from service.usecases.house import Release


def has_papers(release: Release, case: CaseFile) -> bool:
    """Whether a case is of the kind that has papers: it came in as a case; a file of its own (risk, analysis, plan) has
    nothing that stands on them. Article: A11-1."""
    return release.opens_case(case.opened_by_form)


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
