"""What is changed about one person: roles given and ended, absences, a new password, that they have left."""

from __future__ import annotations

from flask import flash, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from service.domain.errors import FormInvalid, Missing
from service.domain.roster import Appointment
from service.usecases.organisation.absences import end_absence, note_absence
from service.usecases.organisation.addresses import set_addresses
from service.usecases.organisation.appoint import appoint, end_appointment
from service.usecases.organisation.change_password import change_password
from service.usecases.organisation.overview import told_of_absence
from service.usecases.organisation.people import dismiss, give_new_password
from service.web.people.blueprint import (
    UNPROCESSABLE,
    blueprint,
    given_day,
    given_text,
    member_shown,
    roster,
    today,
)
from service.web.people.lists import errors_of
from service.web.people.one_person import mark, shown
from service.web.surroundings import house, now, person, surroundings


@blueprint.post("/<person_id>/appointments")
def give(person_id: str) -> ResponseReturnValue:
    """A role for a term."""
    member_shown(roster(), person_id)
    try:
        given = Appointment(
            given_text("role"),
            given_text("department") or None,
            given_day("since"),
            given_day("until"),
            request.form.get("is_deputy") == "yes",
            given_text("post"),
        )
        appoint(house(), person_id, given, person())
    except FormInvalid as invalid:
        return make_response(shown(person_id, errors_of(invalid)), UNPROCESSABLE)
    flash("已登记任职。")
    return back(person_id)


@blueprint.post("/<person_id>/appointments/end")
def end(person_id: str) -> ResponseReturnValue:
    """The role is no longer held: from now on, or after a last day."""
    member = member_shown(roster(), person_id)
    ended = next((one for one in member.appointments if mark(one) == given_text("which")), None)
    if ended is None:
        raise Missing("这项任职已经变动，请刷新页面再看。", code="appointment.missing")
    try:
        end_appointment(house(), person_id, ended, given_day("last_day"), person())
    except FormInvalid as invalid:
        return make_response(shown(person_id, errors_of(invalid)), UNPROCESSABLE)
    flash("已结束这项任职。")
    return back(person_id)


@blueprint.post("/<person_id>/absences")
def go_away(person_id: str) -> ResponseReturnValue:
    """Somebody is away."""
    member = member_shown(roster(), person_id)
    try:
        note_absence(
            house(),
            person_id,
            given_day("away_since"),
            given_day("away_until"),
            given_text("reason"),
            person(),
        )
    except FormInvalid as invalid:
        return make_response(shown(person_id, errors_of(invalid)), UNPROCESSABLE)
    flash(f"已登记缺勤。{told_of_absence(member, today(), roster().order_at(now()))}")
    return back(person_id)


@blueprint.post("/<person_id>/absences/<absence_id>/end")
def come_back(person_id: str, absence_id: str) -> ResponseReturnValue:
    """Whoever was away is back."""
    end_absence(house(), absence_id, person())
    flash("缺勤已结束。")
    return back(person_id)


@blueprint.post("/<person_id>/addresses")
def reach(person_id: str) -> ResponseReturnValue:
    """Where somebody is reached beyond the pages."""
    member_shown(roster(), person_id)
    try:
        set_addresses(house(), person_id, given_text("email"), given_text("mobile"), person())
    except FormInvalid as invalid:
        return make_response(shown(person_id, errors_of(invalid)), UNPROCESSABLE)
    flash("已保存通知地址。")
    return back(person_id)


@blueprint.post("/own-password")
def change_own_password() -> ResponseReturnValue:
    """One's own, with the old one; then one logs in with the new one."""
    old, new, again = (request.form.get(name, "") for name in ("old_password", "new_password", "new_again"))
    try:
        change_password(house(), surroundings().logins, old, new, again, person())
    except FormInvalid as invalid:
        return make_response(shown(person().id, errors_of(invalid)), UNPROCESSABLE)
    flash("口令已修改，请用新口令登录。")
    return redirect(url_for("login.log_in"))


@blueprint.post("/<person_id>/password")
def password(person_id: str) -> ResponseReturnValue:
    """A new password, shown once."""
    given = give_new_password(house(), surroundings().logins, person_id, person())
    flash(f"新口令：{given} （只显示这一次，请转告本人；其已登录的设备都已退出）")
    return back(person_id)


@blueprint.post("/<person_id>/dismiss")
def leave(person_id: str) -> ResponseReturnValue:
    """Somebody has left."""
    dismiss(house(), surroundings().logins, person_id, person())
    flash("已停用：任职全部结束，不能再登录。其办理过的记录都保留。")
    return back(person_id)


def back(person_id: str) -> ResponseReturnValue:
    return redirect(url_for("people.page", person_id=person_id))
