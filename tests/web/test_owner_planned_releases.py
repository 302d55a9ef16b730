"""A release beside one that is planned: nothing is passed over, nothing comes early unasked."""

from __future__ import annotations

import re
from datetime import timedelta

from service.usecases import release_draft
from service.usecases.release_content import release_content
from tests.web.office import Office, shipped
from tests.web.rooms import POLICY, TABLE, AtDrafts, two_days


def releases(office: Office) -> list[int]:
    with office.store.begin() as uow:
        return [row.no for row in uow.releases()]


def plan_two_days(office):
    """A release for tomorrow."""
    tomorrow = office.clock.now() + timedelta(hours=19)
    files = {**shipped(), TABLE: two_days()}
    release_content(office.house, files, by=None, reason="两日", effective_from=tomorrow)


def a_draft(office):
    """An owner with a draft from the newest release, which changes the policy."""
    owner = AtDrafts(office)
    draft = owner.begin()
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
    owner, draft = a_draft(office)
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
    owner, draft = a_draft(office)

    answer = owner.release(draft, when="later", effective_from="2024-03-10T08:00")

    assert answer.status_code == 302, answer.text
