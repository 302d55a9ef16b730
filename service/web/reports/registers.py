"""台账: what was handed in for each register of Articles 12 and 13, by period and department, and what is awaited.

Which field of which form belongs into which register is content: the field's property `register` names it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, render_template, request

from service.content.fields import Field
from service.content.forms import Form
from service.domain.errors import Refused
from service.store.reads.registers import MOST, HandedIn, awaited, handed_in
from service.usecases.read_report import readable
from service.web.forms.fields import value_at
from service.web.naming import current
from service.web.show import period_text
from service.web.surroundings import house, person, store
from timers.periods import PeriodRefused, bounds, month_of

REGISTER = "register"
PERIOD = "period"  # the field in which whoever hands a form in says which period it is about

blueprint = Blueprint("registers", __name__, url_prefix="/registers")


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a register."""

    text: str
    form: str
    department: str | None
    period: str
    about: str | None
    at: datetime
    by_name: str
    case_no: str
    due_at: datetime | None
    state: str | None


@dataclass(frozen=True, slots=True)
class Register:
    """One register: its name, the article it carries out, its entries."""

    name: str
    article: str | None
    entries: Sequence[Entry]


@blueprint.get("/")
def registers() -> str:
    """The page, for one period and department or for all of them."""
    may = readable(house(), person())
    if not may:
        raise Refused("E_NOT_AUTHORIZED", "您的岗位不看台账。")
    kept = fields_of_registers()
    forms = sorted({form.key for fields in kept.values() for form, _ in fields})
    with store().reading() as connection:
        rows = handed_in(connection, person(), forms)
        waiting = awaited(connection, person())
    period, department = request.args.get("period", ""), request.args.get("department", "")
    periods = sorted(
        {period_of(row) for row in rows} | {p for w in waiting if (p := valid(w.period))}, reverse=True
    )
    named = {*(row.department for row in rows), *(one.department for one in waiting)}
    departments = sorted(key for key in named if key)

    def is_wanted(of_period: str | None, of_department: str | None) -> bool:
        return (not period or of_period == period) and (not department or of_department == department)

    wanted = [row for row in rows if is_wanted(period_of(row), row.department)]
    return render_template(
        "reports/registers.html",
        registers=[register(name, fields, wanted) for name, fields in kept.items()],
        waiting=[one for one in waiting if is_wanted(valid(one.period), one.department)],
        periods=[(one, period_text(one)) for one in periods],
        departments=departments,
        period=period,
        department=department,
        is_filtered=bool(period or department),
        most=MOST if MOST in (len(rows), len(waiting)) else None,
    )


def fields_of_registers() -> Mapping[str, Sequence[tuple[Form, Field]]]:
    """Register → the fields whose texts it keeps, as the content now in force has them."""
    release = current()
    found: dict[str, list[tuple[Form, Field]]] = {}
    for form in release.content.forms.values() if release else ():
        for field in form.fields:
            if name := field.properties.get(REGISTER):
                found.setdefault(name, []).append((form, field))
    return dict(sorted(found.items(), key=lambda one: one[1][0][1].article or ""))


def register(name: str, fields: Sequence[tuple[Form, Field]], rows: Iterable[HandedIn]) -> Register:
    """One register with the entries that have something to say."""
    entries = [
        Entry(
            text=str(text),
            form=form.title,
            department=row.department,
            period=period_of(row),
            about=row.about,
            at=row.at,
            by_name=row.by_name,
            case_no=row.case_no,
            due_at=row.due_at,
            state=row.state,
        )
        for row in rows
        for form, field in fields
        if row.form == form.key and (text := value_at(row.values, field.path))
    ]
    return Register(name, fields[0][1].article, entries)


def period_of(row: HandedIn) -> str:
    """The period an entry is about: that of its file, the one it names, else the month in which it was handed in."""
    return valid(row.period) or valid(row.values.get(PERIOD)) or month_of(row.at)


def valid(period: str | None) -> str | None:
    """A period that is one."""
    try:
        bounds(period or "")
    except PeriodRefused:
        return None
    return period
