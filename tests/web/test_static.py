"""The browser parts come compressed to browsers that take it, are kept by them, and pages never are."""

from __future__ import annotations

import gzip

import pytest
from flask import url_for

from tests.web.office import Office

BUILT = "/static/dist/app.js"


@pytest.mark.parametrize(
    "takes, sent",
    [
        ("gzip, deflate, br", "br"),
        ("gzip", "gzip"),
        ("br;q=0, gzip;q=0.5", "gzip"),
        ("identity", None),
        ("br;q=0, gzip;q=0", None),
        (None, None),
    ],
)
def test_a_browser_part_is_sent_in_the_smallest_form_that_is_taken(office: Office, takes, sent):
    client = office.app.test_client()
    headers = {"Accept-Encoding": takes} if takes else {}

    answer = client.get(BUILT, headers=headers, buffered=True)
    whole = client.get(BUILT, buffered=True)

    assert answer.headers.get("Content-Encoding") == sent
    assert "Accept-Encoding" in answer.headers["Vary"]
    assert answer.mimetype == whole.mimetype
    assert answer.mimetype.endswith("/javascript")
    if sent:
        assert len(answer.data) * 3 < len(whole.data)
    if sent == "gzip":
        assert gzip.decompress(answer.data) == whole.data
    if sent is None:
        assert answer.data == whole.data


def test_each_form_of_a_browser_part_is_known_again(office: Office):
    client = office.app.test_client()
    first = client.get(BUILT, headers={"Accept-Encoding": "br"}, buffered=True)

    known = {"If-None-Match": first.headers["ETag"]}
    again = client.get(BUILT, headers={"Accept-Encoding": "br", **known}, buffered=True)
    other = client.get(BUILT, headers=known, buffered=True)

    assert (again.status_code, other.status_code) == (304, 200)


def test_what_has_its_hash_in_its_address_is_kept_for_ever_and_all_else_for_a_while(office: Office):
    client = office.app.test_client()
    with office.app.test_request_context():
        hashed = office.app.jinja_env.globals["asset"]("app.css")
        plain = url_for("static", filename="icon.svg")

    kept = [client.get(path, buffered=True).headers["Cache-Control"] for path in (hashed, plain)]

    assert kept == ["public, max-age=31536000, immutable", "public, max-age=3600"]


def test_a_page_is_never_compressed_nor_kept(office: Office):
    page = office.browser("paidan").get("/", headers={"Accept-Encoding": "gzip, br"})

    assert "Content-Encoding" not in page.headers
    assert page.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", ["/static/../app.py", "/static/dist/nothing.js", "/static/%2e%2e/app.py"])
def test_nothing_but_the_browser_parts_is_sent(office: Office, path):
    answer = office.app.test_client().get(path, headers={"Accept-Encoding": "br"})

    assert answer.status_code == 404
