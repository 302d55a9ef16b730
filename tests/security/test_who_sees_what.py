"""Who sees what: every route by everybody, over an ordinary and a restricted case (requirements, section 6).

The table below is written out of the requirements, not taken from the code. A route that is not in `ROUTES`
fails the test: whoever adds one says whom it is for.
"""

from __future__ import annotations

import io
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from werkzeug.routing import Rule

from service.domain.people import HANDLER, Grant, Person
from service.usecases.passwords import hash_password
from tests.web.office import PASSWORD, PNG, Browser, Office, prepare

# what one may see of a case
NOTHING, METADATA, TASK, MASKED, ALL = "nothing", "metadata", "task", "masked", "all"
SEES_CONTENT = {MASKED, ALL}

# account → what they see of the ordinary and of the restricted case
SIGHT: dict[str, tuple[str, str]] = {
    "paidan": (ALL, ALL),
    "zhuren": (ALL, ALL),
    "zhuanren_logistics": (ALL, ALL),
    "fuzeren_logistics": (ALL, ALL),
    "chengban_logistics": (ALL, ALL),  # named as the handler
    "chengban2_logistics": (ALL, METADATA),  # of the department, but not named
    "zhuanren_finance": (MASKED, TASK),  # co-handling
    "chengban_finance": (MASKED, TASK),
    "fuzeren_hr": (METADATA, NOTHING),  # whose return was accepted
    "fuzeren_security": (TASK, TASK),  # co-handling, and complained about
    "chengban_security": (TASK, TASK),
    "fuzeren_it": (METADATA, NOTHING),  # whose objection to co-handling was sustained
    "chengban_it": (METADATA, NOTHING),
    "fuzeren_academic": (NOTHING, NOTHING),
    "lingdao": (MASKED, MASKED),
    "jiwei": (NOTHING, NOTHING),  # where nothing is supervised
    "liucheng": (NOTHING, NOTHING),
    "admin": (METADATA, METADATA),
}

PUBLIC, EVERYBODY, OWNERS, ADMINS, READERS = "public", "everybody", "owners", "admins", "readers"
KEEPERS, OF_PERSON, DISCIPLINE_ALONE = "keepers", "of_person", "discipline_alone"
OF_CASE, OF_CONTENT, FORM, FILE, START = "of_case", "of_content", "form", "file", "start"
MINE = "mine"  # of whoever asked for it, who here asked for none
CHANGES = "changes"  # POST alone: walked by the tests of tokens and of the use cases; here no answer may tell anything

ROUTES = {
    "static": PUBLIC, "health.livez": PUBLIC, "health.readyz": PUBLIC, "login.log_in": PUBLIC, "login.enter": CHANGES,
    "login.log_out": CHANGES,
    "staff.inbox": EVERYBODY, "staff.inbox_list": EVERYBODY, "staff.cases": EVERYBODY, "staff.notices": EVERYBODY,
    "staff.unread": EVERYBODY, "staff.starts": EVERYBODY, "staff.start_form": START, "staff.read": CHANGES,
    "staff.upload": CHANGES, "staff.open_case": CHANGES, "staff.foresee_start": CHANGES,
    "staff.case_page": OF_CASE, "staff.diagram": OF_CASE, "staff.diagram_file": OF_CASE,
    "staff.task_form": FORM, "staff.download": FILE,
    "staff.contact": CHANGES, "staff.hand_in": CHANGES, "staff.foresee": CHANGES, "staff.claim": CHANGES,
    "staff.find_cases": CHANGES, "staff.find_todos": CHANGES,
    "staff.release": CHANGES, "staff.package": CHANGES, "staff.paper": CHANGES,
    "staff.my_downloads": EVERYBODY, "staff.downloads_list": EVERYBODY, "staff.fetch": MINE,
    "staff.cancel": CHANGES, "staff.make_anew": CHANGES, "staff.case_list": CHANGES,
    "reports.figures": READERS, "reports.spreadsheet": READERS,
    "registers.registers": READERS,
    "admin.instances": ADMINS, "admin.instance": ADMINS, "admin.instance_diagram": ADMINS,
    "admin.instance_diagram_file": ADMINS, "admin.incidents": ADMINS, "admin.timers": ADMINS, "admin.releases": ADMINS,
    "admin.retry": CHANGES, "admin.accept": CHANGES, "admin.outages": ADMINS, "admin.record": CHANGES,
    "admin.withdraw": CHANGES,
    "supervision.pool": DISCIPLINE_ALONE, "supervision.export": DISCIPLINE_ALONE, "supervision.draw": CHANGES,
    "supervision.take_up": CHANGES,
    "people.roll": KEEPERS, "people.page": OF_PERSON, "people.add_page": ADMINS, "people.add_one": CHANGES,
    "people.add_a_department": CHANGES, "people.take_in": CHANGES, "people.give": CHANGES, "people.end": CHANGES,
    "people.go_away": CHANGES, "people.come_back": CHANGES, "people.password": CHANGES, "people.leave": CHANGES,
    "people.change_own_password": CHANGES, "people.reach": CHANGES,
    "owner.home": OWNERS, "owner.articles": OWNERS, "owner.draft": OWNERS, "owner.draft_raw": OWNERS, "owner.edit": OWNERS,
    "owner.add_page": OWNERS, "owner.removal": OWNERS, "owner.rehearsal": OWNERS, "owner.release_page": OWNERS,
    "owner.releases": OWNERS, "owner.release": OWNERS, "owner.export": OWNERS, "owner.released_file": OWNERS,
    "owner.released_raw": OWNERS, "owner.released_register": OWNERS, "owner.register": OWNERS, "owner.entry": OWNERS,
    "owner.change_entry": CHANGES, "owner.begin": CHANGES, "owner.add": CHANGES, "owner.bring_up_to_newest": CHANGES,
    "owner.check": CHANGES, "owner.discard": CHANGES, "owner.save": CHANGES, "owner.rehearse": CHANGES,
    "owner.release_now": CHANGES, "owner.remove": CHANGES, "owner.restore": CHANGES, "owner.undo": CHANGES,
    "owner.cancel_page": OWNERS, "owner.cancel": CHANGES, "owner.replay_page": OWNERS, "owner.replay_progress": OWNERS,
    "owner.replay": CHANGES, "owner.cancel_replay": CHANGES,
}  # fmt: skip

READS_FIGURES = {"paidan", "zhuren", "lingdao"}  # and whoever holds a role of a department
SOUGHT = re.compile(r'<input[^>]* name="q"[^>]*>')  # the words that were asked for stand in their box again
KEEPS_ROLL = {"paidan", "zhuren", "admin"}  # and the heads of departments
# whose page is asked for, and who may see it beside the office and administrators
SOMEBODY, THEIRS = "chengban_logistics", {"chengban_logistics", "fuzeren_logistics"}
FORMS = ("record_contact", "submit_co_report", "review", "change_urgency")


@dataclass(frozen=True, slots=True)
class Told:
    """One case and what on a page would give it away."""

    number: str
    title: str
    content: str
    contact: str
    file_id: str
    instance_id: str


@dataclass(frozen=True, slots=True)
class Institute:
    """The office with its two cases, in the order of `SIGHT`'s pairs."""

    office: Office
    cases: tuple[Told, Told]


@pytest.fixture(scope="module")
def institute(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Institute]:
    folder = tmp_path_factory.mktemp("sight")
    prepare(folder / "prepared")
    shutil.copytree(folder / "prepared", folder / "office")
    office = Office(Path(folder / "office"))
    with office.store.begin() as uow:
        second = Person(
            "chengban2_logistics", "chengban2_logistics", "郑二", (Grant(HANDLER, "dept_logistics"),)
        )
        uow.add_person(second, hash_password(PASSWORD))
        uow.commit()
    ordinary = a_case(office, 1)
    restricted = a_case(office, 2, confidential_requested=True)
    yield Institute(office, (ordinary, restricted))
    office.close()


def a_case(office: Office, number: int, **more: Any) -> Told:
    """A case that was returned by one department, is handled by another, and helped by a third."""
    title, content = f"题目标记{number}号", f"内容标记{number}号不得外传"
    contact = f"010-5555-77{number}8"
    no = office.registered(
        upstream_order_no=f"FIC-2024-90000{number}",
        title=title, content=content, caller_name=f"某某{number}", caller_contact=contact,
        complained_department="dept_security", **more,
    )  # fmt: skip
    dispatcher = office.browser("paidan")
    sent = {"dispatch_basis": "职责范围"}
    submit(dispatcher, no, "dispatch", {**sent, "lead_department": "dept_hr"})
    outside = {"scope_claim": "other_dept", "suggested_department": "dept_logistics", "reason": "不属人事"}
    submit(office.browser("fuzeren_hr"), no, "request_return", outside)
    submit(
        dispatcher,
        no,
        "decide_return",
        {"decision": "accept", "next_action": "redispatch", "reason": "属后勤"},
    )
    submit(dispatcher, no, "dispatch", {**sent, "lead_department": "dept_logistics"})
    submit(
        office.browser("zhuanren_logistics"),
        no,
        "respond",
        {"handler": "chengban_logistics", "scope_check": "yes"},
    )
    handler = office.browser("chengban_logistics")
    kept = handler.upload(f"证据{number}.png", PNG + bytes([number])).get_json()
    for helping in ("dept_finance", "dept_security", "dept_it"):
        submit(handler, no, "assign_co_handling", {"co_department": helping, "task": "核对账目"})
    objecting = office.browser("fuzeren_it")
    submit(objecting, no, "object_co_handling", {"objection": "与信息化部门无关"})
    submit(office.browser("zhuren"), no, "rule_objection", {"decision": "sustained", "ruling_basis": "无关"})
    submit(
        handler,
        no,
        "record_contact",
        {
            "channel": "phone",
            "result": "reached",
            "purpose": "first",
            "summary": content,
            "evidence": kept["id"],
        },
    )
    with office.store.begin() as uow:
        loaded = uow.load(uow.case_of_no(no).id)
    return Told(no, title, content, contact, kept["id"], loaded.instances[0].id)


def submit(browser: Browser, no: str, form: str, values: dict[str, Any]) -> None:
    path = f"/cases/{no}/forms/{form}"
    assert browser.get(path).status_code == 200, (form, path)
    assert browser.page is not None
    known = {name for name, _ in browser.page.form("key")["fields"]} | set(
        browser.page.form("key")["options"]
    )
    sent = browser.filled({k: v for k, v in values.items() if f"v.{k}" in known})
    if "evidence" in values:
        sent["v.evidence"] = values["evidence"]
    answer = browser.post(path, sent)
    assert answer.status_code == 303, (form, answer.text)


def test_every_route_says_whom_it_is_for(institute: Institute) -> None:
    drawn = {rule.endpoint for rule in institute.office.app.url_map.iter_rules()}
    health = {"health.livez", "health.readyz"}  # put there by the composition root, where it is used

    assert drawn | health == set(ROUTES)


@pytest.mark.parametrize("account", SIGHT)
def test_nobody_sees_more_than_the_table_gives_them(institute: Institute, account: str) -> None:
    browser = institute.office.browser(account)
    told: list[str] = []
    for rule, path, sight in walk(institute, account):
        answer = browser.get(path)
        where = f"{account} {path}: {answer.status_code}"
        if answer.status_code not in expected(ROUTES[rule.endpoint], account, sight):
            told.append(f"{where}, of a case of which they see {sight}")
        told += [f"{where} tells {what}" for what in leaks(answer.data, institute.cases, account)]

    assert told == []


def walk(institute: Institute, account: str) -> Iterator[tuple[Rule, str, str]]:
    """Every page there is, for each of the two cases."""
    app = institute.office.app
    with app.test_request_context():
        adapter = app.url_map.bind("localhost")
        for rule in app.url_map.iter_rules():
            if "GET" not in (rule.methods or ()) or ROUTES.get(rule.endpoint) == CHANGES:
                continue
            for case, sight in zip(institute.cases, SIGHT[account], strict=True):
                for form in FORMS if "form" in rule.arguments else FORMS[:1]:
                    values = {
                        "case_no": case.number, "form": form, "attachment_id": case.file_id, "filename": "icon.svg",
                        "name": "bpmn/complaint.bpmn", "instance_id": case.instance_id, "no": 1,
                        "draft_id": "none", "key": "day_count", "person_id": SOMEBODY,
                        "download_id": "none",
                    }  # fmt: skip
                    path = adapter.build(rule.endpoint, {a: values[a] for a in rule.arguments}, method="GET")
                    yield rule, path, sight
            if rule.endpoint == "staff.cases":
                for case, sight in zip(institute.cases, SIGHT[account], strict=True):
                    for sought in (case.title[:4], case.number, case.contact):
                        yield rule, adapter.build(rule.endpoint, {"q": sought}), sight
            if rule.endpoint in ("staff.inbox", "staff.inbox_list"):
                yield rule, adapter.build(rule.endpoint, {"scope": "department"}), ""


def expected(kind: str, account: str, sight: str) -> set[int]:
    """The answers that are right."""
    if kind == OWNERS:
        return {200, 302, 404} if account == "liucheng" else {403}
    if kind == ADMINS:
        return {200, 404} if account == "admin" else {403}
    if kind == DISCIPLINE_ALONE:
        return {200} if account == "jiwei" else {403}
    if kind == KEEPERS:
        return {200} if account in KEEPS_ROLL or account.startswith("fuzeren_") else {403}
    if kind in (OF_PERSON, MINE):
        return {200} if kind == OF_PERSON and account in KEEPS_ROLL | THEIRS else {404}
    if kind == READERS:
        return {200} if account in READS_FIGURES or "_" in account else {403}
    if kind == OF_CASE:
        return {404} if sight == NOTHING else {200}
    if (
        kind == FORM
    ):  # whether the form is theirs is asked before the case, so that the answer tells nothing of it
        return {403, 404} if sight == NOTHING else {200, 302, 303, 403, 404, 409}
    if kind == FILE:
        return {200} if sight in SEES_CONTENT else {404}
    # a form that needs a case is not open without one, whoever asks
    return {200, 302, 303, 304, 403} | ({409} if kind == START else set())


def leaks(body: bytes, cases: tuple[Told, Told], account: str) -> Iterator[str]:
    """What of either case a page gives away to somebody who may not see it."""
    text = SOUGHT.sub("", body.decode("utf-8", "replace"))
    for case, sight in zip(cases, SIGHT[account], strict=True):
        if sight == NOTHING and case.number in text:
            yield f"that {case.number} is there"
        if sight not in SEES_CONTENT and (case.title in text or case.content in text):
            yield f"the content of {case.number}"
        if sight != ALL and case.contact in text:
            yield f"the contact of {case.number}"


@pytest.mark.parametrize("account", [a for a, (ordinary, _) in SIGHT.items() if ordinary != ALL])
def test_what_is_masked_stays_masked_in_a_paper_and_a_package(institute: Institute, account: str) -> None:
    browser = institute.office.browser(account)

    for case, sight in zip(institute.cases, SIGHT[account], strict=True):
        sheet = browser.post(f"/cases/{case.number}/papers/sheet.pdf")
        package = browser.post(f"/cases/{case.number}/package.zip")

        assert sheet.status_code == (
            200 if sight in SEES_CONTENT else 404 if account != "liucheng" else sheet.status_code
        )
        assert package.status_code in (403, 404)


@pytest.mark.parametrize("account", SIGHT)
def test_the_list_as_a_spreadsheet_tells_no_more_than_its_page(institute: Institute, account: str) -> None:
    browser = institute.office.browser(account)
    page = browser.get("/cases").text

    assert browser.post("/cases/list.xlsx").status_code == 303
    institute.office.make_downloads()
    newest = browser.get("/downloads").text.split('href="/downloads/')[1].split('"')[0]
    sheet = openpyxl.load_workbook(io.BytesIO(browser.get(f"/downloads/{newest}").data)).active
    cells = " ".join(str(cell.value) for row in sheet.iter_rows() for cell in row)

    assert list(leaks(cells.encode(), institute.cases, account)) == []
    for case in institute.cases:
        assert (case.number in cells) == (case.number in page)
        assert (case.title in cells) == (case.title in page)
