"""A case keeps no more than its quota; who uploads beyond it is told what is allowed and what to do."""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.web.office import ORIGIN, PNG, Browser, Office

QUOTA = 204_800  # a fifth of a mebibyte
HALF = PNG + b"\x00" * (QUOTA // 2 - len(PNG))
BOUNDARY = "x-x-x"
HEAD = (
    f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n'
    "Content-Type: image/png\r\n\r\n"
).encode()


@pytest.fixture
def small(prepared: Path, tmp_path: Path) -> Iterator[Office]:
    """An office in which a case keeps two photographs."""
    folder = tmp_path / "var"
    shutil.copytree(prepared, folder)
    made = Office(folder, upload_quota_bytes=QUOTA, form_max_bytes=100_000)
    yield made
    made.close()


def half(tail: bytes) -> bytes:
    """A file of half the quota that is like no other."""
    return HALF[: -len(tail)] + tail


def told(browser: Browser, tail: bytes, case_no: str) -> tuple[int, str]:
    """The answer to half the quota, sent up for a case: its status and what it says."""
    answer = browser.upload("照片.png", half(tail), f"/files?case={case_no}")
    return answer.status_code, str((answer.get_json() or {}).get("detail", ""))


def contact(browser: Browser, number: str, file_id: str) -> int:
    """A contact record that names a file."""
    values = {"channel": 1, "direction": "out", "result": "reached", "purpose": "first", "summary": "已联系"}
    path = f"/cases/{number}/forms/record_contact"
    assert browser.get(path).status_code == 200
    return browser.post(path, {**browser.filled(values), "v.evidence": file_id}).status_code


def kept_bytes(office: Office, number: str) -> int:
    with office.store.begin(reading=True) as uow:
        return uow.bytes_of_case(uow.case_of_no(number).id)


def test_what_waits_to_be_handed_in_counts_and_no_longer_after_a_day(small):
    number = small.dispatched("dept_logistics")
    browser = small.browser("chengban_logistics")

    first, second = told(browser, b"1", number), told(browser, b"2", number)
    status, says = told(browser, b"3", number)

    assert (first[0], second[0], status) == (201, 201, 422)
    for part in (
        "一件的材料合计最多 0.2 MB",
        "您已上传而尚未提交的有 0.2 MB",
        "还能传 0.0 MB",
        "请压缩",
        "系统管理员",
    ):
        assert part in says, part
    small.later(hours=24, minutes=1)
    assert told(small.browser("chengban_logistics"), b"4", number)[0] == 201


def test_what_the_case_keeps_counts_for_everybody_and_for_no_other_case(small):
    number = small.dispatched("dept_logistics", upstream_order_no="FIC-2024-000001")
    other = small.dispatched("dept_logistics", upstream_order_no="FIC-2024-000003")
    first = small.browser("chengban_logistics")
    for tail in (b"1", b"2"):
        kept = first.upload("照片.png", half(tail), f"/files?case={number}").get_json()["id"]
        assert contact(first, number, kept) == 303

    head = small.browser("fuzeren_logistics")
    status, says = told(head, b"3", number)

    assert kept_bytes(small, number) == QUOTA
    assert status == 422
    assert "本件已有 0.2 MB" in says
    assert told(head, b"3", other)[0] == 201


def test_how_much_a_case_keeps_is_told_to_nobody_who_may_not_know_of_it(small):
    number = small.dispatched("dept_logistics")
    first = small.browser("chengban_logistics")
    for tail in (b"1", b"2"):
        contact(first, number, first.upload("a.png", half(tail)).get_json()["id"])

    assert told(small.browser("fuzeren_academic"), b"3", number)[0] == 201


def test_a_form_that_would_take_the_case_beyond_is_refused_at_its_field_and_changes_nothing(small):
    number = small.dispatched("dept_logistics")
    browser = small.browser("chengban_logistics")
    for tail in (b"1", b"2"):
        assert contact(browser, number, browser.upload("a.png", half(tail)).get_json()["id"]) == 303

    one_more = browser.upload("b.png", half(b"3")).get_json()["id"]  # for no case that is named
    values = {"action": "现场查看", "progress": 1}
    path = f"/cases/{number}/forms/record_handling"
    browser.get(path)
    answer = browser.post(path, {**browser.filled(values), "v.evidence": one_more})

    assert answer.status_code == 422
    assert "本件已有 0.2 MB" in answer.text
    assert kept_bytes(small, number) == QUOTA


class Counted(io.BytesIO):
    """A body that knows how much of it was read."""

    taken = 0

    def read(self, size: int | None = -1, /) -> bytes:
        chunk = super().read(size)
        self.taken += len(chunk)
        return chunk


def test_what_does_not_fit_is_refused_before_it_is_read(small):
    number = small.dispatched("dept_logistics")
    browser = small.browser("chengban_logistics")
    browser.at_some_page()
    body = Counted(HEAD + half(b"x") * 6 + f"\r\n--{BOUNDARY}--\r\n".encode())

    answer = browser.client.post(
        f"/files?case={number}",
        input_stream=body,
        content_length=len(body.getvalue()),
        content_type=f"multipart/form-data; boundary={BOUNDARY}",
        headers={"Origin": ORIGIN, "X-CSRFToken": browser.page.token, "Accept": "application/json"},
    )

    assert (answer.status_code, answer.get_json()["code"]) == (422, "file.quota")
    assert body.taken == 0
