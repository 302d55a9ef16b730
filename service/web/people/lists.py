"""The roll of the institute, somebody new, a new department, a list to be taken in."""

from __future__ import annotations

from flask import flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service.domain.errors import FormInvalid, Invalid
from service.domain.people import ADMIN
from service.usecases.organisation.import_people import import_people
from service.usecases.organisation.overview import overview, without_role
from service.usecases.organisation.people import add_department, add_person, require_admin
from service.usecases.organisation.people_list import COLUMNS
from service.web.people.blueprint import (
    UNPROCESSABLE,
    blueprint,
    given_text,
    require_keeper,
    roster,
    today,
)
from service.web.surroundings import house, now, person

SHOWN_ERRORS = 50


@blueprint.get("/")
def roll() -> str:
    """Who holds what in each part of the institute, who is away, what is missing."""
    require_keeper()
    known = roster()
    return render_template(
        "people/roll.html",
        parts=overview(known, now()),
        idle=without_role(known, today()),
        today=today(),
        is_admin=person().holds(ADMIN),
    )


@blueprint.get("/add")
def add_page() -> str:
    """Somebody new, a new department, a list."""
    require_admin(person())
    return adding({})


@blueprint.post("/add/person")
def add_one() -> ResponseReturnValue:
    """Somebody new; their first password is shown once, on their page."""
    try:
        person_id, password = add_person(house(), given_text("account"), given_text("name"), person())
    except FormInvalid as invalid:
        return make_response(adding(errors_of(invalid)), UNPROCESSABLE)
    flash(f"已新增。首次登录口令：{password} （只显示这一次，请转告本人）")
    return redirect(url_for("people.page", person_id=person_id))


@blueprint.post("/add/department")
def add_a_department() -> ResponseReturnValue:
    """A new department."""
    try:
        add_department(house(), given_text("key"), given_text("department_name"), person())
    except FormInvalid as invalid:
        return make_response(adding(errors_of(invalid)), UNPROCESSABLE)
    flash("已新增部门。请指定部门负责人和专人，否则一般件派不到这个部门。")
    return redirect(url_for("people.roll"))


@blueprint.post("/add/list")
def take_in() -> ResponseReturnValue:
    """A spreadsheet: what it would change, and on a second click that it does."""
    require_admin(person())
    file = request.files.get("list")
    content = file.read() if file else b""
    if not content:
        return make_response(adding({"list": "请选择一个 xlsx 或 csv 文件。"}), UNPROCESSABLE)
    is_for_real = request.form.get("how") == "apply"
    try:
        taken = import_people(house(), content, by=person().id, apply=is_for_real)
    except FormInvalid as invalid:
        wrong = [one.message for one in invalid.fields]
        return make_response(
            adding({}, wrong_rows=wrong[:SHOWN_ERRORS], more=len(wrong) - SHOWN_ERRORS), UNPROCESSABLE
        )
    except Invalid as invalid:
        return make_response(adding({"list": invalid.message}), UNPROCESSABLE)
    if is_for_real:
        flash(
            f"名单已导入：新人员 {len(taken.people)}，岗位、姓名、地址变动 {len(taken.changed)}，"
            f"新部门 {len(taken.departments)}。"
        )
        if taken.left_empty:
            flash(f"注意：{'；'.join(taken.left_empty)}。", "warning")
        return redirect(url_for("people.roll"))
    return adding({}, taken=taken)


def adding(errors: dict[str, str], **more: object) -> str:
    return render_template(
        "people/add.html",
        errors=errors,
        given=request.form,
        columns=COLUMNS,
        **{"taken": None, "wrong_rows": (), "more": 0, **more},
    )


def errors_of(invalid: FormInvalid) -> dict[str, str]:
    """The sentence for each field."""
    return {one.path: one.message for one in invalid.fields}
