"""A complaint from its receipt to its close, through the pages, as the people of the house would do it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import count
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from service.content import Content, load, read_folder
from service.engine import parse
from tests.browser.conftest import PHONE, WIDE
from tests.browser.people import DIRECTOR, DISPATCHER, HANDLER, HEAD, LIAISON, AtDesk

ROOT = Path(__file__).parents[2]
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 64
PDF = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
NARRATIVE = {
    "narrative.contact": "11月3日电话联系诉求人，核实教室和时段。",
    "narrative.process": "当日检修，更换压缩机电容，试机两小时。",
    "narrative.result": "空调恢复制冷，诉求人表示满意。",
}
_numbers = count(1)

pytestmark = pytest.mark.xdist_group("browser-main-job")


@dataclass(frozen=True)
class Evidence:
    """Files on the handler's own disk."""

    sheet: Path
    photo: Path


@pytest.fixture
def evidence(tmp_path: Path) -> Evidence:
    kept = Evidence(tmp_path / "阅批处理单.pdf", tmp_path / "维修现场.png")
    kept.sheet.write_bytes(PDF)
    kept.photo.write_bytes(PNG)
    return kept


@cache
def shipped() -> Content:
    return load(read_folder(ROOT))


REFUSED = {"dispatch", "submit_report"}  # the forms that are refused once here


@cache
def refusal(code: str, article: str) -> tuple[str, str]:
    """The sentence of a rule as it is drawn, and the place in the regulation it rests on."""
    rules = {
        rule
        for element in parse(shipped().diagrams).elements.values()
        if element.form in REFUSED
        for rule in element.rules
        if rule.code == code and rule.article == article
    }
    (sentence,) = {rule.message for rule in rules}
    return sentence, shipped().regulation[article].citation


def expect_refusal(someone: AtDesk, code: str, article: str) -> None:
    """The page says why, on what ground, and that nothing is lost."""
    sentence, citation = refusal(code, article)
    alert = someone.page.get_by_role("alert")
    expect(alert).to_contain_text(sentence)
    expect(alert).to_contain_text(f"依据：{citation}")


@pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["desk", "phone"])
def test_a_complaint_goes_from_receipt_to_close(page_for, evidence):
    dispatcher, director = page_for(DISPATCHER), page_for(DIRECTOR)
    liaison, handler, head = page_for(LIAISON), page_for(HANDLER), page_for(HEAD)

    case_no = register(dispatcher)
    dispatch_after_refusal(dispatcher, case_no)
    respond(liaison, case_no)
    follow(head, case_no)
    handle(handler, case_no)
    report_after_refusal(handler, case_no, evidence)
    send_back(director, case_no)
    complete(handler, case_no, evidence)
    pass_on(director, case_no)
    download(head, case_no, evidence)
    upload_upstream(dispatcher, case_no)
    record_upstream_result(dispatcher, case_no)

    expect_closed(dispatcher, case_no)
    for someone in (dispatcher, liaison, handler, head, director):
        someone.go("/")
        expect(someone.page.get_by_role("heading", name="待办")).to_be_visible()
        expect(someone.to_do(case_no)).to_have_count(0)


# -- the steps, each by the person whose it is -----------------------------------------------------------------
def register(dispatcher: AtDesk) -> str:
    dispatcher.page.get_by_role("navigation").get_by_role("link", name="登记").click()
    dispatcher.page.get_by_role("link", name="接收登记").click()
    dispatcher.submit(
        {
            "source": "市教委分中心转办",
            "upstream_order_no": f"FIC-BROWSER-{next(_numbers):03d}",
            "caller_name": "诉求人B",
            "caller_contact": "010-0000-0000",
            "request_type": "投诉",
            "category": "设施设备",
            "location": "二号楼 301 教室",
            "title": "三层教室空调不制冷",
            "content": "二号楼 301 教室空调连续两周不制冷，报修后无人处理，影响上课。",
        }
    )
    expect(dispatcher.head()).to_contain_text("已登记")
    return dispatcher.case_no()


def dispatch_after_refusal(dispatcher: AtDesk, case_no: str) -> None:
    """A department without a liaison on duty is refused, with everything that was typed still there."""
    dispatcher.complaints.expect(409)
    dispatcher.take_up(case_no)
    dispatcher.fill(
        {
            "lead_department": "档案室",
            "dispatch_basis": "教室设备由后勤管理部负责",
            "office_requirement": "请当日到场查看。",
        }
    )
    typed = dispatcher.filled_in()
    dispatcher.hand_in()

    expect_refusal(dispatcher, "E_NO_LIAISON", "A4-4")
    assert dispatcher.filled_in() == typed

    dispatcher.submit({"lead_department": "后勤管理部"})
    expect(dispatcher.head()).to_contain_text("已派单")
    expect(dispatcher.head()).to_contain_text("后勤管理部")
    assert {"转办": "按时完成", "双反馈": "计时中", "当天响应": "计时中"}.items() <= clocks(
        dispatcher
    ).items()


def respond(liaison: AtDesk, case_no: str) -> None:
    liaison.take_up(case_no)
    liaison.submit({"response_kind": "签收", "handler": "张强", "scope_check": "属于"})
    expect(liaison.head()).to_contain_text("办理中")
    assert clocks(liaison)["当天响应"] == "按时完成"


def follow(head: AtDesk, case_no: str) -> None:
    """The head was told of the dispatch, and gets from the notice to the case."""
    head.page.get_by_role("navigation").get_by_role("link", name="通知").click()
    head.page.get_by_role("link").filter(has_text="新派单").filter(has_text=case_no).first.click()
    expect(head.head()).to_contain_text(case_no)


def handle(handler: AtDesk, case_no: str) -> None:
    handler.choose_action(case_no, "record_contact")
    handler.submit(
        {
            "channel": "电话",
            "result": "接通",
            "purpose": "首次联系",
            "summary": "听取意见，核实教室和时段。",
        }
    )
    handler.choose_action(case_no, "record_handling")
    handler.submit({"action": "检修空调，更换压缩机电容。", "progress": "已办完"})
    handler.choose_action(case_no, "feedback_caller")
    handler.submit(
        {
            "channel": "电话",
            "stage": "办理结果",
            "content": "告知空调已修好，如再有问题随时来电。",
            "caller_attitude": "满意",
            "resolved_claim": "已解决",
        }
    )


def report_after_refusal(handler: AtDesk, case_no: str, evidence: Evidence) -> None:
    """Without supporting files the report is refused; what was written and uploaded is still there."""
    handler.complaints.expect(409)
    handler.take_up(case_no)
    handler.fill({"form_sheet": evidence.sheet, **NARRATIVE})
    written = handler.filled_in()
    handler.hand_in()

    expect_refusal(handler, "E_PACKAGE_INCOMPLETE", "A11-3")
    assert handler.filled_in() == written
    expect(handler.field("form_sheet")).to_contain_text(evidence.sheet.name)

    handler.submit({"supporting_files": evidence.photo})
    expect(handler.head()).to_contain_text("已报送")
    assert clocks(handler)["双反馈"] == "按时完成"


def send_back(director: AtDesk, case_no: str) -> None:
    director.take_up(case_no)
    checks = {"check_sheet": "是", "check_narrative": "否", "check_support": "是", "check_feedback": "是"}
    director.submit({**checks, "decision": "退回补正", "return_items": "办理过程请写明更换的部件。"})
    expect(director.head()).to_contain_text("退回补正")
    assert clocks(director)["补正"] == "计时中"


def complete(handler: AtDesk, case_no: str, evidence: Evidence) -> None:
    handler.take_up(case_no)
    handler.submit(
        {
            "form_sheet": evidence.sheet,
            **NARRATIVE,
            "narrative.process": "更换压缩机启动电容（CBB65），试机两小时正常。",
            "supporting_files": evidence.photo,
        }
    )
    expect(handler.head()).to_contain_text("已报送")
    assert clocks(handler)["补正"] == "按时完成"


def pass_on(director: AtDesk, case_no: str) -> None:
    director.take_up(case_no)
    checks = dict.fromkeys(("check_sheet", "check_narrative", "check_support", "check_feedback"), "是")
    director.submit({**checks, "decision": "通过"})
    expect(director.head()).to_contain_text("审核通过")


def download(head: AtDesk, case_no: str, evidence: Evidence) -> None:
    """What was handed in comes down as it went up."""
    head.open_case(case_no)
    with head.page.expect_download() as coming:
        head.page.get_by_role("link", name=f"下载 {evidence.photo.name}").first.click()
    assert Path(coming.value.path()).read_bytes() == PNG
    assert coming.value.suggested_filename == evidence.photo.name


def upload_upstream(dispatcher: AtDesk, case_no: str) -> None:
    dispatcher.take_up(case_no)
    dispatcher.submit({"channel": "市级系统", "receipt": "R-2", "content": "空调已修复，诉求人满意。"})
    expect(dispatcher.head()).to_contain_text("已上报")


def record_upstream_result(dispatcher: AtDesk, case_no: str) -> None:
    dispatcher.take_up(case_no)
    rates = {f"three_rates.{name}": "1" for name in ("response", "resolution", "satisfaction")}
    dispatcher.submit({"result": "认可", **rates})
    expect(dispatcher.head()).to_contain_text("已办结")


# -- the case page at the end ------------------------------------------------------------------------------
def clocks(someone: AtDesk) -> dict[str, str]:
    """Each clock on the case page and its state, by the names people read."""
    names = someone.page.locator(".clock-row:has(.clock-why) .clock-name").all_text_contents()
    states = someone.page.locator(".clock-row:has(.clock-why) summary .badge").all_text_contents()
    return dict(zip(names, states, strict=True))


def expect_closed(someone: AtDesk, case_no: str) -> None:
    someone.open_case(case_no)
    expect(someone.head()).to_contain_text("已办结")
    assert clocks(someone) == {
        "转办": "按时完成",
        "当天响应": "按时完成",
        "可退回时限": "已取消",
        "双反馈": "按时完成",
        "补正": "按时完成",
        "审核": "按时完成",
    }
    expect_explained(someone)
    expect_told(someone)
    expect_drawn(someone)


def expect_explained(someone: AtDesk) -> None:
    """Each clock unfolds into why it was due when it was: start, rule, article, result."""
    for row in someone.page.locator(".clock-row:has(.clock-why)").all():
        why = row.locator(".clock-why")
        if not why.is_visible():
            row.locator("summary").click()
        expect(why).to_be_visible()
        for part in ("起点：", "规则：", "依据：", "止于"):
            expect(why).to_contain_text(part)


def expect_told(someone: AtDesk) -> None:
    """The course of events holds every step, refusals included, the last one first."""
    course = someone.page.locator(".course li")
    expect(course.first).to_contain_text("分中心意见")
    expect(course.last).to_contain_text("接收登记")
    text = someone.page.locator(".course").inner_text()
    for title in ("派单", "签收响应", "联系记录", "办理记录", "向诉求人反馈", "报送办理情况", "审核"):
        assert f"提交了“{title}”" in text
    for code, article in (("E_NO_LIAISON", "A4-4"), ("E_PACKAGE_INCOMPLETE", "A11-3")):
        assert refusal(code, article)[0] in text


def expect_drawn(someone: AtDesk) -> None:
    """The diagram is a picture with what was passed marked on it, stage by stage, and nothing that waits;
    a stage that was left out says so."""
    diagram = someone.page.locator("[data-diagram]")
    expect(diagram).to_have_attribute("data-ready", "yes")
    expect(diagram.locator("svg .djs-shape").first).to_be_attached()
    stages = someone.page.locator("[data-stages] select")
    told = {
        stage.get_attribute("value") or "": stage.inner_text() for stage in stages.locator("option").all()
    }
    choices = list(told)
    assert {"没有经过" in name for name in told.values()} == {True, False}
    for choice in choices:
        stages.select_option(choice)
        expect_shown(diagram, choice, was_here="没有经过" not in told[choice])
    # leafing faster than pictures open ends at the last one, with its own marks
    stages.evaluate(
        "(select, choices) => choices.forEach((one) => { select.value = one; select.dispatchEvent(new Event('change')); })",
        choices[::-1],
    )
    expect_shown(diagram, choices[0], was_here=True)


def expect_shown(diagram: Locator, choice: str, *, was_here: bool) -> None:
    expect(diagram).to_have_attribute("data-shown", choice)
    passed = diagram.locator("svg .djs-element.is-passed")
    if was_here:
        expect(passed.first).to_be_attached()
    else:
        expect(passed).to_have_count(0)
    expect(diagram.locator("svg .djs-element.has-token")).to_have_count(0)
