"""The policy register as a page: each entry in words, changed one by one, with a reason; nothing else is touched."""

from __future__ import annotations

from typing import Any

import pytest

from service.content.policy import read_policy
from service.store.drafts import SqlDrafts
from tests.web.office import Office, shipped
from tests.web.rooms import POLICY, SECOND_OWNER, AtDrafts, with_second_owner

NEW_REASON = "党政办公室 2026 年第 3 次例会决定"


def change(at: AtDrafts, draft: str, key: str, /, **answers: Any):
    """Open an entry, change some of its fields, and hand it in."""
    path = f"/owner/drafts/{draft}/policy/{key}"
    assert at.browser.get(path).status_code == 200
    fields = dict(at.browser.page.form("seen")["fields"])
    sent = {**fields, **answers}
    return at.browser.post(path, {name: value for name, value in sent.items() if value is not None})


def entries(office: Office, draft: str):
    return read_policy(POLICY, SqlDrafts(office.store).files(draft)[POLICY].content).entries


def test_the_register_in_force_tells_each_entry_in_words(office):
    owner = AtDrafts(office)

    moved = owner.browser.get(f"/owner/releases/1/files/{POLICY}")
    page = owner.browser.get("/owner/releases/1/policy").text

    assert moved.location == "/owner/releases/1/policy"
    for entry in read_policy(POLICY, shipped()[POLICY]).entries.values():
        assert entry.label in page
        assert entry.basis.replace('"', "&#34;") in page
    for told in (
        "首日不计，止于最后一日24:00",
        "双反馈 24 小时",
        "部门专人 → 部门负责人",
        "（不设）",
        "待确认",
    ):
        assert told in page
    assert "version: v1" in owner.browser.get(f"/owner/releases/1/files/{POLICY}?mode=text").text


def test_a_register_can_be_narrowed_down(office):
    owner = AtDrafts(office)
    draft = owner.begin()
    register = f"/owner/drafts/{draft}/policy"

    unconfirmed = owner.browser.get(f"{register}?show=待确认").text
    found = owner.browser.get(f"{register}?q=可批准的累计").text
    nothing = owner.browser.get(f"{register}?show=changed").text

    assert "按自然日还是工作日" not in unconfirmed
    assert "自然日怎么数" in unconfirmed
    assert found.count("<tr id=") == 1
    assert "没有符合的口径" in nothing


@pytest.mark.parametrize(
    "key, answers, value",
    [
        ("extension_cap_days", {"value": "7"}, 7),
        ("day_unit", {"value": "workday"}, "workday"),
        ("same_day_cutoff", {"value": "17:30", "none": None}, "17:30"),
        ("completion_fixed", {"value.D": "1", "value.H": "12", "none": None}, "P1DT12H"),
        ("redispatch_min", {"value.H": "", "value.M": "90"}, "PT90M"),
        ("redispatch_min", {"value.H": "", "value.M": "９０"}, "PT90M"),
        ("analysis_day", {"value": "31"}, 31),
        ("analysis_day", {"value": "２８"}, 28),
    ],
)
def test_an_entry_is_changed_and_its_former_value_kept(office, key, answers, value):
    owner = AtDrafts(office)
    draft = owner.begin()
    before = read_policy(POLICY, shipped()[POLICY]).entries[key]

    answer = change(owner, draft, key, reason=NEW_REASON, **answers)

    assert answer.status_code == 302, answer.text
    assert answer.location.endswith(f"/policy#{key}")
    after = entries(office, draft)[key]
    assert (after.value, after.default, after.reason) == (value, before.value, NEW_REASON)
    page = owner.browser.get(f"/owner/drafts/{draft}/policy?show=changed").text
    assert page.count("<tr id=") == 1
    assert NEW_REASON in page


def test_rows_of_a_table_are_changed_added_and_taken_away(office):
    owner = AtDrafts(office)
    draft = owner.begin()
    answers = {"row.dispatch.H": "5", "row.urgent_final.H": "", "new_key": "upstream", "new.D": "1"}

    answer = change(owner, draft, "due_soon", reason=NEW_REASON, **answers)

    assert answer.status_code == 302, answer.text
    value = entries(office, draft)["due_soon"].value
    assert value["dispatch"] == "PT5H"
    assert value["upstream"] == "P1D"
    assert "urgent_final" not in value
    assert value["urgent_feedback"] == "PT15M"


def test_a_role_is_led_to_another(office):
    owner = AtDrafts(office)
    draft = owner.begin()
    before = read_policy(POLICY, shipped()[POLICY]).entries["fallback"].value

    change(
        owner,
        draft,
        "fallback",
        reason=NEW_REASON,
        **{"row.dept_head": "office_director", "row.moe_subcenter": ""},
    )

    expected = {**before, "dept_head": "office_director"}
    del expected["moe_subcenter"]
    assert entries(office, draft)["fallback"].value == expected


def test_who_stands_in_is_put_into_another_order(office):
    owner = AtDrafts(office)
    draft = owner.begin()
    before = read_policy(POLICY, shipped()[POLICY]).entries["stand_ins"].value

    answer = change(
        owner,
        draft,
        "stand_ins",
        reason=NEW_REASON,
        **{"row.dept_liaison.2": "dept_handler", "row.dept_liaison.3": "dept_head", "row.admin.1": ""},
    )

    assert answer.status_code == 302, answer.text
    expected = {**before, "dept_liaison": ["deputy", "dept_handler", "dept_head"]}
    del expected["admin"]
    assert entries(office, draft)["stand_ins"].value == expected
    assert "部门专人：代理，再承办人，再部门负责人" in owner.browser.get(f"/owner/drafts/{draft}/policy").text
    assert "代理，再承办人，再部门负责人" in owner.browser.get(f"/owner/drafts/{draft}/release").text


def test_a_notice_is_sent_by_other_ways(office):
    owner = AtDrafts(office)
    draft = owner.begin()
    before = read_policy(POLICY, shipped()[POLICY]).entries["notice_channels"].value
    page = owner.browser.get(f"/owner/drafts/{draft}/policy/notice_channels").text
    urgent = owner.browser.get(f"/owner/drafts/{draft}/policy/urgent_channels").text
    assert "（只在系统内）" in page
    assert "（与平常一样）" in urgent
    assert "（只在系统内）" not in urgent

    answer = change(
        owner,
        draft,
        "notice_channels",
        reason=NEW_REASON,
        **{"row.nudged": "sms", "row.overdue": "both", "row.due_soon": ""},
    )

    assert answer.status_code == 302, answer.text
    expected = {**before, "nudged": "sms", "overdue": "both"}
    del expected["due_soon"]
    assert entries(office, draft)["notice_channels"].value == expected
    # of the discipline office: there is nothing to choose
    assert [
        one for one in ("supervision_clue", "correction_ordered", "correction_overdue") if one in page
    ] == []
    assert "row.nudged" in page
    register = owner.browser.get(f"/owner/drafts/{draft}/policy?show=changed").text
    assert "催办：短信" in register
    assert '<del class="was">已逾期：电子邮件</del>' in register
    assert '<ins class="is">已逾期：电子邮件和短信</ins>' in register


def test_only_the_lines_of_the_entry_change(office):
    owner = AtDrafts(office)
    draft = owner.begin()

    change(
        owner,
        draft,
        "extension_cap_days",
        value="7",
        reason=NEW_REASON,
        status="已确认",
        effective_from="2026-12-01",
    )

    after = SqlDrafts(office.store).files(draft)[POLICY].content.decode().splitlines()
    before = shipped()[POLICY].decode().splitlines()
    came = [line.strip() for line in after if line not in before]
    assert came == ["value: 7", "default: 5", "effective_from: 2026-12-01", f"reason: {NEW_REASON}"]
    assert len(after) == len(before) + 1  # its default
    assert [line for line in after if line.startswith("#")] == [
        line for line in before if line.startswith("#")
    ]


@pytest.mark.parametrize(
    "key, answers, says",
    [
        ("extension_cap_days", {"value": "七"}, "之间的整数"),
        ("extension_cap_days", {"value": ""}, "之间的整数"),
        ("extension_cap_days", {"value": "-1"}, "之间的整数"),
        ("day_unit", {"value": "month"}, "应为 natural、workday 之一"),
        ("redispatch_min", {"value.H": ""}, "应为时长"),
        ("redispatch_min", {"value.H": "2.5"}, "应为时长"),
        ("same_day_cutoff", {"value": "25:00", "none": None}, "应为加引号的时刻"),
        ("due_soon", {"row.dispatch.H": "x"}, "应为时长"),
        ("fallback", {"row.dept_head": "dept_liaison"}, "绕成了圈"),
        ("stand_ins", {"row.dept_liaison.2": "deputy"}, "部门专人（dept_liaison）里同一个写了两次"),
        ("stand_ins", {"row.discipline.1": "admin"}, "只能从这些里选：deputy（代理）"),
        ("notice_channels", {"row.overdue": "pigeon"}, "应为 email（电子邮件）、sms（短信）"),
        ("day_count", {"reason": " "}, "请写明理由"),
        ("day_count", {"reason": "长" * 301}, "请写明理由"),
        ("day_count", {"basis": ""}, "请写明依据"),
        ("day_count", {"owner": ""}, "请写明由谁解释"),
        ("day_count", {"status": "也许"}, "请选择已确认或待确认"),
        ("day_count", {"effective_from": "昨天"}, "请填写从哪一天起用"),
        ("day_count", {"value": "include_start"}, "值变了：请写明这次为什么这样定"),
    ],
)
def test_what_will_not_do_is_told_beside_what_was_typed(office, key, answers, says):
    owner = AtDrafts(office)
    draft = owner.begin()

    answer = change(owner, draft, key, **{"basis": "我写的依据", **answers})

    assert answer.status_code == 422
    assert says in answer.text
    assert "basis" in answers or "我写的依据" in answer.text
    assert SqlDrafts(office.store).files(draft) == {}


def test_the_same_entry_again_changes_nothing(office):
    owner = AtDrafts(office)
    draft = owner.begin()

    answer = change(owner, draft, "day_count")

    assert answer.status_code == 302
    assert SqlDrafts(office.store).files(draft) == {}


def test_two_owners_change_different_entries_at_the_same_time(office):
    with_second_owner(office)
    first, second = AtDrafts(office), AtDrafts(office, SECOND_OWNER)
    draft = first.begin()
    second.browser.get(f"/owner/drafts/{draft}/policy/urgent_final_days")
    opened = dict(second.browser.page.form("seen")["fields"])

    change(first, draft, "extension_cap_days", value="7", reason=NEW_REASON)
    answer = second.browser.post(
        f"/owner/drafts/{draft}/policy/urgent_final_days", {**opened, "value": "4", "reason": NEW_REASON}
    )

    assert answer.status_code == 302, answer.text
    saved = entries(office, draft)
    assert (saved["extension_cap_days"].value, saved["urgent_final_days"].value) == (7, 4)


def test_whoever_changes_the_same_entry_second_sees_what_it_is_now(office):
    with_second_owner(office)
    first, second = AtDrafts(office), AtDrafts(office, SECOND_OWNER)
    draft = first.begin()
    path = f"/owner/drafts/{draft}/policy/extension_cap_days"
    second.browser.get(path)
    opened = dict(second.browser.page.form("seen")["fields"])
    change(first, draft, "extension_cap_days", value="7", reason=NEW_REASON)

    mine = {"value": "9", "reason": "我的理由"}
    refused = second.browser.post(path, {**opened, **mine})
    kept = entries(office, draft)["extension_cap_days"].value
    again = second.browser.post(path, {**dict(second.browser.page.form("seen")["fields"])})

    assert refused.status_code == 409
    assert "现在是：7" in refused.text
    assert "我的理由" in refused.text
    assert kept == 7
    assert again.status_code == 302
    saved = entries(office, draft)["extension_cap_days"]
    assert (saved.value, saved.default) == (9, 5)


def test_a_register_that_cannot_be_read_opens_as_text(office):
    owner = AtDrafts(office)
    draft = owner.begin()
    owner.save(draft, POLICY, b"broken: [")

    answer = owner.browser.get(f"/owner/drafts/{draft}/policy")

    assert answer.status_code == 302
    assert answer.location.endswith("mode=text")


def test_an_entry_that_is_not_there_is_missing(office):
    owner = AtDrafts(office)
    draft = owner.begin()

    assert owner.browser.get(f"/owner/drafts/{draft}/policy/no_such").status_code == 404


def test_a_release_tells_the_change_with_the_names_of_clocks(office):
    owner = AtDrafts(office)
    draft = owner.begin()
    change(owner, draft, "due_soon", reason=NEW_REASON, **{"row.dispatch.H": "5"})

    page = owner.browser.get(f"/owner/drafts/{draft}/release").text

    assert '<td>转办</td><td class="was">4 小时</td><td class="is">5 小时</td>' in page
