"""Names in expressions: one that nothing stands behind is found, and the answer says what is there."""

from functools import cache
from pathlib import Path

import pytest

from service.content import Content, load, read_folder
from service.content.vocabulary import check_names, vocabulary

ROOT = Path(__file__).parents[2]


@cache
def shipped() -> Content:
    return load(read_folder(ROOT))


def problems(text: str, own: tuple[str, ...] = ()) -> list[tuple[str, str]]:
    return list(vocabulary(shipped()).problems(text, own))


@pytest.mark.parametrize(
    "text",
    [
        'dispatch.urgency = "urgent"',
        'some c in all("record_contact") satisfies c.purpose = "persuade"',
        'now > clock("handling_feedback").due + policy.clue_after_breach',
        'due("redispatch", request_return.at, {dispatch_due: clock("dispatch").due})',
        'clock("upstream").due != null',
        'case.status = "return_pending" and actor.role = "office_director"',
        "submit_report.narrative.contact != null",
        "count(told_result) > 0",
        "for x in [1, 2] return x + 1",
    ],
)
def test_a_known_name_is_no_problem(text):
    assert problems(text) == []


@pytest.mark.parametrize(
    "text,said,cure",
    [
        ("dispach.urgency", "没有“dispach”这个名称", "dispatch"),
        ("dispatch.urgncy", "“dispatch”里没有“urgncy”", "urgency"),
        ("policy.extension_cap", "“policy”里没有“extension_cap”", "extension_cap_days"),
        ("case.state", "“case”里没有“state”", "status"),
        ("actor.rolle", "“actor”里没有“rolle”", "role"),
        ('count(all("record_contakt"))', "没有名为“record_contakt”的表单", "record_contact"),
        ('mine("respnd")', "没有名为“respnd”的表单", "respond"),
        ('clock("handling_fedback").due', "没有名为“handling_fedback”的时钟", "handling_feedback"),
        ('due("upstream")', "时限表里没有“upstream”", "可用"),
        ("natural_dys(3)", "没有“natural_dys”这个函数", "natural_days"),
    ],
)
def test_a_wrong_name_is_told_with_what_is_near(text, said, cure):
    found = problems(text)

    assert [message for message, _ in found] == [said]
    assert cure in found[0][1]


def test_the_fields_of_a_form_are_names_within_it_only():
    assert problems('scope_claim != "partial"', ("scope_claim",)) == []
    assert problems('scope_claim != "partial"')[0][0] == "没有“scope_claim”这个名称"


def test_a_wrong_name_in_a_form_a_fact_a_column_and_a_cell_is_found_with_its_line():
    files = dict(shipped().files)

    def changed(name: str, old: str, new: str) -> None:
        text = files[name].decode()
        assert text.count(old) >= 1
        files[name] = text.replace(old, new, 1).encode()

    changed("forms/dispatch.form", "=urgency_now", "=urgency_nov")
    changed("bpmn/facts.yaml", 'risk_acked: count(all("ack_risk"))', 'risk_acked: count(all("ack_rissk"))')
    changed("bpmn/facts.yaml", "category: register_case.category", "category: register_case.categry")
    changed("bpmn/deadlines.dmn", "policy.due_soon.dispatch", "policy.due_son.dispatch")
    changed("forms/respond.form", '"article": "A9-1"', '"article": "A99-1"')

    found = {(f.file, f.element): f for f in check_names(load(files))}

    assert set(found) == {
        ("forms/dispatch.form", "urgency"),
        ("forms/respond.form", "first_contact_plan"),
        ("bpmn/facts.yaml", "risk_acked"),
        ("bpmn/facts.yaml", "category"),
        ("bpmn/deadlines.dmn", "deadlines"),
    }
    for finding in found.values():
        line = files[finding.file].decode().splitlines()[finding.line - 1]
        assert finding.element in line or "due_son" in line
