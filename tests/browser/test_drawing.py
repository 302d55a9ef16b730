"""Drawing in the editor of diagrams: what is new has an id of words at once, and the tools offer only what runs."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_owner import OWNER, open_in_a_draft, save

ID_FIELD = "[data-entry-id=id]"

pytestmark = pytest.mark.xdist_group("browser")


@pytest.fixture
def page(page_for) -> Page:
    """The editor of the smallest diagram, in a draft of its own."""
    opened: Page = page_for(OWNER).page
    open_in_a_draft(opened, "诉求分析")
    return opened


def draw(page: Page, tool: str) -> str:
    """Take a tool and put what it draws below the arrow; the id of it."""
    page.locator(f'.djs-palette [data-action="{tool}"]').click()
    canvas = page.locator("[data-canvas]").bounding_box()
    assert canvas
    x, y = canvas["x"] + 320, canvas["y"] + 130
    page.mouse.move(x - 40, y + 60)
    page.mouse.move(x, y, steps=5)
    page.mouse.click(x, y)
    expect(page.locator(".djs-context-pad [data-action=replace]")).to_be_visible()
    return selected(page)


def selected(page: Page) -> str:
    found: str = page.evaluate("jsjbModeler.get('selection').get()[0].businessObject.id")
    return found


def ids_saved(page: Page) -> set[str]:
    xml: str = page.evaluate("jsjbModeler.saveXML().then((saved) => saved.xml)")
    return set(re.findall(r'\bid="([^"]*)"', xml))


def test_a_new_task_has_words_for_an_id_and_keeps_them_under_a_chinese_label(page):
    drawn = draw(page, "create.task")
    page.keyboard.press("e")  # the label, written on the shape
    page.keyboard.type("核实材料")
    page.locator(".djs-palette [data-action=hand-tool]").click()
    page.keyboard.press("Escape")
    expect(page.locator(f'[data-element-id="{drawn}"]')).to_contain_text("核实材料")
    expect(page.locator("[data-findings]")).to_contain_text(f"错误 · {drawn}")
    save(page)

    assert drawn == "user_task_1"
    assert {"user_task_1", "user_task_1_di"} <= ids_saved(page)
    # an empty task has much to be told about it, and nothing about its id
    expect(page.locator("[data-findings]")).not_to_contain_text("bpmn.id")


def test_whatever_is_drawn_has_words_for_an_id(page):
    before = ids_saved(page)
    page.evaluate(
        """() => {
          const tools = Object.fromEntries(["elementFactory", "modeling", "elementRegistry", "bpmnReplace"]
            .map((name) => [name, jsjbModeler.get(name)]));
          const pool = tools.elementRegistry.get("participant_analysis");
          const put = (type, more = {}) =>
            tools.modeling.createShape(tools.elementFactory.createShape({ type, ...more }), { x: 360, y: 190 }, pool);
          const task = put("bpmn:Task");
          const border = tools.elementFactory.createShape({
            type: "bpmn:BoundaryEvent", eventDefinitionType: "bpmn:TimerEventDefinition" });
          tools.modeling.createShape(border, { x: task.x, y: task.y + task.height }, task, { attach: true });
          tools.modeling.connect(task, put("bpmn:ExclusiveGateway"));
          tools.modeling.splitLane(tools.elementRegistry.get("lane_analysis"), 2);
          tools.bpmnReplace.replaceElement(put("bpmn:Task"), { type: "bpmn:SendTask" });
          const failed = put("bpmn:EndEvent", { eventDefinitionType: "bpmn:ErrorEventDefinition" });
          const error = jsjbModeler.get("bpmnFactory").create("bpmn:Error", { errorCode: "E_NEW" });
          jsjbModeler.getDefinitions().rootElements.push(error);
          tools.modeling.updateModdleProperties(
            failed, failed.businessObject.eventDefinitions[0], { errorRef: error });
        }"""
    )

    drawn = ids_saved(page) - before

    assert {"user_task_1", "boundary_event_1", "exclusive_gateway_1", "flow_1", "send_task_1"} <= drawn
    assert not [one for one in drawn if not re.fullmatch(r"[a-z][a-z_]*_\d+(_di)?", one)], drawn
    assert len([one for one in drawn if one.startswith("lane_")]) >= 2


def test_an_element_that_becomes_another_kind_is_named_for_it_unless_somebody_named_it(page):
    kinds = page.evaluate(
        """() => {
          const factory = jsjbModeler.get("elementFactory"), modeling = jsjbModeler.get("modeling");
          const pool = jsjbModeler.get("elementRegistry").get("participant_analysis");
          const put = () => modeling.createShape(factory.createShape({ type: "bpmn:Task" }), { x: 360, y: 190 }, pool);
          const become = (one) => jsjbModeler.get("bpmnReplace").replaceElement(one, { type: "bpmn:SendTask" });
          const [given, named] = [put(), put()];
          modeling.updateProperties(named, { id: "tell_office" });
          return [become(given), become(named)].map((one) => one.id);
        }"""
    )

    assert kinds == ["send_task_1", "tell_office"]


WRONG_IDS = {
    "核实材料": "小写字母",
    "Activity_0x1f": "小写字母",
    "1_check": "以字母开头",
    "analysis_filed": "这张图里已有",
    "analysis": "这张图里已有",
    "submit_report": "别的流程图里已有",
    "complaint": "别的流程图里已有",
    "a" * 65: "最多 64 个",
    "": "不能为空",
}


def test_an_id_that_will_not_do_is_told_and_not_written(page):
    drawn = draw(page, "create.task")
    page.locator("[data-group-id=group-general] .bio-properties-panel-group-header").click()

    for wrong, why in WRONG_IDS.items():
        page.locator(f"{ID_FIELD} input").fill(wrong)
        expect(page.locator(f"{ID_FIELD} .bio-properties-panel-error")).to_contain_text(why)
        assert selected(page) == drawn


def test_an_id_that_will_do_is_written_and_stands_in_what_is_saved(page):
    draw(page, "create.task")
    page.locator("[data-group-id=group-general] .bio-properties-panel-group-header").click()

    page.locator(f"{ID_FIELD} input").fill("check_materials")
    expect(page.locator("[data-element-id=check_materials]")).to_be_attached()
    page.locator('.djs-context-pad [data-action="append.append-task"]').click()
    page.keyboard.press("Escape")
    save(page)

    assert "check_materials" in ids_saved(page)
    assert selected(page) == "user_task_2"  # the picture of the first one is still called user_task_1_di


def test_the_tools_offer_nothing_that_the_check_would_refuse(page):
    draw(page, "create.task")
    offered = page.locator(".djs-palette .entry").evaluate_all("all => all.map((one) => one.dataset.action)")
    kinds = page.evaluate(
        """() => {
          const factory = jsjbModeler.get("elementFactory"), modeling = jsjbModeler.get("modeling");
          const menu = jsjbModeler.get("popupMenu"), registry = jsjbModeler.get("elementRegistry");
          const pool = registry.get("participant_analysis");
          const put = (type, more) =>
            modeling.createShape(factory.createShape({ type, ...more }), { x: 360, y: 190 }, pool);
          const task = registry.get("user_task_1");
          const border = modeling.createShape(
            factory.createShape({ type: "bpmn:BoundaryEvent" }), { x: task.x, y: task.y }, task, { attach: true });
          const all = [task, border, put("bpmn:SubProcess", { isExpanded: true }), put("bpmn:ExclusiveGateway"),
            put("bpmn:IntermediateThrowEvent"), registry.get("analysis_submitted"), registry.get("analysis_filed")];
          const providers = menu._getProviders("bpmn-replace");
          return all.flatMap((one) => [
            ...Object.keys(menu._getEntries(one, providers)), ...Object.keys(menu._getHeaderEntries(one, providers))]);
        }"""
    )

    assert "create.task" in offered
    assert "create.data-object" not in offered
    runs = ("send-task", "call-activity", "timer-boundary", "timer-start")
    assert {f"replace-with-{one}" for one in runs} <= set(kinds)
    refused = r"script|service|rule|manual|receive|message|signal|compensation|link|complex|ad-hoc|toggle"
    assert not [kind for kind in kinds if re.search(refused, kind)]


def entry(page: Page, name: str):
    """The box of one entry of the panel."""
    return page.locator(f"[data-entry-id=jsjb-{name}]").locator("textarea, input").first


def test_a_start_event_becomes_a_timer_and_says_when_for_whom_and_for_which_period(page):
    page.evaluate(
        """() => {
          const start = jsjbModeler.get("elementRegistry").get("analysis_submitted");
          jsjbModeler.get("selection").select(start);
          jsjbModeler.get("popupMenu").open(start, "bpmn-replace", { x: 400, y: 300 });
        }"""
    )
    expect(page.locator("[data-entry-id=jsjb-form]")).to_be_visible()
    page.locator('.djs-popup [data-id="replace-with-timer-start"]').click()

    expect(page.locator("[data-entry-id=jsjb-form]")).to_have_count(0)
    expect(page.locator(".bio-properties-panel-header-type")).to_have_text("定时开始")
    for name, text in (
        ("due-date", 'monthly(policy.analysis_day, "09:00")'),
        ("for", "departments"),
        ("period", "month_of(now, -1)"),
    ):
        entry(page, name).fill(text)
        entry(page, name).blur()
    save(page)

    xml = page.evaluate("jsjbModeler.saveXML().then((saved) => saved.xml)")
    start = xml[xml.index("<bpmn:startEvent") : xml.index("</bpmn:startEvent>")]
    assert 'jsjb:for="departments"' in start
    assert 'jsjb:period="month_of(now, -1)"' in start
    assert ">monthly(policy.analysis_day, " in start
    assert "timerEventDefinition" in start
