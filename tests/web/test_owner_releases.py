"""From a draft to a release: what must have been seen, what blocks, and which cases it is for."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import datetime, timedelta

import pytest

from service.store.drafts import SqlDrafts
from service.store.reads.releases import acknowledged
from service.usecases.release_content import release_content
from tests.web.office import Office, shipped
from tests.web.rooms import HANDLING, POLICY, TABLE, AtDrafts, releases, two_days

MIDNIGHT_AFTER_TWO_DAYS = datetime.fromisoformat("2024-03-11T00:00:00+08:00")
MIDNIGHT_AFTER_THREE_DAYS = datetime.fromisoformat("2024-03-12T00:00:00+08:00")
CASES = ("bpmn/cases/acceptance.yaml", "bpmn/cases/branches.yaml")
S02 = "acceptance.yaml/S02"
B01 = "branches.yaml/B01"


def a_change(office: Office) -> tuple[AtDrafts, str]:
    """A process owner with a draft in which the feedback is due after two days."""
    owner = AtDrafts(office)
    draft = owner.begin()
    assert owner.save(draft, TABLE, two_days()).status_code == 200
    return owner, draft


def feedback_due(office: Office, number: str) -> datetime:
    with office.store.begin() as uow:
        loaded = uow.load(uow.case_of_no(number).id)
    return next(c.due for c in loaded.clocks if c.kind == "handling_feedback")


def test_the_page_tells_the_change_in_the_words_of_the_table(office):
    owner, draft = a_change(office)

    text = owner.browser.get(f"/owner/drafts/{draft}/release").text

    assert "双反馈：派单送达 → 报送" in text
    assert '<td>数量</td><td class="was">3</td><td class="is">2</td>' in text


def test_a_new_case_gets_the_new_due_time_and_an_old_one_keeps_its_own(office):
    old = office.dispatched()
    owner, draft = a_change(office)

    answer = owner.release(draft)
    new = office.dispatched(upstream_order_no="FIC-2024-000003")

    assert answer.status_code == 302, answer.text
    assert feedback_due(office, old) == MIDNIGHT_AFTER_THREE_DAYS
    assert feedback_due(office, new) == MIDNIGHT_AFTER_TWO_DAYS
    page = office.browser("paidan").get(f"/cases/{new}").text
    assert "03-10 24:00" in page


def test_a_release_says_who_when_and_why_and_the_draft_is_gone(office):
    owner, draft = a_change(office)

    owner.release(draft, reason="缩短时限", label="两日版")

    with office.store.begin() as uow:
        row = uow.releases()[-1]
        files = uow.release_files(row.no)
    assert (row.no, row.by, row.label) == (2, "liucheng", "两日版")
    assert row.reason == "缩短时限（未等情景演练完成）"
    assert row.at == row.effective_from == office.clock.now()
    assert files == {**shipped(), TABLE: two_days()}
    assert SqlDrafts(office.store).all() == []
    listed = owner.browser.get("/owner/releases").text
    assert "缩短时限" in listed
    assert row.hash in listed


def test_a_release_for_later_is_not_in_force_before(office):
    owner, draft = a_change(office)

    answer = owner.release(draft, when="later", effective_from="2024-03-09T08:00")

    assert answer.status_code == 302, answer.text
    assert office.house.catalogue.current(office.clock.now()).row.no == 1
    office.clock.advance(timedelta(days=1))
    assert office.house.catalogue.current(office.clock.now()).row.no == 2


@pytest.mark.parametrize(
    "answers, says",
    [
        ({"reason": "  "}, "请写明发布的理由"),
        ({"confirmed": None}, "请确认您知道发布的后果"),
        ({"unseen": None}, "演练还没有完成"),
        ({"when": "later", "effective_from": "2024-03-08T16:29"}, "不能早于现在"),
        ({"when": "later", "effective_from": ""}, "请填写生效的日期和时间"),
        ({"when": "later", "effective_from": "soon"}, "请填写生效的日期和时间"),
    ],
)
def test_what_is_missing_is_told_and_what_was_typed_stays(office, answers, says):
    owner, draft = a_change(office)

    answer = owner.release(draft, **{"label": "我的版本", **answers})

    assert answer.status_code == 422
    assert says in answer.text
    assert "我的版本" in answer.text
    assert releases(office) == [1]


@pytest.mark.parametrize("label", ["v1", "  v1 ", "V1", "ｖ１"])
def test_a_name_that_another_release_has_is_refused_at_its_field(office, label):
    owner, draft = a_change(office)

    answer = owner.release(draft, label=label)

    assert answer.status_code == 422
    assert f"已有一版叫“{label.strip()}”" in answer.text
    assert "换一个版本名称" in answer.text
    assert releases(office) == [1]


def test_an_error_in_the_content_blocks_the_release(office):
    owner, draft = a_change(office)
    broken = shipped()[HANDLING].replace(b'jsjb:form="submit_report"', b'jsjb:form="no_such_form"')
    owner.save(draft, HANDLING, broken)

    answer = owner.release(draft)

    assert answer.status_code == 422
    assert "改正后才能发布" in answer.text
    assert releases(office) == [1]


def test_a_draft_without_a_change_is_not_released(office):
    owner = AtDrafts(office)
    draft = owner.begin()

    answer = owner.release(draft)

    assert answer.status_code == 422
    assert releases(office) == [1]


def test_what_was_saved_after_the_page_was_opened_is_not_released_unseen(office):
    owner, draft = a_change(office)
    owner.browser.get(f"/owner/drafts/{draft}/release")
    seen = dict(owner.browser.page.form("seen")["fields"])["seen"]
    owner.save(draft, POLICY, shipped()[POLICY] + b"# later\n")

    answer = owner.release(draft, seen=seen)

    assert answer.status_code == 409
    assert "又被保存过" in answer.text
    assert releases(office) == [1]


def released_meanwhile(office: Office, name: str) -> None:
    """Somebody else releases the content with a comment in one file."""
    changed = {**shipped(), name: shipped()[name] + b"# meanwhile\n"}
    release_content(office.house, changed, by=None, reason="meanwhile")


def test_a_draft_behind_the_newest_release_is_not_released_over_it(office):
    owner, draft = a_change(office)
    released_meanwhile(office, POLICY)

    answer = owner.release(draft)

    assert answer.status_code == 409
    assert "第 2 版已先发布" in answer.text
    assert releases(office) == [1, 2]


def test_a_draft_brought_up_takes_over_what_others_changed(office):
    owner, draft = a_change(office)
    released_meanwhile(office, POLICY)

    brought = owner.browser.post(f"/owner/drafts/{draft}/bring-up")
    answer = owner.release(draft)

    assert brought.status_code == 302
    assert answer.status_code == 302, answer.text
    with office.store.begin() as uow:
        files = uow.release_files(3)
    assert files[POLICY].endswith(b"# meanwhile\n")
    assert files[TABLE] == two_days()


def test_a_file_that_both_changed_is_replaced_only_once_its_owner_says_so(office):
    owner, draft = a_change(office)
    owner.save(draft, POLICY, shipped()[POLICY] + b"# mine\n")
    released_meanwhile(office, POLICY)

    refused = owner.browser.post(f"/owner/drafts/{draft}/bring-up")
    kept = SqlDrafts(office.store).find(draft).base_release_no
    told = owner.browser.post(f"/owner/drafts/{draft}/bring-up", {"keep_mine": "yes"})

    assert refused.status_code == 409
    assert POLICY in refused.text
    assert kept == 1
    assert told.status_code == 302
    assert SqlDrafts(office.store).find(draft).base_release_no == 2


def with_two_cases(owner: AtDrafts, draft: str) -> None:
    """Leave S02 and B01 alone among the worked cases of the draft, so that the test need not wait for the others."""
    for name in (name for name in shipped() if name.startswith("bpmn/cases/")):
        head, *cases = shipped()[name].decode().split("\n- id: ")
        wanted = [case for case in cases if case.startswith(("S02", "B01"))]
        only = "\n- id: ".join([head, *wanted]) if wanted else head.replace("scenarios:", "scenarios: []")
        assert owner.save(draft, name, f"{only}\n".encode()).status_code == 200


def test_worked_cases_that_now_differ_are_told_step_by_step(office):
    owner, draft = a_change(office)
    with_two_cases(owner, draft)

    shown = owner.rehearse(draft)

    assert "S02" in shown
    assert re.search(r"第 4 步</span> 2024-03-08 16:50 党政办公室派单员 派单", shown)
    assert re.search(r"时钟 双反馈 到期.*2024-03-11 24:00.*→.*2024-03-10 24:00", shown)
    assert re.search(r"第 9 步</span> 2024-03-11 00:00 时间走到此刻", shown)
    assert "6 处不同：时钟 双反馈 到期、通知 即将到期 双反馈" in shown


# what was answered → what the page then says
UNANSWERED = [
    ({}, "请逐一确认：S02、B01"),
    ({"acknowledged": [S02], "why_all": "随时限缩短"}, "请逐一确认：B01"),
    ({"acknowledged": ["S02", "B01"], "why_all": "随时限缩短"}, "请逐一确认：S02、B01"),
    ({"acknowledged": [S02, B01], f"why.{S02}": "随时限缩短"}, "请写明 B01 变得对在哪里"),
    ({"acknowledged": [S02, B01], "why_all": " "}, "请写明 S02 变得对在哪里"),
    ({"acknowledged": [S02, B01], "why_all": "长" * 501}, "理由最多 500 个字"),
]


def test_a_case_that_differs_blocks_until_somebody_ticks_it_and_says_why(office):
    owner, draft = a_change(office)
    with_two_cases(owner, draft)
    owner.rehearse(draft)

    for answers, says in UNANSWERED:
        answer = owner.release(draft, **{"label": "我的版本", **answers})

        assert answer.status_code == 422, answers
        assert says in answer.text
        assert "我的版本" in answer.text
        for typed in (text for name, text in answers.items() if name.startswith("why")):
            assert typed in answer.text
    assert releases(office) == [1]


def test_a_release_keeps_who_acknowledged_which_case_and_why(office):
    owner, draft = a_change(office)
    with_two_cases(owner, draft)
    owner.rehearse(draft)

    answers = {"acknowledged": [S02, B01], "why_all": "随时限缩短", f"why.{B01}": "分中心时限照旧更早"}
    released = owner.release(draft, reason="缩短", unseen="yes", **answers)

    assert released.status_code == 302, released.text
    with office.store.begin() as uow:
        assert uow.releases()[-1].reason == "缩短"
    with office.store.reading() as connection:
        kept = acknowledged(connection, 2)
    assert [(one.file, one.worked_case, one.by, one.reason) for one in kept] == [
        ("acceptance.yaml", "S02", "liucheng", "随时限缩短"),
        ("branches.yaml", "B01", "liucheng", "分中心时限照旧更早"),
    ]
    assert len(kept[0].steps) == 6
    page = owner.browser.get("/owner/releases/2").text
    assert "林晓确认：分中心时限照旧更早" in page
    assert "2024-03-10 24:00" in page


def test_a_case_named_alike_in_two_files_is_acknowledged_in_each(office):
    owner, draft = a_change(office)
    with_two_cases(owner, draft)
    same = SqlDrafts(office.store).files(draft)[CASES[1]].content.replace(b"- id: B01", b"- id: S02")
    owner.save(draft, CASES[1], same, seen=SqlDrafts(office.store).files(draft)[CASES[1]].content)
    owner.rehearse(draft)

    one = owner.release(draft, acknowledged=[S02], why_all="随时限缩短")
    both = owner.release(draft, acknowledged=[S02, "branches.yaml/S02"], why_all="随时限缩短")

    assert one.status_code == 422
    assert both.status_code == 302


def test_a_rehearsal_of_the_same_content_is_not_played_twice(office):
    owner, draft = a_change(office)
    with_two_cases(owner, draft)
    owner.rehearse(draft)
    row = played(office)

    office.later(minutes=1)
    owner.rehearse(draft)

    assert played(office) == row


def played(office: Office) -> object:
    with office.store.reading() as connection:
        return connection.exec_driver_sql("SELECT hash, done, state, started_at FROM rehearsal").fetchall()


def test_opening_the_page_plays_nothing_by_itself(office):
    owner, draft = a_change(office)

    owner.browser.get(f"/owner/drafts/{draft}/release")
    owner.browser.get(f"/owner/drafts/{draft}/rehearsal")

    assert played(office) == []


def test_a_release_is_exported_as_it_is(office):
    answer = AtDrafts(office).browser.get("/owner/releases/1/export.zip")

    package = zipfile.ZipFile(io.BytesIO(answer.data))

    assert {name: package.read(name) for name in package.namelist()} == shipped()
    assert answer.mimetype == "application/zip"


@pytest.mark.parametrize(
    "path", ["/owner/releases/7", "/owner/releases/7/export.zip", "/owner/drafts/none/release"]
)
def test_what_is_not_there_is_missing(office, path):
    assert AtDrafts(office).browser.get(path).status_code == 404
