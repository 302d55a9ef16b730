"""The case page: state, what is open to me, facts, clocks and why, timeline, forms, files, the live diagram."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import render_template, session

from service.content.links import LINK
from service.domain.case import Attachment, ending_of
from service.store.reads.case_page import files, notices, records
from service.store.reads.inbox import ToDo, todos
from service.store.reads.related import case_named, files_about
from service.usecases.attach_file import withheld_by
from service.usecases.case_view import CaseView, view_case
from service.usecases.papers.complete import has_papers
from service.web.staff.blueprint import blueprint
from service.web.staff.brief import contact_of, told_at_first
from service.web.staff.clocks import clock_rows, next_due
from service.web.staff.of_number import case_id_of
from service.web.staff.timeline import timeline
from service.web.staff.values import value_text
from service.web.surroundings import away, house, now, person, store

DONE = "done"  # the entry of the session that holds what was handed in until the next page tells it


@blueprint.get("/cases/<case_no>")
def case_page(case_no: str) -> str:
    """The page of one case, as far as this person may see it."""
    view = view_case(house(), case_id_of(case_no), person())
    with store().reading() as connection:
        kept = records(connection, view.case.id)
        attached = files(connection, view.case.id)
        sent = notices(connection, view.case.id)
        about = files_about(connection, person(), case_no)
        named = case_named(connection, person(), view.case.columns.get(LINK))
    roles = [grant.role for grant in person().grants]
    return render_template(
        "staff/case_page.html",
        view=view,
        case=view.case,
        sight=view.sight,
        todo=[a for a in view.actions if not a.optional and not a.closed_because],
        optional=[a for a in view.actions if a.optional and not a.is_never_accepted and not a.closed_because],
        closed=[a for a in view.actions if a.closed_because],
        vain=[a for a in view.actions if a.optional and a.is_never_accepted],
        clocks=clock_rows(view, now()),
        due_at=next_due(view),
        ending=ending_of(view.case.columns),
        happenings=timeline(view, kept, sent, roles),
        files=visible_files(view, attached),
        files_about=about,
        case_named=named,
        withheld=withheld(view, attached),
        has_papers=has_papers(view.release, view.case),
        value_text=value_text,
        told=told_at_first(view),
        contact_fields=contact_of(view),
        done=just_done(case_no),
        next_todo=next_todo(view),
    )


def just_done(case_no: str) -> Mapping[str, Any] | None:
    """What the person has handed in on this case just now, told once."""
    done: Mapping[str, Any] | None = session.pop(DONE, None)
    return done if done and done["case_no"] == case_no else None


def next_todo(view: CaseView) -> ToDo | None:
    """The most pressing thing that waits for this person elsewhere."""
    with store().reading() as connection:
        found = todos(connection, person(), away=away())
    return next((one for one in found if one.case_id != view.case.id), None)


def withheld(view: CaseView, attached: list[Attachment]) -> frozenset[str]:
    """Those of the files that this person may not take, since they hold contacts that are masked for them."""
    if view.sight.contact:
        return frozenset()
    handed_in = [one.submission for one in view.forms]
    return frozenset(f.id for f in attached if withheld_by(view.release, handed_in, f.sha256))


def visible_files(view: CaseView, attached: list[Attachment]) -> list[Attachment]:
    """Files are content."""
    return [f for f in attached if view.sight.content and f.submission_id not in view.apart.submissions]
