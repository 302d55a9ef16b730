"""From what stands against a submission to the forms that cure it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask import url_for

from service.domain.case import CaseFile
from service.domain.errors import Ground, Missing
from service.usecases.open_actions import Action, actions_for
from service.web.surroundings import house, person

Ways = Mapping[str, Sequence[tuple[str, str]]]


def ways_out(case: CaseFile | None, grounds: Sequence[Ground]) -> Ways:
    """Message → the forms that it names and that are open to this person: title and address."""
    if case is None or not grounds:
        return {}
    titles = house().catalogue.release(case.release_no).content.forms
    try:
        actions = actions_for(house(), case.id, person())
    except Missing:
        return {}  # a case that is not seen yet
    open_now = [(titles[one.form].title, address(case, one)) for one in actions]
    return {
        ground.message: list(dict.fromkeys(way for way in open_now if f"“{way[0]}”" in ground.message))
        for ground in grounds
    }


def address(case: CaseFile, action: Action) -> str:
    return url_for(
        "staff.task_form",
        case_no=case.case_no,
        form=action.form,
        task=action.task_id,
        co_department=action.co_department,
    )
