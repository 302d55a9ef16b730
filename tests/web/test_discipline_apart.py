"""What the discipline office is told and does: its way to a case, and that nobody else sees it."""

from __future__ import annotations

import io
import json

import pytest

from service.domain.case import Attachment
from service.usecases.fire_due import fire_due
from tests.web.office import PNG, Office
from tests.web.test_case_page import CONTENT

FACTS = "承办部门逾期五日未报送，也未说明理由"
OTHERS = ["paidan", "zhuren", "lingdao", "chengban_logistics", "fuzeren_logistics"]


def overdue(office: Office) -> str:
    """A case so long overdue that a clue went to the discipline office; its number."""
    number = office.dispatched("dept_logistics")
    office.later(days=6)
    while fire_due(office.house, worker="test"):
        pass
    return number


def supervised(office: Office) -> str:
    """The same with a supervision opened by the discipline office."""
    number = overdue(office)
    answer = office.browser("jiwei").fill(
        f"/cases/{number}/forms/open_supervision",
        {"suspected_item": "m2", "department": "dept_logistics", "clue": FACTS},
    )
    assert answer.status_code == 303, answer.text
    return number


def test_a_clue_leads_the_discipline_office_to_a_case_it_does_not_see_yet(office):
    number = overdue(office)
    discipline = office.browser("jiwei")

    notices = discipline.get("/notices").text
    page = discipline.get(f"/cases/{number}")
    form = discipline.get(f"/cases/{number}/forms/open_supervision")

    assert "监督线索" in notices
    assert number in notices
    assert f'href="/cases/{number}/forms/open_supervision"' in notices
    assert f'href="/cases/{number}"' not in notices
    assert page.status_code == 404
    assert form.status_code == 200
    for text in (notices, form.text):
        assert CONTENT not in text
        assert "诉求人乙" not in text


def test_once_it_supervises_it_sees_the_case(office):
    number = supervised(office)

    text = office.browser("jiwei").get(f"/cases/{number}").text

    assert CONTENT in text
    assert FACTS in text
    assert "立项监督" in text


@pytest.mark.parametrize("account", OTHERS)
def test_nobody_else_learns_of_a_supervision_on_any_page_of_the_case(office, account):
    number = supervised(office)
    browser = office.browser(account)

    page = browser.get(f"/cases/{number}").text
    drawn = json.loads(browser.get(f"/cases/{number}/diagram.json").text)

    for secret in (FACTS, "监督", "孙正", "open_supervision"):
        assert secret not in page, secret
    assert "supervision_opened" not in json.dumps(drawn)
    assert not [one for one in drawn["instances"] if "监督" in one["name"]]
    assert CONTENT in page


def test_beside_a_form_nobody_else_sees_it_either(office):
    number = supervised(office)

    text = office.browser("chengban_logistics").get(f"/cases/{number}/forms/record_contact").text

    assert CONTENT in text
    for secret in (FACTS, "立项监督", "孙正"):
        assert secret not in text


def test_its_files_are_its_own(office):
    number = supervised(office)
    with office.store.begin() as uow:
        loaded = uow.load(uow.case_of_no(number).id)
        opened = next(one for one in loaded.submissions if one.form == "open_supervision")
        kept = office.house.files.keep(io.BytesIO(PNG), limit=1024)
        file = Attachment(
            "clue",
            loaded.case.id,
            kept.sha256,
            "线索材料.png",
            "image/png",
            kept.size_bytes,
            opened.by,
            opened.at,
            submission_id=opened.id,
        )
        uow.add_attachment(file)
        uow.commit()

    own = office.browser("jiwei")

    assert "线索材料.png" in own.get(f"/cases/{number}").text
    assert own.get("/files/clue").status_code == 200
    for account in OTHERS:
        other = office.browser(account)
        assert "线索材料.png" not in other.get(f"/cases/{number}").text, account
        assert other.get("/files/clue").status_code == 404, account


def test_a_late_report_without_a_reason_does_not_tell_its_author_of_the_clue(office):
    number = office.dispatched("dept_logistics")
    office.browser("chengban_logistics").fill(
        f"/cases/{number}/forms/feedback_caller",
        {"channel": 1, "stage": "result", "content": "已修好", "caller_attitude": 1, "resolved_claim": 1},
    )
    office.later(days=3, hours=8)
    while fire_due(office.house, worker="test"):
        pass
    handler = office.browser("chengban_logistics")  # the days have ended the login
    kept = [handler.upload(name, PNG).get_json()["id"] for name in ("单.png", "照片.png")]
    values = {"form_sheet": kept[0], "supporting_files": kept[1]}
    values |= {f"narrative.{part}": "写明了。" for part in ("contact", "process", "result")}

    handler.get(f"/cases/{number}/forms/submit_report")
    foreseen = handler.post(f"/cases/{number}/forms/submit_report/foresight", handler.filled(values)).text
    answer = handler.fill(f"/cases/{number}/forms/submit_report", values)
    page = handler.get(f"/cases/{number}").text

    assert answer.status_code == 303, answer.text
    for text in (foreseen, page):
        assert "报送件待审核" in text
        assert "监督线索" not in text
    assert "监督线索" in office.browser("jiwei").get("/notices").text


@pytest.mark.parametrize("account", ["chengban_hr", "liucheng"])
def test_nobody_else_gets_past_the_door_that_way(office, account):
    number = overdue(office)

    answer = office.browser(account).get(f"/cases/{number}/forms/open_supervision")

    assert answer.status_code == 404
