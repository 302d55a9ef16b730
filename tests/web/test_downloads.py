"""我的下载: what was asked for, how far it is, and fetching it; on the pages as people use them."""

from __future__ import annotations

import io
import re
from urllib.parse import quote

import openpyxl
import pytest

from service.web import case_sheet
from service.web.staff.handed_out import plain_name
from tests.web.office import Browser, Office


def test_nobody_has_downloads_before_they_ask_for_one(office: Office) -> None:
    page = office.browser("paidan").get("/downloads").text

    assert "还没有要过下载" in page
    assert "导出电子表格" in page


def test_the_list_of_cases_is_exported_with_the_filters_of_the_page(office: Office) -> None:
    kept, left = office.dispatched(), office.registered(upstream_order_no="FIC-2024-000003")
    browser = office.browser("paidan")
    page = browser.get("/cases?department=dept_logistics").text
    assert "/cases/list.xlsx?department=dept_logistics" in page

    answer = browser.post("/cases/list.xlsx?department=dept_logistics")
    waiting = browser.get("/downloads").text
    office.make_downloads()
    ready = browser.get("/downloads/list").text
    address = ready.split('href="/downloads/')[1].split('"')[0]
    fetched = browser.get(f"/downloads/{address}")

    assert (answer.status_code, answer.location) == (303, "/downloads")
    assert "排队等待制作" in waiting
    assert 'hx-trigger="every 1s"' in waiting
    assert "every 1s" not in ready
    assert fetched.headers["Content-Disposition"].startswith("attachment")
    assert fetched.headers["Cache-Control"] == "no-store"
    cells = {
        cell.value
        for row in openpyxl.load_workbook(io.BytesIO(fetched.data)).active.iter_rows()
        for cell in row
    }
    assert kept in cells
    assert left not in cells
    assert "条件：后勤管理部" in cells


def test_one_that_is_not_wanted_any_more_is_given_up(office: Office) -> None:
    browser = office.browser("paidan")
    browser.get("/cases")
    browser.post("/cases/list.xlsx")
    address = browser.get("/downloads").text.split('action="/downloads/')[1].split("/cancel")[0]

    answer = browser.post(f"/downloads/{address}/cancel")
    office.make_downloads()

    assert answer.status_code == 303
    assert "已取消" in browser.get("/downloads").text
    assert browser.get(f"/downloads/{address}").status_code == 404


@pytest.mark.parametrize("account", ["chengban_logistics", "admin", "zhuren"])
def test_nobody_fetches_what_another_asked_for(office: Office, account: str) -> None:
    browser = office.browser("paidan")
    browser.get("/cases")
    browser.post("/cases/list.xlsx")
    office.make_downloads()
    address = browser.get("/downloads").text.split('href="/downloads/')[1].split('"')[0]

    other = office.browser(account)

    assert other.get(f"/downloads/{address}").status_code == 404
    assert address not in other.get("/downloads").text


def test_who_sees_less_by_now_is_told_why_and_has_the_list_made_anew(office: Office) -> None:
    number = office.dispatched("dept_logistics")
    browser = office.browser("chengban_logistics")
    browser.get("/cases")
    browser.post("/cases/list.xlsx")
    office.make_downloads()
    address = browser.get("/downloads").text.split('href="/downloads/')[1].split('"')[0]
    office.browser("zhuanren_logistics").fill(
        f"/cases/{number}/forms/respond", {"scope_check": "yes", "handler": "chengban_logistics"}
    )
    told = {"channel": "phone", "result": "reached", "purpose": "persuade", "summary": "已作解释"}
    browser.fill(f"/cases/{number}/forms/record_contact", told)
    classified = office.browser("fuzeren_logistics").fill(
        f"/cases/{number}/forms/classify", {"class_code": ["c3"], "secret_kind": "privacy"}
    )
    assert classified.status_code == 303, classified.text
    office.later(seconds=1)

    refused = browser.get(f"/downloads/{address}")
    page = browser.get("/downloads").text
    anew = browser.post(f"/downloads/{address}/anew")
    office.make_downloads()

    assert (refused.status_code, refused.location) == (303, "/downloads")
    assert "这份清单里有 1 件，您现在已看不到清单上写的内容" in page
    assert "重新制作" in page
    assert (anew.status_code, anew.location) == (303, "/downloads")
    newest = browser.get("/downloads").text.split('href="/downloads/')[1].split('"')[0]
    assert newest != address
    assert browser.get(f"/downloads/{newest}").status_code == 200


def test_a_browser_that_reads_only_plain_names_gets_one_that_says_something(office: Office) -> None:
    browser = office.browser("paidan")
    browser.get("/cases")
    browser.post("/cases/list.xlsx")
    office.make_downloads()
    address = browser.get("/downloads").text.split('href="/downloads/')[1].split('"')[0]

    told = browser.get(f"/downloads/{address}").headers["Content-Disposition"]

    assert re.search(r"filename=cases-\d{4}-\d\d-\d\d\.xlsx;", told)
    assert f"filename*=UTF-8''{quote('诉求件清单-')}" in told


@pytest.mark.parametrize(
    "name, plain",
    [
        ("现场照片.jpg", "file.jpg"),
        ("2024年 report final.PDF", "file-2024-report-final.PDF"),
        ("没有后缀", "file"),
        ("..照片", "file"),
        ("第1版.tar.gz", "file-1-tar.gz"),
    ],
)
def test_a_plain_name_keeps_what_is_plain_in_it(name: str, plain: str) -> None:
    assert plain_name(name, "file") == plain


def test_who_asks_for_too_many_at_once_is_told(office: Office) -> None:
    browser = office.browser("paidan")
    browser.get("/cases")
    answers = [browser.post("/cases/list.xlsx") for _ in range(6)]

    assert [one.status_code for one in answers[:5]] == [303] * 5
    assert answers[5].status_code in (403, 409)
    assert "还有几份没有制作完" in answers[5].text


@pytest.mark.parametrize("oldest_first", [False, True])
def test_a_long_list_is_read_page_by_page_and_says_where_it_was_cut(
    office: Office, monkeypatch: pytest.MonkeyPatch, oldest_first: bool
) -> None:
    monkeypatch.setattr(case_sheet, "AT_ONCE", 2)
    numbers = []
    for number in range(5):
        numbers.append(office.registered(upstream_order_no=f"FIC-2024-00001{number}"))
        office.later(minutes=5)
    browser = office.browser("paidan")
    browser.get("/cases")
    order = "?sort=oldest" if oldest_first else ""

    whole = sheet_of(office, browser, order)
    monkeypatch.setattr(case_sheet, "MOST_ROWS", 3)
    cut = sheet_of(office, browser, order)

    wanted = numbers if oldest_first else numbers[::-1]
    assert whole[3:] == wanted
    assert cut[3:] == wanted[:3]
    assert "这里只有" not in whole[0]
    assert f"共 5 件，这里只有{'最早' if oldest_first else '最近'}接收的 3 件" in cut[0]


def test_a_list_whose_words_are_kept_no_more_is_not_exported_without_them(office: Office) -> None:
    browser = office.browser("paidan")
    browser.get("/cases")

    answer = browser.post("/cases/list.xlsx?sought=of-another-login")

    assert (answer.status_code, answer.location) == (303, "/cases")
    assert "没有导出" in browser.get("/cases").text
    assert "还没有要过下载" in browser.get("/downloads").text


def sheet_of(office: Office, browser: Browser, order: str) -> list[str]:
    """The first column of the list, exported just now."""
    assert browser.post(f"/cases/list.xlsx{order}").status_code == 303
    office.make_downloads()
    address = browser.get("/downloads").text.split('href="/downloads/')[1].split('"')[0]
    office.later(seconds=1)
    sheet = openpyxl.load_workbook(io.BytesIO(browser.get(f"/downloads/{address}").data)).active
    return [str(row[0].value) for row in sheet.iter_rows()]
