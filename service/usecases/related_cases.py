"""What the step of one case changes in another: a report filed by itself counts for the case that it names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from service.domain.changes import CaseChange, LoadedCase, RelatedFile
from service.domain.errors import Missing
from service.domain.ports import UnitOfWork
from service.usecases.case_change import columns_after, version_after
from service.usecases.case_work import CaseWork

RELATED = "related_case"  # the column of the content that names another case


def in_related_cases(work: CaseWork, change: CaseChange) -> Iterator[CaseChange]:
    """The columns of the cases that this file now names as related, or no longer does, to be saved with it.

    Their columns alone: what waits in those cases goes on by their own steps, and nobody is kept from handing in a
    report by what is due elsewhere. Raises: Stale, when it is saved, where such a case moved meanwhile.
    """
    before = work.loaded.case.columns.get(RELATED) if work.loaded else None
    after = change.case.columns.get(RELATED)
    if before == after:
        return
    own = RelatedFile(change.case.case_no, change.case.opened_by_form)
    for number in (before, after):
        loaded = found(work.uow, number, besides=change.case.case_no)
        if loaded is not None:
            others = tuple(one for one in loaded.related if one.case_no != own.case_no)
            related = (*others, own) if number == after else others
            yield from with_columns(work, loaded, tuple(sorted(related, key=lambda one: one.case_no)))


def found(uow: UnitOfWork, number: str | None, *, besides: str) -> LoadedCase | None:
    """The case of a number, where there is one beside this."""
    if number in (None, besides):
        return None
    try:
        return uow.load(uow.case_of_no(str(number)).id)
    except Missing:
        return None


def with_columns(
    work: CaseWork, loaded: LoadedCase, related: tuple[RelatedFile, ...]
) -> Iterator[CaseChange]:
    """A related case with its columns as they are with these files about it; nothing where they stay."""
    other = CaseWork.of(work.house, work.uow, loaded, work.now, work.cause)
    other.related = related
    columns = columns_after(other)
    if columns != loaded.case.columns:
        case = replace(loaded.case, version=version_after(other), columns=columns)
        yield CaseChange(case=case, seen=other.seen)
