"""Past cases replayed from the page of a draft: asked for, watched, given up; nobody learns of a case by it."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import update

from service.domain.people import OFFICE_DISPATCHER, PROCESS_OWNER
from service.domain.replays import MOST_UNFINISHED, REPLAY, TURN
from service.domain.roster import Appointment
from service.ops.wiring import replay_desk_of
from service.rehearsal.replaying.turns import play_turn
from service.store.outbox import SqlOutbox
from service.store.tables import case_file
from service.usecases.hand_on import make_next
from tests.every_case import every_case
from tests.web.office import Office
from tests.web.rooms import OWNER, TABLE, AtDrafts, two_days

BOTH = "paidan"  # an owner who dispatches as well


@pytest.fixture
def both(office: Office) -> AtDrafts:
    """A draft that shortens a deadline, an owner who sees every case, and two cases in which that deadline runs."""
    with office.store.begin() as uow:
        uow.appoint(BOTH, [Appointment(OFFICE_DISPATCHER), Appointment(PROCESS_OWNER)])
        uow.commit()
    for number in range(2):
        office.dispatched(upstream_order_no=f"FIC-2026-9000{number}")
    office.later(minutes=5)
    owner = AtDrafts(office, BOTH)
    draft = owner.begin()
    assert owner.save(draft, TABLE, two_days()).status_code == 200
    return owner


def address(draft: str) -> str:
    return f"/owner/drafts/{draft}/replay"


def ask(owner: AtDrafts, draft: str, since: str | None = None) -> str:
    page = owner.browser.get(address(draft)).text
    day = since or re.findall(r'name="since" value="([0-9-]+)"', page)[0]
    answer = owner.browser.post(address(draft), {"since": day})
    assert answer.status_code == 303, answer.text
    return owner.browser.get(address(draft)).text


def play(office: Office) -> None:
    """What the thread beside the service does."""
    desk = replay_desk_of(office.house, office.settings)
    outside = SqlOutbox(office.store)

    def turn() -> int:
        made = make_next(
            outside,
            lambda entry: play_turn(desk, entry.payload[REPLAY]),
            office.clock.now,
            lambda _, error: (_ for _ in ()).throw(error),
            TURN,
        )
        return made.done

    while turn():
        pass


def numbers(text: str) -> list[str]:
    return re.findall(r"JSJB-\d{4}-\d{5}", text)


def draft_of(owner: AtDrafts) -> str:
    return re.findall(r"/owner/drafts/([0-9a-f]{32})", owner.browser.get("/owner/").text)[0]


def test_a_draft_leads_to_its_replay_which_says_what_to_do(both):
    draft = draft_of(both)

    assert address(draft) in both.browser.get(f"/owner/drafts/{draft}").text
    assert address(draft) in both.browser.get(f"/owner/drafts/{draft}/release").text
    page = both.browser.get(address(draft)).text
    assert "您还没有在这份草稿上重演过" in page
    assert 'data-state="none"' in page


def test_what_was_asked_for_is_told_by_the_number_of_cases_with_links_to_them(office, both):
    draft = draft_of(both)

    waiting = ask(both, draft)
    play(office)
    page = both.browser.get(address(draft)).text

    assert 'data-state="waiting"' in waiting
    assert re.search(
        r'<button class="btn" type="submit">再重演一次', waiting
    )  # what goes on needs no pressing
    assert "hx-get" in waiting
    assert "取消重演" in waiting
    assert 'data-state="ready"' in page
    assert "hx-get" not in re.findall(r'<div id="replay"[^>]*>', page)[0]
    assert "2 件 </span>" in page or "2 件</span>" in page
    assert "时钟“双反馈”到期提前" in page
    assert len(set(numbers(page))) == 2
    assert all(f'href="/cases/{number}"' in page for number in numbers(page))
    assert page.count("起点：2024-03-08 16:30") == 4  # two cases, then and on the draft
    assert "2个自然日" not in page  # amounts and bases are worked out by the draft


def test_where_the_installation_lets_it_cases_that_one_may_not_read_are_counted_without_their_numbers(
    office, both
):
    office.counting(True)
    draft, owner = draft_of(both), AtDrafts(office, OWNER)
    ask(owner, draft)
    play(office)

    page = owner.browser.get(address(draft)).text

    assert "时钟“双反馈”到期提前" in page
    assert "这 2 件您无权看全部内容，只计件数" in page
    assert numbers(page) == []
    assert "起点：" not in page


def test_what_was_counted_is_gone_where_the_installation_no_longer_lets_it(office, both):
    office.counting(True)
    draft, owner = draft_of(both), AtDrafts(office, OWNER)
    ask(owner, draft)
    play(office)
    office.counting(False)

    page = owner.browser.get(address(draft)).text

    assert "到期提前" not in page
    assert "您有权看全部内容、可以重演的诉求件" in page


def test_the_day_that_was_chosen_stays_chosen(both):
    draft = draft_of(both)

    assert 'name="since" value="2024-01-15"' in ask(both, draft, "2024-01-15")


def test_what_became_restricted_since_is_not_even_counted(office, both):
    draft = draft_of(both)
    ask(both, draft)
    play(office)
    with office.store.begin() as uow:
        first = every_case(uow)[0]
        uow.transaction.execute(update(case_file).where(case_file.c.id == first.id).values(restricted=True))
        uow.commit()

    page = both.browser.get(address(draft)).text

    assert first.case_no not in page
    assert len(set(numbers(page))) == 1
    assert "1 件：" in page


def test_a_draft_saved_since_says_that_the_outcome_is_of_before(office, both):
    draft = draft_of(both)
    ask(both, draft)
    play(office)
    fresh = both.browser.get(address(draft)).text
    changed = two_days().replace(b"<text>2</text>", b"<text>1</text>", 1)
    assert both.save(draft, TABLE, changed, two_days()).status_code == 200

    stale = both.browser.get(address(draft)).text

    assert "草稿在这次重演之后又改过" not in fresh
    assert "草稿在这次重演之后又改过" in stale


def test_what_is_not_wanted_any_more_is_given_up(office, both):
    draft = draft_of(both)
    ask(both, draft)

    cancelled = both.browser.post(f"{address(draft)}/cancel")
    play(office)
    page = both.browser.get(address(draft)).text
    again = both.browser.post(f"{address(draft)}/cancel")

    assert (cancelled.status_code, again.status_code) == (303, 303)
    assert 'data-state="cancelled"' in page
    assert "这次重演已取消" in page


@pytest.mark.parametrize("since, told", [("", "请填写起始日期"), ("2999-01-01", "起始日期须早于今天")])
def test_a_day_that_makes_no_sense_is_refused_in_words(both, since, told):
    draft = draft_of(both)

    both.browser.get(address(draft))
    both.browser.post(address(draft), {"since": since})

    assert told in both.browser.get(address(draft)).text


def test_a_draft_that_changes_nothing_is_not_replayed_on(office):
    owner = AtDrafts(office)
    draft = owner.begin()

    page = owner.browser.get(address(draft)).text
    owner.browser.post(address(draft), {"since": "2024-01-01"})

    assert "草稿还没有改动" in page
    assert 'data-state="none"' in owner.browser.get(address(draft)).text


def test_a_time_without_a_case_says_so(office):
    owner = AtDrafts(office)
    draft = owner.begin()
    assert owner.save(draft, TABLE, two_days()).status_code == 200
    ask(owner, draft)
    play(office)

    assert "可以重演的诉求件。请把起始日期提前" in owner.browser.get(address(draft)).text


def test_too_many_at_once_are_refused_and_told_why(office, both):
    for number in range(MOST_UNFINISHED):
        draft = both.begin(f"{number:032x}", title=f"草稿{number}")
        assert both.save(draft, TABLE, two_days()).status_code == 200
        ask(both, draft)

    refused = both.browser.post(address("0123456789abcdef0123456789abcdef"), {"since": "2024-01-01"})

    assert refused.status_code in (303, 403, 409, 422)
    page = both.browser.get(address("0123456789abcdef0123456789abcdef")).text
    assert "正在重演的草稿已有几份" in refused.text + page
