"""台账, and the pages of files that open by themselves: who is asked, what is handed in, what is still awaited."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from service.rehearsal.case_file_format import beijing
from service.store.reads import registers as registers_read
from service.usecases.fire_due import fire_due
from service.usecases.plan_starts import plan_starts
from service.web.reports import registers as registers_page
from tests.web.office import Office

ANALYSIS = {
    "weak_points": "空调报修响应慢\n已改为当日派修",
    "seasonal_forecast": "七月高温前检修一遍",
    "new_business_risk": "新宿舍启用，电路负荷未测",
    "source_governance": "教室设备建档",
}


def asked(office: Office, at: str = "2024-04-01T09:00:00") -> str:
    """One complaint in March, dispatched to logistics; April has come, and its analysis is asked for: its number."""
    plan_starts(office.house)
    office.dispatched("dept_logistics")
    office.clock.move_to(beijing(at))
    fire_due(office.house, worker="test")
    return number_of(office, "monthly_analysis")


def number_of(office: Office, process: str) -> str:
    with office.store.begin(reading=True) as uow:
        start = next(one for one in uow.begun(process) if one.case_id)
        return uow.load(start.case_id or "").case.case_no


def submitted(office: Office, number: str, **changed: str) -> None:
    answer = office.browser("fuzeren_logistics").fill(
        f"/cases/{number}/forms/submit_analysis", {**ANALYSIS, **changed}
    )
    assert answer.status_code == 303, answer.text


def test_an_empty_register_says_what_will_come(office: Office) -> None:
    text = office.browser("zhuren").get("/registers/").text

    assert "没有待交的分析" in text
    assert "还没有内容的台账：" in text
    assert "季节性、周期性问题与预案" in text


def test_who_has_not_handed_in_stands_first_with_the_time_left(office: Office) -> None:
    number = asked(office)

    text = office.browser("paidan").get("/registers/").text

    assert f'href="/cases/{number}"' in text
    assert "2024年3月诉求分析" in text
    assert "后勤管理部" in text
    assert "04-10 24:00" in text


def test_what_was_handed_in_is_kept_register_by_register(office: Office) -> None:
    number = asked(office)
    submitted(office, number)

    text = office.browser("zhuren").get("/registers/").text

    for register, entry in (
        ("薄弱环节与改进", "空调报修响应慢<br>已改为当日派修"),
        ("季节性、周期性问题与预案", "七月高温前检修一遍"),
        ("新业务可能出现的问题", "新宿舍启用，电路负荷未测"),
        ("源头治理措施", "教室设备建档"),
    ):
        after = text.split(f">{register} ", 1)[1]
        assert entry in after.split("<section", 1)[0]
    assert "没有待交的分析" in text
    assert "何平" in text


def test_registers_are_looked_through_by_period_and_department(office: Office) -> None:
    number = asked(office)
    submitted(office, number)
    browser = office.browser("zhuren")

    assert "七月高温前检修一遍" in browser.get("/registers/?period=2024-03&department=dept_logistics").text
    for other in ("period=2024-02", "department=dept_finance"):
        text = browser.get(f"/registers/?{other}").text
        assert "七月高温前检修一遍" not in text
        assert "这一期、这个部门" in text
        assert ">清除</a>" in text


def test_an_analysis_nobody_asked_for_stands_under_the_period_it_names(office: Office) -> None:
    answer = office.browser("fuzeren_hr").fill("/start/submit_analysis", {**ANALYSIS, "period": "2024-01"})
    assert answer.status_code == 303, answer.text

    text = office.browser("zhuren").get("/registers/?period=2024-01&department=dept_hr").text

    assert "七月高温前检修一遍" in text
    assert "2024年1月" in text


def test_a_list_that_is_cut_short_says_so(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    submitted(office, asked(office))
    whole = office.browser("zhuren").get("/registers/").text
    for room in (registers_read, registers_page):
        monkeypatch.setattr(room, "MOST", 1)

    cut_short = office.browser("zhuren").get("/registers/").text

    assert "这里只列最近" not in whole
    assert "这里只列最近 1 份" in cut_short


def test_a_department_reads_its_own_alone(office: Office) -> None:
    submitted(office, asked(office))

    assert "七月高温前检修一遍" in office.browser("fuzeren_logistics").get("/registers/").text
    assert "七月高温前检修一遍" not in office.browser("fuzeren_finance").get("/registers/").text
    assert "七月高温前检修一遍" in office.browser("lingdao").get("/registers/").text


@pytest.mark.parametrize("account", ["jiwei", "admin", "liucheng"])
def test_others_read_none(office: Office, account: str) -> None:
    submitted(office, asked(office))

    answer = office.browser(account).get("/registers/")

    assert answer.status_code == 403
    assert "七月高温前检修一遍" not in answer.text


def test_what_people_write_is_text(office: Office) -> None:
    submitted(office, asked(office), seasonal_forecast="<script>alert(1)</script>")

    text = office.browser("zhuren").get("/registers/").text

    assert "<script>alert(1)</script>" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text


def test_a_plan_stands_with_its_due_time_and_a_decline_with_its_reason(office: Office) -> None:
    plan_starts(office.house)
    for order in ("FIC-2024-000011", "FIC-2024-000012", "FIC-2024-000013"):
        office.registered(upstream_order_no=order)
    office.clock.move_to(beijing("2024-03-09T08:30:00"))
    fire_due(office.house, worker="test")
    number = number_of(office, "governance_offer")
    director = office.browser("zhuren")
    assert "制定治理计划" in director.get("/registers/").text

    answer = director.fill(
        f"/cases/{number}/forms/create_governance_plan",
        {"department": "dept_logistics", "measures": "换一批空调"},
    )
    assert answer.status_code == 303, answer.text

    text = director.get("/registers/").text
    assert "换一批空调" in text
    assert "计时中" in text
    assert "报告落实进展" in text.split("尚待提交和办理", 1)[1].split("</section>", 1)[0]


# -- the file itself ---------------------------------------------------------------------------------------
def test_the_page_of_a_file_that_opened_by_itself_says_so_and_why_it_is_due(office: Office) -> None:
    number = asked(office)

    text = office.browser("fuzeren_logistics").get(f"/cases/{number}").text

    assert "到时自己开始：部门月度分析" in text
    assert "补开" not in text
    assert "规则：每月10日24:00" in text
    assert "<dt>期间</dt><dd>2024年3月</dd>" in text
    assert ">进行中</span>" in text
    assert "提交月度分析" in text
    assert "风险报告" not in text  # side processes are about complaints
    assert "单据" not in text
    submitted(office, number)
    assert ">已办结</span>" in office.browser("fuzeren_logistics").get(f"/cases/{number}").text


def test_one_that_was_made_up_after_an_outage_tells_both_instants(office: Office) -> None:
    number = asked(office, "2024-04-03T08:00:00")

    text = office.browser("fuzeren_logistics").get(f"/cases/{number}").text

    assert re.search(r"应于 (2024-)?04-01 09:00 开始，停机后补开", text)


def test_the_form_shows_the_months_figures_and_does_not_let_them_be_changed(office: Office) -> None:
    number = asked(office)

    text = office.browser("fuzeren_logistics").get(f"/cases/{number}/forms/submit_analysis").text

    assert "2024年3月收到 1 件（去年同期 0 件）" in text
    [box] = re.findall(r"<textarea[^>]*figures[^>]*>", text)
    assert "readonly" in box


def test_a_plan_under_way_keeps_its_file_open_in_the_list(office: Office) -> None:
    plan_starts(office.house)
    for order in ("FIC-2024-000011", "FIC-2024-000012", "FIC-2024-000013"):
        office.registered(upstream_order_no=order)
    office.clock.move_to(beijing("2024-03-09T08:30:00"))
    fire_due(office.house, worker="test")
    number = number_of(office, "governance_offer")
    director = office.browser("zhuren")
    director.fill(
        f"/cases/{number}/forms/create_governance_plan",
        {"department": "dept_logistics", "measures": "换一批空调"},
    )

    assert number in director.get("/cases?open=1").text


# -- administrators ----------------------------------------------------------------------------------------
def test_administrators_see_what_begins_next(office: Office) -> None:
    plan_starts(office.house)

    text = office.browser("admin").get("/admin/timers").text

    after = text.split("到时自己开始的流程", 1)[1]
    for process, at in (
        ("部门月度分析", "04-01 09:00"),
        ("全院季度分析", "04-11 09:00"),
        ("重点治理提议", "03-09 08:30"),
    ):
        assert process in after
        assert at in after


def test_without_such_processes_the_page_says_how_one_is_drawn(office: Office) -> None:
    assert "把开始事件画成计时开始" in office.browser("admin").get("/admin/timers").text


def test_a_start_that_was_given_up_is_an_incident_that_can_be_tried_again(office: Office) -> None:
    plan_starts(office.house)
    office.clock.move_to(beijing("2024-03-09T08:30:00"))
    held = office.store.claim(office.clock.now(), worker="w", limit=5, lease_for=timedelta(minutes=1))
    for one in held:
        office.store.failed(one, RuntimeError("磁盘已满"), park_after=1)
    admin = office.browser("admin")
    page = admin.get("/admin/incidents")
    assert "磁盘已满" in page.text

    link = re.search(r'action="(/admin/incidents/[^"]+/retry)"', page.text)
    assert link
    answer = admin.post(link[1], {})

    assert answer.status_code == 302
    assert office.store.next_due_at() == beijing("2024-03-09T08:30:00")
