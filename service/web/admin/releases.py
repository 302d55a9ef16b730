"""版本: which releases are in use, by how many cases."""

from __future__ import annotations

from flask import render_template

from service.store.reads.releases import cases_per_release
from service.web.admin.blueprint import blueprint
from service.web.naming import current
from service.web.surroundings import house, now, store


@blueprint.get("/releases")
def releases() -> str:
    """Every release with its counts."""
    with house().store.begin(reading=True) as uow:
        rows = uow.releases()
    with store().reading() as connection:
        counts = cases_per_release(connection)
    found = current()
    return render_template(
        "admin/releases.html",
        releases=list(reversed(rows)),
        counts=counts,
        in_force=found.row.no if found else None,
        now=now(),
    )
