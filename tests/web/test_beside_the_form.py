"""What stands beside a form: the case it is about, what it would do, and, once it is handed in, what it did."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from service.store.tables import audit
from tests.web.office import ORDER, Browser
from tests.web.test_case_page import CONTACT, CONTENT, kinds
from tests.web.test_protection import everything

LATE = {"hours": 6, "minutes": 52}  # from 16:30 to 23:22


def beside(text: str) -> str:
    """The part of a page that tells of the case."""
    return text[text.index('class="brief"') : text.index("</aside>")]


def form_of(number: str, form: str) -> str:
    return f"/cases/{number}/forms/{form}"


def foresee(browser: Browser, path: str, values: dict[str, Any] | None = None) -> str:
    """What the open form is told to be about to do."""
    browser.get(path)
    answer = browser.post(f"{path}/foresight", browser.filled(values or {}))
    assert answer.status_code == 200, answer.text
    return answer.text


# -- the case -----------------------------------------------------------------------------------------------
def test_the_case_stands_beside_the_form_in_the_words_of_whoever_complained(office):
    number = office.dispatched("dept_logistics")

    text = beside(office.browser("chengban_logistics").get(form_of(number, "submit_report")).text)

    for told in (number, CONTENT, "诉求人乙", CONTACT, "投诉", "一般", "已派单"):
        assert told in text
    assert "接收登记" in text


def test_the_due_time_of_the_task_counts_down_and_says_why_it_is_then(office):
    number = office.dispatched("dept_logistics")
    page = office.browser("zhuanren_logistics").get("/").text
    link = page[page.index(f"/cases/{number}/forms/respond") :].split('"')[0].replace("&amp;", "&")

    text = beside(office.browser("zhuanren_logistics").get(link).text)

    assert "本项截止" in text
    assert "今天 24:00" in text
    assert "剩余 7小时30分" in text
    assert "当天响应：为什么是这个时间" in text
    assert "起点：2024-03-08 16:30" in text


def test_a_form_that_begins_something_on_a_case_shows_the_case_too(office):
    number = office.dispatched("dept_logistics")

    text = beside(office.browser("paidan").get(form_of(number, "risk_report")).text)

    assert CONTENT in text
    assert "本件最近截止" in text


def test_beside_a_form_without_a_case_nothing_is_told(office):
    assert 'class="brief"' not in office.browser("paidan").get("/start/register_case").text


def test_the_contact_is_masked_for_whom_the_table_of_permissions_masks_it(office):
    number = office.dispatched("dept_logistics")
    office.browser("paidan").fill(
        form_of(number, "risk_report"),
        {
            "risk_kind": 1,
            "identified_at": "2024-03-08T16:30",
            "description": "有人扬言闹事",
            "measures": "已到场",
        },
    )

    text = office.browser("lingdao").get(form_of(number, "ack_risk")).text

    assert CONTENT in beside(text)
    assert "010******0000" in beside(text)
    assert CONTACT not in text
    assert "查看联系方式" in beside(text)


def test_of_a_restricted_case_the_form_shows_nothing_to_whom_it_is_closed_and_notes_who_looks(office):
    number = office.dispatched("dept_logistics", confidential_requested=True)
    before = kinds(office).count("looked")

    closed = office.browser("chengban_logistics").get(form_of(number, "record_contact")).text
    opened = office.browser("fuzeren_logistics").get(form_of(number, "classify")).text

    assert "只有部门负责人、专人和指定的承办人可以办理" in closed
    for hidden in (CONTENT, CONTACT, "诉求人乙"):
        assert hidden not in closed
    assert CONTENT in beside(opened)
    assert kinds(office).count("looked") == before + 1


# -- what it would do -----------------------------------------------------------------------------------------
def test_a_late_dispatch_says_before_it_is_made_how_little_is_left_of_the_day(office):
    number = office.registered()
    office.later(**LATE)

    text = foresee(office.browser("paidan"), form_of(number, "dispatch"))

    warning = text[text.index('id="short-notice"') :]
    assert "现在提交“派单”，“当天响应”截止今天 24:00" in warning
    assert "剩余 38分0秒" in warning
    assert "双反馈" not in warning
    assert "双反馈" in text
    assert "03-11 24:00" in text


def test_by_day_nothing_is_warned_of(office):
    number = office.registered()

    text = foresee(office.browser("paidan"), form_of(number, "dispatch"))

    assert "short-notice" in text
    assert "现在提交" not in text
    assert "今天 24:00" in text


def test_it_names_who_will_be_told_and_who_is_next(office):
    number = office.registered()

    text = foresee(office.browser("paidan"), form_of(number, "dispatch"), {"lead_department": "dept_it"})

    assert "新派单：信息中心专人、信息中心负责人" in text
    assert "信息中心专人办理“响应：签收并指派”" in text


def test_looking_ahead_leaves_no_trace(office):
    number = office.registered()
    browser = office.browser("paidan")
    browser.get(form_of(number, "dispatch"))
    sent = browser.filled({"lead_department": "dept_it", "dispatch_basis": "依据"})
    browser.get("/start/register_case")
    another = browser.filled({**ORDER, "upstream_order_no": "FIC-2024-000777"})
    before = everything(office)

    dispatched = browser.post(f"{form_of(number, 'dispatch')}/foresight", sent)
    registered = browser.post("/start/register_case/foresight", another)

    assert "已派单" in dispatched.text
    assert "已登记" in registered.text
    assert "明天 24:00" in registered.text
    assert everything(office) == before


def test_what_no_field_can_cure_is_told_first_with_the_form_that_cures_it(office):
    number = office.dispatched("dept_logistics")
    handler = office.browser("chengban_logistics")

    text = foresee(handler, form_of(number, "submit_report"), {"narrative.contact": "已联系"})

    standing = text[text.index('id="standing"') : text.index('id="short-notice"')]
    assert "尚未向诉求人反馈" in standing
    assert f'href="{form_of(number, "feedback_caller")}' in standing
    assert "E_PACKAGE_INCOMPLETE" not in standing
    assert "提交前还差 3 项" in text


def test_a_task_somebody_else_has_done_meanwhile_is_told_of_at_once(office):
    number = office.registered()
    second = office.browser("zhuren")
    second.get(form_of(number, "dispatch"))
    sent = second.filled({"lead_department": "dept_hr"})
    office.browser("paidan").fill(
        form_of(number, "dispatch"), {"lead_department": "dept_it", "dispatch_basis": "职责"}
    )

    text = second.post(f"{form_of(number, 'dispatch')}/foresight", sent).text

    assert "这张表单现在不能提交" in text


@pytest.mark.parametrize("account, status", [("chengban_hr", 404), ("jiwei", 404), ("admin", 200)])
def test_looking_ahead_tells_nothing_to_whom_the_case_does_not_concern(office, account, status):
    number = office.dispatched("dept_logistics")
    browser = office.browser(account)
    browser.get("/cases")

    answer = browser.post(f"{form_of(number, 'submit_report')}/foresight", {})

    assert answer.status_code == status
    for told in (CONTENT, CONTACT, "双反馈", "后勤"):
        assert told not in answer.text


# -- what it did -----------------------------------------------------------------------------------------------
def test_after_a_form_the_page_says_what_happened_and_what_is_next_and_says_it_once(office):
    other = office.registered(upstream_order_no="FIC-2024-000003")
    number = office.registered()
    browser = office.browser("paidan")
    answer = browser.fill(
        form_of(number, "dispatch"), {"lead_department": "dept_logistics", "dispatch_basis": "职责范围"}
    )

    page = browser.get(answer.location).text

    done = page[page.index("已提交“派单”") : page.index('class="case-head')]
    for told in ("已派单", "当天响应", "今天 24:00", "03-11 24:00", "新派单：后勤管理部专人"):
        assert told in done
    assert f"/cases/{other}/forms/dispatch" in done
    assert "已提交“派单”" not in browser.get(answer.location).text


def test_what_happened_to_one_case_is_not_told_on_the_page_of_another(office):
    other = office.registered(upstream_order_no="FIC-2024-000003")
    number = office.registered()
    browser = office.browser("paidan")
    browser.fill(form_of(number, "dispatch"), {"lead_department": "dept_it", "dispatch_basis": "职责范围"})

    assert "已提交“" not in browser.get(f"/cases/{other}").text


def test_what_waits_for_the_same_person_on_the_same_case_comes_first(office):
    browser = office.browser("paidan")
    answer = browser.fill("/start/register_case", ORDER)

    page = browser.get(answer.location).text

    assert "接着办“派单”" in page
    assert "再办一件“接收登记”" in page


def test_a_task_with_two_names_shows_them_apart(office):
    number = office.dispatched("dept_logistics")

    text = office.browser("chengban_logistics").get("/").text

    assert number in text
    assert "报送办理情况：一单一文一支撑" in text


def test_a_refusal_names_the_forms_that_cure_it(office):
    number = office.dispatched("dept_logistics")

    answer = office.browser("chengban_logistics").fill(form_of(number, "submit_report"), {})

    alert = answer.text[answer.text.index("没有提交") : answer.text.index("data-task-form")]
    assert f'href="{form_of(number, "feedback_caller")}' in alert
    assert 'target="_blank"' in alert
    with office.store.reading() as connection:
        assert connection.execute(select(audit.c.kind).order_by(audit.c.seq.desc())).scalar() == "refused"
