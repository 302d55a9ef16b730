"""What lists and notices leave out: the titles of restricted cases, and what is sent to others."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from service.store.reads.sight import as_seen_by
from service.store.tables import case_file
from tests.web.listing import found, listed_for, task_path
from tests.web.office import Office

WHERE_TITLES_STAND = ("/cases", "/", "/?scope=department", "/notices")


def test_who_sees_metadata_alone_neither_reads_a_title_nor_finds_by_it(office):
    office.dispatched("dept_logistics")
    admin = office.browser("admin")

    assert "空调" not in admin.get("/cases").text
    assert listed_for(admin, "/cases", "空调") == []
    assert listed_for(admin, "/cases", "00001") == ["JSJB-2024-00001"]


def test_notices_reach_the_roles_they_were_sent_to_and_count_until_they_are_read(office):
    number = office.dispatched("dept_logistics")
    liaison = office.browser("zhuanren_logistics")

    unread = liaison.get("/notices/unread").text
    page = liaison.get("/notices").text
    ids = [value for name, value in liaison.page.form("id")["fields"] if name == "id"]
    liaison.post("/notices/read", {"id": ids})

    assert "1 条未读" in unread
    assert "新派单" in page
    assert number in page
    assert liaison.get("/notices/unread").text.strip() == ""
    assert "1 条未读" in office.browser("fuzeren_logistics").get("/notices/unread").text
    assert "还没有通知" in office.browser("zhuanren_hr").get("/notices").text


def test_a_notice_of_somebody_else_cannot_be_marked_read(office):
    office.dispatched("dept_logistics")
    liaison = office.browser("zhuanren_logistics")
    liaison.get("/notices")
    ids = [value for name, value in liaison.page.form("id")["fields"] if name == "id"]

    stranger = office.browser("zhuanren_hr")
    stranger.get("/notices")
    stranger.post("/notices/read", {"id": ids})

    assert "1 条未读" in liaison.get("/notices/unread").text


@pytest.fixture
def restricted(office: Office) -> str:
    return office.dispatched("dept_logistics", confidential_requested=True, title="受限标题")


def test_the_title_of_a_restricted_case_stands_in_no_list_and_is_found_by_no_search(office, restricted):
    office.dispatched("dept_logistics", upstream_order_no="A2", title="平常标题")
    office.later(minutes=70)
    for account in ("paidan", "lingdao", "zhuanren_logistics", "fuzeren_logistics", "chengban_logistics"):
        browser = office.browser(account)
        texts = {path: browser.get(path).text for path in WHERE_TITLES_STAND}
        texts |= {f"{path} searched": found(browser, path, "受限标题") for path in ("/cases", "/")}

        assert not [
            path
            for path, text in texts.items()
            if "受限标题" in text.replace('value="受限标题"', "").replace("“受限标题”", "")
        ], account
        assert restricted in texts["/cases"]
        assert "限制可见" in texts["/cases"]
        assert "平常标题" in texts["/cases"]
        assert listed_for(browser, "/cases", "受限标题") == []
    assert "限制可见" in office.browser("zhuanren_logistics").get("/").text
    assert "限制可见" in office.browser("zhuanren_logistics").get("/notices").text


def test_a_restricted_case_is_taken_by_whom_it_is_assigned_to_alone(office, restricted):
    other = office.browser("chengban_logistics")
    other.get("/")
    claim = task_path(office, restricted, "submit_report")

    refused = other.post(f"{claim}/claim", {"back": "/"})
    after = other.get(f"/cases/{restricted}").text

    assert refused.status_code == 403
    assert "指定的承办人" in refused.text
    assert "反映培训教室空调" not in after
    assert "领取</button>" not in other.get("/").text

    assign(office, restricted, "chengban_logistics")

    assert "领取</button>" in other.get("/").text
    assert other.post(f"{claim}/claim", {"back": "/"}).status_code == 302
    assert "反映培训教室空调" in other.get(f"/cases/{restricted}").text


def test_who_may_not_look_at_a_restricted_case_does_no_task_of_it_either(office, restricted):
    assign(office, restricted, "zhuanren_logistics")
    handler = office.browser("chengban_logistics")
    form = f"/cases/{restricted}/forms/record_handling"
    values = {"measures": "已联系", "happened_at": "2024-03-08T16:00"}

    opened = handler.get(form)
    sent = handler.post(form, {"key": "k" * 32, **{f"v.{name}": text for name, text in values.items()}})

    assert (opened.status_code, sent.status_code) == (403, 403)
    for answer in (opened, sent):
        assert "只有部门负责人、专人和指定的承办人可以办理" in answer.text
    assert "办理</a>" not in handler.get("/").text


def test_who_is_named_for_a_restricted_case_does_its_tasks(office, restricted):
    assign(office, restricted, "chengban_logistics")

    opened = office.browser("chengban_logistics").get(f"/cases/{restricted}/forms/record_handling")

    assert opened.status_code == 200


def assign(office: Office, case_no: str, account: str) -> None:
    """The liaison responds and names a handler."""
    with office.store.begin(reading=True) as uow:
        handler = next(
            p.id for p in uow.directory(office.clock.now()).people.values() if p.account == account
        )
    answer = office.browser("zhuanren_logistics").fill(
        f"/cases/{case_no}/forms/respond", {"handler": handler, "scope_check": "yes"}
    )
    assert answer.status_code == 303, answer.text


def test_the_condition_of_the_queries_itself_leaves_out_what_is_not_theirs(office, restricted):
    """Lists are judged row by row besides; what is only counted or suggested stands on the condition alone."""
    other = office.dispatched("dept_hr", upstream_order_no="A2")
    with office.store.begin() as uow:
        people = {person.account: person for person in uow.directory(office.clock.now()).people.values()}

    def found(account: str) -> list[str]:
        with office.store.reading() as connection:
            asked = (
                select(case_file.c.case_no).where(as_seen_by(people[account])).order_by(case_file.c.case_no)
            )
            return [row.case_no for row in connection.execute(asked)]

    assert found("chengban_logistics") == [restricted]
    assert found("chengban_hr") == [other]
    assert found("chengban_it") == found("jiwei") == found("liucheng") == []
    assert found("paidan") == found("lingdao") == found("admin") == [restricted, other]
