"""From the number people know a case by to the case itself."""

from __future__ import annotations

from service.domain.case import CaseFile
from service.web.surroundings import house


def case_of(case_no: str) -> CaseFile:
    """The head of a case. Says nothing about who may see it: the use case asked next does. Raises: Missing."""
    with house().store.begin() as uow:
        return uow.case_of_no(case_no)


def case_id_of(case_no: str) -> str:
    return case_of(case_no).id
