"""统计 and 台账: the figures of Articles 12 and 13, and the registers of what follows from them."""

from __future__ import annotations

from flask import Flask

from service.domain.people import HEAD, LEADING_GROUP, LIAISON
from service.domain.permissions import OFFICE_ROLES
from service.web.navigation import Entry, add_entries
from service.web.reports import pages, registers


def init_app(app: Flask) -> None:
    app.register_blueprint(pages.blueprint)
    app.register_blueprint(registers.blueprint)
    readers = OFFICE_ROLES | {LEADING_GROUP, HEAD, LIAISON}
    add_entries(
        app,
        [
            Entry("reports.figures", "统计", "gauge", frozenset(readers)),
            Entry("registers.registers", "台账", "book", frozenset(readers)),
        ],
    )
