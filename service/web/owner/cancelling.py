"""Calling a release off before it comes into force: a page that says what that means, and asks why."""

from __future__ import annotations

from flask import flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service.domain.errors import Conflict, FormInvalid
from service.usecases.cancel_release import (
    LATEST_BEFORE,
    LONGEST_REASON,
    built_on,
    cancel_release,
    found,
    may_not_cancel,
)
from service.usecases.house import House
from service.web.naming import current
from service.web.owner.blueprint import blueprint
from service.web.surroundings import house, person

UNPROCESSABLE = 422


@blueprint.get("/releases/<int:no>/cancel")
def cancel_page(no: int) -> ResponseReturnValue:
    """What becomes of it, before it is done; where it cannot be called off, why not, and the page of the release."""
    try:
        return page(house(), no, "", None)
    except Conflict as conflict:
        flash(conflict.message)
        return redirect(url_for("owner.release", no=no))


@blueprint.post("/releases/<int:no>/cancel")
def cancel(no: int) -> ResponseReturnValue:
    """Done; without a reason what was typed stays."""
    reason = request.form.get("reason", "")
    try:
        row = cancel_release(house(), no, by=person(), reason=reason)
    except FormInvalid as invalid:
        return make_response(page(house(), no, reason, invalid.fields[0].message), UNPROCESSABLE)
    flash(f"第 {row.no} 版已撤销，不会生效。")
    return redirect(url_for("owner.releases"))


def page(of: House, no: int, reason: str, error: str | None) -> str:
    """Raises: Missing; Conflict where it cannot be called off."""
    with of.store.begin(reading=True) as uow:
        rows = uow.releases()
        row = found(rows, no)
        latest = of.clock.now() + LATEST_BEFORE
        refusal = may_not_cancel(row, in_use=uow.is_release_in_use(no), latest=latest)
    if refusal is not None:
        raise refusal
    return render_template(
        "owner/cancel_release.html",
        release=row,
        in_force=current(),
        built_on=built_on(rows, row),
        reason=reason,
        error=error,
        longest=LONGEST_REASON,
    )
