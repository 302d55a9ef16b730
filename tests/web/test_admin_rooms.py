"""Administrators: what runs and what went wrong, on the diagram of each case's own release, and nothing of any content."""

from __future__ import annotations

import dataclasses
import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from service.store.reads.instances import history
from service.store.tables import incident, instance, timer
from service.usecases.fire_due import fire_due
from service.usecases.release_content import release_content
from service.web.surroundings import EXTENSION
from tests.web.office import ORDER, Office, shipped
from tests.web.rooms import ADMIN, HANDLING, OWNER, TABLE, two_days
from timers.clock import ClockGuard

OTHERS = ("paidan", "zhuren", "chengban_logistics", "jiwei", "lingdao", OWNER)
PAGES = ("/admin/", "/admin/timers", "/admin/incidents", "/admin/outages", "/admin/releases")


def instance_of(office: Office, number: str, process: str = "complaint") -> str:
    with office.store.begin() as uow:
        loaded = uow.load(uow.case_of_no(number).id)
    return next(one.id for one in loaded.instances if one.process == process)


def parked(office: Office, number: str) -> str:
    """Let one timer of a case fail as often as it may; the incident that comes of it."""
    instance_id = instance_of(office, number)
    with office.store.reading() as connection:
        found = select(timer.c.id).where(timer.c.instance_id == instance_id, timer.c.state == "waiting")
        timer_id = connection.execute(found.order_by(timer.c.fires_at)).scalars().first()
    office.later(days=9)
    for _ in range(5):
        claims = office.store.claim(
            office.clock.now(), worker="test", limit=1, lease_for=timedelta(minutes=1), case_id=None
        )
        office.store.failed(claims[0], RuntimeError("磁盘已满"), park_after=1)
        with office.store.reading() as connection:
            asked = select(incident.c.id, incident.c.timer_id)
            rows = connection.execute(asked).all()
        if rows:
            return rows[0].id
    raise AssertionError(f"no timer was parked, not even {timer_id}")


def test_the_list_counts_and_shows_every_instance(office):
    number = office.dispatched()

    text = office.browser(ADMIN).get("/admin/").text

    assert number in text
    assert "诉求件办理" in text
    assert "后勤管理部" in text
    assert "第 1 版" in text


@pytest.mark.parametrize(
    "filters, found",
    [
        ("state=running", True),
        ("state=ended", False),
        ("process=complaint", True),
        ("process=risk", False),
        ("department=dept_logistics", True),
        ("department=dept_hr", False),
        ("q=jsjb-2024", True),
        ("q=no-such", False),
        ("trouble=late", False),
        ("trouble=parked", False),
        ("state=nonsense", True),
        ("after=nonsense", True),
    ],
)
def test_the_list_is_filtered(office, filters, found):
    number = office.dispatched()

    text = office.browser(ADMIN).get(f"/admin/?{filters}").text

    assert (number in text) is found


def test_what_is_late_is_found(office):
    number = office.dispatched()
    office.later(days=5)
    fire_due(office.house, worker="test")

    text = office.browser(ADMIN).get("/admin/?trouble=late").text

    assert number in text
    assert "逾期" in text


def test_no_page_of_administrators_tells_anything_of_a_case(office):
    number = office.dispatched()
    browser = office.browser(ADMIN)
    pages = [*PAGES, f"/admin/instances/{instance_of(office, number)}"]

    texts = [browser.get(page).text for page in pages]

    secrets = [ORDER["title"], ORDER["content"], ORDER["caller_name"], ORDER["caller_contact"]]
    assert not [
        (page, one) for page, text in zip(pages, texts, strict=True) for one in secrets if one in text
    ]


def test_a_refusals_reason_is_not_told(office):
    number = office.registered()
    office.browser("paidan").fill(
        f"/cases/{number}/forms/dispatch", {"lead_department": "dept_archives", "dispatch_basis": "职责范围"}
    )

    text = office.browser(ADMIN).get(f"/admin/instances/{instance_of(office, number)}").text

    assert "E_NO_LIAISON" in text
    assert "没有任职中的专人" not in text
    with office.store.begin() as uow:
        case_id = uow.case_of_no(number).id
    with office.store.reading() as connection:
        assert not [one for one in history(connection, case_id) if "message" in one.payload]


def test_an_instance_shows_its_timers_clocks_tasks_and_history(office):
    number = office.dispatched()

    text = office.browser(ADMIN).get(f"/admin/instances/{instance_of(office, number)}").text

    assert "handling_due" in text
    assert "03-11 24:00" in text
    assert "报送办理情况" in text
    assert "提交表单" in text
    assert "周敏" in text


def test_tokens_and_open_clocks_are_on_the_diagram(office):
    number = office.dispatched()

    data = office.browser(ADMIN).get(f"/admin/instances/{instance_of(office, number)}/diagram.json").json

    (drawn,) = data["instances"]
    assert {"node": "submit_report", "process": "handling", "waits": True} in drawn["tokens"]
    assert any(not token["waits"] for token in drawn["tokens"])
    assert "handling_due" in {clock["node"] for clock in data["clocks"]}
    assert "case_dispatched" in data["passed"]
    assert {"complaint", "handling"} <= {one["process"] for one in drawn["drawings"]}


def test_each_instance_is_drawn_as_its_own_release_has_it(office):
    old = office.dispatched()
    renamed = shipped()[HANDLING].replace("报送办理情况".encode(), "报送结果".encode())
    release_content(
        office.house, {**shipped(), TABLE: two_days(), HANDLING: renamed}, by=None, reason="second"
    )
    office.later(seconds=1)
    new = office.dispatched(upstream_order_no="FIC-2024-000003")
    browser = office.browser(ADMIN)

    drawn = {
        number: browser.get(f"/admin/instances/{instance_of(office, number)}/diagrams/{HANDLING}").data
        for number in (old, new)
    }

    assert drawn == {old: shipped()[HANDLING], new: renamed}
    assert "第 2 版" in browser.get(f"/admin/instances/{instance_of(office, new)}").text
    counted = browser.get("/admin/releases").text
    assert counted.count('data-label="案件">1<') == 2


def test_a_parked_timer_is_retried(office):
    number = office.dispatched()
    incident_id = parked(office, number)
    browser = office.browser(ADMIN)
    listed = browser.get("/admin/incidents").text

    answer = browser.post(f"/admin/incidents/{incident_id}/retry")

    assert "磁盘已满" in listed
    assert "待处理" in listed
    assert answer.status_code == 302
    assert states_of_parked(office) == []
    after = browser.get("/admin/incidents").text
    assert "吴刚" in after
    assert "重试</button>" not in after


def test_a_parked_timer_is_retried_from_the_page_of_its_instance(office):
    number = office.dispatched()
    incident_id = parked(office, number)
    path = f"/admin/instances/{instance_of(office, number)}"
    browser = office.browser(ADMIN)

    page = browser.get(path).text
    retry = next(form for form in browser.page.forms if "retry" in (form["action"] or ""))
    answer = browser.post(retry["action"], dict(retry["fields"]))
    after = browser.get(path).text

    assert f'href="/admin/incidents#incident-{incident_id}"' in page
    assert f'id="incident-{incident_id}"' in browser.get("/admin/incidents").text
    assert answer.location.startswith(path)
    assert states_of_parked(office) == []
    assert "下一轮就会再试" in after
    assert "重试</button>" not in after


def test_an_incident_is_retried_however_many_newer_ones_there_are(office, monkeypatch):
    monkeypatch.setattr("service.store.reads.timers.MOST", 0)
    incident_id = parked(office, office.dispatched())
    browser = office.browser(ADMIN)
    browser.get("/admin/")

    assert browser.post(f"/admin/incidents/{incident_id}/retry").status_code == 302
    assert states_of_parked(office) == []


def states_of_parked(office: Office) -> list[str]:
    with office.store.reading() as connection:
        return list(connection.execute(select(timer.c.id).where(timer.c.state == "parked")).scalars())


def test_a_retry_asked_for_twice_happens_once(office):
    incident_id = parked(office, office.dispatched())
    browser = office.browser(ADMIN)

    answers = [browser.post(f"/admin/incidents/{incident_id}/retry").status_code for _ in range(2)]

    assert answers == [302, 302]
    with office.store.reading() as connection:
        resolved = connection.execute(select(incident.c.resolved_by)).scalars().all()
    assert resolved == [ADMIN]


def test_a_retry_of_nothing_is_missing(office):
    assert office.browser(ADMIN).post("/admin/incidents/none/retry").status_code == 404


def test_a_parked_timer_is_counted_among_the_instances_and_timers(office):
    number = office.dispatched()
    parked(office, number)
    browser = office.browser(ADMIN)

    assert number in browser.get("/admin/?trouble=parked").text
    assert "已停放" in browser.get("/admin/timers").text


def test_the_page_of_timers_says_how_late_the_scheduler_is(office):
    office.dispatched()
    office.later(days=5)

    text = office.browser(ADMIN).get("/admin/timers").text

    assert "最久的晚了" in text


@pytest.mark.parametrize("account", OTHERS)
def test_nobody_but_administrators_gets_into_any_of_their_routes(office, account):
    number = office.dispatched()
    incident_id = parked(office, number)
    values = {"instance_id": instance_of(office, number), "incident_id": incident_id, "name": HANDLING}
    values["outage_id"] = "1"
    browser = office.browser(account)
    browser.get("/start")
    answers = {}

    for rule in office.app.url_map.iter_rules():
        if not rule.endpoint.startswith("admin."):
            continue
        with office.app.test_request_context():
            path = office.app.url_map.bind("localhost").build(
                rule.endpoint, {a: values[a] for a in rule.arguments}, method=None
            )
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            answers[f"{method} {path}"] = (browser.get if method == "GET" else browser.post)(path).status_code

    assert len(answers) >= 8
    assert set(answers.values()) == {403}, answers
    assert states_of_parked(office)


def test_an_instance_that_is_not_there_is_missing(office):
    browser = office.browser(ADMIN)

    assert browser.get("/admin/instances/none").status_code == 404
    assert browser.get("/admin/instances/none/diagram.json").status_code == 404


def test_only_files_of_the_release_are_given_out(office):
    instance_id = instance_of(office, office.dispatched())
    browser = office.browser(ADMIN)

    for name in ("bpmn/no_such.bpmn", "../jsjb.sqlite3", "bpmn/policy.yaml"):
        assert browser.get(f"/admin/instances/{instance_id}/diagrams/{name}").status_code == 404


def test_an_administrator_lands_in_their_own_room(office):
    assert office.browser(ADMIN).get("/").location == "/admin/"


def test_the_list_is_turned_page_by_page(office):
    number = office.dispatched()
    instance_id = instance_of(office, number)
    with office.store.begin() as uow:
        row = uow.transaction.execute(select(instance).where(instance.c.id == instance_id)).one()
        copies = [
            {
                **row._mapping,
                "id": f"copy{n:03d}",
                "place": n + 2,
                "started_at": row.started_at - timedelta(hours=n),
            }
            for n in range(60)
        ]
        uow.transaction.execute(instance.insert(), copies)
        uow.commit()
    browser = office.browser(ADMIN)

    first = browser.get("/admin/").text
    link = first.split('class="btn mt-3" href="')[1].split('"')[0].replace("&amp;", "&")
    second = browser.get(link).text

    seen = [page.count("/admin/instances/") for page in (first, second)]
    assert seen == [50, 11]


def test_a_clock_that_jumped_is_told_and_taken_again_once_accepted(office):
    number = office.registered()
    guard_clock(office)
    office.later(days=30)

    refused = office.browser("paidan").fill(
        f"/cases/{number}/forms/dispatch", {"lead_department": "dept_logistics", "dispatch_basis": "职责范围"}
    )
    admin = office.browser(ADMIN)
    told = admin.get("/admin/timers").text
    admin.post("/admin/clock")

    assert refused.status_code == 503
    assert "职责范围" in refused.text
    assert "系统时钟" in refused.text
    assert "时限暂停触发" in told
    assert "时限暂停触发" not in admin.get("/admin/timers").text
    assert "为准" in admin.get("/admin/incidents").text


def guard_clock(office: Office) -> None:
    """The house from now on compares its clock with a counter that stands still."""
    guard = ClockGuard(office.clock, steady=lambda: 100.0)
    around = office.app.extensions[EXTENSION]
    office.app.extensions[EXTENSION] = dataclasses.replace(
        around, house=dataclasses.replace(office.house, guard=guard)
    )


def test_an_outage_is_recorded_listed_with_who_said_so_and_withdrawn(office):
    browser = office.browser(ADMIN)
    browser.get("/admin/outages")
    told = {
        "began_at": "2024-03-01T08:00",
        "ended_at": "2024-03-01T09:30",
        "what": "学院网络",
        "reason": "光缆中断",
    }

    answer = browser.post("/admin/outages", {**told, "ended_at": "2099-01-01T00:00"})
    assert answer.status_code == 422
    assert "恢复时间不能在将来" in answer.text
    assert 'value="学院网络"' in answer.text
    for wrong in ("昨天", "0001-01-01T00:00", "2024-03-01T08:00+08:00"):
        answer = browser.post("/admin/outages", {**told, "began_at": wrong})
        assert answer.status_code == 422
        assert "请填写日期和时间" in answer.text
    before_all = {"began_at": "2024-01-02T10:00", "ended_at": "2024-01-02T11:00"}
    answer = browser.post("/admin/outages", {**told, **before_all})
    assert answer.status_code == 422
    assert "早于本系统启用" in answer.text

    assert browser.post("/admin/outages", told).status_code == 302
    text = browser.get("/admin/outages").text
    assert "学院网络" in text
    assert re.search(r"于 \S+ \S+ 登记", text)

    assert browser.post("/admin/outages/1/withdraw", {"withdrawn_for": ""}).status_code == 422
    assert browser.post("/admin/outages/1/withdraw", {"withdrawn_for": "日期写错"}).status_code == 302
    assert "日期写错" in browser.get("/admin/outages").text
    assert browser.post("/admin/outages/1/withdraw", {"withdrawn_for": "日期写错"}).status_code == 404
