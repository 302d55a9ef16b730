"""The case page: state, what is open to me, facts, clocks and why, timeline, forms, files, the live diagram."""

from __future__ import annotations

from flask import render_template

from service.domain.case import Attachment
from service.store.reads.case_page import files, notices, records
from service.usecases.case_view import CaseView, Shown, view_case
from service.web.staff.blueprint import blueprint
from service.web.staff.clocks import clock_rows, next_due
from service.web.staff.of_number import case_id_of
from service.web.staff.timeline import timeline
from service.web.staff.values import value_text
from service.web.surroundings import house, now, person, store


@blueprint.get("/cases/<case_no>")
def case_page(case_no: str) -> str:
    """The page of one case, as far as this person may see it."""
    view = view_case(house(), case_id_of(case_no), person())
    with store().reading() as connection:
        kept = records(connection, view.case.id)
        attached = files(connection, view.case.id)
        sent = notices(connection, view.case.id)
    roles = [grant.role for grant in person().grants]
    return render_template(
        "staff/case_page.html",
        view=view,
        case=view.case,
        sight=view.sight,
        todo=[a for a in view.actions if not a.optional],
        optional=[a for a in view.actions if a.optional],
        clocks=clock_rows(view, now()),
        due_at=next_due(view),
        happenings=timeline(view, kept, roles),
        files=visible_files(view, attached),
        notices=sent,
        value_text=value_text,
        told=told_at_first(view),
        contact_fields=[s for f in view.forms for s in f.values if s.field.masked],
    )


def told_at_first(view: CaseView) -> list[Shown]:
    """What the case is about, in the words of the form that opened it."""
    opening = view.forms[0].values if view.forms else ()
    return [shown for shown in opening if shown.field.type == "textarea"]


def visible_files(view: CaseView, attached: list[Attachment]) -> list[Attachment]:
    """Files are content."""
    return attached if view.sight.content else []
