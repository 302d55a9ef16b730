"""What the tests of the pages stand on: an office, and people at their browsers."""

from __future__ import annotations

import dataclasses
import io
from datetime import datetime, timedelta
from functools import cache
from html.parser import HTMLParser
from itertools import count
from pathlib import Path
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from service.content import load, read_folder
from service.domain.releases import ReleaseRow
from service.engine import parse
from service.ops.settings import Settings
from service.rehearsal.demo import settle_organisation
from service.store.files import FolderKeep
from service.store.migrate import migrate
from service.store.outbox import SqlOutbox
from service.store.store import open_store
from service.usecases.hand_on import make_next, making
from service.usecases.house import Catalogue, House, Release, read_release
from service.web.app import create_web
from service.web.surroundings import EXTENSION
from timers.calendar import shipped_calendar
from timers.clock import FixedClock

ROOT = Path(__file__).parents[2]
FRIDAY = datetime.fromisoformat("2024-03-08T16:30:00+08:00")
PASSWORD = "a long enough password"
ORIGIN = "http://localhost"
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 64


@cache
def shipped() -> dict[str, bytes]:
    return read_folder(ROOT)


@cache
def shipped_release() -> Release:
    row = first_row()
    release = read_release(row, shipped())
    return Release(row, release.content, parse(release.content.diagrams))


@cache
def first_row() -> ReleaseRow:
    since = datetime.fromisoformat("2024-01-25T00:00:00+08:00")
    return ReleaseRow(1, "0" * 64, "v1", "system", since, "first", since, load(shipped()).policy.stand_ins)


def prepare(folder: Path) -> None:
    """People and the shipped content as release 1."""
    made = Office(folder, fresh=True)
    settle_organisation(made.house, PASSWORD)
    with made.house.store.begin() as uow:
        uow.add_release(first_row(), shipped())
        uow.commit()
    made.close()


class Office:
    """A running service whose clock the test moves. `app` is the real application."""

    def __init__(self, folder: Path, *, fresh: bool = False, **changed: Any) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.clock = FixedClock(FRIDAY)
        self.store = open_store(f"sqlite:///{folder / 'jsjb.sqlite3'}", durable=False)
        if fresh:
            migrate(self.store.engine)
        catalogue = Catalogue(self.store)
        catalogue.keep(shipped_release())
        numbers = count(1)
        self.house = House(
            store=self.store,
            catalogue=catalogue,
            clock=self.clock,
            calendar=shipped_calendar(),
            audit_key=b"k" * 32,
            files=FolderKeep(folder / "attachments", floor_bytes=1),
            new_id=lambda: f"id{next(numbers):06d}",
            upload_quota_bytes=changed.get("upload_quota_bytes"),
        )
        base = Settings.from_environment({"JSJB_VAR": str(folder)})
        self.settings = dataclasses.replace(base, **changed) if changed else base
        self.app: Flask = create_web(self.house, self.settings, session_key=b"s" * 32)
        self.app.config["TESTING"] = False  # errors are answered, as they are in truth

    def close(self) -> None:
        self.store.close()

    def browser(self, account: str | None = None) -> Browser:
        """Somebody at a browser of their own, logged in where an account is named."""
        browser = Browser(self.app)
        if account:
            assert browser.log_in(account).status_code == 302
        return browser

    def counting(self, others: bool) -> None:
        """Whether a replay counts the cases that its person may not read."""
        self.settings = dataclasses.replace(self.settings, replays_count_others=others)
        self.app.config["REPLAYS_COUNT_OTHERS"] = others

    def make_downloads(self) -> None:
        """Make what was asked for, as the thread of the embedded service does; what goes wrong is raised."""

        def tell(_entry: object, error: Exception) -> None:
            raise error

        desk, outbox = self.app.extensions[EXTENSION].downloads, SqlOutbox(self.store)
        while make_next(outbox, making(desk), self.clock.now, tell).done:
            pass

    def later(self, **by: float) -> None:
        self.clock.advance(timedelta(**by))

    def registered(self, **values: Any) -> str:
        """A case registered through the page; its number."""
        answer = self.browser("paidan").fill("/start/register_case", {**ORDER, **values})
        assert answer.status_code == 303, answer.text
        return answer.location.rsplit("/", 1)[1]

    def dispatched(self, department: str = "dept_logistics", **values: Any) -> str:
        """A case registered and dispatched through the pages; its number."""
        number = self.registered(**values)
        answer = self.browser("paidan").fill(
            f"/cases/{number}/forms/dispatch", {"lead_department": department, "dispatch_basis": "职责范围"}
        )
        assert answer.status_code == 303, answer.text
        return number


ORDER = {
    "source": "moe_subcenter",
    "upstream_order_no": "FIC-2024-000002",
    "request_type": "complaint",
    "category": 1,  # the first that may be chosen
    "title": "培训教室空调长期无法使用",
    "content": "反映培训教室空调长期无法使用",
    "caller_name": "诉求人乙",
    "caller_contact": "010-0000-0000",
    "urgency": "normal",
}


class Page(HTMLParser):
    """The forms of a page: what a browser would send for each, and the options of each choice."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.forms: list[dict[str, Any]] = []
        self.token = ""
        self._form: dict[str, Any] | None = None
        self._select: str | None = None
        self._text_of: str | None = None
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        a = {name: value or "" for name, value in attrs}
        if tag == "meta" and a.get("name") == "csrf-token":
            self.token = a["content"]
        if tag == "form":
            self._form = {"action": a.get("action"), "fields": [], "options": {}}
            self.forms.append(self._form)
        if self._form is None:
            return
        if tag == "input" and a.get("name") and "disabled" not in a:
            self._input(a, a["name"])
        elif tag == "textarea":
            self._text_of = a["name"]
            self._form["fields"].append((a["name"], ""))
        elif tag == "select":
            self._select = a["name"]
        elif tag == "option" and self._select:
            self._option(a)

    def _input(self, a: dict[str, str], name: str) -> None:
        assert self._form is not None
        kind = a.get("type", "text")
        value = a.get("value", "")
        if kind in ("checkbox", "radio"):
            self._form["options"].setdefault(name, []).append(value)
            if "checked" not in a:
                return
        if kind not in ("file", "submit"):
            self._form["fields"].append((name, value))

    def _option(self, a: dict[str, str]) -> None:
        assert self._form is not None
        self._form["options"].setdefault(self._select, []).append(a.get("value", ""))
        if "selected" in a:
            self._form["fields"].append((self._select, a.get("value", "")))

    def handle_data(self, data: str) -> None:
        if self._text_of and self._form is not None:
            name, before = self._form["fields"].pop()
            self._form["fields"].append((name, before + data))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "select":
            self._select = None
        elif tag == "textarea":
            self._text_of = None
            if self._form is not None:  # a browser drops the line break right after the tag
                name, text = self._form["fields"].pop()
                self._form["fields"].append((name, text.removeprefix("\r\n").removeprefix("\n")))

    def form(self, field: str) -> dict[str, Any]:
        """The form that has a field of this name."""
        return next(f for f in self.forms if field in dict(f["fields"]) or field in f["options"])


class Browser:
    """A client that does what a browser does: cookies, tokens out of the page, its origin with every change."""

    def __init__(self, app: Flask) -> None:
        self.client = app.test_client()
        self.page: Page | None = None

    def get(self, path: str, **named: Any) -> TestResponse:
        answer = self.client.get(path, buffered=True, **named)
        if answer.mimetype == "text/html":
            self.page = None if answer.location else Page(answer.text)
        return answer

    def post(self, path: str, data: Any = None, **named: Any) -> TestResponse:
        """Post with the token of the page that is open."""
        self.at_some_page()
        headers = {"Origin": ORIGIN, **named.pop("headers", {})}
        sent = dict(data or {})
        sent.setdefault("csrf_token", self.page.token if self.page else "")
        answer = self.client.post(path, data=sent, headers=headers, buffered=True, **named)
        if answer.mimetype == "text/html":
            self.page = None if answer.location else Page(answer.text)
        return answer

    def at_some_page(self) -> None:
        """Open a page that everybody may open, where none is."""
        for path in ("/start", "/login"):
            if self.page is None:
                self.get(path)

    def log_in(self, account: str, password: str = PASSWORD) -> TestResponse:
        self.get("/login")
        return self.post("/login", {"account": account, "password": password})

    def fill(self, path: str, values: dict[str, Any], **named: Any) -> TestResponse:
        """Open a task form, put values into it, and hand it in."""
        opened = self.get(path)
        assert opened.status_code == 200, opened.text
        return self.post(path.split("?", maxsplit=1)[0], self.filled(values), **named)

    def filled(self, values: dict[str, Any]) -> dict[str, Any]:
        """What the open page would send once these values are in it; an int chooses that option."""
        assert self.page is not None
        form = self.page.form("key")
        sent: dict[str, Any] = {}
        for name, value in form["fields"]:
            sent.setdefault(name, []).append(value)
        for name, value in values.items():
            spelled = f"v.{name}"
            options = form["options"].get(spelled, ())
            if value is None or value is False:
                sent.pop(spelled, None)
            elif value is True:
                sent[spelled] = "y"
            else:
                sent[spelled] = options[value] if options and isinstance(value, int) else value
        return sent

    def upload(self, name: str, content: bytes, path: str = "/files") -> TestResponse:
        """Send one file as the script of the page does."""
        self.at_some_page()
        token = self.page.token if self.page else ""
        return self.client.post(
            path,
            data={"file": (io.BytesIO(content), name)},
            headers={"Origin": ORIGIN, "X-CSRFToken": token, "Accept": "application/json"},
        )
