"""Process owners and administrators at their browsers: what their pages and the scripts on them send."""

from __future__ import annotations

import multiprocessing
from typing import Any

from werkzeug.test import TestResponse

from service.domain.people import PROCESS_OWNER, Grant, Person
from service.rehearsal.rehearse_draft import PLAYER
from service.usecases.drafts import mark
from service.usecases.passwords import hash_password
from tests.web.office import ORIGIN, PASSWORD, Browser, Office, shipped

OWNER = "liucheng"
SECOND_OWNER = "liucheng2"
ADMIN = "admin"
KEY = "0123456789abcdef0123456789abcdef"
TABLE = "bpmn/deadlines.dmn"
POLICY = "bpmn/policy.yaml"
HANDLING = "bpmn/handling.bpmn"


def two_days() -> bytes:
    """The deadline table with two days for the feedback instead of three."""
    text = shipped()[TABLE].decode()
    cell = text.index('id="row_handling_feedback_amount"')
    before, after = text[:cell], text[cell:]
    assert "<text>3</text>" in after.split("</outputEntry>")[0]
    return (before + after.replace("<text>3</text>", "<text>2</text>", 1)).encode()


def releases(office: Office) -> list[int]:
    """The numbers of all releases."""
    with office.store.begin(reading=True) as uow:
        return [row.no for row in uow.releases()]


def with_second_owner(office: Office) -> None:
    """Another process owner joins the house."""
    with office.store.begin() as uow:
        person = Person(SECOND_OWNER, SECOND_OWNER, "林二", (Grant(PROCESS_OWNER),))
        uow.add_person(person, hash_password(PASSWORD))
        uow.commit()


class AtDrafts:
    """A process owner at a browser."""

    def __init__(self, office: Office, account: str = OWNER) -> None:
        self.browser: Browser = office.browser(account)
        self.browser.get("/owner/")

    def begin(self, key: str = KEY, **values: str) -> str:
        """A new draft; its id."""
        answer = self.browser.post("/owner/drafts", {"key": key, **values})
        assert answer.status_code == 302, answer.text
        return key

    def send(self, path: str, body: Any) -> TestResponse:
        """Post JSON as the script of an editor does."""
        if self.browser.page is None:
            self.browser.get("/owner/")
        token = self.browser.page.token if self.browser.page else ""
        headers = {"Origin": ORIGIN, "X-CSRFToken": token, "Accept": "application/json"}
        return self.browser.client.post(path, json=body, headers=headers)

    def save(self, draft: str, name: str, content: bytes, seen: bytes | None = None) -> TestResponse:
        """Save a file that was opened with the bytes `seen`, those of the release where none are named."""
        started = shipped()[name] if seen is None else seen
        body = {"content": content.decode(), "seen": mark(started)}
        return self.send(f"/owner/drafts/{draft}/files/{name}", body)

    def rehearse(self, draft: str) -> str:
        """Have the worked cases played, and wait for it; the part of the page that tells how it went."""
        self.browser.get(f"/owner/drafts/{draft}/release")
        answer = self.browser.post(f"/owner/drafts/{draft}/rehearsal")
        assert answer.status_code == 200, answer.text
        for player in multiprocessing.active_children():
            if player.name.startswith(PLAYER):
                player.join()
        return self.browser.get(f"/owner/drafts/{draft}/rehearsal").text

    def release(self, draft: str, **changed: Any) -> TestResponse:
        """Hand in the form of the release page."""
        opened = self.browser.get(f"/owner/drafts/{draft}/release")
        assert opened.status_code == 200, opened.text
        assert self.browser.page is not None
        hidden = dict(self.browser.page.form("seen")["fields"])
        answers = {
            "reason": "党政办公室决定缩短反馈时限",
            "when": "now",
            "confirmed": "yes",
            "unseen": "yes",
        }
        sent = {**hidden, **answers, **changed}
        return self.browser.post(
            f"/owner/drafts/{draft}/release",
            {name: value for name, value in sent.items() if value is not None},
        )
