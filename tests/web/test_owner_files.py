"""Files of a draft: added from a tidy start or uploaded, taken away with what comes of it told, and back again."""

from __future__ import annotations

import pytest

from service.store.drafts import SqlDrafts
from service.usecases.check_content import check_content
from service.usecases.drafts import begin_draft, bring_up
from service.usecases.release_content import release_content
from tests.web.draft_files import add, files, upload
from tests.web.office import shipped
from tests.web.rooms import HANDLING, OWNER, POLICY, TABLE, AtDrafts

FORM = "forms/dispatch.form"
NEW = {"title": "来访跟进", "key": "visit_follow_up"}


def errors(content: dict[str, bytes]) -> list[str]:
    return [f"{f.file}: {f.message}" for f in check_content(content) if f.severity == "error"]


# -- new ------------------------------------------------------------------------------------------------------


def test_a_new_diagram_with_its_form_has_nothing_to_be_told_about(office):
    owner = AtDrafts(office)
    draft = owner.begin()

    answer = add(owner, draft, "diagram", **NEW, role="office_dispatcher", begins="form", article="A6-1")

    assert answer.status_code == 302, answer.text
    assert answer.location.endswith("/files/bpmn/visit_follow_up.bpmn")
    made = files(office, draft)
    assert set(made) - set(shipped()) == {"bpmn/visit_follow_up.bpmn", "forms/visit_follow_up.form"}
    assert check_content(made) == []
    opened = owner.browser.get(answer.location).text
    assert "来访跟进" in opened
    assert 'id="editor-data"' in opened


def test_a_new_stage_is_told_only_that_nothing_calls_it_yet(office):
    owner = AtDrafts(office)
    draft = owner.begin()

    add(owner, draft, "diagram", **NEW, role="dept_head", begins="process", article="A6-1")

    made = files(office, draft)
    assert set(made) - set(shipped()) == {"bpmn/visit_follow_up.bpmn"}
    assert [f.rule for f in check_content(made)] == ["process.never_started"]


def test_a_new_form_and_a_new_file_of_worked_cases_can_be_read(office):
    owner = AtDrafts(office)
    draft = owner.begin()

    for kind in ("form", "cases"):
        assert add(owner, draft, kind, **NEW, article="A6-1").status_code == 302

    made = files(office, draft)
    assert {"forms/visit_follow_up.form", "bpmn/cases/visit_follow_up.yaml"} == set(made) - set(shipped())
    assert [f.rule for f in check_content(made)] == ["form.unused"]
    cases = made["bpmn/cases/visit_follow_up.yaml"].decode()
    assert "    dept_logistics: " in cases
    page = owner.browser.get(f"/owner/drafts/{draft}").text
    assert page.count("来访跟进") >= 2


def test_a_title_is_a_text_in_each_of_the_files(office):
    owner = AtDrafts(office)
    draft = owner.begin()
    title = """'"><script>&]]>{}$x"""

    for kind in ("diagram", "form", "cases"):
        key = f"hostile_{kind}"
        answer = add(owner, draft, kind, title=title, key=key, role="dept_head", begins="process")
        assert answer.status_code == 302, answer.text

    made = files(office, draft)
    assert errors(made) == []
    assert "<script>" not in owner.browser.get(f"/owner/drafts/{draft}").text


@pytest.mark.parametrize("kind", ["diagram", "form", "cases"])
@pytest.mark.parametrize(
    "answers, says",
    [
        ({"key": ""}, "名称只用小写字母"),
        ({"key": "Visit"}, "名称只用小写字母"),
        ({"key": "../policy"}, "名称只用小写字母"),
        ({"key": "来访"}, "名称只用小写字母"),
        ({"key": "a" * 65}, "名称只用小写字母"),
        ({"title": " "}, "请写明中文名称"),
        ({"title": "长" * 31}, "请写明中文名称"),
        ({"title": "a\nb"}, "请写明中文名称"),
    ],
    ids=["none", "capital", "path", "chinese", "long", "no title", "long title", "lines"],
)
def test_a_name_that_will_not_do_is_told_and_nothing_is_added(office, kind, answers, says):
    owner = AtDrafts(office)
    draft = owner.begin()

    answer = add(owner, draft, kind, **{**NEW, "role": "dept_head", **answers})

    assert answer.status_code == 422
    assert says in answer.text
    assert all(
        f'value="{given}"' in answer.text for given in answers.values() if given.strip() and "\n" not in given
    )
    assert SqlDrafts(office.store).files(draft) == {}


@pytest.mark.parametrize(
    "kind, key, says",
    [
        ("diagram", "complaint", "别的流程图里已有名为 complaint"),
        ("diagram", "submit_report", "别的流程图里已有名为 submit_report"),
        ("form", "dispatch", "内容里已有 forms/dispatch.form"),
        ("cases", "acceptance", "内容里已有 bpmn/cases/acceptance.yaml"),
    ],
)
def test_a_name_that_is_taken_is_told_and_nothing_is_replaced(office, kind, key, says):
    owner = AtDrafts(office)
    draft = owner.begin()

    answer = add(owner, draft, kind, title="重名", key=key, role="dept_head", begins="process")

    assert answer.status_code == 422
    assert says in answer.text
    assert SqlDrafts(office.store).files(draft) == {}


def test_where_one_of_two_files_is_taken_neither_is_added(office):
    owner = AtDrafts(office)
    draft = owner.begin()
    add(owner, draft, "form", **{**NEW, "title": "别的"})

    answer = add(owner, draft, "diagram", **NEW, role="dept_head", begins="form")

    assert answer.status_code == 422
    assert "内容里已有 forms/visit_follow_up.form" in answer.text
    assert set(SqlDrafts(office.store).files(draft)) == {"forms/visit_follow_up.form"}


# -- uploaded -------------------------------------------------------------------------------------------------


# -- taken away, and back -------------------------------------------------------------------------------------


def test_before_a_form_goes_all_that_refers_to_it_is_named(office):
    owner = AtDrafts(office)
    draft = owner.begin()

    page = owner.browser.get(f"/owner/drafts/{draft}/remove/{FORM}").text

    assert "移走“派单”？" in page
    for file in ("bpmn/dispatching.bpmn", "bpmn/facts.yaml", "bpmn/deadlines.dmn", HANDLING):
        assert file in page
    assert "表单 dispatch 不存在" in page
    assert "S02" in page
    assert SqlDrafts(office.store).files(draft) == {}


def test_before_a_diagram_goes_those_that_start_it_are_named(office):
    owner = AtDrafts(office)
    draft = owner.begin()

    page = owner.browser.get(f"/owner/drafts/{draft}/remove/bpmn/co_handling.bpmn").text

    assert "所指的流程 co_handling 不存在" in page
    assert HANDLING in page


def test_what_nothing_refers_to_goes_without_a_warning(office):
    owner = AtDrafts(office)
    draft = owner.begin()
    add(owner, draft, "cases", **NEW)

    page = owner.browser.get(f"/owner/drafts/{draft}/remove/bpmn/cases/visit_follow_up.yaml").text

    assert "没有发现别处用到它" in page


def test_a_file_that_went_is_out_of_the_draft_and_comes_back_as_it_was(office):
    owner = AtDrafts(office)
    draft = owner.begin()

    owner.browser.post(f"/owner/drafts/{draft}/remove/{FORM}")
    gone = files(office, draft)
    page = owner.browser.get(f"/owner/drafts/{draft}").text
    owner.browser.post(f"/owner/drafts/{draft}/restore/{FORM}")

    assert FORM not in gone
    assert "移走" in page
    assert "恢复 派单" in page
    assert files(office, draft) == shipped()
    assert SqlDrafts(office.store).files(draft) == {}


def test_what_was_changed_in_a_file_that_went_comes_back_with_it(office):
    owner = AtDrafts(office)
    draft = owner.begin()
    changed = shipped()[FORM].replace("派单".encode(), "派发".encode())
    owner.save(draft, FORM, changed)

    owner.browser.post(f"/owner/drafts/{draft}/remove/{FORM}")
    owner.browser.post(f"/owner/drafts/{draft}/remove/{FORM}")
    owner.browser.post(f"/owner/drafts/{draft}/restore/{FORM}")

    assert files(office, draft)[FORM] == changed


def test_a_new_file_that_went_comes_back_as_well(office):
    owner = AtDrafts(office)
    draft = owner.begin()
    upload(owner, draft, "visit.form", b"{}")

    owner.browser.post(f"/owner/drafts/{draft}/remove/forms/visit.form")
    gone = files(office, draft)
    taken = upload(owner, draft, "visit.form", b"[]", replaces="yes")
    nothing = owner.release(draft)
    owner.browser.post(f"/owner/drafts/{draft}/restore/forms/visit.form")

    assert gone == shipped()
    assert "刚从这份草稿里移走" in taken.text
    assert "没有任何改动" in nothing.text
    assert files(office, draft)["forms/visit.form"] == b"{}"


@pytest.mark.parametrize("name", [POLICY, TABLE, "bpmn/facts.yaml", "bpmn/regulation.yaml"])
def test_what_no_release_can_be_without_is_not_taken_away(office, name):
    owner = AtDrafts(office)
    draft = owner.begin()

    answer = owner.browser.post(f"/owner/drafts/{draft}/remove/{name}")

    assert answer.status_code in {403, 409}
    assert "每一版都要有" in answer.text
    assert files(office, draft) == shipped()
    assert f"/remove/{name}" not in owner.browser.get(f"/owner/drafts/{draft}/files/{name}").text


def test_a_save_into_a_file_that_went_is_refused_and_says_what_to_do(office):
    owner = AtDrafts(office)
    draft = owner.begin()
    owner.browser.post(f"/owner/drafts/{draft}/remove/{FORM}")

    answer = owner.save(draft, FORM, b"{}")

    assert answer.status_code == 409
    assert "恢复它以后再保存" in answer.json["detail"]
    assert FORM not in files(office, draft)


def test_a_file_added_and_one_taken_away_are_in_the_release(office):
    owner = AtDrafts(office)
    draft = owner.begin()
    add(owner, draft, "cases", **NEW)
    owner.browser.post(f"/owner/drafts/{draft}/remove/bpmn/cases/branches.yaml")

    told = owner.browser.get(f"/owner/drafts/{draft}/release").text
    answer = owner.release(draft)

    assert "新增的文件" in told
    assert "删除了这个文件" in told
    assert answer.status_code == 302, answer.text
    with office.store.begin() as uow:
        released = uow.release_files(2)
    assert "bpmn/cases/visit_follow_up.yaml" in released
    assert "bpmn/cases/branches.yaml" not in released


def test_a_file_that_went_here_and_was_changed_in_a_later_release_is_both(office):
    drafts = SqlDrafts(office.store)
    with office.store.begin() as uow:
        person = uow.directory(office.clock.now()).people[OWNER]
    owner = AtDrafts(office)
    draft = begin_draft(office.house, drafts, person, key="0" * 32).id
    owner.browser.post(f"/owner/drafts/{draft}/remove/bpmn/cases/branches.yaml")
    changed = {**shipped(), "bpmn/cases/branches.yaml": shipped()["bpmn/cases/branches.yaml"] + b"# later\n"}
    release_content(office.house, changed, by=None, reason="later")

    page = owner.browser.get(f"/owner/drafts/{draft}").text
    bring_up(office.house, drafts, draft, person, keep_mine=True)

    assert "两边都改过" in page
    assert "bpmn/cases/branches.yaml" not in files(office, draft)
