"""线索池和抽查: what points to a misconduct, never a finding; and closed cases drawn by lot."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service.domain.errors import FormInvalid, Missing
from service.store.reads.supervision import Clue, closed_between, clues
from service.usecases.draw_sample import draw_sample, require_discipline, samples_of
from service.web import words
from service.web.naming import current, department_name
from service.web.show import beijing
from service.web.surroundings import house, now, person, store
from timers.periods import PeriodRefused, bounds, month_of

UNPROCESSABLE = 422
OPENING = "open_supervision"  # the form with which the discipline office takes a case up
ITEM = "suspected_item"
MONTHS = 12
DEFAULT_COUNT = 5

blueprint = Blueprint("supervision", __name__, url_prefix="/supervision")


@blueprint.before_request
def let_discipline_in() -> None:
    """Raises: Refused E_NOT_AUTHORIZED. Article: A15-1."""
    require_discipline(person())


@blueprint.get("/")
def pool() -> str:
    """The clues, and what was drawn."""
    return page({})


@blueprint.get("/clues.csv")
def export() -> Response:
    """The clues as a table to read, with the name of whoever took it out."""
    out = io.StringIO()
    table = csv.writer(out)
    table.writerow(["时间", "情形", "时限", "诉求件", "承办部门", "立项"])
    for one in known_clues():
        opened = "已立项" if one.opened else "未立项"
        table.writerow(
            [
                beijing(one.at),
                item_name(one),
                clock_of(one),
                one.case_no,
                department_name(one.department),
                opened,
            ]
        )
    table.writerow([f"{person().name} 于 {beijing(now())} 导出，线索不是结论"])
    return Response(
        out.getvalue().encode("utf-8-sig"),
        mimetype="text/csv",
        headers={"Content-Disposition": "attachment; filename=clues.csv"},
    )


@blueprint.post("/cases")
def take_up() -> ResponseReturnValue:
    """The form by which a case is taken up, found by its number: what a citizen says of a misconduct is no clue of ours."""
    number = request.form.get("case_no", "").strip().upper()
    try:
        with house().store.begin(reading=True) as uow:
            found = uow.case_of_no(number)
    except Missing:
        return make_response(page({"case_no": f"没有编号为“{number}”的诉求件，请核对。"}), UNPROCESSABLE)
    return redirect(url_for("staff.task_form", case_no=found.case_no, form=OPENING))


@blueprint.post("/samples")
def draw() -> ResponseReturnValue:
    """Some cases drawn by lot."""
    period = request.form.get("period", "")
    try:
        since, before = bounds(period)
        with store().reading() as connection:
            closed = [one.case_no for one in closed_between(connection, since, before)]
        draw_sample(house(), period, closed, request.form.get("count", 0, type=int), person())
    except PeriodRefused:
        return make_response(page({"period": "请选择一个月。"}), UNPROCESSABLE)
    except FormInvalid as invalid:
        return make_response(page({one.path: one.message for one in invalid.fields}), UNPROCESSABLE)
    flash("已抽取并记录。抽中的件立项后才能查看内容。")
    return redirect(url_for("supervision.pool") + "#samples")


def page(errors: Mapping[str, str]) -> str:
    drawn = samples_of(house(), person())
    numbers = {number for one in drawn for number in one.case_nos}
    return render_template(
        "supervision/pool.html",
        clues=known_clues(),
        item_name=item_name,
        clock_of=clock_of,
        samples=drawn,
        closed=closed_of({one.period for one in drawn}, numbers),
        months=[month_of(now(), -shift) for shift in range(MONTHS)],
        count=request.form.get("count", DEFAULT_COUNT),
        case_no=request.form.get("case_no", ""),
        errors=errors,
        opening=OPENING,
    )


def known_clues() -> list[Clue]:
    with store().reading() as connection:
        return clues(connection)


def closed_of(periods: set[str], numbers: set[str]) -> dict[str, object]:
    """The drawn cases by number."""
    found: dict[str, object] = {}
    with store().reading() as connection:
        for period in periods:
            every = closed_between(connection, *bounds(period))
            found |= {one.case_no: one for one in every if one.case_no in numbers}
    return found


def item_name(clue: Clue) -> str:
    """The misconduct that a clue points to, as the form of the discipline office calls it."""
    release = current()
    form = release.content.forms.get(OPENING) if release else None
    field = next((one for one in form.fields if one.key == ITEM), None) if form else None
    named = {option.value: option.label for option in field.options} if field else {}
    return named.get(clue.item or "", clue.item or "未说明")


def clock_of(clue: Clue) -> str:
    """The deadline that a clue is about."""
    return words.clock_name(clue.clock) if clue.clock else ""
