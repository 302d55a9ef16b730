"""The pages of those who work on cases."""

from __future__ import annotations

from flask import Flask

from service.domain.people import (
    ADMIN,
    DISCIPLINE,
    HANDLER,
    HEAD,
    LEADING_GROUP,
    LIAISON,
    OFFICE_DIRECTOR,
    OFFICE_DISPATCHER,
)
from service.web.navigation import Entry, add_entries
from service.web.staff import (
    case_page,
    cases,
    contact,
    diagram,
    downloads,
    files,
    foresight,
    inbox,
    notices,
    papers,
    task_form,
)
from service.web.staff.blueprint import blueprint

WORKERS = frozenset({OFFICE_DISPATCHER, OFFICE_DIRECTOR, LIAISON, HANDLER, HEAD, LEADING_GROUP, DISCIPLINE})
PAGES = (inbox, cases, case_page, contact, diagram, downloads, files, notices, papers, task_form, foresight)


def init_app(app: Flask) -> None:
    app.register_blueprint(blueprint)
    add_entries(
        app,
        [
            Entry("staff.inbox", "待办", "inbox", WORKERS),
            Entry("staff.cases", "诉求件", "cases", WORKERS | {ADMIN}),
            Entry("staff.starts", "登记", "plus", WORKERS),
            Entry("staff.notices", "通知", "bell", WORKERS, badge="unread"),
        ],
    )
