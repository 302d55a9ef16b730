"""统计: the figures of a period for those who may read them, and as a spreadsheet without formulas."""

from __future__ import annotations

import io

import pytest
from openpyxl import load_workbook

from service.domain.people import HEAD, Grant, Person
from service.domain.roster import Department
from service.usecases.figures import Counted, figures_between
from service.usecases.monthly_report import bounds
from service.usecases.passwords import hash_password
from tests.web.office import PASSWORD, Office

STARTS = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "＝1+1", '=HYPERLINK("x")', " =1", "＋1", "|x")
MARCH = "2024-03"


def cells(content: bytes) -> list[list[object]]:
    sheet = load_workbook(io.BytesIO(content)).active
    return [[cell.value for cell in row if cell.value is not None] for row in sheet.iter_rows()]


def test_the_office_reads_the_figures_of_the_institute(office):
    office.dispatched()
    office.registered(upstream_order_no="FIC-2024-000778")

    text = office.browser("zhuren").get(f"/reports/?period={MARCH}").text

    assert "<strong>2</strong>接收" in text
    assert "2024年3月" in text
    assert "全院" in text


def test_a_period_in_which_nothing_came_says_so(office):
    office.dispatched()

    text = office.browser("zhuren").get("/reports/?period=2023-Q4").text

    assert "2023年第4季度没有接收诉求件" in text


def test_a_head_reads_those_of_their_own_department_alone(office):
    office.dispatched("dept_logistics")
    head = office.browser("fuzeren_logistics")

    own = head.get(f"/reports/?period={MARCH}")
    other = head.get(f"/reports/?period={MARCH}&department=dept_finance")

    assert "<strong>1</strong>接收" in own.text
    assert "全院" not in own.text
    assert other.status_code == 403
    assert "<strong>0</strong>接收" in office.browser("fuzeren_finance").get(f"/reports/?period={MARCH}").text


@pytest.mark.parametrize("account", ["jiwei", "admin", "liucheng"])
def test_others_read_none(office, account):
    assert office.browser(account).get("/reports/").status_code == 403
    assert office.browser(account).get("/reports/figures.xlsx").status_code == 403


@pytest.mark.parametrize("period", ["2024-13", "yesterday", "2024-03-01", "=1"])
def test_what_is_no_period_is_told(office, period):
    answer = office.browser("zhuren").get("/reports/", query_string={"period": period})

    assert answer.status_code == 422
    assert "不是月份或季度" in answer.text


@pytest.mark.parametrize("name", STARTS)
def test_no_cell_of_the_spreadsheet_is_a_formula(office, name):
    with office.store.begin() as uow:
        uow.add_department(Department("dept_odd", name))
        head = Person("fuzeren_odd", "fuzeren_odd", "方某", (Grant(HEAD, "dept_odd"),))
        uow.add_person(head, hash_password(PASSWORD))
        uow.commit()

    answer = office.browser("zhuren").get(f"/reports/figures.xlsx?period={MARCH}&department=dept_odd")

    sheet = load_workbook(io.BytesIO(answer.data)).active
    assert [cell.data_type for row in sheet.iter_rows() for cell in row if cell.data_type == "f"] == []
    assert sheet["A1"].value.endswith(name.strip())


def test_the_spreadsheet_holds_what_the_page_shows(office: Office):
    office.dispatched()

    answer = office.browser("zhuren").get(f"/reports/figures.xlsx?period={MARCH}")

    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert ["接收件数", 1] in cells(answer.data)
    assert cells(answer.data)[0] == ["2024年3月　全院"]


def test_a_case_that_a_department_gave_back_is_not_in_its_figures(office):
    number = office.dispatched("dept_logistics", urgency="normal")
    assert received_by(office, "dept_logistics") == 1
    given_back = office.browser("fuzeren_logistics").fill(
        f"/cases/{number}/forms/request_return",
        {"scope_claim": "other_dept", "suggested_department": "dept_finance", "reason": "属财务职责"},
    )
    assert given_back.status_code == 303, given_back.text
    decided = office.browser("paidan").fill(
        f"/cases/{number}/forms/decide_return", {"decision": "accept", "next_action": "redispatch"}
    )
    assert decided.status_code == 303, decided.text

    assert received_by(office, "dept_logistics") == 0
    assert received_by(office, None) == 1


def received_by(office: Office, department: str | None) -> int:
    """How many cases of the month the figures count, of a department or of all."""
    since, before = bounds("2024-03")
    with office.house.store.begin(reading=True) as uow:
        counted = Counted.by(office.house.catalogue.current(before, uow))
        return figures_between(uow, since, before, counted, department).received
