"""The page of figures, and its spreadsheet."""

from __future__ import annotations

from flask import Blueprint, Response, render_template, request

from service.usecases.read_report import PeriodReport, read_report
from service.web.naming import department_name
from service.web.reports.charts import Bar, bars, shares
from service.web.reports.spreadsheet import as_spreadsheet
from service.web.surroundings import house, now, person
from service.web.words import REQUEST_TYPES
from timers.clock import BEIJING
from timers.periods import month_of, quarter_of, said

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MONTHS_BACK = 12
QUARTERS_BACK = 4

blueprint = Blueprint("reports", __name__, url_prefix="/reports")


@blueprint.get("/")
def figures() -> str:
    """The figures of a month or quarter."""
    found = asked()
    return render_template(
        "reports/figures.html",
        report=found,
        title=said(found.period),
        periods=periods(),
        types=bars({REQUEST_TYPES.get(k, k): n for k, n in found.figures.by_type.items()}),
        categories=bars(found.figures.by_category),
        months=[Bar(said(one.period), one.received, one.received) for one in found.trend],
        most=max((one.received for one in found.trend), default=0),
        on_time=shares({department_name(k): part for k, part in found.figures.on_time_by_department.items()}),
    )


@blueprint.get("/figures.xlsx")
def spreadsheet() -> Response:
    """The same figures as a spreadsheet: text cells, never formulas."""
    found = asked()
    response = Response(as_spreadsheet(found, department_name), mimetype=XLSX)
    response.headers.set("Content-Disposition", "attachment", filename=f"jsjb-{found.period}.xlsx")
    return response


def asked() -> PeriodReport:
    """The report for the period and department of the address."""
    return read_report(
        house(), person(), request.args.get("period") or None, request.args.get("department") or None
    )


def periods() -> list[tuple[str, str]]:
    """The months and quarters that may be chosen, the latest first, with their names."""
    today = now().astimezone(BEIJING)
    months = [month_of(today, -back) for back in range(MONTHS_BACK)]
    quarters = [quarter_of(today, -back) for back in range(QUARTERS_BACK)]
    return [(one, said(one)) for one in (*months, *quarters)]
