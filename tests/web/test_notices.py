"""通知: read one by one, or all that had come; turned page by page."""

from __future__ import annotations

import re

import pytest

from service.store.reads import notices as notices_read
from tests.web.office import Browser, Office

UNREAD = 'aria-label="未读"'


@pytest.fixture
def three(office: Office) -> list[str]:
    """Three cases dispatched one after the other: a notice of each to the liaison."""
    found = []
    for number in range(3):
        found.append(office.dispatched("dept_logistics", upstream_order_no=f"A{number}"))
        office.later(minutes=1)
    return found


def rows(text: str) -> dict[str, str]:
    """The rows of the list by the number of their case, in order."""
    parts = re.split(r'<div class="list-group-item notice', text)[1:]
    return {re.search(r"JSJB-\d{4}-\d{5}", part)[0]: part for part in parts}  # type: ignore[index]


def fields_of(browser: Browser, case_no: str) -> dict[str, str]:
    """What the button of one row sends."""
    row = rows(browser.get("/notices").text)[case_no]
    return dict(re.findall(r'name="(\w+)" value="([^"]*)"', row))


def test_one_notice_is_read_and_the_others_stay_unread(office, three):
    liaison = office.browser("zhuanren_logistics")
    sent = fields_of(liaison, three[1])

    answer = liaison.post("/notices/read", sent)

    assert answer.location == f"/notices#n-{sent['id']}"
    found = rows(liaison.get("/notices").text)
    assert list(found) == three[::-1]
    assert {number: UNREAD in row for number, row in found.items()} == {
        three[0]: True,
        three[1]: False,
        three[2]: True,
    }
    assert "标为已读" not in found[three[1]]
    assert "2 条未读" in liaison.get("/notices/unread").text


def test_a_page_that_is_left_tells_which_notice_was_opened_and_gets_no_page_back(office, three):
    liaison = office.browser("zhuanren_logistics")
    sent = fields_of(liaison, three[0])
    row = rows(liaison.get("/notices").text)[three[0]]

    answer = liaison.post("/notices/read", {"id": sent["id"]})

    assert f'data-unread="{sent["id"]}" data-read-at="/notices/read"' in row
    assert (answer.status_code, answer.data) == (204, b"")
    assert "2 条未读" in liaison.get("/notices/unread").text


def test_earlier_notices_are_on_the_next_page(office, three, monkeypatch):
    monkeypatch.setattr(notices_read, "PAGE", 2)
    liaison = office.browser("zhuanren_logistics")

    first = liaison.get("/notices").text
    further = re.search(r'href="(/notices\?after=[^"]*)">更早的通知', first)
    assert further
    second = liaison.get(further[1]).text

    assert list(rows(first)) == three[:0:-1]
    assert list(rows(second)) == three[:1]
    assert "更早的通知" not in second
    assert "全部标为已读（3）" in first


def test_all_that_had_come_is_read_at_once_on_every_page_and_nothing_that_came_later(
    office, three, monkeypatch
):
    monkeypatch.setattr(notices_read, "PAGE", 2)
    liaison = office.browser("zhuanren_logistics")
    liaison.get("/notices")
    sent = dict(liaison.page.form("until")["fields"])
    office.later(minutes=1)
    later = office.dispatched("dept_logistics", upstream_order_no="A9")

    answer = liaison.post("/notices/read", sent)

    assert answer.location == "/notices"
    assert "1 条未读" in liaison.get("/notices/unread").text
    assert UNREAD in rows(liaison.get("/notices").text)[later]


@pytest.mark.parametrize(
    "after, told", [("2024-01-01T00:00:00+08:00~x", "没有更早的通知了"), ("x", "新派单")]
)
def test_an_address_beyond_the_last_notice_leads_back(office, three, after, told):
    liaison = office.browser("zhuanren_logistics")

    assert told in liaison.get("/notices", query_string={"after": after}).text


@pytest.mark.parametrize("back", ["https://elsewhere.example/", "//elsewhere.example", "\\elsewhere"])
def test_the_way_back_is_one_of_ours(office, three, back):
    liaison = office.browser("zhuanren_logistics")
    sent = fields_of(liaison, three[0])

    assert liaison.post("/notices/read", {**sent, "back": back}).location.startswith("/#n-")
