"""Papers of a case: what stands on them, what is masked, what cannot be smuggled in; and the whole package."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Callable

import pytest

from service.content.papers import read_papers
from service.domain.errors import ContentInvalid, Missing, Refused
from service.usecases.attach_file import open_attachment
from service.usecases.case_view import disclose, view_case
from service.usecases.case_work import CaseWork
from service.usecases.papers.gather import rows_of
from service.usecases.papers.make_paper import ask, make_package, make_paper
from service.usecases.papers.typeset import typeset
from service.usecases.verify_audit import verify_audit
from tests.usecases.houses import PROJECT, Played, shipped
from timers.clock import BEIJING

RESPONDED = 5
REPORTED = 16
LAST = 20
HOSTILE = '#read("/etc/passwd") {{7*7}} $x$ *b* \\\\ `raw` <label> @ref // # = -'


def row(case: Played, paper: str, label: str, role: str, department: str | None = None) -> dict[str, object]:
    asked = ask(case.house, case.case_id, case.person(role, department))
    rows = rows_of(shipped().papers.papers[paper], asked.work, asked.reader)
    return next(one for one in rows if one["label"] == label)


def exported(case: Played) -> int:
    return case.audit_kinds().count("exported")


def test_a_sheet_tells_the_case_in_the_words_of_the_forms(play: Callable[..., Played]) -> None:
    case = play("S02").to(LAST)

    told = {
        label: row(case, "sheet", label, "office_dispatcher")["text"] for label in ("诉求类型", "承办部门")
    }
    due = row(case, "sheet", "反馈截止", "office_dispatcher")["text"]
    signed = row(case, "sheet", "承办人", "office_dispatcher")

    assert told == {"诉求类型": "投诉", "承办部门": "后勤管理部门"}
    assert due == "2024-03-11 24:00"
    assert signed["at"] == "2024-03-11 20:30"


def test_a_sheet_tells_what_was_done_wherever_it_was_written(play: Callable[..., Played]) -> None:
    case = play("HP4").to(13)  # handled by one department, given back; then by another, with help of a third
    asked = ask(case.house, case.case_id, case.person("office_dispatcher"))
    rows = rows_of(shipped().papers.papers["sheet"], asked.work, asked.reader)

    told = next(one["entries"] for one in rows if one["label"] == "办理情况")

    assert told == [
        {"at": "2024-03-04 09:45", "text": "快报：已断电封闭"},
        {"at": "2024-03-04 14:00", "text": "更换线路"},
        {"at": "2024-03-04 15:00", "text": "协办：已排除起火危险"},
    ]


def test_a_sheet_tells_what_was_answered_at_once(play: Callable[..., Played]) -> None:
    case = play("HP5").to(2)

    told = row(case, "sheet", "办理情况", "office_dispatcher")["entries"]

    assert told == [{"at": "2024-03-04 09:20", "text": "即时答复：在职教师均可报名"}]


def test_who_may_not_see_the_contact_gets_it_masked(play: Callable[..., Played]) -> None:
    case = play("S02").to(RESPONDED)

    assert row(case, "sheet", "联系方式", "office_dispatcher")["text"] == "010-0000-0000"
    assert row(case, "sheet", "联系方式", "leading_group")["text"] == "010******0000"


def test_a_paper_is_a_pdf_and_its_making_is_on_record(play: Callable[..., Played]) -> None:
    case = play("S02").to(LAST)

    made = make_paper(case.house, case.case_id, "sheet", case.person("office_dispatcher"))

    assert made.startswith(b"%PDF-")
    assert exported(case) == 1
    assert verify_audit(case.house).broken == []


def test_a_paper_of_a_case_of_others_is_missing(play: Callable[..., Played]) -> None:
    case = play("S02").to(RESPONDED)

    for key, role, department in (
        ("sheet", "dept_handler", "dept_finance"),
        ("sheet", "discipline", None),
        ("other", "office_dispatcher", None),
    ):
        with pytest.raises(Missing):
            make_paper(case.house, case.case_id, key, case.person(role, department))
    assert exported(case) == 0


def test_what_people_typed_is_never_read_as_markup() -> None:
    rows = [{"label": "诉求内容", "kind": "long", "text": HOSTILE, "entries": [], "at": ""}]

    made = typeset(HOSTILE, rows, case_no=HOSTILE, subtitle=HOSTILE, footer=HOSTILE, fonts=None)

    assert made.startswith(b"%PDF-")
    assert b"root:" not in made


def test_the_same_values_give_the_same_bytes() -> None:
    rows = [{"label": "编号", "kind": "short", "text": "甲", "entries": [], "at": ""}]

    first, second = (typeset("单", rows, case_no="1", subtitle="", footer="", fonts=None) for _ in range(2))

    assert first == second


def test_a_package_is_refused_with_everything_that_is_missing(play: Callable[..., Played]) -> None:
    case = play("S02").to(RESPONDED)

    with pytest.raises(Refused) as refused:
        make_package(case.house, case.case_id, case.person("office_dispatcher"))

    assert (refused.value.code, refused.value.article) == ("E_PACKAGE_INCOMPLETE", "A11-3")
    missing = "".join(refused.value.details["missing"])
    assert all(one in missing for one in ("一单", "联系情况", "办理过程", "办理结果", "一支撑"))
    assert exported(case) == 0


def test_a_package_holds_what_its_manifest_says(play: Callable[..., Played]) -> None:
    case = play("S02").to(REPORTED)

    made = make_package(case.house, case.case_id, case.person("office_dispatcher"))

    with made.content, zipfile.ZipFile(made.content) as packed:
        manifest = json.loads(packed.read("manifest.json"))
        listed = {one["name"]: one["sha256"] for one in manifest["files"]}
        held = {
            name: hashlib.sha256(packed.read(name)).hexdigest()
            for name in packed.namelist()
            if name != "manifest.json"
        }
    assert held == listed
    assert [name for name in held if name.startswith(("01-", "02-"))] == [
        "01-阅批处理单.pdf",
        "02-联系、办理过程及结果.pdf",
    ]
    assert any(name.endswith("a.jpg") for name in held)
    assert manifest["case_no"] == case.loaded().case.case_no
    assert made.name.endswith("报送件.zip")


def test_whoever_sees_contacts_masked_gets_no_package(play: Callable[..., Played]) -> None:
    case = play("S02").to(REPORTED)

    with pytest.raises(Refused) as refused:
        make_package(case.house, case.case_id, case.person("leading_group"))

    assert refused.value.code == "E_NOT_AUTHORIZED"


@pytest.mark.parametrize(
    "old, new, rule",
    [
        ("value: case.case_no", "value: case.", "papers.expression"),
        ("kind: due", "kind: soon", "papers.kind"),
        ("label: 编号, ", "", "papers.text"),
        ("{label: 编号, value: case.case_no}", "{label: 编号}", "papers.row"),
        ("title: 阅批处理单", "titel: 阅批处理单", "papers.key"),
        ("papers: [sheet, narrative]", "papers: [sheet, letter]", "papers.unknown"),
    ],
)
def test_a_defect_in_the_papers_is_told_with_its_line(old: str, new: str, rule: str) -> None:
    text = (PROJECT / "bpmn/papers.yaml").read_text()
    assert old in text

    with pytest.raises(ContentInvalid) as refused:
        read_papers("bpmn/papers.yaml", text.replace(old, new).encode())

    assert rule in {f.rule for f in refused.value.findings}
    assert all(f.line for f in refused.value.findings)


def test_times_on_a_paper_are_those_of_beijing(play: Callable[..., Played]) -> None:
    case = play("S02").to(RESPONDED)
    with case.house.store.begin(reading=True) as uow:
        work = CaseWork.of(case.house, uow, uow.load(case.case_id), case.house.clock.now(), "")

    received = work.case.received_at.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M")

    assert row(case, "sheet", "接收时间", "office_dispatcher")["text"] == received == "2024-03-08 16:30"


def test_what_the_discipline_office_does_stands_on_no_paper_of_others(play: Callable[..., Played]) -> None:
    case = play("S06")
    case.to(len(case.case.steps))
    assert "open_supervision" in {s.form for s in case.loaded().submissions}

    of_others = ask(case.house, case.case_id, case.person("office_dispatcher")).work.submissions
    its_own = ask(case.house, case.case_id, case.person("discipline")).work.submissions

    assert "open_supervision" not in {s.form for s in of_others}
    assert "open_supervision" in {s.form for s in its_own}


def told_on_sheet(case: Played, *labels: str) -> dict[str, object]:
    return {one: row(case, "sheet", one, "office_dispatcher")["text"] for one in labels}


def test_a_sheet_tells_nothing_of_a_department_that_returned_the_case(play: Callable[..., Played]) -> None:
    case = play("V18").to(9)

    assert told_on_sheet(case, "承办部门", "协办部门", "第八条情形", "不予反馈情形", "不予反馈依据") == {
        "承办部门": "信息化部门",
        "协办部门": "",
        "第八条情形": "",
        "不予反馈情形": "",
        "不予反馈依据": "",
    }


def test_a_sheet_tells_every_exemption_and_class_that_stands(play: Callable[..., Played]) -> None:
    told = told_on_sheet(play("V18").to(6), "第八条情形", "不予反馈情形", "不予反馈依据")

    assert told == {
        "第八条情形": "违反法律法规或违背公序良俗",
        "不予反馈情形": "明显违反现有法律法规政策规定",
        "不予反馈依据": "治安管理处罚法第二条",
    }


def test_a_sheet_tells_no_exemption_that_a_denial_made_void(play: Callable[..., Played]) -> None:
    case = play("X14")
    claimed = told_on_sheet(case.to(4), "不予反馈情形")
    denied = told_on_sheet(case.to(6), "不予反馈情形")

    assert claimed == {"不予反馈情形": "联系方式不详，或要求个人信息保密"}
    assert denied == {"不予反馈情形": "明确表示拒绝接受回访反馈"}


def test_a_sheet_tells_all_co_departments_the_urgency_in_force_and_who_signed(
    play: Callable[..., Played],
) -> None:
    told = told_on_sheet(
        play("V18").to(16), "协办部门", "紧急程度", "领导批示", "部门负责人", "党政办公室审核"
    )

    assert told == {
        "协办部门": "人事管理部门、教学科研部门",
        "紧急程度": "紧急：突发事故、不稳定因素、可能造成群众生命财产损失",
        "领导批示": "从速办理（赵院长，2024-03-04）",
        "部门负责人": "吕丽",
        "党政办公室审核": "",
    }


def test_a_review_stands_on_the_sheet_of_the_report_that_it_judged_alone(play: Callable[..., Played]) -> None:
    case = play("V18").to(17)
    returned = told_on_sheet(case, "党政办公室审核", "院领导阅批")
    again = told_on_sheet(case.to(18), "党政办公室审核", "院领导阅批")
    passed = told_on_sheet(case.to(19), "党政办公室审核", "院领导阅批")

    assert returned == {"党政办公室审核": "office_director", "院领导阅批": "退回补正，赵院长"}
    assert again == {"党政办公室审核": "", "院领导阅批": ""}
    assert passed == {"党政办公室审核": "office_director", "院领导阅批": "同意，赵院长"}


def signed_sheet(case: Played) -> str:
    """The id of the signed sheet that was handed in."""
    report = next(one for one in case.loaded().submissions if one.form == "submit_report")
    return str(report.values["form_sheet"][0]["id"])


def test_whoever_sees_contacts_masked_does_not_get_the_signed_sheet_either(
    play: Callable[..., Played],
) -> None:
    case = play("V18").to(16)

    for role, department in (("leading_group", None), ("dept_handler", "dept_hr")):
        with pytest.raises(Refused) as refused:
            open_attachment(case.house, signed_sheet(case), case.person(role, department))
        assert refused.value.code == "E_NOT_AUTHORIZED"
        view = view_case(case.house, case.case_id, case.person(role, department))
        (sheet,) = [one for form in view.forms for one in form.values if one.field.key == "form_sheet"]
        assert sheet.is_masked
        assert "id" not in sheet.value[0]
    assert exported(case) == 0


def test_that_somebody_took_the_signed_sheet_is_on_record(play: Callable[..., Played]) -> None:
    case = play("V18").to(16)

    for number, (role, department) in enumerate(
        (("office_dispatcher", None), ("dept_handler", "dept_it")), 1
    ):
        _, content = open_attachment(case.house, signed_sheet(case), case.person(role, department))
        with content:
            assert content.read()
        assert exported(case) == number


def test_other_evidence_is_open_to_whoever_sees_the_content(play: Callable[..., Played]) -> None:
    case = play("V18").to(16)
    report = next(one for one in case.loaded().submissions if one.form == "submit_report")
    evidence = str(report.values["supporting_files"][0]["id"])

    _, content = open_attachment(case.house, evidence, case.person("leading_group"))

    with content:
        assert content.read()
    assert exported(case) == 0


def test_a_contact_disclosed_with_a_reason_is_no_file(play: Callable[..., Played]) -> None:
    case = play("V18").to(16)

    told = disclose(case.house, case.case_id, case.person("leading_group"), "核实诉求人是否已获答复")

    assert {one.field.key for one in told} == {"caller_name", "caller_contact"}
