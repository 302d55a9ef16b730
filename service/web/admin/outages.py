"""停机: what the system noted of itself, and what administrators record of network and lines."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from flask import flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service.domain.errors import FieldError, FormInvalid
from service.domain.permissions import may_record_outage
from service.usecases.outages import all_outages, record_outage, withdraw_outage
from service.web.admin.blueprint import blueprint
from service.web.surroundings import house, now, person
from timers.clock import BEIJING

UNPROCESSABLE = 422


@blueprint.get("/outages")
def outages() -> str:
    """The list, the latest first, and a form for one more."""
    return listing({})


@blueprint.post("/outages")
def record() -> ResponseReturnValue:
    """One more."""
    try:
        began_at, ended_at = given_instant("began_at"), given_instant("ended_at")
        record_outage(house(), began_at, ended_at, given_text("what"), given_text("reason"), person())
    except FormInvalid as invalid:
        wrong = {one.path: one.message for one in invalid.fields}
        return make_response(listing(wrong), UNPROCESSABLE)
    flash("已登记停机：其间届满的时限，办公室主任可以裁定停机免责。")
    return redirect(url_for("admin.outages"))


@blueprint.post("/outages/<int:outage_id>/withdraw")
def withdraw(outage_id: int) -> ResponseReturnValue:
    """One that was none."""
    try:
        withdraw_outage(house(), outage_id, given_text("withdrawn_for"), person())
    except FormInvalid as invalid:
        wrong = {f"{one.path}-{outage_id}": one.message for one in invalid.fields}
        return make_response(listing(wrong), UNPROCESSABLE)
    flash("已撤销这条停机登记，其间届满的时限不能再以它免责。")
    return redirect(url_for("admin.outages"))


def listing(errors: Mapping[str, str]) -> str:
    """The page; with errors, what was typed stands in its fields again."""
    return render_template(
        "admin/outages.html",
        outages=all_outages(house()),
        errors=errors,
        given=request.form,
        may_record=may_record_outage(person()),
        latest=now().astimezone(BEIJING).strftime("%Y-%m-%dT%H:%M"),
    )


def given_text(name: str) -> str:
    """What a field says, without blanks around it."""
    return request.form.get(name, "").strip()


def given_instant(name: str) -> datetime | None:
    """The instant that a field names, in Beijing time; None where it is empty. Raises: FormInvalid."""
    text = given_text(name)
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
        if found.tzinfo is not None:
            raise ValueError("it says itself where it is told, and the field says Beijing")
        return found.replace(tzinfo=BEIJING).astimezone(UTC)
    except (ValueError, OverflowError) as err:
        raise FormInvalid([FieldError(name, "date", "请填写日期和时间，如 2026-03-01 09:30。")]) from err
