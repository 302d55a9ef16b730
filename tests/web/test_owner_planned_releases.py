"""A release beside one that is planned: nothing is passed over, nothing comes early unasked."""

from __future__ import annotations

import re
from datetime import timedelta

from service.store.drafts import SqlDrafts
from service.usecases import release_draft
from service.usecases.cancel_release import cancel_release
from service.usecases.release_content import release_content
from tests.web.office import shipped
from tests.web.rooms import POLICY, TABLE, AtDrafts, releases, two_days


def plan_two_days(office):
    """A release for tomorrow."""
    tomorrow = office.clock.now() + timedelta(hours=19)
    files = {**shipped(), TABLE: two_days()}
    release_content(office.house, files, by=None, reason="两日", effective_from=tomorrow)


def a_draft(office, base=""):
    """An owner with a draft from the release in force, or from another, which changes the policy."""
    owner = AtDrafts(office)
    draft = owner.begin(base=base)
    owner.save(draft, POLICY, shipped()[POLICY] + b"# mine\n")
    return owner, draft


def test_what_is_planned_while_somebody_releases_is_not_passed_over(office, monkeypatch):
    owner, draft = a_draft(office)
    owner.save(draft, TABLE, two_days())
    check = release_draft.answers_missing

    def checked_just_before(*asked):
        found = check(*asked)
        release_content(
            office.house,
            {**shipped(), POLICY: shipped()[POLICY].replace(b"reason: ", "reason: 试，".encode(), 1)},
            by=None,
            reason="同时",
            effective_from=office.clock.now() + timedelta(hours=19),
        )
        return found

    monkeypatch.setattr(release_draft, "answers_missing", checked_just_before)
    answer = owner.release(draft)

    assert answer.status_code == 422
    assert releases(office) == [1, 2]


def test_what_is_planned_comes_early_only_where_that_is_confirmed(office):
    plan_two_days(office)
    owner, draft = a_draft(office, base="2")
    asked = owner.browser.get(f"/owner/drafts/{draft}/release").text
    mark = re.search(r'name="met" value="(\w+)"', asked)

    refused = owner.release(draft)
    stale = owner.release(draft, met="another")
    later = owner.browser.get("/owner/").text
    done = owner.release(draft, met=mark[1] if mark else "")

    assert "第 2 版计划于 2024-03-09 11:30 生效的改动将提前生效" in asked
    assert '<td>数量</td><td class="was">3</td><td class="is">2</td>' in asked
    assert "第 2 版将于" in later
    assert (refused.status_code, stale.status_code, done.status_code) == (422, 422, 302)
    assert "这一版与待生效的第 2 版互相影响" in refused.text
    assert releases(office) == [1, 2, 3]


def test_a_release_after_the_planned_one_asks_for_nothing_more(office):
    plan_two_days(office)
    owner, draft = a_draft(office, base="2")

    answer = owner.release(draft, when="later", effective_from="2024-03-10T08:00")

    assert answer.status_code == 302, answer.text


def test_a_draft_begins_from_the_release_in_force_and_says_what_is_planned_beside_it(office):
    plan_two_days(office)
    home = AtDrafts(office).browser.get("/owner/").text
    owner, draft = a_draft(office)
    owner.save(
        draft,
        POLICY,
        shipped()[POLICY].replace(b"reason: ", "reason: 试，".encode(), 1),
        shipped()[POLICY] + b"# mine\n",
    )
    page = owner.browser.get(f"/owner/drafts/{draft}").text

    refused = owner.release(draft)
    asked = owner.browser.get(f"/owner/drafts/{draft}/release").text
    mark = re.search(r'name="met" value="(\w+)"', asked)
    done = owner.release(draft, met=mark[1] if mark else "")

    options = re.findall(r'<option value="(\d+)">([^<]+)', home)
    assert [no for no, _ in options] == ["1", "2"]
    assert "现行第 1 版" in options[0][1]
    assert "03-09 11:30 生效" in options[1][1]
    assert "以现行第 1 版为基础" in page
    assert "第 2 版将于 03-09 11:30 生效，它的改动不在这份草稿里" in page
    assert "更新到第" not in page
    assert refused.status_code == 422
    assert "这一版的这些改动会被改回" in asked
    assert done.status_code == 302
    with office.store.begin(reading=True) as uow:
        assert uow.release_files(3)[TABLE] == shipped()[TABLE]


def test_a_draft_begun_from_a_planned_release_says_so_and_holds_its_changes(office):
    plan_two_days(office)
    owner, draft = a_draft(office, base="2")
    planned_file = owner.browser.get(f"/owner/releases/2/files/{TABLE}").text
    present_file = owner.browser.get(f"/owner/releases/1/files/{TABLE}").text

    page = owner.browser.get(f"/owner/drafts/{draft}").text
    office.later(hours=20)
    after = AtDrafts(office).browser.get(f"/owner/drafts/{draft}").text

    assert "以第 2 版（03-09 11:30 生效）为基础" in page
    assert "更新到第" not in page + after
    assert "以现行第 2 版为基础" in after
    assert '<input type="hidden" name="base" value="2">' in planned_file
    assert 'name="base"' not in present_file


def test_a_draft_is_behind_once_what_was_planned_beside_it_is_in_force(office):
    plan_two_days(office)
    owner, draft = a_draft(office)
    office.later(hours=20)
    owner = AtDrafts(office)  # their login is over

    page = owner.browser.get(f"/owner/drafts/{draft}").text
    refused = owner.release(draft)
    owner.browser.post(f"/owner/drafts/{draft}/bring-up")
    done = owner.release(draft)

    assert "03-09 11:30 已生效" in page
    assert refused.status_code == 409
    assert "第 2 版已先生效，请先把草稿更新到第 2 版" in refused.text
    assert done.status_code == 302, done.text
    with office.store.begin(reading=True) as uow:
        assert uow.release_files(3)[TABLE] == two_days()


def test_a_draft_is_begun_from_no_release_that_is_over_or_called_off(office):
    plan_two_days(office)
    cancel_release(office.house, 2, by=None, reason="不再需要")
    owner = AtDrafts(office)

    for base in ("2", "7"):
        assert (
            owner.browser.post("/owner/drafts", {"key": "0" * 31 + base, "base": base}).location == "/owner/"
        )
        assert f"第 {base} 版已撤销，或既不现行也不待生效" in owner.browser.get("/owner/").text
    assert owner.browser.post("/owner/drafts", {"key": "0" * 32, "base": "x"}).status_code == 422
    assert SqlDrafts(office.store).all() == []
