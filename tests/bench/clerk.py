"""Somebody at a browser, over real HTTP: logs in once, then opens pages and hands forms in."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from urllib.parse import urlencode

from tests.web.office import PASSWORD, PNG, Page

Fields = Mapping[str, Sequence[str]]
SEE_OTHER, FOUND, CREATED, OK = 303, 302, 201, 200
BOUNDARY = "one-file"


@dataclass(slots=True)
class Clerk:
    """An account on a connection of its own. `walls` are the milliseconds of each answer, by what was asked."""

    account: str
    port: int
    walls: dict[str, list[float]] = field(default_factory=dict)
    cookies: dict[str, str] = field(default_factory=dict)
    token: str = ""
    _connection: http.client.HTTPConnection | None = None

    def log_in(self) -> None:
        """Open the log-in page, log in, keep the token that every form carries."""
        self._keep_token("/login")
        sent = {"account": [self.account], "password": [PASSWORD]}
        status, _, _ = self._post("log in", "/login", sent)
        assert status == FOUND, (self.account, status)
        self._keep_token("/")

    def leave(self) -> None:
        """Close the browser, or turn to something else for longer than a server keeps a connection that nobody uses."""
        if self._connection is not None:
            self._connection.close()

    def open(self, what: str, path: str) -> None:
        """Look at a page."""
        status, body, _ = self._ask(what, "GET", path)
        assert status == OK, (path, status, body[:500])

    def hand_in(self, path: str, sent: Fields) -> str:
        """Hand a form in; where it leads."""
        status, body, location = self._post("hand in", path, sent)
        assert status == SEE_OTHER, (path, status, body.decode()[:3000])
        return location

    def upload(self, case_no: str) -> str:
        """Send a small picture; the number it has."""
        head = (
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="{time.time_ns()}.png"\r\n'
            "Content-Type: image/png\r\n\r\n"
        )
        body = head.encode() + PNG + str(time.time_ns()).encode() + f"\r\n--{BOUNDARY}--\r\n".encode()
        kind = f"multipart/form-data; boundary={BOUNDARY}"
        status, answer, _ = self._ask("upload", "POST", f"/files?case={case_no}", body, kind)
        assert status == CREATED, (status, answer[:500])
        return str(json.loads(answer)["id"])

    def _keep_token(self, path: str) -> None:
        _, body, _ = self._ask("first page", "GET", path)
        self.token = Page(body.decode()).token

    def _post(self, what: str, path: str, sent: Fields) -> tuple[int, bytes, str]:
        body = urlencode({**sent, "csrf_token": [self.token]}, doseq=True).encode()
        return self._ask(what, "POST", path, body, "application/x-www-form-urlencoded")

    def _ask(
        self, what: str, method: str, path: str, body: bytes | None = None, kind: str | None = None
    ) -> tuple[int, bytes, str]:
        headers = {"Origin": f"http://127.0.0.1:{self.port}", "X-CSRFToken": self.token}
        headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if kind:
            headers["Content-Type"] = kind
        if what == "upload":
            headers["Accept"] = "application/json"
        began = time.perf_counter()
        try:
            answer = self._sent(method, path, body, headers)
        except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
            self._connection = None  # it was left unused too long; a browser tries once more too
            answer = self._sent(method, path, body, headers)
        found = answer.read()
        self.walls.setdefault(what, []).append((time.perf_counter() - began) * 1000)
        for line in answer.headers.get_all("Set-Cookie") or []:
            for name, morsel in SimpleCookie(line).items():
                self.cookies[name] = morsel.value
        return answer.status, found, answer.headers.get("Location", "")

    def _sent(
        self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]
    ) -> http.client.HTTPResponse:
        if self._connection is None:
            self._connection = http.client.HTTPConnection("127.0.0.1", self.port)
        self._connection.request(method, path, body, headers)
        return self._connection.getresponse()
