"""A form offers those of its options that make sense now; what was chosen before stays to be seen, and a rule says why not."""

from __future__ import annotations

import re
from datetime import timedelta

from service.usecases.fire_due import fire_due
from tests.every_case import every_case
from tests.web.office import Office


def pass_the_night(office: Office) -> None:
    office.later(hours=12)
    fire_due(office.house, worker="test")


def outage_tonight(office: Office, hours_ago: int = 0) -> None:
    """Nothing ran from this afternoon on, past the end of the day, when the response fell due."""
    now = office.clock.now() - timedelta(hours=hours_ago)
    with office.store.begin() as uow:
        uow.add_outage(now, now + timedelta(hours=12))
        uow.commit()


def values_of(text: str, name: str) -> set[str]:
    """The values that a select of the page offers."""
    start = text.index(f'name="v.{name}"')
    part = text[start : text.index("</select>", start)]
    return {piece.split('"', 1)[0] for piece in part.split('value="')[1:]}


def test_an_extension_is_asked_for_the_deadline_the_case_has(office: Office) -> None:
    number = office.dispatched()

    text = office.browser("fuzeren_logistics").get(f"/cases/{number}/forms/request_extension").text

    assert values_of(text, "clock") == {"", "handling_feedback"}


def test_nothing_can_be_excused_where_nothing_fell_due_in_an_outage(office: Office) -> None:
    number = office.dispatched()
    pass_the_night(office)
    director = office.browser("zhuren")
    path = f"/cases/{number}/forms/rule_excuse"

    text = director.get(path).text
    answer = director.fill(path, {"clock": "same_day_response", "reason": "忙"})

    assert values_of(text, "clock") == {""}
    assert "现在没有可选的" in text
    assert answer.status_code == 409
    assert "系统没有停机" in answer.text
    assert "same_day_response" in values_of(answer.text, "clock")  # nothing chosen is lost


def test_what_has_nothing_to_choose_from_is_named_on_the_case_with_the_reason(office: Office) -> None:
    number = office.dispatched()
    pass_the_night(office)
    director = office.browser("zhuren")

    before = director.get(f"/cases/{number}").text
    outage_tonight(office, hours_ago=12)
    after = director.get(f"/cases/{number}").text

    assert "rule_excuse" not in actions_of(before, number)
    assert "“逾期的时限”现在没有可选的" in before
    assert "rule_excuse" in actions_of(after, number)
    assert "现在没有可选的" not in after


def actions_of(text: str, number: str) -> set[str]:
    """The forms that the page of a case leads to."""
    start = f"/cases/{number}/forms/"
    return {part.split('"', 1)[0].split("?", 1)[0] for part in text.split(start)[1:]}


def test_what_fell_due_in_an_outage_is_offered_and_taken(office: Office) -> None:
    number = office.dispatched()
    outage_tonight(office)
    pass_the_night(office)
    director = office.browser("zhuren")
    path = f"/cases/{number}/forms/rule_excuse"

    text = director.get(path).text
    answer = director.fill(path, {"clock": "same_day_response", "reason": "前一晚停机"})

    assert values_of(text, "clock") == {"", "same_day_response"}
    assert answer.status_code == 303, answer.text


def hidden_at(text: str, field: str) -> bool:
    """Whether the page keeps a field from being seen."""
    tag = re.search(rf'<div class="field[^>]*data-path="{field}"[^>]*>', text)
    assert tag is not None
    return bool(re.search(r"\shidden\b", tag[0]))


def test_who_is_to_receive_a_case_is_asked_only_where_there_is_a_case(office: Office) -> None:
    number = office.dispatched()
    director = office.browser("zhuren")

    on_case = director.get(f"/cases/{number}/forms/submit_matter").text
    by_itself = director.get("/start/submit_matter").text

    assert (hidden_at(on_case, "designation_asked"), hidden_at(by_itself, "designation_asked")) == (
        False,
        True,
    )
    assert not hidden_at(by_itself, "topic")


def test_what_is_not_asked_without_a_case_is_not_recorded_either(office: Office) -> None:
    matter = {"topic": "停车场改造", "weight": "major", "question": "是否全面改造", "designation_asked": True}

    answer = office.browser("zhuren").fill("/start/submit_matter", matter)

    assert answer.status_code == 303, answer.text
    with office.store.begin(reading=True) as uow:
        (head,) = every_case(uow)
        (submission,) = uow.load(head.id).submissions
    assert submission.values.get("designation_asked") is None


def asked_for(office: Office, days: int) -> str:
    """A case whose department asks for so many days more; its number."""
    number = office.dispatched(upstream_order_no=f"FIC-2024-{days:06}")
    answer = office.browser("fuzeren_logistics").fill(
        f"/cases/{number}/forms/request_extension",
        {
            "clock": "handling_feedback",
            "requested_days": str(days),
            "reason": "等待到货",
            "complexity_basis": "须外地调货",
            "interim_report": "已询价",
        },
    )
    assert answer.status_code == 303, answer.text
    return number


def test_who_decides_on_an_extension_reads_what_is_asked_and_who_may_grant_it(office: Office) -> None:
    number = asked_for(office, 8)

    for account in ("zhuren", "lingdao"):
        text = office.browser(account).get(f"/cases/{number}/forms/decide_extension").text
        told = text[text.index('name="v.asked"') :]
        told = told[: told.index("</textarea>")]
        assert "申请延期 8 天，此前已批 0 天，合计 8 天。" in told
        assert "超过党政办公室可批的 5 天：照此批准，须由领导小组审批" in told
        assert "理由：等待到货" in told
        assert "阶段性工作情况：已询价" in told


def test_one_day_is_granted_or_not_and_cannot_be_made_fewer(office: Office) -> None:
    one, more = (
        office.browser("zhuren").get(f"/cases/{asked_for(office, days)}/forms/decide_extension").text
        for days in (1, 2)
    )

    assert ('value="approved_fewer_days"' in one, 'value="approved_fewer_days"' in more) == (False, True)
