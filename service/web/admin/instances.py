"""实例: what runs, by process and state, how old, what is due next."""

from __future__ import annotations

from typing import Any

from flask import render_template, request, url_for

from service.store.reads.instances import STATES, Sought, counts, list_instances
from service.store.reads.paging import Key
from service.store.reads.timers import open_incidents
from service.web.admin.blueprint import blueprint
from service.web.keys import key_of, key_text
from service.web.naming import departments
from service.web.surroundings import now, person, store

FILTERS = frozenset({"q", "process", "state", "department", "trouble"})
TROUBLES = {"late": "有逾期", "parked": "有停放的计时器"}


@blueprint.get("/")
def instances() -> str:
    """The list, one page of it, with counts above."""
    sought = sought_of_request()
    with store().reading() as connection:
        rows, more = list_instances(connection, person(), sought, now())
        counted = counts(connection, person())
        waiting = open_incidents(connection)
    return render_template(
        "admin/instances.html",
        rows=rows,
        sought=sought,
        counts=counted,
        open_incidents=waiting,
        processes=sorted({count.process for count in counted}),
        departments=departments(),
        troubles=TROUBLES,
        next_url=next_url(more),
    )


def sought_of_request() -> Sought:
    """The filters out of the address; what makes no sense is passed over."""
    given = request.args
    return Sought(
        query=given.get("q", "").strip()[:40],
        process=given.get("process", "")[:100],
        state=given.get("state", "") if given.get("state") in STATES else "",
        department=given.get("department", "") if given.get("department") in departments() else "",
        trouble=given.get("trouble", "") if given.get("trouble") in TROUBLES else "",
        after=key_of(given.get("after", "")),
    )


def next_url(key: Key | None) -> str | None:
    if key is None:
        return None
    kept: dict[str, Any] = {name: value for name, value in request.args.items() if name in FILTERS}
    return url_for("admin.instances", **kept, after=key_text(key))
