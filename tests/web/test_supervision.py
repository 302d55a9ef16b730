"""监督: the discipline office's clues and draws, which nobody else sees and which cannot be chosen."""

from __future__ import annotations

import re

import pytest

from service.usecases.draw_sample import draw_sample
from service.usecases.fire_due import fire_due
from tests.web.office import PNG, Browser, Office


def late(office: Office) -> str:
    """A case that its department lets lie without a reason for more than a day after its deadline; its number."""
    number = office.dispatched("dept_it")
    with office.store.begin(reading=True) as uow:
        assert uow.case_of_no(number)
    office.later(days=6)
    while fire_due(office.house, worker="test"):
        pass
    return number


def answered(office: Office, orders: int) -> list[str]:
    """Cases answered at once, and so closed; their numbers."""
    numbers = []
    for n in range(orders):
        number = office.registered(upstream_order_no=f"D{n}", request_type="consult")
        clerk = office.browser("paidan")
        kept = clerk.upload("录音.png", PNG + bytes([n])).get_json()
        steps = {
            "instant_answer": {
                "channel": "phone",
                "answered_at": "2024-03-08T16:30",
                "answer_content": "已告知",
                "caller_reaction": "accepted",
                "evidence": kept["id"],
            },
            "upload_upstream": {"channel": "system", "receipt": "R-1", "content": "已答复"},
            "upstream_result": {"result": "accepted"},
        }
        for form, values in steps.items():
            done = clerk.fill(f"/cases/{number}/forms/{form}", values)
            assert done.status_code == 303, done.text
        numbers.append(number)
    return numbers


def draw(browser: Browser, **values: object):
    browser.get("/supervision/")
    return browser.post("/supervision/samples", {"period": "2024-03", "count": "2", **values})


def test_a_clue_is_taken_up_from_the_pool_and_then_the_case_may_be_seen(office):
    number = late(office)
    discipline = office.browser("jiwei")

    page = discipline.get("/supervision/").text

    assert number in page
    assert "不办理或逾期办理且不说明正当理由" in page
    assert discipline.get(f"/cases/{number}").status_code == 404
    opened = discipline.fill(
        f"/cases/{number}/forms/open_supervision",
        {"suspected_item": "m2", "department": "dept_it", "clue_source": 0, "clue": "逾期未报"},
    )
    assert opened.status_code == 303, opened.text
    assert "已立项" in discipline.get("/supervision/").text
    assert discipline.get(f"/cases/{number}").status_code == 200


def test_clues_are_exported_with_the_name_of_who_took_them_out(office):
    number = late(office)

    answer = office.browser("jiwei").get("/supervision/clues.csv")

    assert answer.mimetype == "text/csv"
    assert number in answer.text
    assert "孙正 于 " in answer.text


def test_a_form_of_a_case_is_not_offered_without_one(office):
    for account, form in (("jiwei", "open_supervision"), ("paidan", "dispatch")):
        answer = office.browser(account).get(f"/start/{form}")

        assert answer.status_code == 409
        assert "要在一个诉求件上办理" in answer.text


def test_a_case_without_a_clue_is_taken_up_by_its_number(office):
    number = office.dispatched("dept_it")
    discipline = office.browser("jiwei")
    discipline.get("/supervision/")

    found = discipline.post("/supervision/cases", {"case_no": f" {number.lower()} "})
    wrong = discipline.post("/supervision/cases", {"case_no": "JSJB-2024-99999"})

    assert found.location.endswith(f"/cases/{number}/forms/open_supervision")
    assert discipline.get(found.location).status_code == 200
    assert wrong.status_code == 422
    assert "没有编号为“JSJB-2024-99999”的诉求件" in wrong.text
    assert 'value="JSJB-2024-99999"' in wrong.text


@pytest.mark.parametrize("account", ["paidan", "zhuren", "lingdao", "fuzeren_it", "admin", "liucheng"])
def test_nobody_else_sees_clues_or_draws(office, account):
    browser = office.browser(account)

    assert browser.get("/supervision/").status_code == 403
    assert browser.get("/supervision/clues.csv").status_code == 403
    assert browser.post("/supervision/samples", {"period": "2024-03", "count": "1"}).status_code == 403
    assert "/supervision/" not in browser.get("/start").text


def test_a_draw_stands_on_the_page_and_in_the_chain_of_whoever_made_it(office):
    numbers = answered(office, 4)
    discipline = office.browser("jiwei")

    assert draw(discipline).status_code == 302

    page = discipline.get("/supervision/").text
    drawn = set(re.findall(r"JSJB-2024-\d+", page))
    assert len(drawn) == 2
    assert drawn < set(numbers)
    assert "4 件中抽取 2 件" in page
    with office.store.begin(reading=True) as uow:
        _, entries = uow.chain("person", "jiwei")
    assert [(one.kind, set(one.payload["cases"])) for one in entries] == [("sampled", drawn)]


@pytest.mark.parametrize(
    "values, says",
    [
        ({"count": "0"}, "请填写 1 到 50 之间的件数"),
        ({"count": "many"}, "请填写 1 到 50 之间的件数"),
        ({"period": "2024-02"}, "这个月没有办结的诉求件"),
        ({"period": "soon"}, "请选择一个月"),
    ],
)
def test_what_cannot_be_drawn_is_told(office, values, says):
    answered(office, 1)

    answer = draw(office.browser("jiwei"), **values)

    assert answer.status_code == 422
    assert says in answer.text


def test_lots_fall_on_every_case(office):
    with office.store.begin(reading=True) as uow:
        discipline = uow.directory(office.clock.now()).people["jiwei"]
    cases = [f"c{n}" for n in range(6)]

    for _ in range(60):
        draw_sample(office.house, "2024-03", cases, 1, discipline)

    with office.store.begin(reading=True) as uow:
        _, entries = uow.chain("person", "jiwei")
    assert {one.payload["cases"][0] for one in entries} == set(cases)
