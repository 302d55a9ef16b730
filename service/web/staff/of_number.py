"""From the number people know a case by to the case itself."""

from __future__ import annotations

from service.domain.case import CaseFile
from service.domain.errors import Missing
from service.store.reads.cases import is_visible
from service.usecases.authorize import opens_unseen
from service.web.surroundings import house, person, store


def case_of(case_no: str) -> CaseFile:
    """The head of a case that this person may know of.

    Raises: Missing, the same for one that is not there, before anything else is asked about it.
    """
    with store().begin(reading=True) as unit:
        if not is_visible(unit.transaction.connection, person(), case_no):
            raise Missing
        return unit.case_of_no(case_no)


def case_for(case_no: str, form: str) -> CaseFile:
    """The head of a case on which this person fills in a form: one they know of, or any, where the form opens
    something that is theirs to open on any case. Raises: Missing, the same for one that is not there."""
    try:
        return case_of(case_no)
    except Missing:
        with house().store.begin(reading=True) as uow:
            case = uow.case_of_no(case_no)
            release = house().catalogue.release(case.release_no, uow)
        if not opens_unseen(release, form, person()):
            raise
        return case


def case_id_of(case_no: str) -> str:
    return case_of(case_no).id
