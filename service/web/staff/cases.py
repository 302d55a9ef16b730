"""诉求件: list, search, filters."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service.domain.people import DISCIPLINE
from service.domain.permissions import is_of_office
from service.store.reads.cases import Wanted, list_cases
from service.usecases.access import note_found
from service.usecases.open_actions import start_actions
from service.web import words
from service.web.keys import key_of, key_text
from service.web.naming import current, departments
from service.web.sought import SOUGHT, is_forgotten, keep_sought, offered, sought
from service.web.staff.blueprint import blueprint
from service.web.surroundings import house, now, person, store

FILTERS = (SOUGHT, "status", "urgency", "department", "overdue", "open")
SEE_OTHER = 303
OLDEST_FIRST = "oldest"  # the one other order, beside the usual: the latest received first


@blueprint.get("/cases")
def cases() -> str:
    """The list, one page of it."""
    wanted = wanted_of_request()
    with store().reading() as connection:
        page = list_cases(connection, person(), wanted, now())
    note_found(house(), [row.id for row in page.rows if row.restricted and row.found_by_contact], person())
    return render_template(
        "staff/cases.html",
        page=page,
        wanted=wanted,
        statuses=words.STATUSES,
        urgencies=words.URGENCIES,
        departments=departments(),
        next_url=url_of(after=key_text(page.next)) if page.next else None,
        turned_url=url_of(sort=None if wanted.oldest_first else OLDEST_FIRST),
        sheet_url=url_of(page="staff.case_list"),
        filtered=any(request.args.get(name) for name in FILTERS),
        forgotten=is_forgotten(),
        offered=offered(),
        sought_by="编号、市级工单号、标题，或诉求人姓名、电话"
        if is_of_office(person())
        else "编号、市级工单号或标题",
        is_discipline=person().holds(DISCIPLINE),
    )


@blueprint.post("/cases")
def find_cases() -> ResponseReturnValue:
    """Look for cases: the list whose address carries the filters, and a key to the words."""
    chosen: dict[str, Any] = {name: request.form.get(name) or None for name in (*FILTERS[1:], "sort")}
    return redirect(url_for("staff.cases", **{**chosen, SOUGHT: keep_sought()}), SEE_OTHER)


@blueprint.get("/start")
def starts() -> str:
    """What a person may begin without a case."""
    release = current()
    return render_template(
        "staff/starts.html",
        actions=start_actions(house(), person()),
        forms=release.content.forms if release else {},
    )


def wanted_of_request() -> Wanted:
    """The filters out of the address; what makes no sense is passed over."""
    given = request.args
    return Wanted(
        query=sought(),
        status=given.get("status", "") if given.get("status") in words.STATUSES else "",
        urgency=given.get("urgency", "") if given.get("urgency") in words.URGENCIES else "",
        department=given.get("department", "") if given.get("department") in departments() else "",
        overdue=given.get("overdue") == "1",
        open_only=given.get("open") == "1",
        oldest_first=given.get("sort") == OLDEST_FIRST,
        after=key_of(given.get("after", "")),
    )


def url_of(page: str = "staff.cases", **changed: str | None) -> str:
    """The list, or its spreadsheet, with the filters and the order it has, but for what is changed."""
    kept: dict[str, Any] = {name: value for name, value in request.args.items() if name in (*FILTERS, "sort")}
    return url_for(page, **{**kept, **changed})
