"""Files in a real browser: what is too large is told at once, in plain words, and is not sent."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PHONE, WIDE
from tests.browser.people import DISPATCHER

pytestmark = pytest.mark.xdist_group("browser-uploads")

TOO_LARGE = 51 * 1024**2


@pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["desk", "phone"])
def test_a_file_that_is_too_large_is_told_so_and_not_sent(page_for, tmp_path: Path) -> None:
    large = tmp_path / "现场录像.mp4"
    with large.open("wb") as file:
        file.truncate(TOO_LARGE)
    clerk = page_for(DISPATCHER)
    clerk.go("/start/register_case")
    sent: list[str] = []
    clerk.page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    field = clerk.field("attachments")

    field.locator('input[type="file"]').first.set_input_files(large)

    expect(field.locator(".kept-file")).to_contain_text("超过 50 MB，没有上传。请压缩或分开后再选。")
    expect(field.locator("progress")).to_have_count(0)
    assert [url for url in sent if url.endswith("/files")] == []
    field.locator("[data-remove]").click()
    expect(field.locator(".kept-file")).to_have_count(0)
