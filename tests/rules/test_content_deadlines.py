"""The deadline table gives each clock its rule, and with it `timers` gives each due time of the vectors."""

from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

import pytest
import yaml

from service.content import Content, load, read_folder
from service.content.deadlines import read_deadlines
from service.domain.errors import ContentInvalid
from timers.calendar import shipped_calendar
from timers.clock import BEIJING
from timers.deadlines import due, show_due

ROOT = Path(__file__).parents[2]
VECTORS = yaml.safe_load((Path(__file__).parent / "time_vectors.yaml").read_text(encoding="utf-8"))["vectors"]
BY_TABLE = [pytest.param(v, id=v["id"]) for v in VECTORS if v["rule"] != "extension"]
# kind: amount, unit, lead, article, what it is never before
ROWS = {
    "dispatch": (1, "natural_day", "4h", "A6-1", ()),
    "urgent_dispatch_target": (15, "minute", None, "A6-1", ()),
    "same_day_response": (0, "end_of_day", "2h", "A6-2", ()),
    "return_window": (1, "hour", None, "A8-4", ()),
    "handling_feedback": (3, "natural_day", "24h", "A6-4", ()),
    "urgent_feedback": (1, "hour", "15m", "A6-3", ()),
    "urgent_final": (3, "natural_day", "24h", "A6-3", ()),
    "redispatch": (2, "hour", None, "A8-4", ("dispatch_due",)),
    "co_handling_report": (0, "hour", "4h", "A7-2", ("handling_due",)),
    "upstream": (0, "hour", "24h", "A5-4", ()),
    "completion": (4, "hour", None, "A5-4", ("handling_due",)),
    "review": (1, "natural_day", None, "A5-4", ()),
    "risk_report": (1, "hour", None, "A14-1", ()),
    "risk_ack": (15, "minute", None, "A14-1", ()),
    "objection_ruling": (24, "hour", "4h", "A7-2", ()),
    "matter_decision": (2, "natural_day", None, "A4-2", ()),
    "monthly_analysis": (0, "hour", "3d", "A12-1", ()),
    "quarterly_analysis": (0, "hour", "3d", "A12-1", ()),
    "governance_offer": (10, "natural_day", "3d", "A13-1", ()),
    "governance_plan": (0, "hour", "7d", "A13-1", ("plan_due",)),
    "special_study": (0, "hour", "7d", "A13-2", ("study_due",)),
}
LEADS = {
    None: None,
    "15m": timedelta(minutes=15),
    "2h": timedelta(hours=2),
    "4h": timedelta(hours=4),
    "24h": timedelta(hours=24),
    "3d": timedelta(days=3),
    "7d": timedelta(days=7),
}


@cache
def shipped() -> Content:
    return load(read_folder(ROOT))


def under(**switches) -> Content:
    return shipped().with_policy(switches, "trial")


def instant(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=BEIJING)


def test_the_table_has_a_row_for_each_clock_and_no_other():
    assert set(shipped().deadlines.kinds) == set(ROWS)


@pytest.mark.parametrize("kind", ROWS)
def test_a_clock_gets_its_row(kind):
    amount, unit, lead, article, floors = ROWS[kind]

    rule = shipped().deadlines.rule(kind)

    assert (rule.kind, rule.amount, rule.unit) == (kind, amount, unit)
    assert rule.lead_for == LEADS[lead] == shipped().deadlines.lead(kind)
    assert rule.article == article
    assert rule.article in shipped().regulation
    assert rule.not_before == floors == shipped().deadlines.inputs(kind)
    assert rule.basis


@pytest.mark.parametrize("vector", BY_TABLE)
def test_a_vector_is_met_by_the_shipped_table(vector):
    switches = dict(vector["policy"])
    inputs = {name: instant(switches.pop(name)) for name in ("dispatch_due",) if name in switches}
    rule = under(**switches).deadlines.rule(vector["rule"])

    found = due(rule, instant(vector["start_at"]), shipped_calendar(), inputs)

    assert found.at == instant(vector["due_at"])
    assert show_due(found.at) == vector["due_display"]


def test_each_switch_reaches_the_rules_that_it_is_about():
    changed = {
        kind
        for kind in ROWS
        if under(day_count="include_start").deadlines.rule(kind) != shipped().deadlines.rule(kind)
    }

    assert changed == {"dispatch", "handling_feedback", "urgent_final", "matter_decision", "review"}
    assert under(day_unit="workday").deadlines.rule("handling_feedback").unit == "workday"
    assert under(rollover="off_day").deadlines.rule("dispatch").rollover == "off_day"
    assert under(same_day_cutoff="17:30").deadlines.rule("same_day_response").cutoff == "17:30"
    assert under(urgent_final_days=2).deadlines.rule("urgent_final").amount == 2
    assert under(redispatch_min="PT90M").deadlines.rule("redispatch").amount == 90
    assert under(redispatch_min="PT90M").deadlines.rule("redispatch").unit == "minute"
    assert under(due_soon={"dispatch": "PT1H"}).deadlines.lead("dispatch") == timedelta(hours=1)
    assert under(due_soon={"dispatch": "PT1H"}).deadlines.lead("urgent_final") == timedelta(hours=24)


def test_a_fixed_time_for_completion_is_no_longer_lifted_to_the_handling_due():
    rule = under(completion_fixed="PT6H").deadlines.rule("completion")

    assert (rule.amount, rule.unit, rule.not_before) == (6, "hour", ())


def test_a_clock_without_a_row_has_no_lead_and_no_rule():
    assert shipped().deadlines.lead("teatime") is None
    with pytest.raises(ContentInvalid, match="有误"):
        shipped().deadlines.rule("teatime")


def test_each_clock_is_called_by_a_chinese_name():
    names = {kind: shipped().deadlines.label(kind) for kind in ROWS}

    assert all("\u4e00" <= name[0] <= "\u9fff" for name in names.values())
    assert len(set(names.values())) == len(names)
    assert shipped().deadlines.label("teatime") == "teatime"


def test_a_figure_changed_in_the_table_changes_the_due_time():
    files = dict(shipped().files)
    row = files["bpmn/deadlines.dmn"].decode()
    before, after = row.split('<outputEntry id="row_handling_feedback_amount">', 1)
    files["bpmn/deadlines.dmn"] = (
        f'{before}<outputEntry id="row_handling_feedback_amount">{after.replace(">3<", ">2<", 1)}'.encode()
    )

    changed = load(files)

    assert changed.deadlines.rule("handling_feedback").amount == 2
    assert shipped().deadlines.rule("handling_feedback").amount == 3
    assert changed.hash != shipped().hash


def test_a_row_may_differ_by_urgency():
    text = shipped().files["bpmn/deadlines.dmn"].decode()
    row = text[text.index('<rule id="row_same_day_response">') :]
    row = row[: row.index("</rule>") + len("</rule>")]
    urgent = row.replace("row_same_day_response", "row_same_day_urgent")
    urgent = urgent.replace("<text></text>", '<text>"urgent"</text>', 1)
    urgent = (
        urgent.replace(">0<", ">2<").replace('"end_of_day"', '"hour"').replace("policy.same_day_cutoff", "")
    )
    plain = row.replace("<text></text>", '<text>not("urgent")</text>', 1)
    table = read_deadlines("x.dmn", text.replace(row, plain + urgent).encode(), shipped().policy.values)

    assert table.rule("same_day_response", {"dispatch": {"urgency": "urgent"}}).unit == "hour"
    assert table.rule("same_day_response", {"dispatch": {"urgency": "normal"}}).unit == "end_of_day"
    assert table.rule("same_day_response", {}).unit == "end_of_day"


def test_a_row_that_reads_the_case_is_decided_for_each_case():
    text = shipped().files["bpmn/deadlines.dmn"].decode()
    marker = '<outputEntry id="row_handling_feedback_amount">'
    before, after = text.split(marker, 1)
    cell = "if register_case.request_type = &quot;consult&quot; then 2 else 3"
    table = read_deadlines(
        "x.dmn", f"{before}{marker}{after.replace('>3<', f'>{cell}<', 1)}".encode(), shipped().policy.values
    )

    amounts = [
        table.rule("handling_feedback", {"register_case": {"request_type": kind}}).amount
        for kind in ("help", "consult", "help")
    ]

    assert amounts == [3, 2, 3]


def test_a_kind_may_be_named_in_a_row_with_others_or_by_exception():
    text = shipped().files["bpmn/deadlines.dmn"].decode()
    several = text.replace('<text>"risk_ack"</text>', '<text>"risk_ack", "first_contact"</text>')
    others = text.replace('<text>"risk_ack"</text>', '<text>not("dispatch", "risk_report")</text>')

    assert (
        read_deadlines("x.dmn", several.encode(), shipped().policy.values).rule("first_contact").amount == 15
    )
    with pytest.raises(ContentInvalid) as refused:
        read_deadlines("x.dmn", others.encode(), shipped().policy.values)
    assert {finding.rule for finding in refused.value.findings} == {"deadlines.row"}


@pytest.mark.parametrize(
    "written, told",
    [
        ("policy.nosuch", "policy.nosuch"),
        ("case.nosuch", "case.nosuch"),
        ("nosuch", "nosuch"),
        ("", "没有填"),
        ('"3"', "现为 3"),
    ],
)
def test_an_amount_that_is_none_is_told_as_it_is_written(written, told):
    text = shipped().files["bpmn/deadlines.dmn"].decode()
    was = '<outputEntry id="row_handling_feedback_amount">\n          <text>3<'
    assert text.count(was) == 1
    changed = text.replace(was, was.replace(">3<", f">{written}<"))

    with pytest.raises(ContentInvalid) as refused:
        read_deadlines("x.dmn", changed.encode(), shipped().policy.values)

    [finding] = refused.value.findings
    assert (finding.rule, finding.element) == ("deadlines.row", "handling_feedback")
    assert told in finding.message
    assert "None" not in finding.message


def test_a_unit_that_is_not_filled_in_is_told_in_plain_words():
    text = shipped().files["bpmn/deadlines.dmn"].decode()
    was = '<outputEntry id="row_handling_feedback_unit">\n          <text>'
    before, after = text.split(was)
    changed = before + was + after[after.index("<") :]

    with pytest.raises(ContentInvalid, match="有误") as refused:
        read_deadlines("x.dmn", changed.encode(), shipped().policy.values)

    assert "unit 应为文字" in refused.value.findings[0].message
    assert "None" not in refused.value.findings[0].message
