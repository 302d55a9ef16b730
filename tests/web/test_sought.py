"""What people look for stands in no address and in no log; the page is turned, gone back to and narrowed all the same."""

from __future__ import annotations

import base64
import json
import logging
import zlib
from datetime import timedelta

import pytest
from gunicorn.config import Config
from gunicorn.glogging import Logger
from sqlalchemy import select

from service.ops import gunicorn as serving
from service.store.reads import cases as cases_read
from service.store.searches import forget_searches
from service.store.tables import kept_search
from service.web.app import create_web
from tests.web.listing import case_numbers, found

NAME = "欧阳若水"


@pytest.mark.parametrize("path", ["/", "/cases"])
def test_the_address_of_what_was_found_tells_neither_name_nor_number(office, path):
    office.registered(caller_name=NAME)
    browser = office.browser("paidan")
    for words in (NAME, "13800138000"):
        browser.get(path)

        address = browser.post(path, {"q": words, "scope": "department", "status": "registered"}).location

        assert words not in address
        assert browser.get(address).status_code == 200
        again = browser.post(path, {"q": words, "scope": "department", "status": "registered"}).location
        assert again == address  # whoever looks twice has one page to go back to


def test_what_was_found_is_turned_sorted_and_opened_again(office, monkeypatch):
    monkeypatch.setattr(cases_read, "PAGE", 1)
    made = [office.registered(upstream_order_no=f"N{n}", caller_name=NAME) for n in range(2)]
    office.registered(upstream_order_no="N9", caller_name="王五")
    browser = office.browser("paidan")
    browser.get("/cases")
    address = browser.post("/cases", {"q": NAME, "open": "1"}).location

    first = browser.get(address).text
    found(browser, "/cases", "别的")
    opened_again = browser.get(address).text
    links = [part.split('"')[0].replace("&amp;", "&") for part in first.split('href="') if "sought=" in part]
    others = [case_numbers(browser.get(link).text) for link in links if link.startswith("/cases?")]

    assert case_numbers(first) == made[1:]
    assert case_numbers(opened_again) == made[1:]
    assert f'value="{NAME}"' in opened_again
    assert made[:1] in others  # the next page, and the other order
    assert all(set(one) <= set(made) for one in others)


def test_who_cannot_know_what_was_looked_for_is_told_so(office):
    office.registered(caller_name=NAME)
    browser = office.browser("paidan")
    browser.get("/cases")
    address = browser.post("/cases", {"q": NAME}).location

    for path in (address, address.replace("/cases", "/")):
        other = office.browser("zhuren").get(path).text
        assert "查找的文字已不再保留" in other
        assert NAME not in other
    assert "查找的文字已不再保留" not in browser.get(address).text
    assert "查找的文字已不再保留" not in office.browser("zhuren").get("/cases").text


def cookie_of(browser) -> str:
    """All that the browser keeps for the page, readable to whoever has the device."""
    cookie = browser.client.get_cookie("jsjb")
    assert cookie is not None
    payload = cookie.value.lstrip(".").split(".")[0]
    raw = base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
    return zlib.decompress(raw).decode() if cookie.value.startswith(".") else raw.decode()


def test_the_browser_keeps_nothing_of_the_words(office):
    office.registered(caller_name=NAME)
    browser = office.browser("paidan")
    browser.get("/cases")

    browser.get(browser.post("/cases", {"q": NAME}).location)

    kept = json.loads(cookie_of(browser))
    assert set(kept) == {"_permanent", "csrf_token", "token"}


def test_another_process_finds_what_was_looked_for_in_the_first(office):
    made = office.registered(caller_name=NAME)
    office.registered(upstream_order_no="N9", caller_name="王五")
    browser = office.browser("paidan")
    browser.get("/cases")
    address = browser.post("/cases", {"q": NAME}).location
    second = create_web(office.house, office.settings, session_key=b"s" * 32).test_client()
    second.set_cookie("jsjb", browser.client.get_cookie("jsjb").value)

    text = second.get(address).text

    assert case_numbers(text) == [made]
    assert f'value="{NAME}"' in text


def test_what_was_looked_for_is_forgotten_when_the_session_ends(office):
    office.registered(caller_name=NAME)
    browser = office.browser("paidan")
    browser.get("/cases")
    address = browser.post("/cases", {"q": NAME}).location

    browser.post("/logout")
    again = office.browser("paidan").get(address).text

    assert kept(office) == []
    assert "查找的文字已不再保留" in again


def test_what_was_looked_for_goes_with_a_session_that_nobody_ended(office):
    browser = office.browser("paidan")
    browser.get("/cases")
    browser.post("/cases", {"q": NAME})

    forget_searches(office.store, office.clock.now())
    during = kept(office)
    office.clock.advance(timedelta(days=2))
    forgotten = forget_searches(office.store, office.clock.now())

    assert (during, forgotten, kept(office)) == ([NAME], 1, [])


def test_the_latest_searches_are_kept_and_no_others(office):
    browser = office.browser("paidan")
    browser.get("/cases")
    addresses = []
    for number in range(10):
        office.clock.advance(timedelta(seconds=1))
        addresses.append(browser.post("/cases", {"q": f"第{number}人"}).location)

    forgotten = [n for n, one in enumerate(addresses) if "已不再保留" in browser.get(one).text]

    assert forgotten == [0, 1]


@pytest.mark.parametrize("path", ["/", "/cases"])
def test_a_bookmark_with_words_in_it_offers_them_and_says_what_is_new(office, path):
    office.registered(caller_name=NAME)
    browser = office.browser("paidan")

    text = browser.get(f"{path}?q={NAME}%00").text

    assert f'value="{NAME}"' in text
    assert "网址里不再带要找的文字" in text
    assert "还没有按它筛选" in text
    assert "网址里不再带要找的文字" not in browser.get(path).text
    assert kept(office) == []


def kept(office) -> list[str]:
    with office.store.reading() as connection:
        return list(connection.execute(select(kept_search.c.words)).scalars())


class Answered:
    """What the server knows of an answer it has given."""

    status = "200 OK"
    sent = 10
    headers = ()


class Asked:
    """What it knows of a request, beside its environment."""

    headers = ()


def test_the_log_of_the_server_keeps_no_more_of_an_address_than_its_path(caplog):
    configured = Config()
    configured.set("access_log_format", serving.access_log_format)
    configured.set("accesslog", "-")
    log = Logger(configured)
    log.access_log.propagate = True
    environment = {
        "REQUEST_METHOD": "GET",
        "RAW_URI": f"/cases?q={NAME}",
        "PATH_INFO": "/cases",
        "QUERY_STRING": f"q={NAME}",
        "HTTP_REFERER": f"http://localhost/cases?q={NAME}",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
    }

    with caplog.at_level(logging.INFO, logger=log.access_log.name):
        log.access(Answered(), Asked(), environment, timedelta(milliseconds=3))

    (told,) = [record.getMessage() for record in caplog.records]
    assert "GET /cases HTTP/1.1" in told
    assert NAME not in told
