"""Files uploaded into a draft: taken under their name, refused where they will not do."""

from __future__ import annotations

import pytest

from service.store.drafts import SqlDrafts
from tests.web.draft_files import add, files, upload
from tests.web.office import ORIGIN
from tests.web.rooms import TABLE, AtDrafts, two_days


@pytest.mark.parametrize(
    "file_name, name, kept_as",
    [
        ("visit.bpmn", "", "bpmn/visit.bpmn"),
        ("visit.form", "", "forms/visit.form"),
        ("visits.yaml", "", "bpmn/cases/visits.yaml"),
        ("来访 (1).form", "visit", "forms/visit.form"),
        ("../../forms/visit.form", "", "forms/visit.form"),
    ],
)
def test_an_uploaded_file_is_in_the_draft_under_its_name(office, file_name, name, kept_as):
    owner = AtDrafts(office)
    draft = owner.begin()

    answer = upload(owner, draft, file_name, b"{}", key=name)

    assert answer.status_code == 302, answer.text
    assert {name: one.content for name, one in SqlDrafts(office.store).files(draft).items()} == {
        kept_as: b"{}"
    }
    assert owner.browser.get(answer.location).status_code == 200


@pytest.mark.parametrize(
    "file_name, name, says",
    [
        ("visit.exe", "", "只收流程图"),
        ("visit", "", "只收流程图"),
        ("来访 (1).form", "", "名称只用小写字母"),
        ("visit.form", "Visit", "名称只用小写字母"),
        ("visit.form", "../visit", "名称只用小写字母"),
        ("other.dmn", "", "时限表只有一张"),
    ],
)
def test_an_upload_that_will_not_do_is_told(office, file_name, name, says):
    owner = AtDrafts(office)
    draft = owner.begin()

    answer = upload(owner, draft, file_name, b"{}", key=name)

    assert answer.status_code == 422
    assert says in answer.text
    assert SqlDrafts(office.store).files(draft) == {}


def test_an_upload_without_a_file_is_told(office):
    owner = AtDrafts(office)
    draft = owner.begin()

    assert "请选择一个文件" in add(owner, draft, "upload").text


@pytest.mark.parametrize("content", [b"\xff\xfe", b"a\x00b"], ids=["bytes", "nul"])
def test_an_upload_that_is_no_text_is_refused(office, content):
    owner = AtDrafts(office)
    draft = owner.begin()

    answer = upload(owner, draft, "visit.form", content)

    assert answer.status_code == 422
    assert SqlDrafts(office.store).files(draft) == {}


def test_an_upload_that_is_too_large_is_refused(office):
    owner = AtDrafts(office)
    draft = owner.begin()
    # encoded here: the test client would leave a temporary file of this size open
    head = 'Content-Disposition: form-data; name="file"; filename="visit.form"'
    body = f"--x\r\n{head}\r\n\r\n{'x' * (1024 * 1024 + 1)}\r\n--x--\r\n"
    owner.browser.get(f"/owner/drafts/{draft}/add")

    answer = owner.browser.client.post(
        f"/owner/drafts/{draft}/add/upload",
        data=body,
        content_type="multipart/form-data; boundary=x",
        headers={"Origin": ORIGIN, "X-CSRFToken": owner.browser.page.token},
    )

    assert answer.status_code == 422
    assert "超过 1024 KB" in answer.text
    assert SqlDrafts(office.store).files(draft) == {}


def test_an_upload_takes_the_place_of_a_file_only_where_that_is_said(office):
    owner = AtDrafts(office)
    draft = owner.begin()

    refused = upload(owner, draft, "deadlines.dmn", two_days())
    kept = SqlDrafts(office.store).files(draft)
    replaced = upload(owner, draft, "deadlines.dmn", two_days(), replaces="yes")

    assert refused.status_code == 422
    assert "内容里已有 bpmn/deadlines.dmn" in refused.text
    assert kept == {}
    assert replaced.status_code == 302
    assert files(office, draft)[TABLE] == two_days()


def test_the_same_bytes_uploaded_again_change_nothing(office):
    owner = AtDrafts(office)
    draft = owner.begin()
    upload(owner, draft, "visit.form", b"{}")
    version = SqlDrafts(office.store).find(draft).version

    again = upload(owner, draft, "visit.form", b"{}")

    assert again.status_code == 302
    assert SqlDrafts(office.store).find(draft).version == version
