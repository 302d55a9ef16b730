"""A release that is still to come is called off: with a reason, for good, and only while nobody relies on it."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from service.domain.errors import Conflict, FormInvalid, Refused
from service.domain.releases import ReleaseRow
from service.store.drafts import SqlDrafts
from service.usecases.cancel_release import cancel_release
from service.usecases.plan_starts import plan_starts
from service.usecases.release_content import release_content
from tests.web.office import Office, shipped
from tests.web.rooms import ADMIN, POLICY, TABLE, AtDrafts, two_days

TOMORROW = datetime.fromisoformat("2024-03-09T08:00:00+08:00")
REASON = "院务会暂缓实施"


def released(office: Office, note: str, since: datetime | None = TOMORROW, **more: str) -> ReleaseRow:
    """The shipped content with a comment more in one file."""
    files = {**shipped(), POLICY: shipped()[POLICY] + f"# {note}\n".encode()}
    return release_content(office.house, files, by=None, reason=note, effective_from=since, **more)


def row(office: Office, no: int) -> ReleaseRow:
    with office.store.begin(reading=True) as uow:
        return next(one for one in uow.releases() if one.no == no)


def test_a_release_that_was_called_off_never_comes_into_force(office):
    released(office, "to come")
    owner = AtDrafts(office).browser

    asked = owner.get("/owner/releases/2/cancel").text
    answer = owner.post("/owner/releases/2/cancel", {"reason": REASON})
    office.clock.advance(timedelta(days=2))

    assert "撤销第 2 版" in asked
    assert answer.status_code == 302
    assert office.house.catalogue.current(office.clock.now()).row.no == 1
    assert office.registered(upstream_order_no="FIC-2024-000031")
    with office.store.begin(reading=True) as uow:
        assert not uow.is_release_in_use(2)
        assert uow.is_release_in_use(1)


def test_who_called_it_off_and_why_stands_on_the_page_and_in_the_records(office):
    released(office, "to come")
    owner = AtDrafts(office).browser

    owner.post("/owner/releases/2/cancel", {"reason": f"  {REASON} "})

    cancelled = row(office, 2).cancelled
    assert cancelled is not None
    assert (cancelled.by, cancelled.at, cancelled.reason) == ("liucheng", office.clock.now(), REASON)
    for page in ("/owner/releases", "/owner/releases/2"):
        text = owner.get(page).text
        assert "已撤销" in text
        assert REASON in text
        assert "/owner/releases/2/cancel" not in text
    with office.store.begin(reading=True) as uow:
        _, records = uow.chain("person", "liucheng")
    assert [(one.kind, one.payload["release"]) for one in records] == [("release_cancelled", 2)]
    assert "已撤销" in office.browser(ADMIN).get("/admin/releases").text


def test_without_a_reason_it_stands_and_what_was_typed_stays(office):
    released(office, "to come")
    owner = AtDrafts(office).browser

    empty = owner.post("/owner/releases/2/cancel", {"reason": "  "})
    endless = owner.post("/owner/releases/2/cancel", {"reason": "长" * 501})

    assert (empty.status_code, endless.status_code) == (422, 422)
    assert "请写明撤销的理由" in empty.text
    assert "长" * 501 in endless.text
    assert row(office, 2).cancelled is None


def test_one_that_is_in_force_or_about_to_be_is_not_called_off(office):
    released(office, "to come")
    offered = AtDrafts(office).browser.get("/owner/releases").text
    office.clock.move_to(TOMORROW - timedelta(seconds=30))
    owner = AtDrafts(office).browser

    late = owner.post("/owner/releases/2/cancel", {"reason": REASON})
    first = owner.get("/owner/releases/1/cancel")

    assert "/owner/releases/2/cancel" in offered
    assert "/owner/releases/1/cancel" not in offered
    assert (late.status_code, first.status_code) == (409, 302)
    assert "要改回去，请再发布一版" in late.text
    assert "这一版不能撤销" in late.text
    assert "别人先了一步" not in late.text
    assert "第 1 版已经生效或马上生效，不能撤销" in owner.get(first.location).text
    assert "/owner/releases/2/cancel" not in owner.get("/owner/releases").text
    assert row(office, 2).cancelled is None


def test_one_that_a_case_uses_is_not_called_off(office):
    released(office, "to come")
    office.clock.move_to(TOMORROW + timedelta(hours=1))
    office.registered(upstream_order_no="FIC-2024-000032")
    office.clock.move_to(TOMORROW - timedelta(hours=5), back=True)  # a clock that was set back

    with pytest.raises(Conflict) as refused:
        cancel_release(office.house, 2, by=None, reason=REASON)

    assert refused.value.code == "release.in_use"
    assert row(office, 2).cancelled is None


def test_it_is_called_off_once(office):
    released(office, "to come")
    owner = AtDrafts(office).browser
    owner.post("/owner/releases/2/cancel", {"reason": REASON})

    again = owner.post("/owner/releases/2/cancel", {"reason": "另一个理由"})
    with pytest.raises(Conflict) as refused:
        cancel_release(office.house, 2, by=None, reason="x")

    assert again.status_code == 302
    assert refused.value.code == "release.cancelled"
    kept = row(office, 2).cancelled
    assert kept is not None
    assert kept.reason == REASON


@pytest.mark.parametrize("account", ["paidan", "zhuren", ADMIN])
def test_nobody_but_a_process_owner_calls_it_off(office, account):
    released(office, "to come")

    answer = office.browser(account).get("/owner/releases/2/cancel")
    with office.store.begin(reading=True) as uow:
        somebody = uow.directory(office.clock.now()).people[account]
    with pytest.raises(Refused):
        cancel_release(office.house, 2, by=somebody, reason=REASON)

    assert answer.status_code == 403
    assert row(office, 2).cancelled is None


def test_what_begins_by_itself_is_planned_as_the_releases_that_are_left_have_it(office):
    plan_starts(office.house)
    with office.store.begin(reading=True) as uow:
        before = {(one.process, one.fires_at, one.release_no) for one in uow.plans()}
    released(office, "to come")
    with office.store.begin(reading=True) as uow:
        meanwhile = {(one.process, one.fires_at, one.release_no) for one in uow.plans()}

    cancel_release(office.house, 2, by=None, reason=REASON)

    with office.store.begin(reading=True) as uow:
        after = {(one.process, one.fires_at, one.release_no) for one in uow.plans()}
    assert meanwhile != before
    assert after == before


def test_a_draft_of_a_release_that_was_called_off_goes_on_from_the_one_that_stands(office):
    released(office, "to come")
    owner = AtDrafts(office)
    draft = owner.begin(base="2")
    owner.save(draft, TABLE, two_days())
    owner.browser.post("/owner/releases/2/cancel", {"reason": REASON})

    page = owner.browser.get(f"/owner/drafts/{draft}").text
    refused = owner.release(draft)
    owner.browser.post(f"/owner/drafts/{draft}/bring-up")
    answer = owner.release(draft)

    assert "以第 2 版为基础，那一版已撤销" in page
    assert refused.status_code == 409
    assert "那一版已撤销，请先把草稿更新到第 1 版" in refused.text
    assert answer.status_code == 302, answer.text
    with office.store.begin(reading=True) as uow:
        assert uow.release_files(3) == {**shipped(), TABLE: two_days()}
    assert SqlDrafts(office.store).all() == []


def test_what_was_called_off_leaves_its_name_its_instant_and_its_content_to_another(office):
    released(office, "to come", label="四日版")
    cancel_release(office.house, 2, by=None, reason=REASON)

    again = released(office, "to come", label="四日版")

    assert (again.no, again.effective_from, again.cancelled) == (3, TOMORROW, None)


def test_two_releases_do_not_come_into_force_at_one_instant(office):
    released(office, "first")
    owner = AtDrafts(office)
    draft = owner.begin()
    owner.save(draft, TABLE, two_days())

    answer = owner.release(draft, when="later", effective_from="2024-03-09T08:00")
    later = owner.release(draft, when="later", effective_from="2024-03-09T08:01")

    assert answer.status_code == 422
    assert "第 2 版也从 2024-03-09 08:00 起生效" in answer.text
    assert "换一个生效时间，或先撤销第 2 版" in answer.text
    assert later.status_code == 302, later.text


def test_the_page_says_which_releases_hold_what_is_called_off(office):
    released(office, "first")
    released(office, "second", TOMORROW + timedelta(days=1))

    text = AtDrafts(office).browser.get("/owner/releases/2/cancel").text

    assert "第 3 版" in text
    assert "是在它之后发布的" in text


def test_one_that_is_not_there_is_missing(office):
    assert AtDrafts(office).browser.get("/owner/releases/9/cancel").status_code == 404


def test_a_reason_is_asked_of_the_command_too(office):
    released(office, "to come")

    with pytest.raises(FormInvalid):
        cancel_release(office.house, 2, by=None, reason=" ")
