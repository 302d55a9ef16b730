"""What the discipline office is told and does: its way to a case, and that nobody else sees it."""

from __future__ import annotations

import dataclasses
import io
import json
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from service.domain.case import Attachment
from service.domain.people import DISCIPLINE
from service.domain.roster import Appointment
from service.store.tables import audit, incident, notice, timer
from service.usecases.fire_due import fire_due
from tests.web.office import PNG, Office, first_row, shipped
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


def empty_office(office: Office) -> None:
    with office.store.begin() as uow:
        uow.appoint("jiwei", ())
        uow.commit()


CLUE_SEEN_BY = [*OTHERS, "lingdao2"]


@pytest.mark.parametrize("account", CLUE_SEEN_BY)
def test_a_clue_stays_in_the_pool_while_the_discipline_office_is_empty(office, account):
    empty_office(office)
    number = overdue(office)
    browser = office.browser(account)

    page, notices = browser.get(f"/cases/{number}").text, browser.get("/notices").text

    assert number in page
    assert "监督线索" not in page + notices
    with office.store.begin() as uow:
        uow.appoint("jiwei", (Appointment(DISCIPLINE),))
        uow.commit()
    discipline = office.browser("jiwei")
    assert number in discipline.get("/supervision/").text
    assert "监督线索" in discipline.get("/notices").text


@pytest.mark.parametrize("account", CLUE_SEEN_BY)
def test_a_clue_that_fell_to_another_role_under_an_older_reading_is_told_on_no_page_of_the_case(
    office, account
):
    number = overdue(office)
    with office.store.engine.begin() as connection:
        fell = update(notice).where(notice.c.kind == "supervision_clue").values(role="leading_group")
        assert connection.execute(fell).rowcount > 0

    assert "监督线索" not in office.browser(account).get(f"/cases/{number}").text
    own = instances_of(office, number)["complaint"]
    assert "监督线索" not in office.browser("admin").get(f"/admin/instances/{own}").text
    assert number in office.browser("jiwei").get("/supervision/").text


def test_the_roll_says_that_the_discipline_office_is_empty(office):
    assert "学院纪委无人" not in office.browser("zhuren").get("/people/").text
    empty_office(office)

    assert "学院纪委无人" in office.browser("zhuren").get("/people/").text


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


SECRETS = (FACTS, "监督", "open_supervision", "孙正", "纪委", "线索已送")


def instances_of(office: Office, number: str) -> dict[str, str]:
    """The instances of a case, by their process."""
    with office.store.begin() as uow:
        loaded = uow.load(uow.case_of_no(number).id)
    return {one.process: one.id for one in loaded.instances}


def parked_correction(office: Office, number: str) -> str:
    """A correction was ordered, and the timer of its term was given up; the incident that came of it."""
    answer = office.browser("jiwei").fill(
        f"/cases/{number}/forms/decide_supervision",
        {"facts": FACTS, "decision": "order_correct", "correction_due_at": "2024-03-20T18:00"},
    )
    assert answer.status_code == 303, answer.text
    office.later(days=20)
    supervision = instances_of(office, number)["supervision"]
    claims = office.store.claim(
        office.clock.now(), worker="test", limit=100, lease_for=timedelta(minutes=1), case_id=None
    )
    (claim,) = [one for one in claims if one.instance_id == supervision]
    office.store.failed(claim, RuntimeError("改正期限算不出"), park_after=1)
    with office.store.reading() as connection:
        asked = select(incident.c.id).where(incident.c.instance_id == supervision)
        return str(connection.execute(asked).scalar_one())


def test_administrators_do_not_learn_of_a_supervision(office):
    number = supervised(office)
    instances = instances_of(office, number)
    browser = office.browser("admin")
    own = f"/admin/instances/{instances['complaint']}"
    asked = [
        "/admin/",
        f"/admin/?q={number}",
        own,
        f"{own}/diagram.json",
        "/admin/timers",
        "/admin/incidents",
    ]

    texts = {page: browser.get(page).text for page in asked}

    told = [(page, one) for page, text in texts.items() for one in SECRETS if one in text]
    assert not told
    assert [page for page, text in texts.items() if instances["supervision"] in text] == []
    assert number in texts["/admin/"]
    assert "case_dispatched" in texts[f"{own}/diagram.json"]
    passed = json.loads(texts[f"{own}/diagram.json"])["passed"]
    assert not {"supervision_opened", "supervision_ways", "clue_not_reported"} & set(passed)


def test_administrators_cannot_ask_for_a_supervision(office):
    number = supervised(office)
    browser = office.browser("admin")
    page = f"/admin/instances/{instances_of(office, number)['supervision']}"

    assert number not in browser.get("/admin/?process=supervision").text
    for path in (page, f"{page}/diagram.json", f"{page}/diagrams/bpmn/supervision.bpmn"):
        assert browser.get(path).status_code == 404, path


def test_the_history_does_not_show_that_something_is_left_out(office):
    number = supervised(office)

    text = office.browser("admin").get(f"/admin/instances/{instances_of(office, number)['complaint']}").text

    assert "提交表单" in text
    assert "· #" not in text


def test_looks_are_not_told_to_administrators(office):
    number = office.dispatched("dept_logistics", confidential_requested=True)
    assert office.browser("zhuren").get(f"/cases/{number}").status_code == 200
    with office.store.reading() as connection:
        assert "looked" in connection.execute(select(audit.c.kind)).scalars().all()

    text = office.browser("admin").get(f"/admin/instances/{instances_of(office, number)['complaint']}").text

    assert "looked" not in text
    assert "查看受限内容" not in text
    assert "提交表单" in text


def test_a_timer_of_a_supervision_is_tried_again_without_its_case_being_told(office):
    number = supervised(office)
    incident_id = parked_correction(office, number)
    instance_id = instances_of(office, number)["supervision"]
    browser = office.browser("admin")

    lists = {page: browser.get(page).text for page in ("/admin/timers", "/admin/incidents")}
    answer = browser.post(f"/admin/incidents/{incident_id}/retry")

    for page, text in lists.items():
        assert "受限流程" in text, page
        assert f"/admin/incidents/{incident_id}/retry" in text, page
        for secret in (*SECRETS, instance_id, "改正期限", "correction_due", f"重试 {number} "):
            assert secret not in text, (page, secret)
    assert number not in lists["/admin/incidents"]
    assert number not in browser.get("/admin/?trouble=parked").text
    assert answer.status_code == 302
    with office.store.reading() as connection:
        parked = connection.execute(select(timer.c.id).where(timer.c.state == "parked")).all()
    assert parked == []


def test_a_timer_of_a_supervision_that_only_waits_is_not_listed(office):
    number = supervised(office)
    browser = office.browser("jiwei")
    browser.fill(
        f"/cases/{number}/forms/decide_supervision",
        {"facts": FACTS, "decision": "order_correct", "correction_due_at": "2024-03-20T18:00"},
    )

    text = office.browser("admin").get("/admin/timers").text

    assert "改正期限" not in text
    assert "受限流程" not in text


def renamed(office: Office) -> None:
    """A release in which the process of the discipline office has another name comes into force."""
    name = "bpmn/supervision.bpmn"
    drawn = shipped()[name].replace(b'id="supervision"', b'id="inquest"')
    files = {**shipped(), name: drawn.replace(b'processRef="supervision"', b'processRef="inquest"')}
    now = office.clock.now()
    with office.store.begin() as uow:
        uow.add_release(dataclasses.replace(first_row(), no=2, at=now, effective_from=now), files)
        uow.commit()
    office.later(minutes=1)
    assert office.house.catalogue.current(office.clock.now()).kept_apart == {"inquest"}


def test_a_supervision_begun_under_an_earlier_release_stays_hidden(office):
    number = supervised(office)
    instances = instances_of(office, number)
    renamed(office)
    admin = office.browser("admin")
    own = f"/admin/instances/{instances['complaint']}"
    hidden = f"/admin/instances/{instances['supervision']}"

    lists = {page: admin.get(page).text for page in ("/admin/", f"/admin/?q={number}", "/admin/timers", own)}
    cases = {account: office.browser(account).get(f"/cases/{number}").text for account in OTHERS}

    assert [(page, one) for page, text in lists.items() for one in SECRETS if one in text] == []
    assert number not in admin.get("/admin/?process=supervision").text
    assert admin.get(hidden).status_code == 404
    assert [(who, one) for who, text in cases.items() for one in (FACTS, "孙正") if one in text] == []


def test_the_discipline_office_still_finds_it_then(office):
    number = supervised(office)
    renamed(office)
    discipline = office.browser("jiwei")

    assert number in discipline.get("/cases").text
    assert FACTS in discipline.get(f"/cases/{number}").text
    assert "已立项" in discipline.get("/supervision/clues.csv").text
