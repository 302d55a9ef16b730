"""Files: up as what they are, down as downloads, and only for whoever may see their case."""

from __future__ import annotations

import hashlib
import json
import zipfile
from io import BytesIO

import pytest
from sqlalchemy import select

from service.store.tables import attachment
from service.usecases.media import is_office_document
from tests.web.office import ORDER, PNG, Browser, Office

NAMES = [
    "../../etc/passwd.png",
    "..\\..\\windows\\system32\\x.png",
    "C:\\Users\\x.png",
    "/etc/cron.d/x.png",
    "a%0D%0ASet-Cookie: x=1.png",  # as browsers send a line break in a name
    "\u202egnp.exe.png",
    "x" * 4000 + ".png",
    "%2e%2e%2fx.png",
    "quo%22te;.png",
    "录音 2024（终）.png",
]


def packed(*names: str, listed: bool = True) -> bytes:
    """A package of these parts, with the list of their types as Office writes it."""
    into = BytesIO()
    with zipfile.ZipFile(into, "w") as package:
        for name in ("[Content_Types].xml", *names) if listed else names:
            package.writestr(name, "<a/>")
    return into.getvalue()


def id_of(browser: Browser, name: str = "截图.png", content: bytes = PNG) -> str:
    answer = browser.upload(name, content)
    assert answer.status_code == 201, answer.text
    return str(json.loads(answer.data)["id"])


def test_a_file_goes_up_and_comes_down_as_the_same_bytes(office):
    browser = office.browser("paidan")

    kept = json.loads(browser.upload("截图.png", PNG).data)
    answer = browser.get(f"/files/{kept['id']}")

    assert kept["sha256"] == hashlib.sha256(PNG).hexdigest()
    assert answer.data == PNG
    assert answer.mimetype == "image/png"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"


@pytest.mark.parametrize(
    "name, content",
    [
        ("报告.pdf", b"MZ\x90\x00" + b"0" * 200),
        ("图.png", b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"),
        ("录音.mp3", b"#!/bin/sh\nrm -rf /\n"),
        ("报告.docx", b"PK\x03\x04" + bytes(200)),
        ("报告.docx", packed("xl/workbook.xml")),
        ("报告.docx", packed("word/document.xml")[:-30]),
        ("报告.docx", packed("word/document.xml", listed=False)),
        ("台账.xlsx", packed("word/document.xml")),
        ("汇报.pptx", b"PK\x05\x06" + bytes(18)),
        ("说明.txt", b"\x00\x01\x02\x03"),
    ],
)
def test_a_disguised_file_is_refused_with_a_plain_sentence(office, name, content):
    answer = office.browser("paidan").upload(name, content)

    assert answer.status_code == 422
    told = json.loads(answer.data)
    assert told["code"] == "file.disguised"
    assert name in told["detail"]
    with office.store.reading() as connection:
        assert connection.execute(select(attachment.c.id)).all() == []


@pytest.mark.parametrize(
    "name, part",
    [("报告.docx", "word/document.xml"), ("台账.XLSX", "xl/workbook.xml"), ("讲稿.pptx", "ppt/a.xml")],
)
def test_an_office_document_is_taken(office, name, part):
    answer = office.browser("paidan").upload(name, packed(part))

    assert answer.status_code == 201, answer.text


def test_a_package_with_a_list_longer_than_any_document_has_is_not_read():
    few, many = (packed("xl/workbook.xml", *(f"xl/{n:060}" for n in range(most))) for most in (400, 45_000))

    assert is_office_document(BytesIO(few), "xlsx")
    assert not is_office_document(BytesIO(many), "xlsx")


@pytest.mark.parametrize(
    "name, content, told",
    [
        ("报告.docm", packed("word/document.xml", "word/vbaProject.bin"), "带宏"),
        ("页.html", b"<!doctype html><script>alert(1)</script>", ".html"),
        ("程序.exe", b"MZ\x90\x00" + b"0" * 200, ".exe"),
        ("无名", PNG, "没有扩展名"),
    ],
)
def test_a_type_that_is_not_taken_is_refused_because_of_its_type(office, name, content, told):
    answer = office.browser("paidan").upload(name, content)

    assert answer.status_code == 422
    refused = json.loads(answer.data)
    assert refused["code"] == "file.type"
    assert told in refused["detail"]
    assert name in refused["detail"]


def test_an_empty_file_is_refused(office):
    answer = office.browser("paidan").upload("空.png", b"")

    assert (answer.status_code, json.loads(answer.data)["code"]) == (422, "file.empty")


def test_a_file_over_the_limit_is_refused_and_nothing_stays(office, tmp_path):
    small = Office(tmp_path / "var", upload_max_bytes=1000)
    browser = small.browser("paidan")

    fits = browser.upload("小.png", PNG + b"0" * (1000 - len(PNG)))
    one_too_many = browser.upload("大.png", PNG + b"0" * (1001 - len(PNG)))

    assert fits.status_code == 201
    assert one_too_many.status_code == 422
    kept = [path for path in (tmp_path / "var" / "attachments").rglob("*") if path.is_file()]
    assert [path.stat().st_size for path in kept] == [1000]
    small.close()


def test_a_request_beyond_all_limits_is_cut_off(office, tmp_path):
    small = Office(tmp_path / "var", upload_max_bytes=1000, form_max_bytes=2000)

    answer = small.browser("paidan").upload("大.png", PNG + b"0" * 100_000)

    assert answer.status_code == 413
    small.close()


@pytest.mark.parametrize("name", NAMES)
def test_the_name_of_a_file_is_never_a_path(office, name, tmp_path):
    browser = office.browser("paidan")

    answer = browser.upload(name, PNG)

    assert answer.status_code == 201
    kept = json.loads(answer.data)
    stored = [p.name for p in (tmp_path / "var" / "attachments").rglob("*") if p.is_file()]
    assert stored == [kept["sha256"]]
    down = browser.get(f"/files/{kept['id']}")
    assert down.status_code == 200
    assert all(cookie.startswith("jsjb") for cookie in down.headers.getlist("Set-Cookie"))
    assert "/" not in kept["name"]
    assert "\\" not in kept["name"]
    assert len(kept["name"]) <= 200


def test_a_file_not_yet_handed_in_is_its_uploaders_alone(office):
    file_id = id_of(office.browser("paidan"))

    assert office.browser("zhuren").get(f"/files/{file_id}").status_code == 404
    assert office.browser("paidan").get(f"/files/{file_id}").status_code == 200


def test_a_file_that_was_handed_in_is_for_whoever_sees_the_content_of_its_case(office):
    office.dispatched("dept_logistics", attachments=[id_of(office.browser("paidan"))])
    with office.store.reading() as connection:
        file_id = connection.execute(select(attachment.c.id)).scalar_one()

    seen = {
        account: office.browser(account).get(f"/files/{file_id}").status_code
        for account in ("paidan", "zhuren", "chengban_logistics", "lingdao", "chengban_hr", "jiwei", "admin")
    }

    assert seen == {
        "paidan": 200,
        "zhuren": 200,
        "chengban_logistics": 200,
        "lingdao": 200,
        "chengban_hr": 404,
        "jiwei": 404,
        "admin": 404,
    }


def test_a_form_cannot_take_a_file_of_somebody_else(office):
    stolen = id_of(office.browser("zhuren"))

    answer = office.browser("paidan").fill("/start/register_case", {**ORDER, "attachments": [stolen]})

    assert answer.status_code == 422
    assert "文件未上传成功" in answer.text


def test_files_chosen_stay_chosen_when_the_form_comes_back(office):
    browser = office.browser("paidan")
    file_id = id_of(browser, "通话录音.png")

    answer = browser.fill("/start/register_case", {**ORDER, "title": "", "attachments": [file_id]})

    assert answer.status_code == 422
    assert "通话录音.png" in answer.text
    assert f'value="{file_id}"' in answer.text


def test_no_file_at_all_is_said_plainly(office):
    browser = office.browser("paidan")
    browser.get("/")

    answer = browser.post("/files", {}, headers={"Accept": "application/json"})

    assert (answer.status_code, json.loads(answer.data)["code"]) == (422, "file.missing")
